import { AuthFileError } from '../errors';
import { validateFilter } from '../topic';
import type { AclAccess, AclRule } from './acl';
import { linesOf } from './file-lines';

/** `deny` takes everything away, as in mosquitto. */
const ACCESS_WORDS: Readonly<Record<string, Pick<AclRule, 'allow' | 'deny'>>> = {
  read: { allow: 'read' },
  write: { allow: 'write' },
  readwrite: { allow: 'readwrite' },
  subscribe: { allow: 'subscribe' },
  deny: { deny: 'all' },
};

/**
 * Reads an ACL file in mosquitto's format, with `role`, `client`, `anonymous` and `everyone` in addition to its `user`:
 *
 *     user anna
 *     topic readwrite home/#
 *     topic deny home/safe/#
 *     pattern write sensors/%u/#
 *
 * `topic` lines are for who was named last, and for clients without a user as long as nobody was; `pattern` lines are
 * for everybody, wherever they stand.
 *
 * @throws AuthFileError naming the line
 */
export function parseAcl(text: string): AclRule[] {
  const rules: AclRule[] = [];
  let who: Partial<AclRule> = { anonymous: true };
  for (const [line, lineNumber] of linesOf(text)) {
    const [word, value] = splitFirstWord(line);
    switch (word) {
      case 'user':
      case 'role':
      case 'client':
        if (value === '') {
          throw new AuthFileError(`line ${lineNumber}: Expected a name after ${word}`);
        }
        who = { [word]: value };
        break;
      case 'anonymous':
      case 'everyone':
        who = word === 'anonymous' ? { anonymous: true } : {};
        break;
      case 'topic':
      case 'pattern':
        rules.push(ruleOf(word === 'topic' ? who : {}, value, lineNumber));
        break;
      default:
        throw new AuthFileError(
          `line ${lineNumber}: Expected user, role, client, anonymous, everyone, topic or pattern, got "${word}"`
        );
    }
  }
  return rules;
}

/** Says what is wrong with a rule, or undefined when nothing is. */
export function ruleFault({ allow, deny, topic }: AclRule): string | undefined {
  if ((allow === undefined) === (deny === undefined)) {
    return 'Expected one of allow and deny';
  }
  const fault = validateFilter(topic);
  return fault && `Topic filter ${JSON.stringify(topic)} ${fault}`;
}

/** The first word of a line and what follows it. Blanks within that are part of a name or topic, as in mosquitto. */
function splitFirstWord(text: string): [word: string, rest: string] {
  const [, word, rest] = /^(\S*)\s*(.*)$/s.exec(text)!;
  return [word, rest];
}

function ruleOf(who: Partial<AclRule>, text: string, line: number): AclRule {
  const [word, topic] = splitFirstWord(text);
  const access = topic === '' ? undefined : ACCESS_WORDS[word];
  // mosquitto: without a word it is both
  const rule: AclRule = {
    ...who,
    ...(access ?? { allow: 'readwrite' satisfies AclAccess }),
    topic: access ? topic : text,
  };
  const fault = ruleFault(rule);
  if (fault) {
    throw new AuthFileError(`line ${line}: ${fault}`);
  }
  return rule;
}
