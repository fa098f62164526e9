/** Sparkplug B as a part of the engine: see `../parts.ts`. */
export { encodeRebirth } from './rebirth';
export { createSparkplugDecoder } from './sparkplug';
