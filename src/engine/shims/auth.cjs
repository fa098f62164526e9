// In place of mqtt.js's enhanced authentication. The plugin names no Authentication Method, so a broker must not send
// AUTH [MQTT5-4.12.0-6]: the connection ends with the error that mqtt.js has for it.
const PROTOCOL_ERROR = 130;

module.exports = (client, _packet, pump) => {
  pump?.discardParsedPackets();
  if (!pump || pump.isCurrent()) {
    client['_cleanUp'](true);
  }
  const words = 'Protocol error: Auth packet received but enhanced authentication was not requested';
  client.emit('error', Object.assign(new Error(words), { code: PROTOCOL_ERROR }));
};
