import { type DataFrame, type DataQueryResponse, LoadingState } from '@grafana/data';
import { Stream } from '../engine/stream';
import type { AnnouncedLookup } from '../frames';
import type { ConnectionClient } from '../connection/client';
import { makeResponse } from '../query/response';
import { SharedStream } from '../connection/shared-stream';
import { parseQuery } from '../query/parse-query';
import type { MqttQuery } from '../types';
import { incoming } from './incoming';
import { absolute, request } from './live';

/** A message on its way to a panel. */
export interface Sent {
  readonly topic?: string;
  /** Text, or what is to be written as JSON. */
  readonly payload: string | Uint8Array | object;
  /** Arrival, in milliseconds since the epoch. Default: a second after the one before. */
  readonly at?: number;
  readonly retained?: boolean;
  readonly properties?: Record<string, string>;
}

/** When the first message arrives unless it says otherwise. */
export const ARRIVAL = Date.UTC(2024, 4, 17, 12, 0, 0);

/** The way from the bytes of messages to the frames of a packet, without a broker in between. */
export class Shown {
  readonly #query: MqttQuery;
  readonly #stream: Stream;
  readonly live: SharedStream;
  #now = ARRIVAL - 1_000;

  constructor(query: Partial<MqttQuery> = {}) {
    this.#query = { refId: 'A', topic: '#', ...query };
    const { spec } = parseQuery(this.#query, (text) => text);
    // What the engine is told has passed through a message port.
    this.#stream = new Stream(1, structuredClone(spec));
    this.live = new SharedStream(1, '', spec);
  }

  send(...messages: readonly Sent[]): this {
    for (const { topic = 't', payload, at, retained = false, properties } of messages) {
      this.#now = at ?? this.#now + 1_000;
      this.#stream.add(incoming(topic, payload, { retain: retained, userProperties: properties }), this.#now, 1);
    }
    const batch = this.#stream.take();
    if (batch !== undefined) {
      this.live.append(structuredClone(batch));
    }
    return this;
  }

  /** What devices announce of their values elsewhere. */
  announced: AnnouncedLookup | undefined;

  /** @param editing somebody is writing the query. */
  packet(from = 0, to = 8e15, editing = false): DataQueryResponse {
    const target = parseQuery(this.#query, (text) => text);
    const connection = {
      status: { state: 'connected', since: 0, protocolVersion: 4, sessionPresent: false, connectMs: 1 },
      options: { url: 'ws://broker' },
    } as unknown as ConnectionClient;
    const parts = {
      request: request([this.#query], absolute(from, to)),
      sources: [{ target, stream: this.live }],
      faults: [],
      connection,
      editing,
      ...(this.announced === undefined ? undefined : { announced: this.announced }),
      now: this.#now,
    };
    return makeResponse(parts, LoadingState.Streaming);
  }

  get frames(): DataFrame[] {
    return this.packet().data;
  }

  get notices(): string[] {
    return this.frames.flatMap(({ meta }) => meta?.notices?.map(({ text }) => text) ?? []);
  }

  /** The fields of a frame by name: their values, and their unit behind the name where they have one. */
  fields(frame = 0): Record<string, unknown[]> {
    return Object.fromEntries(
      this.frames[frame].fields.map(({ name, config: { unit }, values }) => [
        unit === undefined ? name : `${name} [${unit}]`,
        values,
      ])
    );
  }

  /** The fields of a frame by name, type and unit, as `temperature: number, celsius`. */
  exactly(frame = 0): Record<string, unknown[]> {
    return Object.fromEntries(
      this.frames[frame].fields.map(({ name, type, config: { unit }, values }) => [
        `${name}: ${type}${unit === undefined ? '' : `, ${unit}`}`,
        values,
      ])
    );
  }

  /** The labels of each frame's last field, without the topic. */
  get labels(): Array<Record<string, string>> {
    return this.frames.map(({ fields }) => {
      const { topic: _, ...labels } = fields.at(-1)?.labels ?? {};
      return labels;
    });
  }
}
