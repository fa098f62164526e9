// The part of Node's `process` that mqtt.js and readable-stream use. nextTick as a microtask runs when Node's does:
// after the running code, before anything else.
module.exports = {
  nextTick: (action, ...args) => queueMicrotask(() => action(...args)),
  env: {},
  browser: true,
  version: '',
  versions: {},
  emitWarning: () => undefined,
};
