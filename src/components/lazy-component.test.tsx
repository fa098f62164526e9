import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { lazyComponent } from './lazy-component';

function Greeting({ name }: { name: string }): ReactElement {
  return <p>Hello, {name}</p>;
}

test('shows a placeholder, then the component with its newest props, and from then on the component at once', async () => {
  const load = vi.fn(() => Promise.resolve(Greeting));
  const Lazy = lazyComponent('Greeting', load);
  const first = render(<Lazy name="Ann" />);
  expect(screen.getByText('Loading…')).toBeTruthy();
  first.rerender(<Lazy name="Bob" />);
  expect(await screen.findByText('Hello, Bob')).toBeTruthy();
  first.unmount();
  render(<Lazy name="Cid" />);
  expect(screen.getByText('Hello, Cid')).toBeTruthy();
  expect(load).toHaveBeenCalledOnce();
});

test('shows why the code did not come, and tries again when it is asked to', async () => {
  const load = vi
    .fn(() => Promise.resolve(Greeting))
    .mockRejectedValueOnce(new Error('The browser did not load http://grafana/greeting-ABC.js.'));
  const Lazy = lazyComponent('Greeting', load);
  render(<Lazy name="Ann" />);
  expect(await screen.findByRole('alert')).toHaveProperty(
    'textContent',
    expect.stringMatching(/Greeting: not loaded.*did not load http:\/\/grafana\/greeting-ABC\.js\. Reload the page/)
  );
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Hello, Ann')).toBeTruthy();
});

test('stays silent if it is closed before its code comes', async () => {
  const { promise, fail } = later();
  const Lazy = lazyComponent('Greeting', () => promise);
  render(<Lazy name="Ann" />).unmount();
  fail(new Error('offline'));
  await expect(promise).rejects.toThrow('offline');
});

function later(): { promise: Promise<typeof Greeting>; fail: (error: Error) => void } {
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<typeof Greeting>((_, reject) => {
    fail = reject;
  });
  return { promise, fail };
}
