import { checkFilter, TopicError } from '../topics';
import { headersOf, type EditedSettings } from './settings-change';

/** Each function says what is wrong with one setting, for the person who edits it, or returns undefined. */

export function usernameProblem({ jsonData: { auth, username, password } }: EditedSettings): string | undefined {
  const empty = (username ?? '').trim() === '';
  if (auth === 'shared' && empty) {
    return (password ?? '') === ''
      ? 'Enter the user name, or choose “None”.'
      : 'Enter the user name: MQTT 3.1.1 does not allow a password without a user name.';
  }
  return undefined;
}

export function tokenUrlProblem({ jsonData: { auth, tokenUrl } }: EditedSettings): string | undefined {
  if (auth !== 'token') {
    return undefined;
  }
  const text = (tokenUrl ?? '').trim();
  if (text === '') {
    return 'Enter the URL from which Grafana’s server fetches the token.';
  }
  return /^https?:\/\/[^\s/]+/i.test(text)
    ? undefined
    : 'The URL must begin with http:// or https://, because Grafana’s server fetches the token.';
}

export function topicRootProblem({ jsonData: { topicRoot } }: EditedSettings): string | undefined {
  return topicRoot === undefined ? undefined : filterProblem(topicRoot);
}

export function discoveryProblem({ jsonData: { discovery } }: EditedSettings): string | undefined {
  return prefixProblem(discovery, 'Enter only the first levels of the discovery topics', 'homeassistant');
}

export function homieProblem({ jsonData: { homie } }: EditedSettings): string | undefined {
  return prefixProblem(homie, 'Enter only the first level of the topics of Homie devices', 'homie');
}

export function historyTopicProblem({ jsonData: { historyTopic } }: EditedSettings): string | undefined {
  return prefixProblem(historyTopic, 'Enter the topic of the historian', 'history');
}

function prefixProblem(text: string | undefined, advice: string, example: string): string | undefined {
  const prefix = (text ?? '').trim();
  if (/[+#]/.test(prefix)) {
    return `${advice}, without + and #, for example ${example}.`;
  }
  return prefix === '' ? undefined : filterProblem(prefix);
}

function filterProblem(filter: string): string | undefined {
  try {
    checkFilter(filter);
    return undefined;
  } catch (error) {
    if (error instanceof TopicError) {
      return error.message;
    }
    throw error;
  }
}

/** RFC 9110, 5.1: a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The WebSocket handshake sets these itself. If Grafana adds them, the handshake fails. */
const HANDSHAKE = /^(host|connection|upgrade|origin|sec-websocket-.*)$/i;

export function headerProblem(name: string): string | undefined {
  if (name === '') {
    return 'Enter a name or remove the header: Grafana ignores every header after an empty name.';
  }
  if (!HEADER_NAME.test(name)) {
    return 'A header name consists of letters, digits and hyphens, with no spaces or colons.';
  }
  return HANDSHAKE.test(name) ? `${name} cannot be set: the WebSocket handshake sets it.` : undefined;
}

export function headersProblem(options: EditedSettings): string | undefined {
  return headersOf(options)
    .map(({ name }) => headerProblem(name))
    .find((problem) => problem !== undefined);
}
