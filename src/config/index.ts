/** The configuration editor as a part of the plugin: see `../editors.tsx`. */
export { ConfigEditor } from './ConfigEditor';
