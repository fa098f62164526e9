import { parsePattern } from '../../topics';

/** Names for the level that follows one of these. */
const NAMES: Readonly<Record<string, string>> = {
  home: 'room',
  house: 'room',
  building: 'floor',
  tele: 'device',
  stat: 'device',
  cmnd: 'device',
  zigbee2mqtt: 'device',
  shellies: 'device',
  esphome: 'device',
  homie: 'device',
  rtl_433: 'receiver',
  factory: 'line',
  plant: 'line',
  city: 'place',
};

/** A level of a filter, with what can take its place. */
export interface FilterLevel {
  /** As it is written: `plug1`, `{device}`, `+`, `#` or `{rest#}`. */
  readonly text: string;
  /** A level that exists there. */
  readonly example: string | undefined;
  /** The named level: `{device}`, or `{rest#}` for a `#`. */
  readonly named: string;
  /** The wildcard without a name: `+` or `#`. */
  readonly wildcard: string;
}

/**
 * The levels of one line of the topic field.
 *
 * @param topics topics of which the first one that fits the line has the literal for each wildcard.
 */
export function filterLevels(line: string, topics: readonly string[] = []): FilterLevel[] {
  const texts = line.split('/');
  const examples = topics.map((topic) => topic.split('/')).find((levels) => fits(texts, levels)) ?? [];
  return texts.map((text, i) => {
    const rest = isRest(text);
    const isWild = rest || isWildcard(text);
    return {
      text,
      example: rest ? undefined : isWild ? examples[i] : text,
      named: isWild && text.startsWith('{') ? text : rest ? `{${freeName('rest', texts, i)}#}` : nameFor(texts, i),
      wildcard: rest ? '#' : '+',
    };
  });
}

/** One line of the topic field with another text for one level. */
export function withLevel(line: string, level: number, text: string): string {
  return line.split('/').with(level, text).join('/');
}

/**
 * The filter that a line stands for. Levels with variables stand for any level.
 *
 * @returns undefined if the line is no valid filter yet.
 */
export function filterOf(line: string, hasVariables: (text: string) => boolean): string | undefined {
  const levels = line.split('/').map((level) => (hasVariables(level) ? '+' : level));
  try {
    return parsePattern(levels.join('/')).filter;
  } catch {
    return undefined;
  }
}

/** The line of a text at a position of the caret, and where the line begins and ends. */
export function lineAt(text: string, caret: number): { line: string; from: number; to: number } {
  const from = text.lastIndexOf('\n', caret - 1) + 1;
  const end = text.indexOf('\n', caret);
  const to = end === -1 ? text.length : end;
  return { line: text.slice(from, to), from, to };
}

/** Whether a topic has the levels of a line, and a literal for each wildcard of one level. */
function fits(texts: readonly string[], levels: readonly string[]): boolean {
  return texts.every((text, i) => isRest(text) || (isWildcard(text) ? isLiteral(levels[i]) : text === levels[i]));
}

function isLiteral(level: string | undefined): boolean {
  return level !== undefined && !isRest(level) && !isWildcard(level);
}

function isRest(text: string): boolean {
  return text === '#' || /^\{[^{}]+#\}$/.test(text);
}

function isWildcard(text: string): boolean {
  return text === '+' || /^\{[^{}]+\}$/.test(text);
}

/** `{room}` below `home`, `{line}` below `lines`, else `{level2}`. */
function nameFor(texts: readonly string[], i: number): string {
  const parent = texts[i - 1]?.toLowerCase() ?? '';
  const singular = /^[a-z][a-z_-]{2,}s$/.test(parent) ? parent.slice(0, -1) : undefined;
  const name = (Object.hasOwn(NAMES, parent) ? NAMES[parent] : singular) ?? `level${i + 1}`;
  return `{${freeName(name === 'topic' ? `level${i + 1}` : name, texts, i)}}`;
}

/** Each level has its own name. */
function freeName(name: string, texts: readonly string[], at: number): string {
  const taken = (each: string): boolean => texts.some((text, i) => i !== at && text.replace('#}', '}') === `{${each}}`);
  let free = name;
  for (let n = 2; taken(free); n++) {
    free = `${name}${n}`;
  }
  return free;
}
