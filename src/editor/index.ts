/** The query editor as a part of the plugin: see `../editors.tsx`. */
export { QueryEditor } from './QueryEditor';
