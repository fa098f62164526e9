import { describe, expect, test } from 'vitest';
import type { SignInDialogProps } from './components/SignInDialog';
import { CredentialsPrompt, ViewerCredentials } from './connection/viewer-credentials';
import { isInteractive, SignInQueue } from './sign-in';

function setUp(interactive = true) {
  const viewers = new ViewerCredentials(() => undefined);
  const shown: SignInDialogProps[] = [];
  let dismissed = 0;
  const queue = new SignInQueue(
    (propsOf) => shown.push(propsOf(() => dismissed++)),
    () => interactive
  );
  const signIn = (key: string) => ({
    key,
    name: key,
    prompt: new CredentialsPrompt(viewers, key, undefined, () => undefined),
  });
  return { queue, shown, signIn, dismissed: () => dismissed };
}

describe('a viewer is asked', () => {
  test('once for all panels of a data source, and for one data source after the other', () => {
    const { queue, shown, signIn, dismissed } = setUp();
    for (const key of ['a', 'b', 'a', 'b', 'a']) {
      queue.request(signIn(key));
    }
    expect(shown.map(({ name }) => name)).toEqual(['a']);
    shown[0].onClose(false);
    expect(shown.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(dismissed()).toBe(1);
    shown[1].onClose(false);
    shown[1].onClose(false);
    expect(dismissed()).toBe(2);
  });

  test('not again after “Not now”, but again if the broker refused what was entered', () => {
    const { queue, shown, signIn } = setUp();
    queue.request(signIn('a'));
    shown[0].onClose(true);
    queue.request(signIn('a'));
    expect(shown).toHaveLength(2);
    shown[1].onClose(false);
    queue.request(signIn('a'));
    expect(shown).toHaveLength(2);
  });

  test('not for what was entered elsewhere meanwhile', () => {
    const { queue, shown, signIn } = setUp();
    const b = signIn('b');
    queue.request(signIn('a'));
    queue.request(b);
    b.prompt.take({ username: 'ann' }, false);
    shown[0].onClose(true);
    expect(shown).toHaveLength(1);
  });

  test('not where nobody can answer', () => {
    const { queue, shown, signIn } = setUp(false);
    queue.request(signIn('a'));
    expect(shown).toHaveLength(0);
    expect(['?kiosk', '?kiosk=tv&refresh=5s', '?orgId=1&render=1'].map(isInteractive)).toEqual([false, false, false]);
    expect(isInteractive('?from=now-5m')).toBe(true);
  });
});
