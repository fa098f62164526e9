import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { QueryDiagnostics } from '../types';
import { MessageSamples } from './MessageSamples';

type User = ReturnType<typeof userEvent.setup>;

const failure = { topic: 'a/b', hex: 'ffd8002041', length: 300, reason: 'The payload is binary.' };

function show(diagnostics: QueryDiagnostics): User {
  render(<MessageSamples id="samples" diagnostics={diagnostics} />);
  return userEvent.setup();
}

test('nothing is shown if every message was decoded', () => {
  show({ messages: 3, failed: 0 });
  expect(screen.queryByRole('button')).toBeNull();
});

test('those that did not decode open to their reason, topic and bytes', async () => {
  const user = show({
    messages: 3_400,
    failed: 12,
    firstFailure: failure,
    lastFailure: { ...failure, topic: 'c', hex: '42', length: 1, reason: 'It is not JSON.' },
  });
  const line = screen.getByRole('button', { name: '12 of 3,400 messages did not decode' });
  expect(line.getAttribute('aria-expanded')).toBe('false');
  expect(screen.queryByText(/The payload is binary/)).toBeNull();
  await user.click(line);
  expect(line.getAttribute('aria-expanded')).toBe('true');
  expect(screen.getByText(/First message, on/).textContent).toBe(
    'First message, on a/b, the first 5 of 300 bytes: The payload is binary.'
  );
  expect(screen.getByText('ff d8 00 20 41')).toBeTruthy();
  expect(screen.getByText(/Last message, on/).textContent).toBe('Last message, on c, 1 byte: It is not JSON.');
  await user.click(line);
  expect(screen.queryByText(/First message/)).toBeNull();
});

test('one that is the first and the last is shown once', async () => {
  const user = show({ messages: 1, failed: 1, firstFailure: failure, lastFailure: { ...failure } });
  await user.click(screen.getByRole('button', { name: '1 of 1 message did not decode' }));
  expect(screen.queryByText(/First message/)).toBeNull();
  expect(screen.getByText(/Last message/)).toBeTruthy();
});

test('messages that were decoded only in part open in the same way', async () => {
  const user = show({ messages: 3, failed: 0, partial: 2, lastProblem: { ...failure, reason: 'Left out: 2 bytes.' } });
  await user.click(screen.getByRole('button', { name: '2 of 3 messages were decoded only in part' }));
  expect(screen.getByText(/Last message, on/).textContent).toBe(
    'Last message, on a/b, the first 5 of 300 bytes: Left out: 2 bytes.'
  );
  expect(screen.getByText('ff d8 00 20 41')).toBeTruthy();
});

test('one message is in the singular', () => {
  show({ messages: 1, failed: 0, partial: 1, lastProblem: { ...failure, reason: 'Left out: 2 bytes.' } });
  expect(screen.getByRole('button', { name: '1 of 1 message was decoded only in part' })).toBeTruthy();
});

test('the bytes can be copied', async () => {
  const user = show({ messages: 1, failed: 1, lastFailure: { ...failure, hex: 'ffd800', length: 3 } });
  await user.click(screen.getByRole('button', { name: /did not decode/ }));
  expect(screen.getByText('ff d8 00')).toBeTruthy();
  // As a page over HTTPS is, which may use the clipboard.
  Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
  await user.click(screen.getByRole('button', { name: 'Copy bytes' }));
  expect(await navigator.clipboard.readText()).toBe('ff d8 00');
});

test('a retained message is known as such', async () => {
  const user = show({ messages: 1, failed: 1, lastFailure: { ...failure, retained: true } });
  await user.click(screen.getByRole('button', { name: /did not decode/ }));
  expect(screen.getByText(/Last message, on/).textContent).toBe(
    'Last message, on a/b, the first 5 of 300 bytes, retained: The payload is binary.'
  );
});
