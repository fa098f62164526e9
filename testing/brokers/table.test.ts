import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECK_TITLES } from './check-names';
import { KINDS } from './kinds';
import { withResults } from './table';

const page = 'Before\n\n<!-- npm run brokers: begin -->\n<!-- npm run brokers: end -->\n\nAfter\n';
const [embedded, mosquitto] = KINDS;
const passed = { passed: true, text: '', seconds: 1 };

const first = withResults(
  page,
  [
    { name: 'embedded', version: '1.0', checks: { connect: { ...passed, text: '3.1.1' }, password: passed } },
    {
      name: 'mosquitto',
      version: '2.0.11',
      checks: {
        denied: { passed: false, text: 'the denied filter is refused: {"granted":true}', seconds: 1 },
        odd: { passed: false, text: 'a `b`\nc', seconds: 1 },
        restart: { ...passed, text: 'after 1 s' },
      },
    },
  ],
  [embedded, mosquitto],
  '2026-01-02'
);

test('a result is a row: what passed, what the broker cannot do, what the plugin does wrong', () => {
  const [one, two] = first.split('\n').filter((line) => line.includes('2026-01-02'));
  expect(one).toMatch(/^\| Embedded broker \| 1\.0 \| 2026-01-02 \| 3\.1\.1 \| not run \| yes \|/);
  expect(two).toMatch(/^\| mosquitto \| 2\.0\.11 \| .* \| broker \| .* \| \*\*no\*\* \| .* \| yes, after 1 s \|$/);
  const { what, advice } = mosquitto.faults!.denied!;
  expect(first).toContain(`- **mosquitto**, Denied filter: ${what} ${advice}`);
  expect(first).toContain("- **mosquitto**, Odd topics: `a 'b' c`");
  expect(first.startsWith('Before\n')).toBe(true);
  expect(first.endsWith('\nAfter\n')).toBe(true);
});

test('a fault that is rare has its note although all was right, and is the fault where something was not', () => {
  const kind = {
    ...mosquitto,
    faults: {},
    rareFaults: { overlap: { what: 'It is the broker.', advice: 'Wait.', shows: /missing/ } },
  };
  const of = (passed: boolean, text: string): string =>
    withResults(
      page,
      [{ name: 'mosquitto', version: '1', checks: { overlap: { passed, text, seconds: 1 } } }],
      [kind],
      '2026-01-02'
    );
  const right = of(true, '0 / 0 of 9');
  const wrong = of(false, '3 missing');
  expect(right).toContain('| 0 / 0 of 9 |');
  expect(wrong).toMatch(/\| broker +\|/);
  for (const result of [right, wrong]) {
    expect(result).toContain('- **mosquitto**, Rows doubled / missing: It is the broker. Wait.');
  }
  // A failure of another kind is not the broker's, although it has a fault in this check.
  const ours = of(false, '2 doubled');
  expect(ours).toMatch(/\| \*\*no\*\* +\|/);
  expect(ours).toContain('- **mosquitto**, Rows doubled / missing: `2 doubled`');
});

test('a broker that cannot be had has a row and the reason; rows of brokers that did not run stay', () => {
  const second = withResults(
    first,
    [{ name: 'embedded', unavailable: 'not in\nthe registry', checks: {} }],
    [embedded, mosquitto],
    '2026-01-03'
  );
  expect(second).toMatch(/\| Embedded broker \| {2}\| 2026-01-03 \| not available \|/);
  expect(second).toContain('- **Embedded broker**, not available: `not in the registry`');
  const linesOf = (text: string): string[] => text.split('\n').filter((line) => /^(\| |- \*\*)mosquitto/.test(line));
  expect(linesOf(second)).toEqual(linesOf(first));
});

test('docs/brokers.md has a row for each broker and a column for each check', async () => {
  const docs = await readFile(join(import.meta.dirname, '../../docs/brokers.md'), 'utf8');
  const table = /begin -->([\s\S]*)<!-- npm run brokers: end/.exec(docs)![1];
  const [head, , ...rows] = table.split('\n').filter((line) => line.startsWith('|'));
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  expect(cells(head).slice(3)).toEqual(Object.values(CHECK_TITLES));
  expect(rows.map((row) => cells(row)[0])).toEqual(KINDS.map(({ title }) => title));
  // A row that is not right is the broker's own fault, which its note names.
  const failed = rows.flatMap((row) =>
    cells(row).flatMap((cell, i) => (cell === 'broker' ? `**${cells(row)[0]}**, ${cells(head)[i]}:` : []))
  );
  for (const each of failed) {
    expect(table).toContain(each);
  }
});
