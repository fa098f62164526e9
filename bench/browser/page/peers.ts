import { type DataQueryResponse, FieldType, LoadingState, StreamingDataFrame } from '@grafana/data';
import mqtt from 'mqtt';
import { Observable } from 'rxjs';
import { SAWTOOTH_MS } from '../messages';

/** The time range of the panel. */
const RANGE_MS = 300_000;

/** The frame that Grafana gives a panel of a data source that streams from the server: the last rows, one a pixel. */
class LiveFrame {
  readonly #frame: StreamingDataFrame;

  constructor(maxRows: number) {
    this.#frame = StreamingDataFrame.empty({ maxLength: maxRows });
    const fields = [
      { name: 'Time', type: FieldType.time },
      { name: 'Value', type: FieldType.number },
    ];
    this.#frame.push({ schema: { fields }, data: { values: [[], []] } });
  }

  response(times: number[], values: number[]): DataQueryResponse {
    this.#frame.pushNewValues([times, values]);
    return { data: [this.#frame], key: 'A', state: LoadingState.Streaming };
  }
}

/**
 * A model of Grafana's MQTT data source: once an interval, if something has come, all that has. Its values are the
 * payloads.
 */
export function ticker(url: string, topic: string, intervalMs: number, maxRows: number): Observable<DataQueryResponse> {
  return new Observable((subscriber) => {
    const frame = new LiveFrame(maxRows);
    let [times, values]: [number[], number[]] = [[], []];
    const timer = setInterval(() => {
      if (times.length > 0) {
        subscriber.next(frame.response(times, values));
        [times, values] = [[], []];
      }
    }, intervalMs);
    const read = (payload: string): void => {
      times.push(Date.now());
      values.push(Number(payload));
    };
    const subscribed = subscribe(url, topic, read);
    subscribed.catch((error: unknown) => subscriber.error(error));
    return () => {
      clearInterval(timer);
      void subscribed.then((end) => end());
    };
  });
}

/** @returns a function that ends the connection. */
async function subscribe(url: string, topic: string, read: (payload: string) => void): Promise<() => Promise<void>> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 4 });
  client.on('message', (_topic, payload) => read(payload.toString()));
  await client.subscribeAsync(topic);
  return () => client.endAsync();
}

/**
 * One response an interval, with as many new rows as messages at this rate; it costs no network and no decoding. At the
 * rate 0, one response with all its rows, and then none: an idle page.
 */
export function memory(rate: number, intervalMs: number, maxRows: number): Observable<DataQueryResponse> {
  return new Observable((subscriber) => {
    const frame = new LiveFrame(maxRows);
    let last = performance.timeOrigin + performance.now();
    const emit = (rows: number, until: number): void => {
      const times = Array.from({ length: rows }, (_, row) => last + ((row + 1) * (until - last)) / rows);
      const values = times.map((time) => time % SAWTOOTH_MS);
      subscriber.next(frame.response(times.map(Math.round), values));
    };
    if (rate === 0) {
      const until = last;
      last -= RANGE_MS;
      const start = setTimeout(() => emit(maxRows, until));
      return () => clearTimeout(start);
    }
    let due = 0;
    const timer = setInterval(() => {
      const now = performance.timeOrigin + performance.now();
      due += ((now - last) * rate) / 1_000;
      const rows = Math.floor(due);
      due -= rows;
      emit(rows, now);
      last = now;
    }, intervalMs);
    return () => clearInterval(timer);
  });
}
