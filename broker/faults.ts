/* oxlint-disable eslint/no-underscore-dangle -- the names that streams and Aedes give them */
import type { ClientStream } from './client-stream';
import { clientIdOf, PacketSplitter, type PacketName } from './packet-splitter';

/** Which packets a fault happens to. */
export interface FaultTarget {
  /** Client id, or what it has to match. Default: every client, those that connect later too. */
  client?: string | RegExp;
  /** `in`: from the client to the broker; `out`: to the client. Default: both. */
  direction?: 'in' | 'out';
  /** Default: every packet. */
  packets?: readonly PacketName[];
  /** After this many packets it is over. Default: not before it is lifted. */
  times?: number;
}

/** A fault that is happening. `using` lifts it at the end of the block. */
export interface Fault extends Disposable {
  /** How many packets it has happened to. */
  readonly count: number;
  lift(): void;
}

export interface Faults {
  /** Packets do not arrive, as on a network that is down while the connection looks alive. */
  drop(target?: FaultTarget): Fault;
  /** Packets arrive later, and in order. */
  delay(milliseconds: number, target?: FaultTarget): Fault;
  /** Packets wait until the fault is lifted, and arrive in order then; `direction: 'in'` is a broker that has stalled. */
  hold(target?: FaultTarget): Fault;
  /** The connection is cut, without a word: at once, or, when `packets` is given, instead of delivering one of them. */
  cut(target?: FaultTarget): Fault;
  /**
   * CONNECT is answered with this CONNACK return code (3: unavailable, 4: bad user name or password, 5: not authorized),
   * or, without one, by cutting the connection.
   */
  refuse(target?: Pick<FaultTarget, 'client' | 'times'> & { returnCode?: 1 | 2 | 3 | 4 | 5 }): Fault;
  /** Lifts them all. */
  clear(): void;
}

type Effect =
  | { kind: 'drop' }
  | { kind: 'delay'; ms: number }
  | { kind: 'hold' }
  | { kind: 'cut' }
  | { kind: 'refuse'; code: number | undefined };

class ActiveFault implements Fault {
  readonly effect: Effect;
  readonly #target: FaultTarget;
  readonly #onLift: (fault: ActiveFault) => void;
  #lifted = false;
  count = 0;

  constructor(effect: Effect, target: FaultTarget, onLift: (fault: ActiveFault) => void) {
    this.effect = effect;
    this.#target = target;
    this.#onLift = onLift;
  }

  matchesClient(clientId: string): boolean {
    const { client } = this.#target;
    return client === undefined || (typeof client === 'string' ? client === clientId : client.test(clientId));
  }

  matches(clientId: string, direction: 'in' | 'out', name: PacketName): boolean {
    const { direction: wanted, packets, times = Infinity } = this.#target;
    return (
      this.count < times &&
      (wanted === undefined || wanted === direction) &&
      (packets === undefined || packets.includes(name)) &&
      this.matchesClient(clientId)
    );
  }

  isActive(): boolean {
    return !this.#lifted;
  }

  lift(): void {
    if (!this.#lifted) {
      this.#lifted = true;
      this.#onLift(this);
    }
  }

  [Symbol.dispose](): void {
    this.lift();
  }
}

/** Faults to inject into the connections of a broker: hand `wrap` to it as `wrapStream`. */
export class FaultInjector implements Faults {
  readonly #active = new Set<ActiveFault>();
  readonly #lines = new Set<FaultyLine>();

  readonly wrap = (stream: ClientStream): ClientStream => {
    const line = new FaultyLine(stream, (...packet) => this.#find(...packet));
    this.#lines.add(line);
    stream.once('close', () => this.#lines.delete(line));
    return stream;
  };

  drop(target: FaultTarget = {}): Fault {
    return this.#add({ kind: 'drop' }, target);
  }

  delay(milliseconds: number, target: FaultTarget = {}): Fault {
    return this.#add({ kind: 'delay', ms: milliseconds }, target);
  }

  hold(target: FaultTarget = {}): Fault {
    return this.#add({ kind: 'hold' }, target);
  }

  cut(target: FaultTarget = {}): Fault {
    const fault = this.#add({ kind: 'cut' }, target);
    if (!target.packets) {
      for (const line of this.#lines) {
        if (fault.matchesClient(line.clientId)) {
          fault.count += 1;
          line.cut();
        }
      }
      fault.lift();
    }
    return fault;
  }

  refuse({ returnCode, ...target }: Parameters<Faults['refuse']>[0] = {}): Fault {
    return this.#add({ kind: 'refuse', code: returnCode }, { ...target, direction: 'in', packets: ['connect'] });
  }

  clear(): void {
    for (const fault of this.#active) {
      fault.lift();
    }
  }

  #add(effect: Effect, target: FaultTarget): ActiveFault {
    const fault = new ActiveFault(effect, target, (lifted) => {
      this.#active.delete(lifted);
      for (const line of this.#lines) {
        line.letGo();
      }
    });
    this.#active.add(fault);
    return fault;
  }

  #find(clientId: string, direction: 'in' | 'out', name: PacketName): ActiveFault | undefined {
    for (const fault of this.#active) {
      if (fault.matches(clientId, direction, name)) {
        return fault;
      }
    }
    return undefined;
  }
}

type FindFault = (clientId: string, direction: 'in' | 'out', name: PacketName) => ActiveFault | undefined;

interface Underway {
  bytes: Buffer;
  /** When it may arrive, by `performance.now()`. */
  at: number;
  /** The fault that holds it, while that lasts. */
  heldBy: ActiveFault | undefined;
}

/** One connection, with a fault between it and the broker. */
class FaultyLine {
  clientId = '';
  readonly #stream: ClientStream;
  readonly #find: FindFault;
  readonly #directions: ReadonlyArray<Direction>;

  constructor(stream: ClientStream, find: FindFault) {
    this.#stream = stream;
    this.#find = find;
    const receive = stream.receive.bind(stream);
    const finish = stream.finish.bind(stream);
    const write = stream._write.bind(stream);
    const inbound = new Direction(receive);
    const outbound = new Direction((bytes) => {
      if (!stream.destroyed) {
        write(bytes, 'binary', () => {});
      }
    });
    this.#directions = [inbound, outbound];

    stream.receive = (chunk) => this.#pass('in', inbound, chunk);
    stream.finish = () => inbound.after(finish);
    stream._write = (chunk: Buffer, _encoding, done) => {
      this.#pass('out', outbound, chunk);
      done();
    };
    stream._writev = (chunks, done) => {
      this.#pass('out', outbound, Buffer.concat(chunks.map(({ chunk }) => chunk)));
      done();
    };
    stream.once('close', () => {
      inbound.stop();
      outbound.stop();
    });
  }

  cut(): void {
    this.#stream.cut();
  }

  letGo(): void {
    for (const direction of this.#directions) {
      direction.flush();
    }
  }

  #pass(name: 'in' | 'out', direction: Direction, chunk: Buffer): void {
    for (const packet of direction.splitter.take(chunk)) {
      if (this.#stream.destroyed) {
        return;
      }
      if (name === 'in' && packet.name === 'connect') {
        this.clientId = clientIdOf(packet.bytes);
      }
      const fault = this.#find(this.clientId, name, packet.name);
      if (fault) {
        fault.count += 1;
      }
      this.#happen(fault, direction, packet.bytes);
    }
  }

  #happen(fault: ActiveFault | undefined, direction: Direction, bytes: Buffer): void {
    switch (fault?.effect.kind) {
      case undefined:
        direction.pass(bytes, 0, undefined);
        break;
      case 'delay':
        direction.pass(bytes, fault.effect.ms, undefined);
        break;
      case 'hold':
        direction.pass(bytes, 0, fault);
        break;
      case 'cut':
        this.cut();
        break;
      case 'refuse':
        if (fault.effect.code !== undefined) {
          this.#directions[1].pass(Buffer.from([0x20, 2, 0, fault.effect.code]), 0, undefined);
          this.#stream.destroy();
        } else {
          this.cut();
        }
        break;
      case 'drop':
        break;
    }
  }
}

/** What is under way in one direction, in order. */
class Direction {
  readonly splitter = new PacketSplitter();
  readonly #deliver: (bytes: Buffer) => void;
  readonly #queue: Underway[] = [];
  #timer: NodeJS.Timeout | undefined;
  #then: (() => void) | undefined;

  constructor(deliver: (bytes: Buffer) => void) {
    this.#deliver = deliver;
  }

  pass(bytes: Buffer, delay: number, heldBy: ActiveFault | undefined): void {
    if (this.#queue.length === 0 && delay === 0 && !heldBy) {
      this.#deliver(bytes);
      return;
    }
    // A copy: the socket may use its buffer again.
    this.#queue.push({ bytes: Buffer.from(bytes), at: performance.now() + delay, heldBy });
    this.flush();
  }

  /** Once everything that is under way has arrived. */
  after(then: () => void): void {
    this.#then = then;
    this.flush();
  }

  /** Delivers what may arrive by now. */
  flush(): void {
    clearTimeout(this.#timer);
    while (this.#queue.length > 0) {
      const [{ bytes, at, heldBy }] = this.#queue;
      if (heldBy?.isActive()) {
        return;
      }
      const wait = at - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.flush(), wait);
        return;
      }
      this.#queue.shift();
      this.#deliver(bytes);
    }
    const then = this.#then;
    this.#then = undefined;
    then?.();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }
}
