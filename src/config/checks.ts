import { checkFilter, TopicError } from '../topics';
import { headersOf, type EditedSettings } from './settings-change';

/** Says in words what is wrong with what is set beside the URL; undefined where nothing is. */

export function usernameProblem({ jsonData: { auth, username, password } }: EditedSettings): string | undefined {
  const empty = (username ?? '').trim() === '';
  if (auth === 'shared' && empty) {
    return (password ?? '') === ''
      ? 'Enter the user name, or choose “None”.'
      : 'Enter the user name: MQTT 3.1.1 has no password without one.';
  }
  return undefined;
}

export function tokenUrlProblem({ jsonData: { auth, tokenUrl } }: EditedSettings): string | undefined {
  if (auth !== 'token') {
    return undefined;
  }
  const text = (tokenUrl ?? '').trim();
  if (text === '') {
    return 'Enter the URL that answers with a token, as Grafana’s server reaches it.';
  }
  return /^https?:\/\/[^\s/]+/i.test(text)
    ? undefined
    : 'Grafana’s server fetches the token, so the URL begins with http:// or https://.';
}

export function topicRootProblem({ jsonData: { topicRoot } }: EditedSettings): string | undefined {
  return topicRoot === undefined ? undefined : filterProblem(topicRoot);
}

export function discoveryProblem({ jsonData: { discovery } }: EditedSettings): string | undefined {
  return prefixProblem(discovery, 'Enter the first levels of the discovery topics alone', 'homeassistant');
}

export function homieProblem({ jsonData: { homie } }: EditedSettings): string | undefined {
  return prefixProblem(homie, 'Enter the first level of the topics of Homie devices alone', 'homie');
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

/** What a WebSocket's own handshake sets; Grafana would break it. */
const HANDSHAKE = /^(host|connection|upgrade|origin|sec-websocket-.*)$/i;

export function headerProblem(name: string): string | undefined {
  if (name === '') {
    return 'Enter a name, or take the header away: Grafana passes over all that follow an empty one.';
  }
  if (!HEADER_NAME.test(name)) {
    return 'A header name has letters, digits and hyphens, and no spaces or colons.';
  }
  return HANDSHAKE.test(name) ? `${name} belongs to the WebSocket itself and cannot be set.` : undefined;
}

export function headersProblem(options: EditedSettings): string | undefined {
  return headersOf(options)
    .map(({ name }) => headerProblem(name))
    .find((problem) => problem !== undefined);
}
