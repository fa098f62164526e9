import type { AedesPublishPacket } from 'aedes';
import { getOrSet } from '../../../src/utils/get-or-set';
import { toPacket, toStored, type OutgoingPacket, type PersistenceClient } from './aedes-shapes';
import type { Change, Journal } from '../disk/journal';
import { keys } from './records';

interface Received {
  packet: unknown;
  /** Not written yet: it is written together with the message. */
  unwritten: boolean;
  /** Whether the session outlives the connection, and with it this mark. */
  lasting: boolean;
  /** While the message is being published: whether that succeeds. */
  publishing?: Promise<boolean>;
}

const MARK = new Uint8Array([1]);

/**
 * The QoS 2 messages that were received and not yet released, by client. They prevent that a repeated PUBLISH is published
 * twice [MQTT-4.3.3-2].
 *
 * The mark is written in the same batch as the message itself. If it was written before, a kill in between would leave a
 * message that is acknowledged when it is sent again, and is lost; if after, a message that is published twice.
 */
export class IncomingMessages {
  readonly #journal: Journal;
  readonly #byClient = new Map<string, Map<number, Received>>();
  /** Marks to be written with the message of this name. */
  readonly #expected = new Map<string, Change>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** @param published whether `takeFor` follows, which writes; otherwise it is written here */
  store(client: PersistenceClient, packet: OutgoingPacket, published: boolean): Promise<void> {
    const { messageId } = packet;
    if (messageId === undefined) {
      return Promise.reject(new Error('No message id'));
    }
    const lasting = client.clean !== true;
    const kept = published ? undefined : { ...toPacket(toStored(packet), messageId, packet.dup ?? false) };
    this.#of(client.id).set(messageId, { packet: kept, unwritten: published && lasting, lasting });
    return published || !lasting
      ? Promise.resolve()
      : this.#journal.write([[keys.incoming(client.id, messageId), MARK]]);
  }

  async get(clientId: string, messageId = -1): Promise<unknown> {
    const received = this.#byClient.get(clientId)?.get(messageId);
    // A client that came back may repeat a message that is being stored: it is acknowledged only after that.
    if (!received || (received.publishing && !(await received.publishing))) {
      throw new Error('no such packet');
    }
    return received.packet ?? {};
  }

  async delete(clientId: string, messageId = -1): Promise<void> {
    const own = this.#byClient.get(clientId);
    const received = own?.get(messageId);
    if (!own || !received) {
      throw new Error('no such packet');
    }
    // Written before it is forgotten: a mark that comes back after a restart would swallow the next message of this id.
    if (received.lasting) {
      await this.#journal.write([[keys.incoming(clientId, messageId), undefined]]);
    }
    this.#forget(clientId, messageId);
  }

  clean(clientId: string): Promise<void> {
    const own = this.#byClient.get(clientId);
    if (!own) {
      return Promise.resolve();
    }
    this.#byClient.delete(clientId);
    const changes = [...own]
      .filter(([, { lasting }]) => lasting)
      .map(([messageId]): Change => [keys.incoming(clientId, messageId), undefined]);
    return changes.length > 0 ? this.#journal.write(changes) : Promise.resolve();
  }

  restore(clientId: string, messageId: number): void {
    this.#of(clientId).set(messageId, { packet: undefined, unwritten: false, lasting: true });
  }

  /**
   * The message that a mark belongs to is about to be published under this number. Returns the callback for the
   * result: a message that could not be published counts as not received, and may come again.
   */
  expect(brokerId: string, brokerCounter: number, clientId: string, messageId: number): (error?: Error | null) => void {
    const received = this.#byClient.get(clientId)?.get(messageId);
    const name = `${brokerCounter}:${brokerId}`;
    if (received?.unwritten) {
      this.#expected.set(name, [keys.incoming(clientId, messageId), MARK]);
    }
    let settle: (stored: boolean) => void = () => {};
    if (received) {
      received.publishing = new Promise((resolve) => {
        settle = resolve;
      });
    }
    return (error) => {
      this.#expected.delete(name);
      if (error) {
        this.#forget(clientId, messageId);
      }
      if (received) {
        received.publishing = undefined;
      }
      settle(!error);
    };
  }

  /** The mark to be written with this message. */
  takeFor({ brokerId, brokerCounter }: AedesPublishPacket): Change[] {
    const name = `${brokerCounter}:${brokerId}`;
    const change = this.#expected.get(name);
    this.#expected.delete(name);
    return change ? [change] : [];
  }

  #of(clientId: string): Map<number, Received> {
    return getOrSet(this.#byClient, clientId, () => new Map());
  }

  #forget(clientId: string, messageId: number): void {
    const own = this.#byClient.get(clientId);
    own?.delete(messageId);
    if (own?.size === 0) {
      this.#byClient.delete(clientId);
    }
  }
}
