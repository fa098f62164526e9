import { MappingType, type ValueMapping } from '@grafana/data';
import { type Tone, tonesOf, type WordPair } from '../payload';

/** Named colours of Grafana's themes, and grey, which has no name there. */
const COLORS: Readonly<Record<Tone, string>> = { good: 'green', bad: 'red', plain: '#808080' };

/**
 * Grafana's value mappings for a boolean that comes as words: it is shown as it was sent.
 *
 * A time series panel draws a boolean as 1 and 0, and asks for the text of those.
 */
export function booleanMappings(words: WordPair): ValueMapping[] {
  const tones = tonesOf(words);
  const yes = { text: words.true, color: COLORS[tones.true], index: 0 };
  const no = { text: words.false, color: COLORS[tones.false], index: 1 };
  return [
    {
      type: MappingType.ValueToText,
      options: { true: yes, false: no, 1: { ...yes }, 0: { ...no } },
    },
  ];
}
