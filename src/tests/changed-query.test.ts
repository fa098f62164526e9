/** Notices of panels whose query is changed after the tab has evicted messages that they had rows of. */
import type { DataQueryResponse } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../../broker/fixture';
import type { Recording } from '../connection/recording';
import { recordedBrokers } from '../testing/recorded-broker';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';
import type { MqttQuery } from '../types';

const LOST =
  /^Messages before \d\d:\d\d:\d\d are no longer stored in this tab, so their rows are not read again with the changed query\. Raise "Message memory" in the settings of the data source\.$/;

/** Enough for some 40 of the messages. */
const FEW: Recording = { bytes: 1_000, ageMs: 3_600_000 };
const COUNT = 200;

const lostIn = ({ data }: DataQueryResponse): unknown[] =>
  data.flatMap(({ meta }) => meta?.notices ?? []).filter(({ text }) => LOST.test(text));

/** A panel, over a connection that outlives its requests. */
async function openPanel(broker: TestBroker, recording: Recording | undefined) {
  const pool = testPool();
  const deps = testDeps({ url: broker.ws!.url, pool, lingerMs: 10_000, recording });
  let panelId = 1;
  const open = (query: Partial<MqttQuery>, over = {}) =>
    responsesOf(request([{ topic: 't', ...query }], { panelId, ...over }), deps);
  return {
    open,
    another: () => panelId++,
    /** The rows of a panel whose query has all messages. */
    async publish(from = 0, count = COUNT): Promise<void> {
      for (let n = from; n < from + count; n++) {
        await broker.publish({ topic: 't', payload: String(n) });
      }
    },
    subscribed: () => subscribed(broker, 't'),
  };
}

const rowsOf = (response: DataQueryResponse): unknown[] => valuesOf(response, 'A');

describe('a change of the query', () => {
  test('says from when on messages are stored, if rows of before are lost, for as long as they would be shown', async () => {
    await using broker = await startBroker();
    const panel = await openPanel(broker, FEW);
    {
      using first = panel.open({});
      await panel.subscribed();
      await panel.publish();
      const before = await first.until((response) => rowsOf(response).length === COUNT);
      expect(lostIn(before)).toEqual([]);
    }
    {
      using changed = panel.open({ format: 'text' });
      // The response with the last row may come before the tab has been read to its end.
      const response = await changed.until(
        (each) => rowsOf(each).at(-1) === String(COUNT - 1) && lostIn(each).length > 0
      );
      expect(rowsOf(response).length).toBeLessThan(COUNT / 2);
      expect(lostIn(response)).toMatchObject([{ severity: 'warning' }]);
    }
    {
      // A refresh is no change.
      using refreshed = panel.open({ format: 'text' });
      expect(lostIn(await refreshed.until((each) => lostIn(each).length > 0))).toHaveLength(1);
    }
    {
      // Nor does a further change bring them back, although it loses nothing more.
      using further = panel.open({ format: 'hex' });
      expect(lostIn(await further.until((each) => lostIn(each).length > 0))).toHaveLength(1);
    }
    {
      // The rows are still there for the query that had them.
      using back = panel.open({});
      expect(lostIn(await back.until((each) => rowsOf(each).length === COUNT))).toEqual([]);
    }
  });

  test('says nothing in a panel that is new, nor where all is stored', async () => {
    await using broker = await startBroker();
    const panel = await openPanel(broker, FEW);
    using first = panel.open({});
    await panel.subscribed();
    await panel.publish(0, 20);
    await first.until((response) => rowsOf(response).length === 20);
    first.unsubscribe();
    {
      using changed = panel.open({ format: 'text' });
      expect(lostIn(await changed.until((each) => rowsOf(each).length === 20))).toEqual([]);
      await panel.publish(20);
      await changed.until((each) => rowsOf(each).at(-1) === String(COUNT + 19));
    }
    panel.another();
    using fresh = panel.open({ format: 'hex' });
    const response = await fresh.until((each) => rowsOf(each).length > 0);
    expect(rowsOf(response).length).toBeLessThan(COUNT);
    expect(lostIn(response)).toEqual([]);
  });

  test('says so where no messages are stored at all', async () => {
    await using broker = await startBroker();
    const panel = await openPanel(broker, { bytes: 0, ageMs: 3_600_000 });
    {
      using first = panel.open({});
      await panel.subscribed();
      await panel.publish(0, 20);
      await first.until((response) => rowsOf(response).length === 20);
    }
    using changed = panel.open({ format: 'text' });
    expect(lostIn(await changed.until((each) => lostIn(each).length > 0))).toHaveLength(1);
  });

  test('says so where the historian does not have them either', async () => {
    await using broker = await startBroker({ history: { filters: ['other'] } });
    const panel = await openPanel(broker, { ...FEW, historian: 'history' });
    {
      using first = panel.open({});
      await panel.subscribed();
      await panel.publish();
      await first.until((response) => rowsOf(response).length === COUNT);
    }
    using changed = panel.open({ format: 'text' });
    expect(lostIn(await changed.until((each) => lostIn(each).length > 0))).toHaveLength(1);
  });
});

const BROKERS = recordedBrokers({ aheadMs: 0, isOnDisk: false });
const HISTORIAN: Recording = { ...FEW, historian: 'history' };

function openAt(url: string) {
  const deps = testDeps({ url, pool: testPool(), lingerMs: 10_000, recording: HISTORIAN });
  return (query: Partial<MqttQuery>, over = {}) =>
    responsesOf(request([{ topic: 't', ...query }], { panelId: 1, ...over }), deps);
}

describe.each(BROKERS)('a change of the query with the historian of %s', (_, start) => {
  test('brings back the rows whose messages are no longer stored, once each, and says nothing', async () => {
    await using broker = await start();
    const all = Array.from({ length: COUNT }, (_value, n) => String(n));
    const open = openAt(broker.wsUrl);
    await broker.publisher.publishAsync('t', all[0], { qos: 1 });
    using other = open({ qos: 1 }, { panelId: 2 });
    {
      using first = open({});
      // From the historian, so that its response has come
      await Promise.all([first, other].map((panel) => panel.until((response) => rowsOf(response).length === 1)));
      for (const payload of all.slice(1)) {
        await broker.publisher.publishAsync('t', payload, { qos: 1 });
      }
      await first.until((response) => rowsOf(response).length === COUNT);
    }
    {
      using changed = open({ format: 'text' });
      const response = await changed.until((each) => rowsOf(each).length >= COUNT);
      expect(rowsOf(response)).toEqual(all);
      await broker.publisher.publishAsync('t', 'last', { qos: 1 });
      const last = await changed.until((each) => rowsOf(each).at(-1) === 'last');
      expect(rowsOf(last)).toEqual([...all, 'last']);
      expect(changed.all.flatMap(lostIn)).toEqual([]);
    }
    // The panel that was not changed has each once, too
    const others = await other.until((each) => rowsOf(each).length > COUNT);
    expect(rowsOf(others)).toHaveLength(COUNT + 1);
  });
});
