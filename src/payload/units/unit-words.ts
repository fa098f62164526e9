import { isObject } from '../../utils/is-object';
import { getOrSet } from '../../utils/get-or-set';
import type { Path } from '../columns/batch';
import { knownUnit } from './known-units';
import { grafanaUnit, isUnit, namesSomething } from './units';

/** Keys next to a value that name its unit, and keys of such a value. */
const UNIT_KEYS = ['unit', 'units', 'unit_of_measurement', 'unitOfMeasurement', 'uom', 'Unit', 'Units'];

/** Keys that mean nothing else, so that any word under them is a unit. */
const SURE_KEYS = new Set(['unit_of_measurement', 'unitOfMeasurement', 'uom']);

/** Numbers that only identify something have no unit, even if they are the only number next to one. */
const ID =
  /^(?:index|idx)$|(?:^|[_\-. ])(?:id|nr|no|num|number|channel|ch|addr|address|port|seq|serial|slot|register|version|code)$/i;
const ID_IN_CAMEL_CASE = /[a-z](?:Id|ID|Nr|No|Number|Channel|Address|Port|Serial|Version|Code)$/;

const VALUE_KEYS = new Set(['value', 'Value', 'val', 'reading', 'measurement']);

/** `temperature_unit`, `temperatureUnit`: the unit of `temperature`. */
const ENDINGS = ['_unit', '_units', 'Unit', 'Units', '_uom'];

/** Shorter beginnings of names, as `t` of `tUnit`, would fit too many. */
const SHORTEST_STEM = 4;

const MAX_UNIT_LENGTH = 20;

/** Keys of one object that are looked at for a unit. */
const MAX_KEYS = 100;

/** Units that names end with, as rtl_433 has them. If the ending says little, the name must say the rest. */
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

export interface FoundUnit {
  readonly unit: string;
  /** The path at which the message names it; `undefined` if the name of the value does. */
  readonly at: Path | undefined;
  /** As it stands there. */
  readonly text?: unknown;
}

/** Finds the units of the numbers of one message. */
export class UnitFinder {
  /** Keys are listed once for each object, however many numbers are in it. */
  readonly #keys = new Map<object, readonly string[]>();

  constructor(readonly message: unknown) {}

  /**
   * The unit of a number as its message names it, if there is no doubt: next to the value (`value` and
   * `unit`), after the value's own name (`temperature_unit`), for all that begins or ends so (`TempUnit` of Tasmota),
   * or in the name itself (`temperature_C` of rtl_433), which may be that of a list of numbers.
   */
  find(path: Path): FoundUnit | undefined {
    const named = withoutPosition(path);
    const key = named.at(-1);
    if (typeof key !== 'string' || isId(key)) {
      return undefined;
    }
    const objects = this.#objectsAlong(named);
    if (objects === undefined) {
      return undefined;
    }
    const parent = objects.at(-1)!;
    if (named !== path) {
      return unitByName(named, parent);
    }
    const sibling = siblingUnitKey(parent as Record<string, unknown>, key, this.#keysOf(parent));
    if (sibling !== undefined) {
      return found(parent, path.slice(0, -1), sibling);
    }
    for (let i = objects.length - 1; i >= 0; i--) {
      const other = unitKeyByStem(objects[i] as Record<string, unknown>, key, this.#keysOf(objects[i]));
      if (other !== undefined) {
        return found(objects[i], path.slice(0, i), other);
      }
    }
    return unitByName(named, parent);
  }

  /**
   * The unit that the documentation of a known device gives for a value, for a query that names the unit.
   *
   * @param topic that of the message.
   * @returns Grafana's id of the unit.
   */
  findKnown(path: Path, topic: string): string | undefined {
    const named = withoutPosition(path);
    const key = named.at(-1);
    if (typeof key !== 'string') {
      return undefined;
    }
    const object = this.#objectsAlong(named)?.at(-1) ?? {};
    const unit = knownUnit({ key, parent: named.at(-2), object }, topic);
    return unit === undefined ? undefined : grafanaUnit(unit);
  }

  /** The objects that a path leads through, the outermost first; `undefined` if it leads through another value. */
  #objectsAlong(path: Path): object[] | undefined {
    const objects: object[] = [];
    let at = this.message;
    for (const step of path) {
      if (!isObject(at)) {
        return undefined;
      }
      objects.push(at);
      at = Object.hasOwn(at, step) ? (at as Record<string | number, unknown>)[step] : undefined;
    }
    return objects;
  }

  #keysOf(object: object): readonly string[] {
    return getOrSet(this.#keys, object, () => Object.keys(object).slice(0, MAX_KEYS));
  }
}

/** The path of a list, for that of a number in it: one for each phase, or for each sensor. */
function withoutPosition(path: Path): Path {
  return typeof path.at(-1) === 'number' ? path.slice(0, -1) : path;
}

function unitByName(path: Path, parent: object): FoundUnit | undefined {
  const key = String(path.at(-1));
  const unit =
    SUFFIXES.find(([name]) => name.test(key))?.[1] ?? knownUnit({ key, parent: path.at(-2), object: parent });
  return unit === undefined ? undefined : { unit, at: undefined };
}

function found(object: object, path: Path, key: string): FoundUnit {
  const values = object as Record<string, unknown>;
  return { unit: unitAt(values, key)!, at: [...path, key], text: values[key] };
}

function siblingUnitKey(object: Record<string, unknown>, key: string, keys: readonly string[]): string | undefined {
  for (const ending of ENDINGS) {
    if (unitAt(object, key + ending) !== undefined) {
      return key + ending;
    }
  }
  if (!VALUE_KEYS.has(key) && !keys.every((other) => other === key || typeof object[other] !== 'number')) {
    return undefined;
  }
  return UNIT_KEYS.find((name) => unitAt(object, name) !== undefined);
}

function unitKeyByStem(object: Record<string, unknown>, key: string, keys: readonly string[]): string | undefined {
  const name = key.toLowerCase();
  return keys.find((other) => {
    const stem = /Units?$/.test(other) ? other.replace(/_?Units?$/, '').toLowerCase() : '';
    return (
      stem.length >= SHORTEST_STEM &&
      (name.startsWith(stem) || name.endsWith(stem)) &&
      unitAt(object, other) !== undefined
    );
  });
}

function isId(key: string): boolean {
  return ID.test(key) || ID_IN_CAMEL_CASE.test(key);
}

function unitAt(object: Record<string, unknown>, key: string): string | undefined {
  return Object.hasOwn(object, key) ? readUnit(object[key], key) : undefined;
}

/** The unit that a message names under this key; `undefined` for a value that is not a unit. */
export function readUnit(value: unknown, key: string): string | undefined {
  const unit = typeof value === 'string' && value.length <= 2 * MAX_UNIT_LENGTH ? value.trim() : '';
  if (unit === '' || unit.length > MAX_UNIT_LENGTH) {
    return undefined;
  }
  return (SURE_KEYS.has(key) ? namesSomething(unit) : isUnit(unit)) ? unit : undefined;
}
