import { findFilterProblem, withoutShare, type FilterProblem } from './syntax';

/** Why a topic filter cannot be used, in words for the person who wrote it. */
export class TopicError extends Error {
  override readonly name = 'TopicError';
}

/**
 * Checks a topic filter by the rules of MQTT 3.1.1, 4.7 (MQTT 5 has the same).
 *
 * @throws {TopicError} that says what is wrong and what would be right.
 */
export function checkFilter(filter: string): void {
  const problem = findFilterProblem(filter, { sharedSubscriptions: true });
  if (problem !== undefined) {
    throw new TopicError(describeProblem(problem, filter));
  }
}

/**
 * The filter that topics are matched against: a shared subscription `$share/group/filter` without its prefix.
 *
 * @throws {TopicError} for a shared subscription without a group or a filter
 */
export function shareless(filter: string): string {
  const plain = withoutShare(filter);
  if (plain === undefined) {
    throw new TopicError(describeShare(filter));
  }
  return plain;
}

function describeProblem(problem: FilterProblem, filter: string): string {
  switch (problem.kind) {
    case 'empty':
      return 'The topic filter is empty. Enter one, for example "home/kitchen/temperature" or "home/#".';
    case 'nul':
      return 'The topic filter contains a NUL character, which MQTT forbids. [MQTT-4.7.3-2]';
    case 'not-utf8':
      return 'The topic filter contains half of a surrogate pair, which is not valid text. [MQTT-1.5.3-1]';
    case 'too-long':
      return `The topic filter has ${problem.bytes.toLocaleString('en-US')} bytes; MQTT allows 65,535. [MQTT-4.7.3-3]`;
    case 'hash-not-last':
      return `"#" stands for every level below it, so nothing may follow it in "${filter}". Use "${problem.filter}", or "+" for one level. [MQTT-4.7.1-2]`;
    case 'wildcard-in-level':
      return `"${problem.sign}" must be a whole level, so "${problem.level}" in "${filter}" is not a valid filter. Use "${problem.sign}" in its place. [MQTT-4.7.1-${problem.sign === '+' ? 3 : 2}]`;
    case 'share':
      return describeShare(filter);
  }
}

/** By itself: the engine reads filters that were checked, and needs no other text. */
function describeShare(filter: string): string {
  return `A shared subscription is written "$share/<group>/<filter>", for example "$share/dashboards/home/#"; "${filter}" is not. [MQTT5-4.8.2]`;
}
