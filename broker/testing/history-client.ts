/** A client that sends history requests, as docs/history.md describes. */
import { connectClient, until, type TestClient } from './clients';
import type { IClientOptions } from 'mqtt';

export interface Part {
  v: number;
  part?: number;
  done?: boolean;
  truncated?: boolean;
  now?: number;
  run?: string;
  mark?: boolean;
  total?: number;
  thinned?: boolean;
  topics?: PartTopic[];
  error?: { code: string; message: string };
}

export interface PartTopic {
  topic: string;
  first?: number;
  sequences?: number[];
  times: number[];
  payloads: Array<string | { base64: string }>;
  qos?: number[];
  retain?: number[];
  properties?: Array<Record<string, string | string[]> | null>;
}

export interface HistoryResponse {
  parts: Part[];
  /** Bytes of each part. */
  sizes: number[];
  truncated: boolean | undefined;
  error: Part['error'];
  /** Payloads of all parts, by topic; payloads that are not UTF-8 as Buffers. */
  rows: Map<string, Array<string | Buffer>>;
  times: Map<string, number[]>;
}

export interface HistoryClient extends TestClient {
  id: string;
  /** Sends a request and waits for the last part; a string is sent unchanged. */
  request(request: object | string): Promise<HistoryResponse>;
}

let lastNumber = 0;

/** Connects a client and subscribes it to its responses. */
export async function connectHistory(url: string, id: string, options: IClientOptions = {}): Promise<HistoryClient> {
  const client = await connectClient(url, { ...options, clientId: id });
  const level = encodeURIComponent(id);
  await client.client.subscribeAsync(`history/response/${level}/+`);
  return {
    ...client,
    id,
    request: async (request) => {
      const number = String((lastNumber += 1));
      client.client.publish(
        `history/request/${level}/${number}`,
        typeof request === 'string' ? request : JSON.stringify({ v: 1, ...request })
      );
      return responseOf(client, `history/response/${level}/${number}`);
    },
  };
}

/** Waits for the last part of a response. */
export async function responseOf({ deliveries }: TestClient, topic: string): Promise<HistoryResponse> {
  const texts = (): string[] => deliveries.filter((each) => each.topic === topic).map(({ text }) => text);
  const isLast = ({ done, error }: Part): boolean => done === true || error !== undefined;
  let parts: Part[] = [];
  await until(`the response on ${topic}`, () => {
    const all = texts();
    parts = all.length > parts.length ? all.map((text) => JSON.parse(text) as Part) : parts;
    return parts.some(isLast);
  });
  const rows: HistoryResponse['rows'] = new Map();
  const times: HistoryResponse['times'] = new Map();
  for (const each of parts.flatMap(({ topics = [] }) => topics)) {
    const payloads = each.payloads.map((payload) =>
      typeof payload === 'string' ? payload : Buffer.from(payload.base64, 'base64')
    );
    rows.set(each.topic, [...(rows.get(each.topic) ?? []), ...payloads]);
    times.set(each.topic, [...(times.get(each.topic) ?? []), ...each.times]);
  }
  const last = parts.at(-1);
  return {
    parts,
    sizes: texts().map((text) => Buffer.byteLength(text)),
    truncated: last?.truncated,
    error: last?.error,
    rows,
    times,
  };
}
