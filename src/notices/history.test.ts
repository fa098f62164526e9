import { expect, test } from 'vitest';
import type { PastStatus, StreamSpec } from '../engine';
import { SPEC } from '../testing/test-engine';
import { historyNotices } from './history';

function texts(past: PastStatus, spec: Partial<StreamSpec> = {}): string[] {
  return historyNotices({ past, spec: { ...SPEC, ...spec } }).map(({ text }) => text);
}

const LABELS: StreamSpec['labels'] = [{ name: 'site', from: 'property', path: 'site' }];

test('older messages that take a while have their progress', () => {
  expect(texts({ state: 'requesting' })).toEqual([]);
  expect(texts({ state: 'requesting', progress: 0.409 })).toEqual(['Loading older messages: 40 %.']);
});

test('a historian that fails is named with its reason', () => {
  expect(texts({ state: 'failed', reason: 'it did not respond within 10 s' })).toEqual([
    'The historian did not send older messages: it did not respond within 10 s.',
  ]);
});

test('user properties that are missing are named only if the query needs them', () => {
  expect(texts({ state: 'done', noUserProperties: true })).toEqual([]);
  expect(texts({ state: 'done' }, { labels: LABELS })).toEqual([]);
  expect(texts({ state: 'done', noUserProperties: true }, { labels: LABELS })).toEqual([
    'Older messages have no label "site", because the historian does not record user properties. Let a standalone historian with MQTT 5 record the messages.',
  ]);
});
