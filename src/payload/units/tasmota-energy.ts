/** Units of the values that an energy meter with Tasmota measures, by their keys in a message (tasmota.github.io/docs/Energy). */
export const TASMOTA_ENERGY: Readonly<Record<string, string>> = {
  Power: 'W',
  ApparentPower: 'VA',
  ReactivePower: 'var',
  Voltage: 'V',
  Current: 'A',
  Frequency: 'Hz',
  Total: 'kWh',
  Today: 'kWh',
  Yesterday: 'kWh',
};
