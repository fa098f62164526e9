/** The longest UTF-8 string that MQTT can carry, in bytes [MQTT-1.5.3, MQTT-4.7.3-3]. */
export const MAX_TOPIC_BYTES = 65_535;

/** Rules in which clients and brokers differ. */
export interface SyntaxRules {
  /**
   * Whether a filter that begins with `$share/` is a shared subscription (MQTT 5, 4.8.2), and has to be a valid one. For a
   * broker of MQTT 3.1.1 it is an ordinary filter. Default: false.
   */
  readonly sharedSubscriptions?: boolean;
  /**
   * Whether U+FFFD is refused. Bytes from the network that are not UTF-8 have become U+FFFD when they are looked at as
   * text, so a broker refuses it [MQTT-1.5.3-1]. Default: false.
   */
  readonly refuseReplacementCharacter?: boolean;
}

/** The problem with a UTF-8 string of MQTT. */
export type TextProblem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'nul' }
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'too-long'; readonly bytes: number };

/** The problem with a topic name. */
export type TopicProblem = TextProblem | { readonly kind: 'wildcard' };

/** The problem with a topic filter. */
export type FilterProblem =
  | TextProblem
  /** `#` before the last level; `filter` ends with it. */
  | { readonly kind: 'hash-not-last'; readonly filter: string }
  /** `+` or `#` next to other characters. */
  | { readonly kind: 'wildcard-in-level'; readonly sign: '+' | '#'; readonly level: string }
  | { readonly kind: 'share' };

const encoder = new TextEncoder();

/** Checks a string by MQTT 3.1.1, 1.5.3. */
export function findTextProblem(text: string, rules: SyntaxRules = {}): TextProblem | undefined {
  if (text === '') {
    return { kind: 'empty' };
  }
  if (text.includes('\0')) {
    return { kind: 'nul' };
  }
  if (/\p{Surrogate}/u.test(text) || (rules.refuseReplacementCharacter === true && text.includes('\uFFFD'))) {
    return { kind: 'not-utf8' };
  }
  // A UTF-16 unit has at most three bytes of UTF-8, so short texts need not be encoded.
  const bytes = text.length > MAX_TOPIC_BYTES / 3 ? encoder.encode(text).length : 0;
  return bytes > MAX_TOPIC_BYTES ? { kind: 'too-long', bytes } : undefined;
}

/** Checks a topic name by MQTT 3.1.1, 3.3.2 and 4.7. */
export function findTopicProblem(topic: string, rules: SyntaxRules = {}): TopicProblem | undefined {
  return findTextProblem(topic, rules) ?? (/[+#]/.test(topic) ? { kind: 'wildcard' } : undefined);
}

/** Checks a topic filter by MQTT 3.1.1, 4.7 (MQTT 5 has the same), and 4.8.2 of MQTT 5 for shared subscriptions. */
export function findFilterProblem(filter: string, rules: SyntaxRules = {}): FilterProblem | undefined {
  const problem = findTextProblem(filter, rules);
  if (problem !== undefined) {
    return problem;
  }
  const plain = rules.sharedSubscriptions === true ? withoutShare(filter) : filter;
  return plain === undefined ? { kind: 'share' } : findWildcardProblem(plain);
}

/** Whether a filter is a shared subscription [MQTT5-4.8.2]. */
export function isShared(filter: string): boolean {
  return filter.startsWith('$share/');
}

/** Whether a filter, or a part of one, has wildcards. */
export function isWide(filter: string): boolean {
  return /[+#]/.test(filter);
}

/**
 * The filter that topics are matched against: a shared subscription without its prefix, and any other filter as it is.
 * Undefined for a shared subscription that lacks a group or a filter.
 */
export function withoutShare(filter: string): string | undefined {
  if (!isShared(filter)) {
    return filter;
  }
  const group = filter.indexOf('/', '$share/'.length);
  const rest = group === -1 ? '' : filter.slice(group + 1);
  const isValid = rest !== '' && group > '$share/'.length && !isWide(filter.slice(0, group));
  return isValid ? rest : undefined;
}

function findWildcardProblem(filter: string): FilterProblem | undefined {
  if (!isWide(filter)) {
    return undefined;
  }
  const levels = filter.split('/');
  for (const [i, level] of levels.entries()) {
    if (level === '#' && i < levels.length - 1) {
      return { kind: 'hash-not-last', filter: levels.slice(0, i + 1).join('/') };
    }
    if (level.length > 1 && isWide(level)) {
      return { kind: 'wildcard-in-level', sign: level.includes('+') ? '+' : '#', level };
    }
  }
  return undefined;
}
