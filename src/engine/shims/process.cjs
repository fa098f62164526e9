// The part of Node's `process` that mqtt.js and mqtt-packet use. nextTick as a microtask runs when Node's does: after the
// running code, before anything else.
exports.nextTick = (action, ...args) => queueMicrotask(() => action(...args));
