import { expect, test } from 'vitest';
import { isUnit } from './units';

test.each(
  'C °C % %RH / l/s m3/h m² m^2 s^-1 1/min kWh/100km ct/kWh €/kWh °dH µmol/m²/s W/m2 mmHg kVAr pH NTU counts/min Volts Lux'.split(
    ' '
  )
)('%s may be a unit', (text) => {
  expect(isUnit(text)).toBe(true);
  expect(isUnit(` ${text} `)).toBe(true);
});

test.each([
  '',
  ' ',
  '-',
  '1',
  '40001',
  '3%',
  '1.5',
  'Kitchen',
  'kitchen',
  'Hall',
  'Unit 3',
  'U 1',
  'Node-1',
  'A1',
  'a.b.c.d.e',
])('%j is none', (text) => {
  expect(isUnit(text)).toBe(false);
});
