import { describe, expect, test } from 'vitest';
import { cpuMsOf } from '../testing/baseline';
import { levelDistance } from './level-distance';
import { nearestTopics, rootFor } from './nearest';

const HOME = [
  'home/kitchen/temperature',
  'home/kitchen/humidity',
  'home/bath/temperature',
  'home/living-room/temperature',
  'home/sensors/door',
  'factory/line1/motor/speed',
  '/leading/slash',
  'trailing/slash/',
  'Plant/Hall A/t',
];

describe('nearestTopics', () => {
  test.each<[why: string, filter: string, nearest: string[]]>([
    ['capitals', 'Home/Kitchen/Temperature', ['home/kitchen/temperature']],
    ['capitals of the topic', 'plant/hall a/t', ['Plant/Hall A/t']],
    ['a slash in front', '/home/kitchen/humidity', ['home/kitchen/humidity']],
    ['a slash in front that is missing', 'leading/slash', ['/leading/slash']],
    ['a slash behind', 'home/sensors/door/', ['home/sensors/door']],
    ['a slash behind that is missing', 'trailing/slash', ['trailing/slash/']],
    ['a letter too few', 'home/kichen/humidity', ['home/kitchen/humidity']],
    ['a letter too many', 'home/kittchen/humidity', ['home/kitchen/humidity']],
    ['another letter', 'home/kitchem/humidity', ['home/kitchen/humidity']],
    ['letters in each other’s place', 'home/kithcen/humidity', ['home/kitchen/humidity']],
    ['singular for plural', 'home/sensor/door', ['home/sensors/door']],
    ['plural for singular', 'homes/kitchen/humidity', ['home/kitchen/humidity']],
    ['another way to join words', 'home/living_room/temperature', ['home/living-room/temperature']],
    ['a level too many', 'site/home/kitchen/humidity', ['home/kitchen/humidity']],
    ['a level too many in the middle', 'factory/line1/press/motor/speed', ['factory/line1/motor/speed']],
    ['a level too few', 'factory/motor/speed', ['factory/line1/motor/speed']],
    ['two things at once', '/Home/kitchen/humidty', ['home/kitchen/humidity']],
    ['a wildcard stays one', 'Home/+/temperature', ['home/+/temperature']],
    ['a wildcard at the end stays one', 'Home/#', ['home/#']],
    ['both', '/home/+/#', ['home/+/#']],
    ['a level too many before a wildcard', 'site/factory/line1/#', ['factory/line1/#']],
    ['a level too few before a wildcard', 'kitchen/#', ['home/kitchen/#']],
    ['a shared subscription', '$share/dashboards/Home/sensors/door', ['home/sensors/door']],
    [
      'a level that does not exist: what there is in its place',
      'home/kitchen/pressure',
      ['home/kitchen/humidity', 'home/kitchen/temperature'],
    ],
    [
      'levels that do not exist: what there is below the first ones',
      'factory/line1/x/y/z',
      ['factory/line1/motor/speed'],
    ],
    ['the beginning of topics', 'factory', ['factory/line1/motor/speed']],
    [
      'a level that does not exist before a wildcard',
      'home/garage/#',
      ['home/bath/temperature', 'home/kitchen/humidity', 'home/kitchen/temperature'],
    ],
    ['nothing like it', 'zigbee2mqtt/lamp', []],
    ['nothing but wildcards in common', '+/nowhere/at/all', []],
    ['a filter that matches after all', 'home/+/humidity', []],
    ['everything', '#', []],
  ])('%s: %s', (_, filter, nearest) => {
    expect(nearestTopics(filter, HOME)).toEqual(nearest);
  });

  test('are the nearest first, and no more than asked for', () => {
    const topics = ['a/temps', 'a/Temp', 'a/tempo', 'b/temp/c', 'a/tamp'];
    expect(nearestTopics('a/temp', topics)).toEqual(['a/Temp', 'a/temps', 'a/tamp']);
    expect(nearestTopics('a/temp', topics, 1)).toEqual(['a/Temp']);
  });

  test('with nothing to choose from are none', () => {
    expect(nearestTopics('a/b', [])).toEqual([]);
  });

  test('below $SYS', () => {
    const topics = ['$SYS/broker/uptime', '$SYS/broker/clients/total'];
    expect(nearestTopics('$sys/broker/uptime', topics)).toEqual(['$SYS/broker/uptime']);
    expect(nearestTopics('$SYS/broker/uptimes', topics)).toEqual(['$SYS/broker/uptime']);
  });

  test('are found among thousands of topics at once, however odd', () => {
    const topics = Array.from({ length: 2_000 }, (_, i) => `site/${i % 40}/device${i}/state`);
    topics.push('x'.repeat(60_000), '/'.repeat(60_000), '');
    const cpuMs = cpuMsOf(() => {
      expect(nearestTopics('Site/7/device47/state', topics)).toEqual(['site/7/device47/state']);
      expect(nearestTopics(`site/7/${'y'.repeat(60_000)}/state`, topics)).toHaveLength(3);
    });
    expect(cpuMs).toBeLessThan(1_000);
  });
});

test.each([
  ['home/t', '#', '#'],
  ['home/t', 'home/#', 'home/#'],
  ['$share/g/home/t', '#', '#'],
  ['$SYS/broker/uptime', '#', '$SYS/#'],
  ['$sys/broker/uptime', 'home/#', '$SYS/#'],
  ['$aws/things', '#', undefined],
  ['+/#', '#', undefined],
])('topics near %s are looked for below %s in %s', (filter, root, below) => {
  expect(rootFor(filter, root)).toBe(below);
});

test('a point is near a slash, as which RabbitMQ delivers it', () => {
  expect(nearestTopics('room.1/temp', ['room/1/temp', 'garden/1/temp'])).toEqual(['room/1/temp']);
  expect(nearestTopics('room.1.temp', ['room/2/temp', 'room/1/Temp', 'room/1/temp'])[0]).toBe('room/1/temp');
  expect(nearestTopics('room.1/+', ['room/1/temp', 'room/1/hum'])).toEqual(['room/1/+']);
  expect(nearestTopics('room.1/temp', ['room.1/temp', 'room/1/temp'])).toEqual([]);
});

describe('levelDistance', () => {
  test.each([
    ['kitchen', 'kitchen', 0],
    ['+', 'whatever', 0],
    ['Kitchen', 'kitchen', 1],
    ['livingRoom', 'living_room', 2],
    ['battery', 'batteries', 2],
    ['box', 'boxes', 2],
    ['t', 'ts', 2],
    ['temp', 'tepm', 3],
    ['abc', 'abd', 3],
    ['ab', 'ac', Infinity],
    ['kitchen', 'bathroom', Infinity],
    ['temp', 'temperature', Infinity],
    ['', 'a', Infinity],
  ])('%j to %j is %s', (wanted, given, distance) => {
    expect(levelDistance(wanted, given)).toBe(distance);
  });
});
