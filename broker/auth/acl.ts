import { covers, matches, overlaps } from '../../src/topics';

/**
 * `read`: to be delivered messages. `write`: to publish. `readwrite` and `all`: both. `subscribe`: filters that may be
 * asked for; without such a rule, every filter may that has something readable in it.
 */
export type AclAccess = 'read' | 'write' | 'readwrite' | 'subscribe' | 'all';

export const ACL_ACCESSES: readonly AclAccess[] = ['read', 'write', 'readwrite', 'subscribe', 'all'];

/** One right, or one that is taken away. Who is not named is not restricted: a rule that names nobody is for everybody. */
export interface AclRule {
  user?: string;
  role?: string;
  /** A client id; a `*` in it stands for any characters. Client ids are claims: anybody may take any. */
  client?: string;
  /** For clients without a user only. */
  anonymous?: boolean;
  /** One of `allow` and `deny`. */
  allow?: AclAccess;
  deny?: AclAccess;
  /** A topic filter; `%u` in it is the user, `%c` the client id. */
  topic: string;
}

/** The client that wants to publish or subscribe. */
export interface Subject {
  user: string | undefined;
  roles: readonly string[];
  clientId: string;
}

/** Roles that need no rule. */
export const BUILT_IN_RULES: readonly AclRule[] = [
  { role: 'dashboard', allow: 'read', topic: '#' },
  { role: 'dashboard', deny: 'write', topic: '#' },
  { role: 'admin', allow: 'all', topic: '#' },
  { role: 'admin', allow: 'read', topic: '$SYS/#' },
];

type Right = 'read' | 'write' | 'subscribe';

/** Decisions that are remembered for each connection. */
const MAX_REMEMBERED = 2_000;

/**
 * The rights of one connection. A rule that denies wins over all that allow, in whatever order they stand; what no rule
 * allows is refused.
 */
export class Rights {
  readonly #allow: Record<Right, string[]> = { read: [], write: [], subscribe: [] };
  readonly #deny: Record<Right, string[]> = { read: [], write: [], subscribe: [] };
  readonly #readable = new Map<string, boolean>();

  constructor(rules: Iterable<AclRule>, subject: Subject) {
    for (const rule of rules) {
      const filter = isAbout(rule, subject) ? fillIn(rule, subject) : undefined;
      if (filter === undefined) {
        continue;
      }
      for (const right of rightsOf(rule.allow)) {
        this.#allow[right].push(filter);
      }
      for (const right of rightsOf(rule.deny)) {
        this.#deny[right].push(filter);
      }
    }
  }

  mayRead(topic: string): boolean {
    let may = this.#readable.get(topic);
    if (may === undefined) {
      may = this.#may('read', topic);
      if (this.#readable.size >= MAX_REMEMBERED) {
        this.#readable.clear();
      }
      this.#readable.set(topic, may);
    }
    return may;
  }

  mayWrite(topic: string): boolean {
    return this.#may('write', topic);
  }

  maySubscribe(filter: string): boolean {
    const denied = [...this.#deny.read, ...this.#deny.subscribe];
    if (denied.some((each) => covers(each, filter))) {
      return false;
    }
    const { subscribe, read } = this.#allow;
    return (
      read.some((each) => overlaps(each, filter)) &&
      (subscribe.length === 0 || subscribe.some((each) => covers(each, filter)))
    );
  }

  #may(right: Right, topic: string): boolean {
    return (
      this.#allow[right].some((filter) => matches(filter, topic)) &&
      !this.#deny[right].some((filter) => matches(filter, topic))
    );
  }
}

function rightsOf(access: AclAccess | undefined): Right[] {
  switch (access) {
    case undefined:
      return [];
    // Not to subscribe: a rule that allows that narrows the filters, and `deny: all` stops them by denying to read
    case 'readwrite':
    case 'all':
      return ['read', 'write'];
    default:
      return [access];
  }
}

function isAbout(rule: AclRule, { user, roles, clientId }: Subject): boolean {
  return (
    (rule.user === undefined || rule.user === user) &&
    (rule.role === undefined || roles.includes(rule.role)) &&
    (rule.client === undefined || isLike(rule.client, clientId)) &&
    (rule.anonymous === undefined || rule.anonymous === (user === undefined))
  );
}

function isLike(pattern: string, text: string): boolean {
  const [head, ...rest] = pattern.split('*');
  if (rest.length === 0) {
    return pattern === text;
  }
  const tail = rest.pop() ?? '';
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) {
    return false;
  }
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) {
      return false;
    }
    at = found + part.length;
  }
  return at <= text.length - tail.length;
}

/**
 * The filter for this subject; none when it has no such name. A name that would change what the filter means (`#`, `+`,
 * `/`) allows nothing, and where the rule denies, all that it could stand for.
 */
function fillIn({ topic, deny }: AclRule, { user, clientId }: Subject): string | undefined {
  let missing = false;
  const levels: string[] = [];
  for (const level of topic.split('/')) {
    let unclear = false;
    levels.push(
      level.replaceAll(/%[uc]/g, (sign) => {
        const name = sign === '%u' ? user : clientId;
        missing ||= name === undefined || name === '';
        unclear ||= /[+#/]/.test(name ?? '');
        return name ?? '';
      })
    );
    if (unclear) {
      return deny === undefined || missing ? undefined : [...levels.slice(0, -1), '#'].join('/');
    }
  }
  return missing ? undefined : levels.join('/');
}
