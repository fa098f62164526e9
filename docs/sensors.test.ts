/** Every message in docs/sensors.md goes through the broker, and the query beside it finds it and its fields. */
import { readFileSync } from 'node:fs';
import mqtt from 'mqtt';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../broker/fixture';
import { SENSOR_SETS } from '../broker/sensors';
import { createDecoder, parsePath } from '../src/payload';
import { compilePath } from '../src/payload/paths';
import { parsePatterns } from '../src/topics';

const page = readFileSync(new URL('./sensors.md', import.meta.url), 'utf8');
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ title: section.split('\n', 1)[0], section }))
  .filter(({ section }) => section.includes('| In the query'));

/** The end of the topic in a line: the last space before the payload. */
function message(section: string): { topic: string; payload: string } {
  const [, line] = /```text\n(.+)\n```/.exec(section) ?? [];
  const at = line.includes(' {') ? line.indexOf(' {') : line.lastIndexOf(' ');
  return { topic: line.slice(0, at), payload: line.slice(at + 1) };
}

describe.each(sections)('$title', ({ section }) => {
  const { topic, payload } = message(section);
  const [, filter] = /\| Topic +\| `([^`]+)` +\|/.exec(section) ?? [];
  const [, fields] = /\| Fields +\| (.+?) +\|/.exec(section) ?? [];

  test('the filter finds the topic, and the payload has the fields', () => {
    expect(parsePatterns(filter)[0].labels(topic)).toBeDefined();
    if (fields === 'the payload itself') {
      expect(createDecoder('auto')(new TextEncoder().encode(payload), topic)).toEqual(expect.any(Number));
      return;
    }
    const value = createDecoder('auto')(new TextEncoder().encode(payload), topic);
    for (const [, path] of fields.matchAll(/`([^`]+)`/g)) {
      expect(compilePath(parsePath(path))(value), path).toEqual(expect.any(Number));
    }
  });

  test('the broker takes it, from a client such as the device has', async () => {
    await using broker = await startBroker();
    const subscriber = await mqtt.connectAsync(broker.ws!.url);
    const arrived = new Promise<string>((resolve) => {
      subscriber.on('message', (_topic, bytes) => resolve(bytes.toString()));
    });
    await subscriber.subscribeAsync(parsePatterns(filter)[0].filter);
    const device = await mqtt.connectAsync(broker.tcp!.url);
    await device.publishAsync(topic, payload);
    expect(await arrived).toBe(payload);
    await Promise.all([device.endAsync(), subscriber.endAsync()]);
  });
});

test('there is one for each of the devices that were promised', () => {
  expect(sections.map(({ title }) => title)).toEqual([
    'A shell script',
    'ESP32 with Arduino',
    'ESP32 with ESPHome',
    'Tasmota',
    'zigbee2mqtt',
    'Shelly',
    'Node-RED',
    'Home Assistant',
    'Telegraf',
  ]);
});

test('every set of demo sensors is named', () => {
  expect(page).toContain(`--sensors ${SENSOR_SETS.join(',')}`);
});
