// In place of the package `rfdc` (3 kB): mqtt.js copies a PUBLISH packet with it before it changes its topic and alias.
module.exports = ({ properties, ...packet }) =>
  properties === undefined ? packet : { ...packet, properties: { ...properties } };
