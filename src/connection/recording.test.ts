import { expect, test } from 'vitest';
import type { MqttOptions } from '../types';
import { recordingOf } from './recording';
import { connectionOptions } from './settings';

const PAGE = { protocol: 'http:', host: 'localhost', appSubUrl: '' };

function identityOf(jsonData: MqttOptions, viewer = '1 anna', url = 'ws://broker') {
  const settings = { type: 'mqtt', uid: 'u', url, access: 'direct', jsonData } as const;
  const { storage, ignoresUser } = recordingOf(settings, connectionOptions(settings, PAGE), viewer);
  return { owner: storage?.owner, ignoresUser };
}

const TOKEN: MqttOptions = { auth: 'token', tokenUrl: 'https://tokens.example/mqtt' };

test.each<[string, MqttOptions, MqttOptions]>([
  ['the user name of the settings', { username: 'a' }, { username: 'b' }],
  ['where credentials come from', { auth: 'viewer' }, TOKEN],
  ['the source of tokens', TOKEN, { ...TOKEN, tokenUrl: 'https://tokens.example/other' }],
  ['the client id', {}, { clientIdPrefix: 'other' }],
])('stored messages do not outlive a change of %s', (_, before, after) => {
  expect(identityOf(after).owner).not.toBe(identityOf(before).owner);
});

test('another Grafana user and another broker have no part in them', () => {
  expect(identityOf({}, '1 bert').owner).not.toBe(identityOf({}).owner);
  expect(identityOf({}, '1 anna', 'ws://other').owner).not.toBe(identityOf({}).owner);
});

test('a password, limits and the user name that a token brings do not matter', () => {
  const shared = { username: 'a', password: 'x' };
  expect(identityOf({ ...shared, password: 'y', memory: 10 })).toEqual(identityOf(shared));
  expect(identityOf({ ...TOKEN, username: 'fallback' })).toEqual(identityOf(TOKEN));
  expect(identityOf(TOKEN).ignoresUser).toBe(true);
});

test('a user name that the viewer enters matters, and is compared by the engine', () => {
  expect(identityOf({ auth: 'viewer' }).ignoresUser).toBeUndefined();
});
