import { TopicError } from './filter';

/**
 * Grafana's `templateSrv.replace`, with the format function that it hands each variable's value to: a string, or
 * the list of a multi-value variable.
 */
export type Replace = (text: string, format: (value: unknown, variable?: { name?: string }) => string) => string;

/** More subscriptions than this from one query are a mistake in a variable more often than a wish. */
export const MAX_EXPANSIONS = 1_000;

/** The place of a variable's value: private-use characters around its number, which topics do not have. */
const MARK = /\uE000(\d+)\uE001/g;

/**
 * Characters that a value must not have. Wildcards and levels would widen the subscription, and so would a line's end,
 * which begins a filter of its own, and a brace where a named level begins or ends.
 */
const WIDENING = /[+#/\n]|^\{|\}$/;

/**
 * Puts the values of variables into a query's topic, once for each combination of the values of multi-value
 * variables. A value with `+`, `#` or `/`, of several lines, or in braces is refused, because it would widen the
 * subscription beyond the text of the query. `${name:raw}` allows such a value: Grafana then formats the value itself.
 *
 * @throws {TopicError} for a value that would widen the subscription, or too many combinations.
 */
export function expandVariables(text: string, replace: Replace): string {
  const expanded: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    expanded.push(...expandLine(line, replace, expanded.length));
  }
  return expanded.join('\n');
}

/** @param before how many lines the query has become already. */
function expandLine(line: string, replace: Replace, before: number): string[] {
  const slots: string[][] = [];
  const slotOf = new Map<string, number>();
  const marked = replace(line, (value, variable) => {
    const values = (Array.isArray(value) ? value : [value]).map(String);
    for (const one of values) {
      checkValue(one, variable?.name);
    }
    // The same variable twice in a line has the same value at both places.
    const key = JSON.stringify([variable?.name ?? slots.length, values]);
    const slot = slotOf.get(key) ?? slots.push(values) - 1;
    slotOf.set(key, slot);
    return `\uE000${slot}\uE001`;
  });
  const combinations = slots.reduce((n, values) => n * values.length, 1);
  if (combinations > 1 && before + combinations > MAX_EXPANSIONS) {
    throw new TopicError(
      `The variables in "${line}" make ${(before + combinations).toLocaleString('en-US')} topics${before > 0 ? ' with the lines before' : ''}; at most ${MAX_EXPANSIONS.toLocaleString('en-US')} are subscribed to. Select fewer values, or use a wildcard.`
    );
  }
  let choices: string[][] = [[]];
  for (const values of slots) {
    choices = choices.flatMap((choice) => values.map((value) => [...choice, value]));
  }
  // All marks in one pass, so that a value that looks like a mark is not taken for one.
  return choices.map((choice) => marked.replace(MARK, (mark, slot: string) => choice[Number(slot)] ?? mark));
}

function checkValue(value: string, name: string | undefined): void {
  const sign = WIDENING.exec(value)?.[0];
  if (sign === undefined) {
    return;
  }
  const variable = name === undefined ? 'A variable' : `The variable "${name}"`;
  const raw = name === undefined ? '${name:raw}' : `\${${name}:raw}`;
  throw new TopicError(
    `${variable} has the value ${JSON.stringify(value)}, whose ${JSON.stringify(sign)} would change which topics are subscribed to. If that is meant, write ${raw} in the query.`
  );
}
