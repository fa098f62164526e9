import { type DataFrame, type DataQueryRequest, type DataQueryResponse, LoadingState } from '@grafana/data';
import { Stream } from '../engine/stream';
import type { AnnouncedLookup } from '../frames';
import type { ConnectionClient } from '../connection/client';
import * as editingPart from '../query/editing';
import { makeResponse } from '../query/response';
import { SharedStream } from '../connection/shared-stream';
import { parseQuery } from '../query/parse-query';
import type { MqttQuery } from '../types';
import { incoming } from './incoming';
import { absolute, request } from './test-request';
import { loadLines } from '../query/lines-part';
import './parts';

await loadLines();

/** A message on its way to a panel. */
export interface TestMessage {
  readonly topic?: string;
  /** Bytes, text, or a value that is written as JSON. */
  readonly payload: string | Uint8Array | object;
  /** Arrival, in milliseconds since the epoch. Default: a second after the one before. */
  readonly at?: number;
  readonly retained?: boolean;
  readonly properties?: Record<string, string>;
}

/** The default time of arrival of the first message, in milliseconds since the epoch. */
export const ARRIVAL = Date.UTC(2024, 4, 17, 12, 0, 0);

/** A panel with one query: takes messages and shows frames, without a broker in between. */
export class TestPanel {
  readonly #query: MqttQuery;
  readonly #stream: Stream;
  readonly stream: SharedStream;
  #now = ARRIVAL - 1_000;

  constructor(query: Partial<MqttQuery> = {}) {
    this.#query = { refId: 'A', topic: '#', ...query };
    const { spec } = parseQuery(this.#query, (text) => text);
    // As the message port of the engine does.
    this.#stream = new Stream(1, structuredClone(spec));
    this.stream = new SharedStream(1, '', spec);
  }

  send(...messages: readonly TestMessage[]): this {
    for (const { topic = 't', payload, at, retained = false, properties } of messages) {
      this.#now = at ?? this.#now + 1_000;
      this.#stream.add(incoming(topic, payload, { retain: retained, userProperties: properties }), this.#now, 1);
    }
    const batch = this.#stream.take();
    if (batch !== undefined) {
      this.stream.append(structuredClone(batch));
    }
    return this;
  }

  /** Metadata that devices announce about their values on discovery topics. */
  announced: AnnouncedLookup | undefined;

  /**
   * @param editing somebody is editing the query.
   * @param over other properties of the request.
   */
  response(from = 0, to = 8e15, editing = false, over: Partial<DataQueryRequest<MqttQuery>> = {}): DataQueryResponse {
    const query = parseQuery(this.#query, (text) => text);
    const connection = {
      status: { state: 'connected', since: 0, protocolVersion: 4, sessionPresent: false, connectMs: 1 },
      options: { url: 'ws://broker' },
      storage: { state: 'off' },
      arrivals: { byTopic: new Map() },
    } as unknown as ConnectionClient;
    const parts = {
      request: request([this.#query], { ...absolute(from, to), ...over }),
      sources: [{ query, stream: this.stream }],
      parseErrors: [],
      connection,
      editing: editing ? editingPart : undefined,
      ...(this.announced === undefined ? undefined : { announced: this.announced }),
      now: this.#now,
    };
    return makeResponse(parts, LoadingState.Streaming);
  }

  get frames(): DataFrame[] {
    return this.response().data;
  }

  get notices(): string[] {
    return this.frames.flatMap(({ meta }) => meta?.notices?.map(({ text }) => text) ?? []);
  }

  /** The values of a frame's fields, by name, with the unit in brackets after the name if there is one. */
  fields(frame = 0): Record<string, unknown[]> {
    return Object.fromEntries(
      this.frames[frame].fields.map(({ name, config: { unit }, values }) => [
        unit === undefined ? name : `${name} [${unit}]`,
        values,
      ])
    );
  }

  /** The values of a frame's fields, by name, type and unit: `temperature: number, celsius`. */
  typedFields(frame = 0): Record<string, unknown[]> {
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
