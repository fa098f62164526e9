import { getValueFormat, getValueFormatterIndex } from '@grafana/data';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { grafanaUnit } from '../payload';

// Formats of dates are among the units, and ask the browser for its language.
vi.stubGlobal('navigator', { language: 'en-US', languages: ['en-US'] });

test.each([
  ['°C', 'celsius'],
  ['Cel', 'celsius'],
  ['%', 'percent'],
  ['%RH', 'percent'],
  ['W', 'watt'],
  ['kWh', 'kwatth'],
  ['V', 'volt'],
  ['A', 'amp'],
  ['hPa', 'pressurehpa'],
  ['HPA', 'pressurehpa'],
  ['lx', 'lux'],
  ['m/s', 'velocityms'],
  ['mW', 'mwatt'],
  ['MW', 'megwatt'],
  [' dBm ', 'dBm'],
  ['\u00b5g/m³', 'conμgm3'],
  ['\u03bcg/m³', 'conμgm3'],
  ['\u03bcs', 'µs'],
  ['\u03bcX', 'suffix:\u03bcX'],
  ['W/m²', 'Wm2'],
  ['Volts', 'volt'],
  ['farad', 'farad'],
  ['l/s', 'suffix:l/s'],
  ['Äpfel', 'suffix:Äpfel'],
  ['__proto__', 'suffix:__proto__'],
  ['constructor', 'suffix:constructor'],
])('%s', (text, id) => {
  expect(grafanaUnit(text)).toBe(id);
});

test('each id is one that Grafana has', () => {
  const table = readFileSync(new URL('../payload/units/units.ts', import.meta.url), 'utf8');
  const ids = [...table.matchAll(/^ {2}\S+: '([^']+)',$/gm)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(80);
  expect(ids.filter((id) => !(id in getValueFormatterIndex()))).toEqual([]);
});

test('an unknown unit stands behind the number', () => {
  const { text, suffix } = getValueFormat(grafanaUnit('l/s'))(1.5);
  expect(`${text}${suffix}`).toBe('1.50 l/s');
});
