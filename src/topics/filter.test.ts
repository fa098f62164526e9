import { describe, expect, test } from 'vitest';
import { checkFilter, shareless, TopicError } from './filter';

describe('checkFilter allows', () => {
  test.each([
    ['one level', 'sport'],
    ['levels', 'sport/tennis/player1'],
    ['"#" alone', '#'],
    ['"#" as the last level', 'sport/tennis/#'],
    ['"+" alone', '+'],
    ['"+" as any level', '+/tennis/+'],
    ['"+" and "#"', '+/tennis/#'],
    ['a leading "/"', '/finance'],
    ['a trailing "/"', 'finance/'],
    ['"/" alone, two empty levels', '/'],
    ['empty levels between', 'a//b///c'],
    ['"+" next to empty levels', '/+'],
    ['spaces [4.7.3]', 'Accounts payable'],
    ['topics of the broker', '$SYS/broker/#'],
    ['other scripts and emoji', 'küche/温度/🌡'],
    ['braces, quotes, backslashes', 'a{b}/"c"/\\d'],
    ['a "$" that is not at the beginning', 'a/$b'],
    ['a shared subscription', '$share/group/home/+/temperature'],
    ['a shared subscription to all', '$share/group/#'],
    ['a shared subscription to empty levels', '$share/group//'],
    ['what only begins like a shared subscription', '$shared/#'],
    ['"$share" as a topic', '$share'],
    ['65,535 bytes', 'a'.repeat(65_535)],
    ['65,535 bytes in 21,845 characters of three bytes', '度'.repeat(21_845)],
    ['65,534 bytes in characters of four bytes', `${'🌡'.repeat(16_383)}aa`],
  ])('%s', (_, filter) => {
    expect(() => checkFilter(filter)).not.toThrow();
  });
});

describe('checkFilter refuses', () => {
  test.each([
    ['nothing [MQTT-4.7.3-1]', '', /is empty/],
    ['"#" before the end [MQTT-4.7.1-2]', 'a/#/b', /Use "a\/#"/],
    ['"#" before an empty level', 'a/#/', /MQTT-4\.7\.1-2/],
    ['"#" first of two', '#/a', /Use "#"/],
    ['"#" behind text [MQTT-4.7.1-2]', 'sport/tennis#', /"#" must be a whole level, so "tennis#"/],
    ['"#" before text', 'sport/#tennis', /MQTT-4\.7\.1-2/],
    ['"##"', 'sport/##', /must be a whole level/],
    ['"+" behind text [MQTT-4.7.1-3]', 'a+/b', /"\+" must be a whole level, so "a\+".*MQTT-4\.7\.1-3/],
    ['"+" before text', 'a/+b', /MQTT-4\.7\.1-3/],
    ['"++"', '++', /must be a whole level/],
    ['"+#"', 'a/+#', /must be a whole level/],
    ['NUL [MQTT-4.7.3-2]', 'a/\0/b', /NUL/],
    ['a high surrogate alone [MQTT-1.5.3-1]', 'a/\uD83C', /surrogate/],
    ['a low surrogate alone', '\uDF21/a', /surrogate/],
    ['surrogates in the wrong order', '\uDF21\uD83C', /surrogate/],
    ['65,536 bytes [MQTT-4.7.3-3]', 'a'.repeat(65_536), /65,536 bytes/],
    ['65,536 bytes in 16,384 characters of four bytes', '🌡'.repeat(16_384), /65,536 bytes/],
    ['a shared subscription without a filter', '$share/group', /\$share\/<group>\/<filter>/],
    ['a shared subscription to nothing', '$share/group/', /\$share/],
    ['a shared subscription without a group [MQTT-4.8.2-1]', '$share//a', /\$share/],
    ['nothing but the prefix', '$share/', /\$share/],
    ['"+" as a group [MQTT-4.8.2-2]', '$share/+/a', /\$share/],
    ['"#" in a group', '$share/g#/a', /\$share/],
    ['a wrong filter behind a right prefix', '$share/group/a+', /must be a whole level/],
    ['"#" before the end, behind a prefix', '$share/group/#/a', /Use "#"/],
  ])('%s', (_, filter, message) => {
    expect(() => checkFilter(filter)).toThrow(TopicError);
    expect(() => checkFilter(filter)).toThrow(message);
  });
});

test.each([
  ['home/#', 'home/#'],
  ['$share/group/home/#', 'home/#'],
  ['$share/group//', '/'],
  ['$share/group/$SYS/#', '$SYS/#'],
  ['$shared/a', '$shared/a'],
])('shareless(%j) is %j', (filter, expected) => {
  expect(shareless(filter)).toBe(expected);
});
