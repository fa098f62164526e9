import { encodePayload, type Metric } from '../../broker/sensors/sparkplug-payload';

export const MINUTE = 60_000;

/** A message of the past, as `Broker.importHistory` takes it. */
export interface PastMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly time: number;
}

/** Messages of the Sparkplug edge node `G/N` in their order, each so many minutes before now. */
export class SparkplugNode {
  readonly messages: PastMessage[] = [];
  readonly #now: number;
  #seq = 0;

  constructor(now: number) {
    this.#now = now;
  }

  nodeBirth(ago: number, bdSeq: number): this {
    this.#seq = 0;
    return this.#add('NBIRTH', '', ago, [{ name: 'bdSeq', type: 'Int64', value: BigInt(bdSeq) }]);
  }

  /** @param metrics the aliases of its metrics, by their names. */
  deviceBirth(ago: number, device: string, metrics: Record<string, number>, value = -1): this {
    const all = Object.entries(metrics).map(([name, alias]): Metric => ({ name, alias, type: 'Double', value }));
    return this.#add('DBIRTH', device, ago, all);
  }

  data(ago: number, device: string, alias: number, value: number): this {
    return this.#add('DDATA', device, ago, [{ alias, type: 'Double', value }]);
  }

  death(ago: number, bdSeq: number): this {
    const session: Metric = { name: 'bdSeq', type: 'Int64', value: BigInt(bdSeq) };
    return this.#push('NDEATH', '', ago, [session], undefined);
  }

  #add(type: string, device: string, ago: number, metrics: Metric[]): this {
    const seq = this.#seq;
    this.#seq = (seq + 1) % 256;
    return this.#push(type, device, ago, metrics, seq);
  }

  #push(type: string, device: string, ago: number, metrics: Metric[], seq: number | undefined): this {
    const time = this.#now - ago * MINUTE;
    const timed = metrics.map((metric) => ({ timestamp: time, ...metric }));
    const options = { timestamp: time, withTypes: type !== 'DDATA', ...(seq === undefined ? undefined : { seq }) };
    this.messages.push({
      topic: `spBv1.0/G/${type}/N${device && `/${device}`}`,
      payload: Buffer.from(encodePayload(timed, options)),
      time,
    });
    return this;
  }
}
