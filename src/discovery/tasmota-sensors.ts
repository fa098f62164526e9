import type { Path } from '../payload/columns/batch';
import { TASMOTA_ENERGY } from '../payload/units/tasmota-energy';
import { isRecord } from '../utils/is-object';
import type { Config } from './config';

/** Values of one device: more than any has. */
const MAX_SENSORS = 200;

/** Levels of objects and lists in a message of a sensor; Tasmota has three. */
const MAX_LEVELS = 4;

/** The units of quantities, by their key in a message (hatasmota, sensor.py and const.py). */
const UNITS: Readonly<Record<string, string>> = {
  ...TASMOTA_ENERGY,
  ActivePower: 'W',
  Ambient: 'lx',
  Battery: '%',
  CCT: 'K',
  CF1: 'µg/m³',
  'CF2.5': 'µg/m³',
  CF10: 'µg/m³',
  CarbonDioxide: 'ppm',
  CurrentNeutral: 'A',
  Distance: 'cm',
  Energy: 'kWh',
  ExportActive: 'kWh',
  Humidity: '%',
  Illuminance: 'lx',
  ImportActive: 'kWh',
  Moisture: '%',
  PM1: 'µg/m³',
  'PM2.5': 'µg/m³',
  PM10: 'µg/m³',
  PhaseAngle: '°',
  TVOC: 'ppb',
  Weight: 'kg',
  eCO2: 'ppm',
};

/** Quantities whose unit the device chooses, and the key that has it. */
const CHOSEN_UNITS: Readonly<Record<string, string>> = {
  DewPoint: 'TempUnit',
  Pressure: 'PressureUnit',
  SeaPressure: 'PressureUnit',
  Speed: 'SpeedUnit',
  Temperature: 'TempUnit',
};

/** The full name of the unit of temperatures. */
const DEGREES: Readonly<Record<string, string>> = { C: '°C', F: '°F' };

/** A value that has a unit, and where it is in a message. */
export interface SensorValue {
  readonly path: Path;
  readonly unit: string;
}

/**
 * Reads `tasmota/discovery/<MAC>/sensors`: a message as the device sends it, from which the units of its values follow.
 *
 * @returns `undefined` if there is no message in it.
 */
export function sensorsOf({ sn: message }: Config): SensorValue[] | undefined {
  if (!isRecord(message)) {
    return undefined;
  }
  const found: SensorValue[] = [];
  const walk = (value: unknown, path: Path, unit: string | undefined): void => {
    if (found.length >= MAX_SENSORS || path.length > MAX_LEVELS) {
      return;
    }
    if (Array.isArray(value)) {
      value.forEach((item, i) => walk(item, [...path, i], unit));
    } else if (isRecord(value)) {
      Object.entries(value).forEach(([key, item]) => walk(item, [...path, key], unitOf(message, key) ?? unit));
    } else if (typeof value === 'number' && unit !== undefined) {
      found.push({ path, unit });
    }
  };
  walk(message, [], undefined);
  return found;
}

function unitOf(message: Config, key: string): string | undefined {
  const isKnown = Object.hasOwn(UNITS, key) || Object.hasOwn(CHOSEN_UNITS, key);
  // Several inputs of one quantity are numbered: `Temperature1` of ANALOG.
  const quantity = isKnown ? key : key.replace(/\d+$/, '');
  if (!Object.hasOwn(CHOSEN_UNITS, quantity)) {
    return Object.hasOwn(UNITS, quantity) ? UNITS[quantity] : undefined;
  }
  const chosen = CHOSEN_UNITS[quantity];
  const unit = Object.hasOwn(message, chosen) ? message[chosen] : undefined;
  return typeof unit === 'string' && /^[\w/°]{1,20}$/.test(unit) ? (DEGREES[unit] ?? unit) : undefined;
}
