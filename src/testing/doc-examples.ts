import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/payloads.md', import.meta.url), 'utf8');

const FENCE = '```';

/**
 * The examples of one kind in docs/payloads.md: the JSON in its fences, such as `json homie`. A row for each, as
 * `test.each` takes them.
 *
 * @throws {Error} if there are none: the page has changed, and nothing would be tested.
 */
export function docExamples(kind: string): Array<[block: string]> {
  const fences = new RegExp(`^${FENCE}json ${kind}\\n([\\s\\S]*?)^${FENCE}`, 'gm');
  const examples = [...page.matchAll(fences)].map(([, block]): [string] => [block]);
  if (examples.length === 0) {
    throw new Error(`docs/payloads.md has no example "json ${kind}"`);
  }
  return examples;
}
