// Node's globals for the modules of mqtt.js; esbuild puts them in where they are used.
export { Buffer } from 'buffer';
export { default as process } from './process.cjs';
