// In place of the package `debug`: mqtt.js and mqtt-packet call it for every packet, and nobody reads it in a browser.
module.exports = () => Object.assign(() => undefined, { enabled: false });
