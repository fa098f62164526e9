import type { CheckName } from '../check-names';
import type { Context } from '../context';
import { restart, resume, takeover } from './losses';
import { connect, denied, saveAndTest, wrongPassword } from './manners';
import { big, oddTopics, retained, retainedByWildcard } from './messages';
import { overlap } from './overlap';

/** @returns what the table shows next to "yes". @throws {Error} if the plugin does not do what its users expect */
export type Check = (context: Context) => Promise<string>;

export const CHECKS: Readonly<Record<CheckName, Check>> = {
  connect,
  'save-and-test': saveAndTest,
  password: wrongPassword,
  denied,
  overlap,
  retained,
  'retained-wildcard': retainedByWildcard,
  odd: oddTopics,
  megabyte: big,
  qos1: (context) => resume(context, 1),
  qos2: (context) => resume(context, 2),
  takeover,
  restart,
};
