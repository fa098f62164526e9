/*
 * Shapes that few queries have: a part of the plugin, which `src/query/lines-part.ts` loads. Its files import what
 * module.js has, too, from `index.ts`, which module.js hands to its parts.
 */

export { annotationsFrame } from './annotations';
export { logsFrame } from './logs';
