// In place of modules of `readable-stream` that are used only by functions that neither mqtt.js nor the transport calls:
// `Readable.from`, `Duplex.from` and `setEncoding`, iterators and abort signals.
module.exports = () => {
  throw new Error('This function is left out of the bundle (plugin.mjs).');
};
module.exports.StringDecoder = module.exports;
