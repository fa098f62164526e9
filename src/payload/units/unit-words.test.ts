import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePath } from '../paths';
import { UnitFinder } from './unit-words';

const find = (message: unknown, path: string): string | undefined =>
  new UnitFinder(message).find(parsePath(path))?.unit;

test.each<[unknown, string, string]>([
  [{ value: 21, unit: '°C' }, 'value', '°C'],
  [{ value: 21, other: 1, unit_of_measurement: ' kWh ' }, 'value', 'kWh'],
  [{ level: 3, unit: 'm' }, 'level', 'm'],
  [{ temperature: 21, temperature_unit: 'C', humidity: 3 }, 'temperature', 'C'],
  [{ a: { speed: 2, speedUnit: 'km/h' } }, 'a.speed', 'km/h'],
  [{ TempUnit: 'C', DS18B20: { Temperature: 20.6 }, n: 1 }, 'DS18B20.Temperature', 'C'],
  [{ PressureUnit: 'hPa', BME: { SeaPressure: 1013 } }, 'BME.SeaPressure', 'hPa'],
  [{ temperature_C: 1 }, 'temperature_C', '°C'],
  [{ pressure_hPa: 1 }, 'pressure_hPa', 'hPa'],
  [{ wind_avg_km_h: 1 }, 'wind_avg_km_h', 'km/h'],
  // A key that means nothing but a unit is taken at its word.
  [{ value: 1, unit_of_measurement: 'lightning strikes' }, 'value', 'lightning strikes'],
  [{ value: 1, unit: 'Zone', uom: 'kWh/100km' }, 'value', 'kWh/100km'],
  [{ idle: 1, unit: 'h' }, 'idle', 'h'],
  [{ grid: 1, unit: 'W' }, 'grid', 'W'],
  [{ heat_index: 30, unit: 'C' }, 'heat_index', 'C'],
])('%j: %s is in %s', (message, path, unit) => {
  expect(find(message, path)).toBe(unit);
});

test.each<[unknown, string]>([
  // Two numbers, and which of them has the unit is not said.
  [{ a: 1, b: 2, unit: 'm' }, 'a'],
  [{ value: 1, unit: 5 }, 'value'],
  // The address of a Modbus unit, and a room.
  [{ value: 1, unit: '1' }, 'value'],
  [{ value: 1, unit_of_measurement: '1' }, 'value'],
  [{ value: 1, unit: 'Kitchen' }, 'value'],
  [{ hvac_power: 3, hvacUnit: 'Living room' }, 'hvac_power'],
  [{ id: 5, unit: 'C', state: 'x' }, 'id'],
  [{ sensorId: 5, unit: 'C' }, 'sensorId'],
  [{ unit_id: 5, unit: 'C' }, 'unit_id'],
  [{ channel: 5, unit: 'V' }, 'channel'],
  [{ value: 1, unit: '' }, 'value'],
  [{ value: 1, unit: 'a very long description of it' }, 'value'],
  [{ phase_A: 1 }, 'phase_A'],
  [{ vitamin_C: 1 }, 'vitamin_C'],
  [{ bytes_in: 1 }, 'bytes_in'],
  [{ tUnit: 'C', total: 5 }, 'total'],
  [{ list: [1, 2], unit: 'm' }, 'list[0]'],
  [5, 'Value'],
])('%j: that of %s is not known', (message, path) => {
  expect(find(message, path)).toBeUndefined();
});

test('whatever the message, a unit is a short text or none', () => {
  const key = fc.constantFrom('value', 'unit', 'a', 'aUnit', 'TempUnit', 'Temperature', '__proto__', 'toString');
  fc.assert(
    fc.property(fc.dictionary(key, fc.anything()), fc.array(key, { minLength: 1, maxLength: 3 }), (message, path) => {
      const unit = new UnitFinder(message).find(path)?.unit;
      expect(unit === undefined || (unit.length > 0 && unit.length <= 20)).toBe(true);
    })
  );
});

test('says where a message names it, and nothing where the name of the value does', () => {
  const at = (message: unknown, path: string): unknown => new UnitFinder(message).find(parsePath(path))?.at;
  expect(at({ a: { value: 1, unit: 'V' } }, 'a.value')).toEqual(['a', 'unit']);
  expect(at({ a: { speed: 1, speed_unit: 'm/s' } }, 'a.speed')).toEqual(['a', 'speed_unit']);
  expect(at({ TempUnit: 'C', a: { b: { Temperature: 1 } } }, 'a.b.Temperature')).toEqual(['TempUnit']);
  expect(at({ temperature_C: 1 }, 'temperature_C')).toBeUndefined();
});

describe('keys that have a unit by their maker', () => {
  test.each<[string, object, string, string | undefined]>([
    ['Tasmota', { ENERGY: { Power: 40, Total: 5 } }, 'ENERGY.Power', 'W'],
    ['Tasmota', { ENERGY: { Power: 40, Total: 5 } }, 'ENERGY.Total', 'kWh'],
    ['Tasmota in a status', { StatusSNS: { ENERGY: { Voltage: 230 } } }, 'StatusSNS.ENERGY.Voltage', 'V'],
    ['Tasmota, without a unit', { ENERGY: { Factor: 0.9 } }, 'ENERGY.Factor', undefined],
    ['Shelly, a thermometer', { id: 0, tC: 21.5, tF: 70.7 }, 'tC', '°C'],
    ['Shelly, in another part', { 'switch:0': { temperature: { tC: 40 } } }, '["switch:0"].temperature.tC', '°C'],
    ['Shelly, a switch', { id: 0, apower: 5, voltage: 230, current: 0.1 }, 'voltage', 'V'],
    ['Shelly, a counter', { 'switch:0': { aenergy: { total: 5 } } }, '["switch:0"].aenergy.total', 'Wh'],
    ['Shelly, humidity', { params: { 'humidity:0': { rh: 48 } } }, 'params["humidity:0"].rh', '%'],
    ['another sender', { voltage: 230 }, 'voltage', undefined],
    ['another sender', { Total: 5 }, 'Total', undefined],
    ['another sender', { battery: { V: 3 } }, 'battery.V', undefined],
  ])('%s: %j, %s', (_, message, path, unit) => {
    expect(new UnitFinder(message).find(parsePath(path))?.unit).toBe(unit);
  });

  test('have the one that the message names', () => {
    const message = { ENERGY: { Power: 40, Power_unit: 'kW' } };
    expect(new UnitFinder(message).find(['ENERGY', 'Power'])?.unit).toBe('kW');
  });
});
