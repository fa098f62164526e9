import {
  findFilterProblem,
  findTextProblem,
  findTopicProblem,
  MAX_TOPIC_BYTES,
  type FilterProblem,
  type TopicProblem,
  type SyntaxRules,
} from '../src/topics';
import { quote } from '../src/utils/quote';

/** MQTT 3.1.1 has no shared subscriptions, and names come from the network as bytes. */
const RULES: SyntaxRules = { sharedSubscriptions: false, refuseReplacementCharacter: true };

/**
 * The problem of a topic name in a PUBLISH, as the end of a sentence that begins with the name, or undefined for a valid
 * one. A name that really contains U+FFFD is refused, because it cannot be distinguished from ill-formed UTF-8 [MQTT-1.5.3-1].
 */
export function validateTopic(topic: string): string | undefined {
  return describe(findTopicProblem(topic, RULES));
}

/** The problem of a topic filter, likewise. Aedes' own check accepts `a+`, `+a`, `a/+b` and `a#`. */
export function validateFilter(filter: string): string | undefined {
  return describe(findFilterProblem(filter, RULES));
}

/** The problem of a client id, likewise. An empty client id is valid. */
export function validateClientId(clientId: string): string | undefined {
  return clientId === '' ? undefined : describe(findTextProblem(clientId, RULES));
}

/** Whether a filter or topic belongs to the broker's own messages; `#` and `+/...` do not match them [MQTT-4.7.2-1]. */
export function isSysFilter(filter: string): boolean {
  return filter === '$SYS' || filter.startsWith('$SYS/');
}

/** The filter inside of a filter that begins with `$share/GROUP/`, `$queue/` or `$exclusive/`. */
const SPECIAL_SUBSCRIPTION = /^\$(?:share\/[^/]*|queue|exclusive)(?:\/(?<filter>.*))?$/s;

/**
 * The problem of a filter with which other brokers give a message to one of several subscribers, or a topic to one
 * subscriber; undefined for each other filter. To this broker it is a filter like any other, which no message matches.
 */
export function findSpecialSubscription(filter: string): string | undefined {
  const match = SPECIAL_SUBSCRIPTION.exec(filter);
  if (match === null) {
    return undefined;
  }
  const inner = match.groups?.['filter'];
  return (
    'is a shared or exclusive subscription, which this broker does not have' +
    (inner ? `; subscribe to ${quoteName(inner)} instead` : '')
  );
}

/** A name from the network for an error message: in quotation marks, with at most 80 characters. */
export function quoteName(name: string): string {
  return quote(name, 80);
}

function describe(problem: FilterProblem | TopicProblem | undefined): string | undefined {
  switch (problem?.kind) {
    case undefined:
      return undefined;
    case 'empty':
      return 'is empty [MQTT-4.7.3-1]';
    case 'nul':
      return 'contains a NUL character [MQTT-4.7.3-2]';
    case 'not-utf8':
      return 'is not valid UTF-8 [MQTT-1.5.3-1]';
    case 'too-long':
      return `is longer than ${MAX_TOPIC_BYTES} bytes [MQTT-4.7.3-3]`;
    case 'wildcard':
      return 'contains a wildcard [MQTT-3.3.2-2]';
    case 'hash-not-last':
      return 'has # before the last level [MQTT-4.7.1-2]';
    case 'wildcard-in-level':
      return problem.sign === '+'
        ? 'has + next to other characters of its level [MQTT-4.7.1-3]'
        : 'has # next to other characters of its level [MQTT-4.7.1-2]';
    case 'share':
      return 'is not a valid shared subscription [MQTT5-4.8.2]';
  }
}
