import { PbfReader } from 'pbf';
import { describe, expect, test, vi } from 'vitest';
import { SENSOR_SETS, startSensors, type SensorMessage, type SensorSet, type SensorsOptions } from '.';
import { recordSensors, simulateTime, START, type RecordedMessage } from '../testing/sensors';
import { houseLoad, solarPower } from './energy';
import type { soil } from './lorawan';
import { DAY, HOUR, MINUTE, SECOND } from './signals';
import { encodePayload } from './sparkplug-payload';
import { windSpeed } from './weather';

simulateTime();

/** The messages of a set within some milliseconds from {@link START} on. */
function listen(lasts: number, set: SensorSet, options: SensorsOptions = {}): RecordedMessage[] {
  vi.setSystemTime(START);
  return recordSensors(lasts, { sets: [set], ...options });
}

const on = (messages: RecordedMessage[], topic: string): RecordedMessage[] =>
  messages.filter((message) => message.topic === topic);
const json = ({ payload }: SensorMessage): Record<string, unknown> =>
  JSON.parse(String(payload)) as Record<string, unknown>;

describe.each(SENSOR_SETS.map((set) => ({ set })))('$set', ({ set }) => {
  test('the same seed and clock give the same messages, another seed gives others', () => {
    const first = listen(MINUTE, set, { seed: 5 });
    expect(listen(MINUTE, set, { seed: 5 })).toEqual(first);
    expect(listen(MINUTE, set, { seed: 6 })).not.toEqual(first);
    expect(first.length).toBeGreaterThan(10);
  });

  test('publishes on its listed topics only', () => {
    const { topics, stop } = startSensors(() => {}, { sets: [set] });
    stop();
    // Everything that may be offline is, once in this hour.
    const messages = new Set(listen(HOUR, set, { faultRate: 10 }).map(({ topic }) => topic));
    expect([...messages].toSorted()).toEqual(topics.toSorted());
  });

  test('without faults, no message is duplicated and no device is offline', () => {
    const messages = listen(20 * MINUTE, set, { faultRate: 0 });
    expect(messages.filter(({ payload }) => /^(Offline|false|\{"state":"offline"\})$/.test(String(payload)))).toEqual(
      []
    );
    expect(messages.filter(({ topic }) => topic.includes('NDEATH'))).toEqual([]);
  });
});

describe('rates', () => {
  test('from one a minute', () => {
    const messages = on(listen(10 * MINUTE, 'weather', { rate: 2 / 60, faultRate: 0 }), 'weather/loop');
    expect(messages.length).toBeGreaterThanOrEqual(10);
    expect(messages.length).toBeLessThanOrEqual(11);
  });

  test('to thousands a second', () => {
    const messages = listen(SECOND, 'factory', { rate: 1_000 });
    expect(on(messages, 'factory/line1/motor/vibration').length).toBeGreaterThan(9_900);
    // Not all of one moment
    expect(new Set(on(messages, 'factory/line1/motor/vibration').map(({ payload }) => payload)).size).toBeGreaterThan(
      500
    );
  });

  test('bounds', () => {
    expect(() => startSensors(() => {}, { rate: 1_001 })).toThrow('Expected rate to be 0.001 to 1000, got 1001');
    expect(() => startSensors(() => {}, { faultRate: -1 })).toThrow('Expected faultRate to be 0 to 10, got -1');
  });
});

describe('faults', () => {
  test('messages are lost, late, out of order and duplicated', () => {
    const times = on(listen(3 * HOUR, 'weather'), 'weather/loop').map((message) => Number(json(message)['dateTime']));
    const steps = times.slice(1).map((time, n) => time - times[n]);
    expect(steps.filter((step) => step < 0).length).toBeGreaterThan(5);
    expect(steps.filter((step) => step === 0).length).toBeGreaterThan(5);
    expect(steps.filter((step) => step > 2 && step < MINUTE / SECOND).length).toBeGreaterThan(5);
    // Most of them are as they should be
    expect(steps.filter((step) => step === 2).length / steps.length).toBeGreaterThan(0.9);
  });

  test('bursts', () => {
    const messages = on(listen(3 * HOUR, 'energy'), 'shellypro3em-c8f09e8a1b2c/events/rpc');
    const perMoment = new Map<number, number>();
    for (const { at } of messages) {
      perMoment.set(at, (perMoment.get(at) ?? 0) + 1);
    }
    expect(Math.max(...perMoment.values())).toBe(12);
  });

  test('null, and nan that is not JSON', () => {
    const cellar = on(listen(3 * HOUR, 'tasmota'), 'tele/cellar/SENSOR').map(({ payload }) => String(payload));
    expect(cellar.filter((text) => text.includes('"Temperature":null')).length).toBeGreaterThan(10);
    const broken = cellar.filter((text) => text.includes('"Humidity":nan'));
    expect(broken.length).toBeGreaterThan(10);
    expect(() => JSON.parse(broken[0]) as unknown).toThrow(SyntaxError);
    const climate = on(listen(20 * MINUTE, 'zigbee'), 'zigbee2mqtt/Office climate').map(json);
    expect(climate.some(({ humidity }) => humidity === null)).toBe(true);
  });

  test('an offline device publishes nothing, and its will is retained', () => {
    const messages = listen(2 * HOUR, 'tasmota', { faultRate: 10 });
    const wills = on(messages, 'tele/heater/LWT');
    expect(wills.map(({ payload }) => payload).slice(0, 3)).toEqual(['Online', 'Offline', 'Online']);
    expect(wills.every(({ retain }) => retain)).toBe(true);
    const [, from, to] = wills;
    expect(to.at - from.at).toBeGreaterThanOrEqual(2 * MINUTE);
    const between = messages.filter(({ at, topic }) => at > from.at && at < to.at && topic.includes('/heater/'));
    expect(between).toEqual([]);
  });
});

describe('energy', () => {
  test('the sun rises and sets, and the meter runs backwards at noon', () => {
    const midnight = Math.floor(START / DAY) * DAY;
    expect(solarPower(1, midnight + 2 * HOUR)).toBe(0);
    expect(solarPower(1, midnight + 13 * HOUR)).toBeGreaterThan(1_500);
    expect(houseLoad(1, midnight + 19 * HOUR)).toBeGreaterThan(700);
    const powers = on(listen(5 * MINUTE, 'energy'), 'meter/grid').map((message) => Number(json(message)['power']));
    expect(Math.min(...powers)).toBeLessThan(0);
  });

  test('Shelly: fractions of seconds, a component by its name, and only what changed', () => {
    const messages = listen(2 * MINUTE, 'energy', { faultRate: 0 });
    const meter = json(on(messages, 'shellypro3em-c8f09e8a1b2c/events/rpc')[0]);
    expect(meter).toMatchObject({ method: 'NotifyStatus', params: { ts: START / 1_000, 'em:0': { id: 0 } } });
    const plugs = on(messages, 'shellyplus1pm-d48afc1122aa/events/rpc').map(
      (message) => (json(message)['params'] as Record<string, object>)['switch:0']
    );
    expect(plugs.filter((status) => 'aenergy' in status)).toHaveLength(3);
    expect(plugs.filter((status) => !('aenergy' in status)).length).toBeGreaterThan(8);
  });
});

describe('weather', () => {
  test('weewx: numbers as text, and no direction when it is calm', () => {
    const loops = on(listen(DAY, 'weather', { rate: 0.1 }), 'weather/loop').map(json);
    expect(loops.every(({ outTemp_C }) => /^-?\d+\.\d\d$/.test(String(outTemp_C)))).toBe(true);
    const calm = loops.filter(({ windDir }) => windDir === null);
    expect(calm.length).toBeGreaterThan(0);
    expect(calm.every(({ windSpeed_kph }) => Number(windSpeed_kph) <= 1)).toBe(true);
    expect(windSpeed(1, START)).toBeGreaterThanOrEqual(0);
  });

  test('rtl_433: many devices on one topic, at times the same message twice', () => {
    const messages = on(listen(10 * MINUTE, 'weather'), 'rtl_433/receiver/events');
    expect(new Set(messages.map((message) => json(message)['model'])).size).toBe(3);
    const texts = messages.map(({ payload }) => payload);
    expect(texts.length - new Set(texts).size).toBeGreaterThan(5);
    expect(json(messages[0])['time']).toBe('2026-11-23 14:00:00');
  });
});

describe('lorawan', () => {
  test('The Things Stack: the bytes equal the decoded payload', () => {
    const [message] = on(listen(0, 'lorawan'), 'v3/greenhouse@ttn/devices/soil-north/up');
    const uplink = json(message)['uplink_message'] as { frm_payload: string; decoded_payload: ReturnType<typeof soil> };
    const bytes = Buffer.from(uplink.frm_payload, 'base64');
    expect(bytes.readInt16BE() / 100).toBe(uplink.decoded_payload.temperature);
    expect(bytes.readUInt16BE(3)).toBe(uplink.decoded_payload.battery);
    expect(json(message)['received_at']).toMatch(/^2026-11-23T14:00:00\.000\d{6}Z$/);
  });

  test('ChirpStack: bytes only, counted', () => {
    const messages = listen(MINUTE, 'lorawan', { faultRate: 0 }).filter(({ topic }) =>
      topic.startsWith('application/')
    );
    const uplinks = messages.map(json);
    expect(uplinks.every((uplink) => !('object' in uplink))).toBe(true);
    expect(Buffer.from(String(uplinks[0]['data']), 'base64').readUInt16BE()).toBeGreaterThan(400);
    const counts = uplinks.map(({ fCnt }) => Number(fCnt));
    expect(counts.slice(1).map((count, n) => count - counts[n])).toEqual(counts.slice(1).map(() => 1));
  });
});

interface DecodedMetric {
  name?: string;
  alias?: number;
  timestamp?: number;
  datatype?: number;
  historical?: boolean;
  isNull?: boolean;
  value?: unknown;
}

interface Decoded {
  timestamp?: number;
  seq?: number;
  metrics: DecodedMetric[];
}

function decode(payload: string | Uint8Array): Decoded {
  const metric = (tag: number, into: DecodedMetric, from: PbfReader): void => {
    const fields: Record<number, () => void> = {
      1: () => (into.name = from.readString()),
      2: () => (into.alias = from.readVarint()),
      3: () => (into.timestamp = from.readVarint()),
      4: () => (into.datatype = from.readVarint()),
      5: () => (into.historical = from.readBoolean()),
      7: () => (into.isNull = from.readBoolean()),
      10: () => (into.value = from.readVarint() | 0),
      11: () => (into.value = from.readVarint(true)),
      12: () => (into.value = from.readFloat()),
      13: () => (into.value = from.readDouble()),
      14: () => (into.value = from.readBoolean()),
      15: () => (into.value = from.readString()),
    };
    fields[tag]();
  };
  return new PbfReader(Buffer.from(payload as Uint8Array)).readFields<Decoded>(
    (tag, into, from) => {
      if (tag === 2) {
        into.metrics.push(from.readMessage<DecodedMetric>(metric, {}));
      } else {
        into[tag === 1 ? 'timestamp' : 'seq'] = from.readVarint();
      }
    },
    { metrics: [] }
  );
}

test.each([-120, 480])('times in payloads are now, where the local time is %i minutes from UTC', (offset) => {
  vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(offset);
  const messages = (set: SensorSet): RecordedMessage[] => listen(0, set, { faultRate: 0 });
  const text = (set: SensorSet): string =>
    messages(set)
      .map(({ payload }) => String(payload))
      .join('\n');
  const withZone = [
    ...SENSOR_SETS.map(text)
      .join('\n')
      .matchAll(/"(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00))"/g),
  ];
  expect(withZone.length).toBeGreaterThan(5);
  expect(new Set(withZone.map(([, time]) => Date.parse(time)))).toEqual(new Set([START]));
  const local = [...text('tasmota').matchAll(/"Time":"([^"]+)"/g)].map(([, time]) => Date.parse(`${time}Z`));
  expect(new Set(local)).toEqual(new Set([START - offset * MINUTE]));
  const seconds = [...(text('energy') + text('weather')).matchAll(/"(?:ts|dateTime)":"?([\d.]+)/g)];
  expect(new Set(seconds.map(([, time]) => Number(time) * SECOND))).toEqual(new Set([START]));
  expect(new Set(messages('sparkplug').map(({ payload }) => decode(payload).timestamp))).toEqual(new Set([START]));
});

describe('sparkplug', () => {
  test('births with names, types and aliases; data by alias only; one sequence over all of them', () => {
    const messages = listen(3 * MINUTE, 'sparkplug', { faultRate: 0 });
    expect(messages.slice(0, 5).map(({ topic }) => topic)).toEqual([
      'spBv1.0/Plant/NBIRTH/Edge1',
      'spBv1.0/Plant/DBIRTH/Edge1/Press1',
      'spBv1.0/Plant/DBIRTH/Edge1/Press2',
      'spBv1.0/Plant/DDATA/Edge1/Press1',
      'spBv1.0/Plant/DDATA/Edge1/Press2',
    ]);
    const [node, device, other] = messages.map(({ payload }) => decode(payload));
    expect(node.metrics.map(({ name }) => name)).toEqual(['bdSeq', 'Node Control/Rebirth', 'Properties/Firmware']);
    expect(device.metrics.map(({ alias }) => alias)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // Aliases are unique in the node [tck-id-payloads-alias-uniqueness].
    expect(other.metrics.map(({ alias }) => alias)).toEqual([10, 11, 12, 13, 14, 15, 16, 17]);
    expect(device.metrics.every(({ name, datatype }) => name !== undefined && datatype !== undefined)).toBe(true);
    for (const { payload } of on(messages, 'spBv1.0/Plant/DDATA/Edge1/Press1')) {
      const { metrics } = decode(payload);
      expect(
        metrics.every(({ name, datatype, alias }) => name === undefined && datatype === undefined && alias! < 8)
      ).toBe(true);
    }
    let seq = -1;
    for (const { topic, payload } of messages) {
      seq = topic.includes('NBIRTH') ? 0 : (seq + 1) % 256;
      expect(decode(payload).seq).toBe(seq);
    }
    expect(on(messages, 'spBv1.0/Plant/NBIRTH/Edge1').length).toBeGreaterThan(1);
  });

  test('publishes its births again on a rebirth request, and continues from there; other commands have no effect', () => {
    const rebirth = (value: boolean, name = 'Node Control/Rebirth'): Uint8Array =>
      encodePayload([{ name, type: 'Boolean', value }], { timestamp: START, withTypes: true });
    const messages: RecordedMessage[] = [];
    const sensors = startSensors((message) => void messages.push({ ...message, at: Date.now() - START }), {
      sets: ['sparkplug'],
      faultRate: 0,
    });
    const births = (): RecordedMessage[] => on(messages, 'spBv1.0/Plant/NBIRTH/Edge1');
    const tell = (payload: Uint8Array, topic = 'spBv1.0/Plant/NCMD/Edge1'): void => {
      sensors.onCommand({ topic, payload });
      vi.advanceTimersByTime(3 * SECOND);
    };
    expect(sensors.commands).toEqual(['spBv1.0/Plant/NCMD/Edge1']);
    tell(rebirth(false));
    tell(rebirth(true, 'Node Control/Reboot'));
    tell(rebirth(true), 'spBv1.0/Plant/NCMD/Edge2');
    tell(Buffer.from('true'));
    tell(new Uint8Array([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]));
    expect(births()).toHaveLength(1);
    tell(rebirth(true));
    sensors.stop();
    expect(births()).toHaveLength(2);
    const again = messages.indexOf(births()[1]);
    expect(births()[1].at).toBe(16 * SECOND);
    expect(messages[again + 1].topic).toBe('spBv1.0/Plant/DBIRTH/Edge1/Press1');
    expect(messages.slice(again).map(({ payload }) => decode(payload).seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    // The same session: its number is that of the will [tck-id-payloads-nbirth-bdseq-repeat].
    const [first, second] = births().map(({ payload }) => decode(payload).metrics[0].value);
    expect(second).toBe(first);
  });

  test('a lost node publishes a death with the number of its birth, nothing, and new births', () => {
    const messages = listen(70 * MINUTE, 'sparkplug', { faultRate: 10 });
    const death = messages.findIndex(({ topic }) => topic.includes('NDEATH'));
    expect(death).toBeGreaterThan(0);
    const birth = messages.slice(0, death).findLast(({ topic }) => topic.includes('NBIRTH'))!;
    const { metrics, seq } = decode(messages[death].payload);
    expect(seq).toBeUndefined();
    expect(metrics[0]).toMatchObject({ name: 'bdSeq', value: decode(birth.payload).metrics[0].value });
    expect(messages[death + 1].topic).toBe('spBv1.0/Plant/NBIRTH/Edge1');
    expect(messages[death + 1].at - messages[death].at).toBeGreaterThanOrEqual(2 * MINUTE);
  });

  test('nulls, historical readings, and negative numbers of both sizes', () => {
    const metrics = on(listen(20 * MINUTE, 'sparkplug'), 'spBv1.0/Plant/DDATA/Edge1/Press1').flatMap(
      ({ payload }) => decode(payload).metrics
    );
    expect(metrics.some(({ isNull, value }) => isNull === true && value === undefined)).toBe(true);
    expect(metrics.some(({ historical }) => historical === true)).toBe(true);
    const bytes = encodePayload(
      [
        { alias: 1, type: 'Int32', value: -5 },
        { alias: 2, type: 'Int64', value: -5n },
        { alias: 3, type: 'UInt64', value: 2n ** 53n },
      ],
      { timestamp: START, withTypes: false }
    );
    expect(decode(bytes)).toEqual({
      timestamp: START,
      metrics: [
        { alias: 1, value: -5 },
        { alias: 2, value: -5 },
        { alias: 3, value: 2 ** 53 },
      ],
    });
  });
});
