/**
 * Units of values whose devices do not name them in the message. Each line is about one family of devices, whose
 * documentation says so: the path, and the beginning of the topic where the path alone says too little.
 */
const UNITS: ReadonlyArray<readonly [path: RegExp, unit: string, topic?: RegExp]> = [
  // Tasmota (tasmota.github.io/docs/JSON-Status-Responses)
  [/^(?:StatusSNS\.)?ENERGY\.Power$/, 'watt'],
  [/^(?:StatusSNS\.)?ENERGY\.ApparentPower$/, 'voltamp'],
  [/^(?:StatusSNS\.)?ENERGY\.ReactivePower$/, 'voltampreact'],
  [/^(?:StatusSNS\.)?ENERGY\.Voltage$/, 'volt'],
  [/^(?:StatusSNS\.)?ENERGY\.Current$/, 'amp'],
  [/^(?:StatusSNS\.)?ENERGY\.Frequency$/, 'hertz'],
  [/^(?:StatusSNS\.)?ENERGY\.(?:Total|Yesterday|Today)$/, 'kwatth'],
  // Shelly, second generation (shelly-api-docs.shelly.cloud/gen2)
  [/(?:^|\.)apower$/, 'watt'],
  [/(?:^|\.)aenergy\.total$/, 'watth'],
  [/(?:^|\.)temperature\.tC$|^tC$/, 'celsius'],
  [/(?:^|\.)temperature\.tF$|^tF$/, 'fahrenheit'],
  [/^rh$/, 'humidity', /\/humidity:\d+$/],
  // zigbee2mqtt (zigbee2mqtt.io/guide/usage/exposes.html)
  [/^(?:device_|local_)?temperature$/, 'celsius', /^zigbee2mqtt\//],
  [/^humidity$/, 'humidity', /^zigbee2mqtt\//],
  [/^battery$/, 'percent', /^zigbee2mqtt\//],
  [/^pressure$/, 'pressurehpa', /^zigbee2mqtt\//],
  [/^power$/, 'watt', /^zigbee2mqtt\//],
  [/^energy$/, 'kwatth', /^zigbee2mqtt\//],
  [/^current$/, 'amp', /^zigbee2mqtt\//],
  [/^illuminance(?:_lux)?$/, 'lux', /^zigbee2mqtt\//],
  [/^co2$/, 'ppm', /^zigbee2mqtt\//],
];

/** The Grafana unit id of a value of a known device; undefined for all others. @param path as a query writes it. */
export function knownUnit(topic: string, path: string): string | undefined {
  return UNITS.find(([name, , where]) => name.test(path) && (where === undefined || where.test(topic)))?.[1];
}
