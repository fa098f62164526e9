import { TopicError } from './filter';

/**
 * Grafana's `templateSrv.replace`, with the format function that it hands each variable's value to: a string, or
 * the list of a multi-value variable.
 */
export type Replace = (text: string, format: (value: unknown, variable?: { name?: string }) => string) => string;

/** More subscriptions than this from one query are a mistake in a variable more often than a wish. */
export const MAX_EXPANSIONS = 1_000;

/**
 * Puts the values of variables into a query's topic, once for each combination of the values of multi-value
 * variables. A value with `+`, `#` or `/` is refused, because it would widen the subscription beyond what the
 * query says; `${name:raw}` asks for it all the same (Grafana then formats the value itself and never asks us).
 *
 * @throws {TopicError} for a value that would widen the subscription, or too many combinations.
 */
export function expandVariables(text: string, replace: Replace): string {
  return text
    .split(/\r?\n/)
    .flatMap((line) => expandLine(line, replace))
    .join('\n');
}

function expandLine(line: string, replace: Replace): string[] {
  const slots: string[][] = [];
  const slotOf = new Map<string, number>();
  // Private-use characters mark where values go. A topic that holds them itself would only lose them here.
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
  if (combinations > MAX_EXPANSIONS) {
    throw new TopicError(
      `The variables in "${line}" make ${combinations.toLocaleString('en-US')} topics; at most ${MAX_EXPANSIONS.toLocaleString('en-US')} are subscribed to. Select fewer values, or use a wildcard.`
    );
  }
  let lines = [marked];
  for (const [slot, values] of slots.entries()) {
    lines = lines.flatMap((each) => values.map((value) => each.replaceAll(`\uE000${slot}\uE001`, () => value)));
  }
  return lines;
}

function checkValue(value: string, name: string | undefined): void {
  const sign = /[+#/]/.exec(value)?.[0];
  if (sign === undefined) {
    return;
  }
  const variable = name === undefined ? 'A variable' : `The variable "${name}"`;
  const raw = name === undefined ? '${name:raw}' : `\${${name}:raw}`;
  throw new TopicError(
    `${variable} has the value "${value}", whose "${sign}" would change which topics are subscribed to. If that is meant, write ${raw} in the query.`
  );
}
