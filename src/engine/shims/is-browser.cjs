// Where mqtt.js runs, which it only logs: the timers that depend on it are replaced, too.
module.exports = { default: true, isWebWorker: true, isReactNativeBrowser: false };
