import { CircularDataFrame, type DataQueryResponse, FieldType, LoadingState } from '@grafana/data';
import type { MqttClient } from 'mqtt';
import { Observable, type Subscriber } from 'rxjs';
import { ALL_TOPICS, TOPICS } from '../messages';
import type { Client } from './client';
import { Meter } from './meter';
import type { Stamped } from './ours';

interface MqttJs {
  default: { connect(url: string, options: object): MqttClient };
}

/** The bundle of mqtt.js for browsers, in the page, with its defaults; counts messages. */
export async function openStock(url: string): Promise<Client> {
  const meter = new Meter();
  const client = await connect(url);
  client.on('message', () => meter.count(1));
  await client.subscribeAsync(ALL_TOPICS);
  return { meter, lost: () => 0, packets: () => 0 };
}

/**
 * A data source after Grafana's streaming tutorial: it parses the JSON of each message, adds a row to a
 * `CircularDataFrame`, and emits the frame. One panel per topic.
 */
export async function openTutorial(url: string): Promise<Client> {
  const meter = new Meter();
  const client = await connect(url);
  let packets = 0;
  for (const topic of TOPICS) {
    panelOf(client, topic).subscribe(({ data }) => {
      packets++;
      meter.count(data.length);
    });
    await client.subscribeAsync(topic);
  }
  return { meter, lost: () => 0, packets: () => packets };
}

/** A model of Grafana's MQTT data source: once per interval, all that has come since. */
export async function openTicker(url: string, intervalMs = 100): Promise<Stamped> {
  const meter = new Meter();
  const ages: number[] = [];
  let waiting: number[] = [];
  const client = await connect(url);
  client.on('message', (_topic, payload) => {
    meter.count(1);
    waiting.push(Number(payload.toString()));
  });
  setInterval(() => {
    const now = performance.timeOrigin + performance.now();
    ages.push(...waiting.map((time) => now - time));
    waiting = [];
  }, intervalMs);
  await client.subscribeAsync(TOPICS[0]);
  return { meter, lost: () => 0, packets: () => 0, ages: () => ages };
}

function panelOf(client: MqttClient, topic: string): Observable<DataQueryResponse> {
  return new Observable((subscriber: Subscriber<DataQueryResponse>) => {
    const frame = new CircularDataFrame({ append: 'tail', capacity: 10_000 });
    frame.refId = 'A';
    frame.addField({ name: 'time', type: FieldType.time });
    frame.addField({ name: 'v', type: FieldType.number });
    frame.addField({ name: 'name', type: FieldType.string });
    client.on('message', (name, payload) => {
      if (name === topic) {
        frame.add({ time: Date.now(), ...(JSON.parse(payload.toString()) as object) });
        subscriber.next({ data: [frame], key: 'A', state: LoadingState.Streaming });
      }
    });
  });
}

async function connect(url: string): Promise<MqttClient> {
  const path = '/mqtt.esm.js';
  const mqtt = (await import(path)) as MqttJs;
  const client = mqtt.default.connect(url, {});
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
  });
  return client;
}
