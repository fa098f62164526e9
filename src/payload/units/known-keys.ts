/** Units of keys that have them by their maker's documentation, though no message names them. */
interface KnownKeys {
  /** The key of the object that they are in; without it, any object. */
  readonly parent?: RegExp;
  /** A key that the object must have, too. */
  readonly beside?: string;
  readonly units: Readonly<Record<string, string>>;
}

const KNOWN: readonly KnownKeys[] = [
  {
    // tasmota.github.io/docs/Energy: SENSOR and EnergyToday; Period counts Wh.
    parent: /^ENERGY$/,
    units: {
      Power: 'W',
      ApparentPower: 'VA',
      ReactivePower: 'var',
      Voltage: 'V',
      Current: 'A',
      Frequency: 'Hz',
      Period: 'Wh',
      Total: 'kWh',
      Today: 'kWh',
      Yesterday: 'kWh',
    },
  },
  // shelly-api-docs.shelly.cloud, Gen2: Temperature, Humidity, Switch (and PM1, Cover, Light), DevicePower.
  { units: { tC: '°C', tF: '°F' } },
  { parent: /^humidity:\d+$/, units: { rh: '%' } },
  { beside: 'apower', units: { apower: 'W', voltage: 'V', current: 'A', freq: 'Hz' } },
  { parent: /^(?:ret_)?aenergy$/, units: { total: 'Wh' } },
  { parent: /^battery$/, beside: 'percent', units: { V: 'V', percent: '%' } },
];

/**
 * @param parent the key of the object that the value is in; `undefined` for the message itself.
 * @param object that object.
 */
export function unitOfKnownKey(key: string, parent: unknown, object: object): string | undefined {
  return KNOWN.find(
    (each) =>
      Object.hasOwn(each.units, key) &&
      (each.parent === undefined || (typeof parent === 'string' && each.parent.test(parent))) &&
      (each.beside === undefined || Object.hasOwn(object, each.beside))
  )?.units[key];
}
