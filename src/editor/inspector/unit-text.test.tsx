import { expect, test } from 'vitest';
import { unitText } from './unit-text';

test.each([
  ['celsius', '°C'],
  ['watt', 'W'],
  ['kwatth', 'kWh'],
  ['percent', '%'],
  ['currencyEUR', '€'],
  ['suffix:items', 'items'],
  ['hops', 'hops'],
  // The number changes with these units, or has nothing behind it.
  ['percentunit', 'Percent (0.0-1.0)'],
  ['dateTimeAsIso', 'Datetime ISO'],
  ['short', 'short'],
  ['bool:open/closed', 'bool:open/closed'],
])('the unit %s is %s behind a number', (id, text) => {
  expect(unitText(id)).toBe(text);
});
