import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INSERTED, literalsOf } from '../testing/source-literals';

const ROOT = join(import.meta.dirname, '..');

/**
 * Rooms whose sentences reach panels, the query editor's status and _Save & test_; `.` are the files of no room. The
 * forms of `config` and `editor` have theirs next to the field that they are about.
 */
const ROOMS = ['.', 'engine', 'connection', 'query', 'notices', 'history', 'payload', 'discovery', 'frames', 'topics'];

/** Parts of messages that are put together, or that are in a longer one: each has a section of its own. */
const PARTS = [
  'asks each viewer for their own user name and password',
  'Backfill from',
  'because a server answers there',
  'because there are more rows than the panel has room for',
  'because this computer has no network',
  'did not load the part of this plugin',
  'discovery topics below',
  'Grafana does not answer',
  'lists of numbers',
];

async function sentences(room: string): Promise<Array<{ file: string; text: string }>> {
  const folder = join(ROOT, 'src', room);
  const files = (await readdir(folder, { recursive: room !== '.' })).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.|^shims/.test(file)
  );
  const all = await Promise.all(
    files.map(async (file) =>
      literalsOf(await readFile(join(folder, file), 'utf8'), file.endsWith('.tsx')).map((text) => ({
        file: `${room}/${file}`,
        text,
      }))
    )
  );
  return all.flat().filter(({ text }) => isSentence(text));
}

/**
 * Begins with a capital, with quotes or with what is inserted, has words, and ends as a sentence does; behind it may
 * stand the clause of the specification, and a blank where another sentence follows.
 */
function isSentence(text: string): boolean {
  return /^[\p{Lu}…"].*[.…](?: \[MQTT5?-[\d.…-]+\])? ?$/su.test(text) && text.split(' ').length >= 4;
}

test('sentences are found in strings, in templates, and within what templates insert', () => {
  const code = [
    "const a: string = 'It\\'s a sentence of six words.'; // 'A comment is not one of them.'",
    'const b = `${a} is what begins with ${x ? `A sentence that is within another.` : /[`"\']/.test(a) ? "b" : c / 2}.`;',
    'type T = "A type is no sentence either.";',
  ].join('\n');
  expect(literalsOf(code).filter(isSentence)).toEqual([
    "It's a sentence of six words.",
    'A sentence that is within another.',
    `${INSERTED} is what begins with ${INSERTED}.`,
  ]);
});

test('troubleshooting has every message that reaches a panel, the query editor or Save & test', async () => {
  const page = await readFile(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  const cells = [...page.matchAll(/^\| ([^|]+?) +\|/gm)].flatMap(([, cell]) => cell.split('; '));
  const known = [...headings, ...cells.filter((cell) => cell.split(' ').length > 2)];
  const found = (await Promise.all(ROOMS.map(sentences))).flat();
  expect(found.length).toBeGreaterThan(150);
  expect(PARTS.filter((part) => !headings.includes(part))).toEqual([]);
  const unknown = found.filter(({ text }) => !known.some((each) => text.includes(each)));
  expect(unknown.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
});
