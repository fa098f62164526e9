import { Metrics } from './metrics';
import type { SparkplugMetric, SparkplugPayload } from './proto';
import { readSparkplugValue } from './values';
import type { SparkplugTopic } from './topic';

/** Devices of a node that are remembered; beyond them the oldest is forgotten. */
export const MAX_DEVICES = 5_000;

/** Names and aliases that a stream remembers, of all its nodes; beyond them the node born first is forgotten. */
export const MAX_HELD = 200_000;

/** The cost of a device without metrics, in metrics. */
const DEVICE_WEIGHT = 10;

/** The metrics of a device, or of a node itself, since its birth. */
export class Device {
  readonly #held = { count: 0 };
  readonly metrics = new Metrics(this.#held);

  /** Its births do not come this way: one was looked up, and a later one would not be. */
  isLookedUp = false;

  /** The part of it that is counted already. */
  counted = 0;

  constructor(readonly topic: SparkplugTopic) {}

  get weight(): number {
    return DEVICE_WEIGHT + this.#held.count;
  }
}

/** The metric that numbers the sessions of a node: a will of an earlier session says nothing about this one. */
export const SESSION = 'bdSeq';

/** The number of the session that a birth or a death is of; `undefined` if it does not say. */
export function sessionOf(metrics: readonly SparkplugMetric[]): unknown {
  const { datatype, raw } = metrics.find(({ name }) => name === SESSION) ?? {};
  return raw === undefined || 'members' in raw ? undefined : readSparkplugValue(datatype, raw);
}

interface Node {
  /** By their names; the node itself is ''. */
  readonly devices: Map<string, Device>;
  /** Of the last message; `undefined` if the next one can be any. */
  seq: number | undefined;
  /** The bdSeq of its birth. */
  readonly session: unknown;
}

/** The nodes and devices that a stream has met. */
export class Devices {
  readonly #nodes = new Map<string, Node>();
  #held = 0;

  /** The device, of which nothing need be known. Commands are none of its messages, and open none. */
  find(topic: SparkplugTopic): Device {
    const { key, type, device: name = '' } = topic;
    let node = this.#nodes.get(key);
    let device = node?.devices.get(name);
    if (device === undefined) {
      device = new Device(topic);
      if (type !== 'CMD') {
        node ??= this.#open(key, { devices: new Map(), seq: undefined, session: undefined });
        if (node.devices.size >= MAX_DEVICES) {
          this.#forget(node, node.devices.keys().next().value!);
        }
        node.devices.set(name, device);
        this.settle(device);
      }
    }
    return device;
  }

  /** Counts what a device has learnt, and forgets others where it is too much. */
  settle(device: Device): void {
    const { key, device: name = '' } = device.topic;
    if (this.#nodes.get(key)?.devices.get(name) !== device) {
      return;
    }
    this.#held += device.weight - device.counted;
    device.counted = device.weight;
    if (this.#held <= MAX_HELD) {
      return;
    }
    for (const oldest of this.#nodes.keys()) {
      if (this.#held <= MAX_HELD) {
        break;
      }
      this.#drop(oldest);
    }
  }

  #forget(node: Node, name: string): void {
    this.#held -= node.devices.get(name)?.counted ?? 0;
    node.devices.delete(name);
  }

  #drop(key: string): void {
    const node = this.#nodes.get(key);
    for (const name of node?.devices.keys() ?? []) {
      this.#forget(node!, name);
    }
    this.#nodes.delete(key);
  }

  /** Resets a device. The birth of a node resets all of its devices (Sparkplug 3.0, 6.4.5 and 5.3). */
  birth(topic: SparkplugTopic, { metrics, seq }: SparkplugPayload, retained: boolean): Device {
    if (topic.device === undefined) {
      this.#open(topic.key, {
        devices: new Map(),
        // Births are not retained; one that is all the same is no neighbour of what comes next.
        seq: retained ? undefined : seq,
        session: sessionOf(metrics),
      });
    } else {
      this.killDevice(topic);
    }
    return this.find(topic);
  }

  /** @returns what is to be said where messages of the node are missing before this one. */
  follow({ key, words }: SparkplugTopic, seq: number | undefined): string | undefined {
    const node = this.#nodes.get(key);
    // Only a birth of the node says that its messages, and not those of some devices alone, come this way.
    if (node?.seq === undefined || seq === undefined) {
      return undefined;
    }
    const expected = (node.seq + 1) % 256;
    node.seq = seq;
    return seq === expected
      ? undefined
      : `Messages of the node of ${words} are missing: seq is ${seq} and should be ${expected}. ` +
          'They were lost, or the topics of the query leave out some of its devices.';
  }

  /** @returns the node and its devices; where the death is one of an earlier session, what is to be said. */
  killNode(topic: SparkplugTopic, session: unknown): SparkplugTopic[] | string {
    const node = this.#nodes.get(topic.key);
    if (node?.session !== undefined && session !== undefined && node.session !== session) {
      return (
        `The death of the node of ${topic.words} is not used, because it belongs to another session: its bdSeq is ` +
        `${JSON.stringify(session)}, and that of the birth is ${JSON.stringify(node.session)}. If the node is offline, its library sends ` +
        'a wrong bdSeq, as mqtt-spb-wrapper does in its first session.'
      );
    }
    const devices = [...(node?.devices.values() ?? [])].map((device) => device.topic);
    this.#drop(topic.key);
    return [topic, ...devices.filter(({ device }) => device !== undefined)];
  }

  killDevice({ key, device = '' }: SparkplugTopic): void {
    const node = this.#nodes.get(key);
    if (node !== undefined) {
      this.#forget(node, device);
    }
  }

  #open(key: string, node: Node): Node {
    this.#drop(key);
    this.#nodes.set(key, node);
    return node;
  }
}
