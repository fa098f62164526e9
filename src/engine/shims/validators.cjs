// In place of readable-stream's checks of arguments: mqtt.js and the transport, whose arguments they are, are tested.
for (const name of ['AbortSignal', 'Boolean', 'Function', 'Integer', 'Object']) {
  exports[`validate${name}`] = () => undefined;
}
