import { MappingType, type ValueMap, type ValueMapping } from '@grafana/data';
import type { AnnouncedStates } from '../discovery';
import { type ColumnType, type Tone, tonesOf, type WordPair } from '../payload';

/** Named colours of Grafana's themes, and grey, which has no name there. */
const COLORS: Readonly<Record<Tone, string>> = { good: 'green', bad: 'red', plain: '#808080' };

/** The texts of a boolean, and those of the 1 and 0 that a time series panel draws. */
const TRUE = ['true', '1'];
const FALSE = ['false', '0'];

/** Grafana's value mappings for a boolean, or for 1 and 0, that comes as words: it is shown as it was sent. */
export function wordMappings(words: WordPair): ValueMapping[] {
  const tones = tonesOf(words);
  return mappings(TRUE, { text: words.true, tone: tones.true }, FALSE, { text: words.false, tone: tones.false });
}

/**
 * Grafana's value mappings for a column whose values are announced to be of two states.
 *
 * @returns `undefined` if values of the column's type are none of them.
 */
export function stateMappings(type: ColumnType, { on, off }: AnnouncedStates): ValueMapping[] | undefined {
  switch (type) {
    case 'string':
      return mappings([on.value], on, [off.value], off);
    case 'boolean': {
      const [yes, no] = [on.value.toLowerCase(), off.value.toLowerCase()];
      const turned = yes === 'false' && no === 'true';
      return turned || (yes === 'true' && no === 'false')
        ? mappings(turned ? FALSE : TRUE, on, turned ? TRUE : FALSE, off)
        : undefined;
    }
    case 'number': {
      const [yes, no] = [on.value, off.value].map((value) => (value.trim() === '' ? NaN : Number(value)));
      return Number.isFinite(yes) && Number.isFinite(no) ? mappings([String(yes)], on, [String(no)], off) : undefined;
    }
    default:
      return undefined;
  }
}

interface Shown {
  readonly text: string;
  readonly tone: Tone;
}

/** A new object each time, because Grafana's core may write into it. */
function mappings(onKeys: readonly string[], on: Shown, offKeys: readonly string[], off: Shown): ValueMapping[] {
  const result = ({ text, tone }: Shown, index: number) => ({ text, color: COLORS[tone], index });
  const options = [...onKeys.map((key) => [key, result(on, 0)]), ...offKeys.map((key) => [key, result(off, 1)])];
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) as ValueMap['options'] }];
}
