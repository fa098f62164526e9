import { TASMOTA_ENERGY } from './tasmota-energy';

/** Units of keys that devices of one family have by their maker's documentation, though no message names them. */
interface KnownUnits {
  /** The key of the object that they are in; without it, any object. */
  readonly parent?: RegExp;
  /** A key that the object must have, too. */
  readonly sibling?: string;
  /** The topic, if the keys alone say too little; they are at the top of the message then. */
  readonly topic?: RegExp;
  /** Units by key, as messages write them. */
  readonly units: Readonly<Record<string, string>>;
}

/** The table of such units, for panels and for the suggestions of the message inspector. */
const KNOWN: readonly KnownUnits[] = [
  {
    // tasmota.github.io/docs/Energy: SENSOR and EnergyToday; Period counts Wh. Those of several phases are lists.
    parent: /^ENERGY$/,
    units: { ...TASMOTA_ENERGY, Period: 'Wh', ExportActive: 'kWh', ImportActive: 'kWh' },
  },
  // shelly-api-docs.shelly.cloud, Gen2: Temperature, Humidity, Switch (and PM1, Cover, Light), DevicePower.
  { units: { tC: '°C', tF: '°F' } },
  { parent: /^humidity:\d+$/, units: { rh: '%' } },
  { topic: /\/humidity:\d+$/, units: { rh: '%' } },
  {
    sibling: 'apower',
    // PM1 writes `aprtpower`.
    units: { apower: 'W', voltage: 'V', current: 'A', freq: 'Hz', aprt_power: 'VA', aprtpower: 'VA' },
  },
  { parent: /^(?:ret_)?aenergy$/, units: { total: 'Wh', by_minute: 'mWh' } },
  // The same, EM1 and EM1Data (one channel of an energy meter), EM and EMData (three phases).
  { sibling: 'act_power', units: { act_power: 'W', aprt_power: 'VA', voltage: 'V', current: 'A', freq: 'Hz' } },
  {
    units: {
      ...ofPhases({ act_power: 'W', aprt_power: 'VA', total_act_energy: 'Wh', total_act_ret_energy: 'Wh' }),
      total_act_power: 'W',
      total_aprt_power: 'VA',
      total_act_energy: 'Wh',
      total_act_ret_energy: 'Wh',
    },
  },
  {
    sibling: 'total_act_power',
    units: { ...ofPhases({ voltage: 'V', current: 'A', freq: 'Hz' }), n_current: 'A', total_current: 'A' },
  },
  { sibling: 'total_act_ret', units: { total_act: 'Wh', total_act_ret: 'Wh' } },
  { parent: /^battery$/, sibling: 'percent', units: { V: 'V', percent: '%' } },
  {
    // zigbee2mqtt.io/guide/usage/exposes.html
    topic: /^zigbee2mqtt\//,
    units: {
      temperature: '°C',
      device_temperature: '°C',
      local_temperature: '°C',
      humidity: '%',
      battery: '%',
      pressure: 'hPa',
      power: 'W',
      energy: 'kWh',
      current: 'A',
      illuminance: 'lx',
      illuminance_lux: 'lx',
      co2: 'ppm',
    },
  },
];

/** The units of three phases: `a_voltage` and so on. */
function ofPhases(units: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(units).flatMap(([key, unit]) => ['a', 'b', 'c'].map((phase) => [`${phase}_${key}`, unit]))
  );
}

/** A value in a message, or the list that it is in. */
export interface KeyedValue {
  readonly key: string;
  /** The key of the object that the value is in; `undefined` for the message itself. */
  readonly parent: unknown;
  /** That object. */
  readonly object: object;
}

/**
 * The unit of a value by its key, as messages write units.
 *
 * @param topic that of the message; without it, units that only the topic tells apart are not known.
 */
export function knownUnit({ key, parent, object }: KeyedValue, topic?: string): string | undefined {
  return KNOWN.find(
    (each) =>
      Object.hasOwn(each.units, key) &&
      (each.parent === undefined || (typeof parent === 'string' && each.parent.test(parent))) &&
      (each.sibling === undefined || each.sibling === key || Object.hasOwn(object, each.sibling)) &&
      (each.topic === undefined || (topic !== undefined && parent === undefined && each.topic.test(topic)))
  )?.units[key];
}
