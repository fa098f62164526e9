import { LoadingState, type PanelData, rangeUtil } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { QueryDiagnostics } from '../types';
import { MessagesSeen } from './MessagesSeen';
import { reportIn, showBytes } from './seen';

type User = ReturnType<typeof userEvent.setup>;

const failure = { topic: 'a/b', hex: 'ffd8002041', length: 300, reason: 'The payload is binary.' };

function show(report: QueryDiagnostics): User {
  render(<MessagesSeen id="seen" report={report} />);
  return userEvent.setup();
}

test('nothing is said where all is well and nothing came', () => {
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
  expect(screen.getByText(/The first one, on/).textContent).toBe(
    'The first one, on a/b, the first 5 of 300 bytes: The payload is binary.'
  );
  expect(screen.getByText('ff d8 00 20 41')).toBeTruthy();
  expect(screen.getByText(/The last one, on/).textContent).toBe('The last one, on c, 1 byte: It is not JSON.');
  await user.click(line);
  expect(screen.queryByText(/The first one/)).toBeNull();
});

test('one that is the first and the last is shown once', async () => {
  const user = show({ messages: 1, failed: 1, firstFailure: failure, lastFailure: { ...failure } });
  await user.click(screen.getByRole('button'));
  expect(screen.queryByText(/The first one/)).toBeNull();
  expect(screen.getByText(/The last one/)).toBeTruthy();
});

test('a message as it came, for choosing fields', async () => {
  const user = show({ messages: 1, failed: 0, sample: { topic: 't', hex: '7b2261223a317d', length: 7 } });
  await user.click(screen.getByRole('button', { name: 'A message as it came' }));
  expect(screen.getByText('{"a":1}')).toBeTruthy();
});

test('those that were read in part, too', async () => {
  const user = show({ messages: 3, failed: 0, partial: 2, lastProblem: { ...failure, reason: 'Left out: 2 bytes.' } });
  await user.click(screen.getByRole('button', { name: '2 of 3 messages were read in part' }));
  expect(screen.getByText(/The last one, on/).textContent).toBe(
    'The last one, on a/b, the first 5 of 300 bytes: Left out: 2 bytes.'
  );
  expect(screen.getByText('ff d8 00 20 41')).toBeTruthy();
});

test('a message as it came has its bytes below where it is no text, and they can be copied', async () => {
  const user = show({ messages: 1, failed: 0, sample: { topic: 't', hex: 'ffd800', length: 3 } });
  await user.click(screen.getByRole('button', { name: 'A message as it came' }));
  expect(screen.getByText('ff d8 00')).toBeTruthy();
  // As a page over HTTPS is, which may use the clipboard.
  Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
  await user.click(screen.getByRole('button', { name: 'Copy bytes' }));
  expect(await navigator.clipboard.readText()).toBe('ff d8 00');
});

test('text has none', async () => {
  const user = show({ messages: 1, failed: 0, sample: { topic: 't', hex: '7b2261223a317d', length: 7 } });
  await user.click(screen.getByRole('button', { name: 'A message as it came' }));
  expect(screen.queryByRole('button', { name: 'Copy bytes' })).toBeNull();
});

test.each<[string, number, string, boolean]>([
  ['0041ff0a', 4, '·A\ufffd\n', true],
  ['', 0, '', false],
  ['610d0a09', 4, 'a\r\n\t', false],
  // A terminal's colours.
  ['1b5b306d', 4, '·[0m', true],
  ['c3a9', 2, 'é', false],
  // The first byte of two is the last that is shown, or all that there is.
  ['61c3', 9, 'a', false],
  ['61c3', 2, 'a\ufffd', true],
])('the bytes %s of %i are the text %j, and binary: %s', (hex, length, text, binary) => {
  expect(showBytes(hex, length)).toEqual({ text, hex: (hex.match(/../g) ?? []).join(' '), binary });
});

test('are those of the query, not of its neighbour', () => {
  const frame = (refId: string, custom: object) => ({ refId, fields: [], length: 0, meta: { custom } });
  const data: PanelData = {
    state: LoadingState.Streaming,
    timeRange: rangeUtil.convertRawToRange({ from: 'now-5m', to: 'now' }),
    series: [frame('A', {}), frame('B', { mqtt: { messages: 1, failed: 0 } })],
  };
  expect(reportIn(data, 'B')).toEqual({ messages: 1, failed: 0 });
  expect(reportIn(data, 'A')).toBeUndefined();
  expect(reportIn(undefined, 'A')).toBeUndefined();
});
