import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestPanel } from '../../testing/test-panel';
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
    ['Tasmota, two channels', { ENERGY: { Power: [5, 6], Voltage: 230 } }, 'ENERGY.Power[1]', 'W'],
    [
      'Tasmota, three phases',
      { StatusSNS: { ENERGY: { Voltage: [230, 231, 229] } } },
      'StatusSNS.ENERGY.Voltage[2]',
      'V',
    ],
    ['Tasmota, two counters', { ENERGY: { Today: [1, 2] } }, 'ENERGY.Today[0]', 'kWh'],
    ['Tasmota, two counters back', { ENERGY: { ExportActive: [1, 2] } }, 'ENERGY.ExportActive[0]', 'kWh'],
    ['Tasmota, a list without a unit', { ENERGY: { Factor: [0.9, 0.8] } }, 'ENERGY.Factor[0]', undefined],
    ['rtl_433, a list', { temperature_C: [21, 22] }, 'temperature_C[1]', '°C'],
    ['Shelly, three phases', { a_act_power: 5, total_act_power: 5 }, 'a_act_power', 'W'],
    ['Shelly, three phases', { 'em:0': { b_aprt_power: 5 } }, '["em:0"].b_aprt_power', 'VA'],
    ['Shelly, three phases', { c_voltage: 230, total_act_power: 5 }, 'c_voltage', 'V'],
    ['Shelly, three phases', { c_current: 230, total_act_power: 5 }, 'c_current', 'A'],
    ['Shelly, three phases', { a_freq: 50, total_act_power: 5 }, 'a_freq', 'Hz'],
    ['Shelly, three phases', { n_current: 1, total_act_power: 5 }, 'n_current', 'A'],
    ['Shelly, three phases', { total_current: 1, total_act_power: 5 }, 'total_current', 'A'],
    ['Shelly, three phases', { total_act_power: 5 }, 'total_act_power', 'W'],
    ['Shelly, three phases', { total_aprt_power: 5 }, 'total_aprt_power', 'VA'],
    ['Shelly, three phases', { a_pf: 0.9, total_act_power: 5 }, 'a_pf', undefined],
    ['Shelly, a channel', { id: 0, act_power: 5, voltage: 230 }, 'voltage', 'V'],
    ['Shelly, a channel', { id: 0, act_power: 5, aprt_power: 6 }, 'aprt_power', 'VA'],
    ['Shelly, counters of phases', { a_total_act_energy: 5 }, 'a_total_act_energy', 'Wh'],
    ['Shelly, counters of phases', { c_total_act_ret_energy: 5 }, 'c_total_act_ret_energy', 'Wh'],
    ['Shelly, counters of all phases', { total_act: 5, total_act_ret: 1 }, 'total_act', 'Wh'],
    ['Shelly, counters of a channel', { total_act_energy: 5 }, 'total_act_energy', 'Wh'],
    ['Shelly, a counter back', { ret_aenergy: { total: 5 } }, 'ret_aenergy.total', 'Wh'],
    ['Shelly, minutes', { aenergy: { total: 5, by_minute: [1, 2, 3] } }, 'aenergy.by_minute[0]', 'mWh'],
    ['Shelly, a power meter', { apower: 5, aprtpower: 6 }, 'aprtpower', 'VA'],
    ['another sender', { a_voltage: 230, a_current: 1 }, 'a_voltage', undefined],
    ['another sender', { total_current: 5 }, 'total_current', undefined],
    ['another sender', { total_act: 5 }, 'total_act', undefined],
    ['another sender', [5, 6], '[0]', undefined],
    ['another sender', { Power: [5, 6] }, 'Power[0]', undefined],
    ['another sender', { voltage: 230 }, 'voltage', undefined],
    ['another sender', { Total: 5 }, 'Total', undefined],
    ['another sender', { battery: { V: 3 } }, 'battery.V', undefined],
  ])('%s: %j, %s', (_, message, path, unit) => {
    expect(new UnitFinder(message).find(parsePath(path))?.unit).toBe(unit);
  });

  test('are suggested in lists, too', () => {
    const units = new UnitFinder({ ENERGY: { Power: [5, 6] } });
    expect(units.findKnown(['ENERGY', 'Power', 1], 'tele/plug/SENSOR')).toBe('watt');
    expect(units.findKnown([0], 'tele/plug/SENSOR')).toBeUndefined();
  });

  test('are those of the fields of a panel', () => {
    const panel = new TestPanel().send({ payload: { ENERGY: { Power: [5, 6], Voltage: 230 } } });
    expect(Object.keys(panel.fields())).toEqual([
      'Time',
      'ENERGY.Power[0] [watt]',
      'ENERGY.Power[1] [watt]',
      'ENERGY.Voltage [volt]',
    ]);
  });

  test('have the one that the message names', () => {
    const message = { ENERGY: { Power: 40, Power_unit: 'kW' } };
    expect(new UnitFinder(message).find(['ENERGY', 'Power'])?.unit).toBe('kW');
  });
});
