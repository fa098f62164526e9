import type { Path } from './batch';
import { isObject } from './paths';

/** Keys beside a value that name its unit, and keys of such a value. */
const UNIT_KEYS = ['unit', 'units', 'unit_of_measurement', 'unitOfMeasurement', 'uom', 'Unit', 'Units'];
const VALUE_KEYS = new Set(['value', 'Value', 'val', 'reading', 'measurement']);

/** `temperature_unit`, `temperatureUnit`: the unit of `temperature`. */
const ENDINGS = ['_unit', '_units', 'Unit', 'Units', '_uom'];

/** Shorter beginnings of names, as `t` of `tUnit`, would fit too many. */
const SHORTEST_STEM = 4;

const MAX_UNIT_LENGTH = 20;

/** Keys of one object that are looked at for a unit. */
const MAX_KEYS = 100;

/** Units that names end with, as rtl_433 has them. Where the ending says little, the name must say the rest. */
const SUFFIXES: ReadonlyArray<readonly [name: RegExp, unit: string]> = [
  [/(?:temp|dew|setpoint|feels|heat|chill).*_C$/i, '°C'],
  [/(?:temp|dew|setpoint|feels|heat|chill).*_F$/i, '°F'],
  [/._hPa$/, 'hPa'],
  [/._kPa$/, 'kPa'],
  [/._PSI$/i, 'psi'],
  [/._(?:km_h|kph)$/, 'km/h'],
  [/._(?:mi_h|mph)$/, 'mph'],
  [/._m_s$/, 'm/s'],
  [/._mm$/, 'mm'],
  [/rain.*_in$/i, 'in'],
  [/._mm_h$/, 'mm/h'],
  [/._lux$/, 'lx'],
  [/._W$/, 'W'],
  [/._kW$/, 'kW'],
  [/._Wh$/, 'Wh'],
  [/._kWh$/, 'kWh'],
  [/._V$/, 'V'],
  [/._mV$/, 'mV'],
  [/current.*_A$/i, 'A'],
  [/._mA$/, 'mA'],
  [/._Hz$/, 'Hz'],
  [/._dBm$/, 'dBm'],
  [/._dB$/, 'dB'],
  [/._(?:pct|percent)$/, '%'],
  [/._ppm$/, 'ppm'],
  [/._ppb$/, 'ppb'],
  [/._ug_m3$/, 'µg/m³'],
  [/dir.*_deg$/i, '°'],
];

/** Finds the units of the numbers of one message. */
export class UnitFinder {
  /** Keys are listed once for each object, however many numbers are in it. */
  readonly #keys = new Map<object, readonly string[]>();

  constructor(readonly message: unknown) {}

  /**
   * The unit of a number as its message names it, where it says so beyond doubt: beside the value (`value` and
   * `unit`), after the value's own name (`temperature_unit`), for all that begins or ends so (`TempUnit` of Tasmota),
   * or in the name itself (`temperature_C` of rtl_433).
   */
  find(path: Path): string | undefined {
    const key = path.at(-1);
    if (typeof key !== 'string') {
      return undefined;
    }
    const objects: object[] = [];
    let at = this.message;
    for (const step of path) {
      if (!isObject(at)) {
        return undefined;
      }
      objects.push(at);
      at = Object.hasOwn(at, step) ? (at as Record<string | number, unknown>)[step] : undefined;
    }
    const parent = objects.at(-1)!;
    let unit = unitBeside(parent as Record<string, unknown>, key, this.#keysOf(parent));
    for (let i = objects.length - 1; i >= 0 && unit === undefined; i--) {
      unit = unitByStem(objects[i] as Record<string, unknown>, key, this.#keysOf(objects[i]));
    }
    return unit ?? SUFFIXES.find(([name]) => name.test(key))?.[1];
  }

  #keysOf(object: object): readonly string[] {
    let keys = this.#keys.get(object);
    if (keys === undefined) {
      keys = Object.keys(object).slice(0, MAX_KEYS);
      this.#keys.set(object, keys);
    }
    return keys;
  }
}

function unitBeside(object: Record<string, unknown>, key: string, keys: readonly string[]): string | undefined {
  for (const ending of ENDINGS) {
    const unit = unitAt(object, key + ending);
    if (unit !== undefined) {
      return unit;
    }
  }
  if (!VALUE_KEYS.has(key) && !keys.every((other) => other === key || typeof object[other] !== 'number')) {
    return undefined;
  }
  return UNIT_KEYS.reduce<string | undefined>((found, name) => found ?? unitAt(object, name), undefined);
}

function unitByStem(object: Record<string, unknown>, key: string, keys: readonly string[]): string | undefined {
  const name = key.toLowerCase();
  for (const other of keys) {
    const stem = /Units?$/.test(other) ? other.replace(/_?Units?$/, '').toLowerCase() : '';
    if (stem.length >= SHORTEST_STEM && (name.startsWith(stem) || name.endsWith(stem))) {
      return unitAt(object, other);
    }
  }
  return undefined;
}

function unitAt(object: Record<string, unknown>, key: string): string | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  const unit = typeof value === 'string' ? value.trim() : '';
  return unit !== '' && unit.length <= MAX_UNIT_LENGTH ? unit : undefined;
}
