/**
 * The lines of a users file or a rules file that say something, without blanks around them. Empty lines and comments
 * (`#`) are left out.
 *
 * @returns each line with its number, from 1
 */
export function* linesOf(text: string): Generator<readonly [line: string, number: number]> {
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line !== '' && !line.startsWith('#')) {
      yield [line, index + 1];
    }
  }
}
