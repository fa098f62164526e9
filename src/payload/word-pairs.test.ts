import { describe, expect, test } from 'vitest';
import { pairOf, tonesOf } from './word-pairs';

describe('pairOf', () => {
  test.each<[words: string[], yes: string, no: string]>([
    [['ON', 'OFF'], 'ON', 'OFF'],
    [['OFF', 'ON'], 'ON', 'OFF'],
    [['off', 'On'], 'On', 'off'],
    [['true', 'false'], 'true', 'false'],
    [['No', 'Yes'], 'Yes', 'No'],
    [['closed', 'open'], 'open', 'closed'],
    [['closed', 'opened'], 'opened', 'closed'],
    [['Online', 'Offline'], 'Online', 'Offline'],
    [['disconnected', 'connected'], 'connected', 'disconnected'],
    [['inactive', 'active'], 'active', 'inactive'],
    [['Enabled', 'Disabled'], 'Enabled', 'Disabled'],
    [['not_home', 'home'], 'home', 'not_home'],
    [['clear', 'detected'], 'detected', 'clear'],
    [['UNLOCKED', 'LOCKED'], 'LOCKED', 'UNLOCKED'],
    [['up', 'down'], 'up', 'down'],
    [['LOW', 'HIGH'], 'HIGH', 'LOW'],
    [['ok', 'ALARM'], 'ALARM', 'ok'],
    [['stopped', 'running'], 'running', 'stopped'],
    [['free', 'occupied'], 'occupied', 'free'],
    [['dry', 'wet'], 'wet', 'dry'],
    // One alone, where it says what the other is; in its capitals.
    [['OFF'], 'ON', 'OFF'],
    [['Online'], 'Online', 'Offline'],
    [['closed'], 'open', 'closed'],
    [['opened'], 'opened', 'closed'],
    // Spaces at an end, and a word in two spellings, of which the last is the newest.
    [[' on', 'off\n'], 'on', 'off'],
    [['on', 'ON', 'off'], 'ON', 'off'],
  ])('%j', (words, yes, no) => {
    expect(pairOf(words)).toEqual({ true: yes, false: no });
  });

  test.each([
    [[]],
    [['']],
    [['on', 'off', 'unavailable']],
    [['on', 'closed']],
    [['idle', 'running']],
    [['home']],
    [['ok']],
    [['low']],
    [['running']],
    [['constructor', '__proto__']],
    [['1', '0']],
  ])('%j is none', (words) => {
    expect(pairOf(words)).toBeUndefined();
  });
});

describe('tonesOf', () => {
  test.each([
    ['ON', 'OFF', 'good', 'plain'],
    ['online', 'Offline', 'good', 'bad'],
    ['ALARM', 'OK', 'bad', 'good'],
    ['closed', 'open', 'plain', 'good'],
    ['offline', 'online', 'bad', 'good'],
    ['an', 'aus', 'good', 'plain'],
  ])('%s and %s', (yes, no, ifTrue, ifFalse) => {
    expect(tonesOf({ true: yes, false: no })).toEqual({ true: ifTrue, false: ifFalse });
  });
});
