import type { Aedes, Client } from 'aedes';
import { limitStorage } from '../storage/limits';
import type { LimitReports, StorageLimits } from '../storage/limit-reports';
import type { SharedStore } from '../storage/shared-store';
import { deliverInOrder } from './delivery-order';
import { emitDirectly } from './emitter';
import { storeOnlyGranted, type GrantedSubscriptions } from './granted-subscriptions';
import { followSubscriptions, patchClient } from './outbound-qos';
import { skipPublished } from './publish-before-puback';
import { readDirectly } from './inbound';
import { queueOnce } from './queue-once';
import { replayRetainedInTurn } from './retained-replay';
import { paceSessionQueues } from './session-queue-pacing';

/** Parts of the broker that the patches use. */
export interface PatchContext {
  limits: StorageLimits;
  limitReports: LimitReports;
  /** The store that several brokers share; undefined for a store of this broker alone. */
  sharedStore: SharedStore | undefined;
  granted: GrantedSubscriptions;
  /** Undefined for a broker without history. */
  history: { attach: (aedes: Aedes) => void } | undefined;
}

export interface Patch {
  readonly name: string;
  /** The behaviour of Aedes 1.2.0 without the patch, with the upstream thread where there is one. */
  readonly reason: string;
  /** The methods that the patch replaces, seen from the Aedes instance, or from the client (`client.`). */
  readonly replaces: readonly string[];
  /**
   * The patches that must be applied before this one, and why. A patch wraps the patches before it: a call passes through
   * the last one first.
   */
  readonly after?: Readonly<Record<string, string>>;
  readonly apply?: (aedes: Aedes, context: PatchContext) => void;
  /** Applied to each client when Aedes has made it. */
  readonly applyToClient?: (client: Client) => void;
}

/**
 * Everything that is replaced in Aedes, in the order in which it is applied. `patches.test.ts` compares this list with
 * what happens to Aedes; docs/development/aedes.md has the faults in prose.
 *
 * The stores replace methods themselves, in `setup`, which Aedes calls when it is created, so before these: `publish`, to
 * tie a QoS 2 message to the mark that it was received (storage/memory/persistence.ts, storage/redis/persistence-patch.ts).
 */
export const PATCHES: readonly Patch[] = [
  {
    name: 'emitter',
    reason:
      'Looks for the listeners of each message, and lets messages wait while 100 are being delivered. Left as it is for a shared store, whose emitter is another one',
    replaces: ['mq.on', 'mq.removeListener', 'mq.emit'],
    apply: (aedes, { sharedStore }) => emitDirectly(aedes, sharedStore),
  },
  {
    name: 'granted-subscriptions',
    reason:
      'Stores the refused filters of a SUBSCRIBE together with the granted ones, once for each granted filter (moscajs/aedes #458)',
    replaces: ['persistence.addSubscriptions'],
    apply: (aedes, { granted }) => storeOnlyGranted(aedes, granted),
  },
  {
    name: 'storage-limits',
    reason: 'Retained messages and the queues of sessions grow without bound. A shared store limits itself',
    replaces: ['persistence.storeRetained', 'persistence.outgoingEnqueueCombi', 'persistence.cleanSubscriptions'],
    apply: (aedes, { limits, limitReports, sharedStore }) => limitStorage(aedes, limits, limitReports, sharedStore),
  },
  {
    name: 'queue-once',
    reason:
      'Queues one copy of a message for each matching filter of a session; a client with two of them in flight is disconnected with "no such packet" (moscajs/aedes #543)',
    replaces: ['authorizeForward', 'persistence.outgoingEnqueueCombi', 'persistence.outgoingClearMessageId'],
    after: { 'storage-limits': 'the limits then count one copy for each session' },
    apply: queueOnce,
  },
  {
    name: 'delivery-order',
    reason:
      'A message that is stored before it is delivered is overtaken by later ones, and then discarded as a repetition (moscajs/aedes #994, #955)',
    replaces: ['publish', 'persistence.outgoingEnqueueCombi', 'mq.emit'],
    after: {
      emitter: 'the order is kept of what is handed to the emitter',
      'queue-once':
        'queue-once may queue a message in several calls, one for each QoS, and a message has one place in the order',
    },
    apply: deliverInOrder,
  },
  {
    name: 'history',
    reason:
      'Not a fault: a history request is answered instead of published, and the status is added to retained messages',
    replaces: ['publish', 'persistence.createRetainedStreamCombi'],
    after: { 'delivery-order': 'a request then takes no place in the order of deliveries' },
    apply: (aedes, { history }) => history?.attach(aedes),
  },
  {
    name: 'publish-before-puback',
    reason: 'Sends PUBACK before the message is stored and published [MQTT-4.3.2-2]',
    replaces: ['publish'],
    after: {
      history:
        'a QoS 1 request would be answered twice: for the publish before PUBACK, and for the one of Aedes after it',
    },
    apply: skipPublished,
  },
  {
    name: 'session-queue-pacing',
    reason:
      'Sends the queue of a session all at once, more than the client may leave waiting, and with the RETAIN flag of the publisher [MQTT-3.3.1-9]',
    replaces: ['persistence.outgoingStream'],
    apply: paceSessionQueues,
  },
  {
    name: 'retained-replay',
    reason: 'Starts a stream of retained messages for each SUBSCRIBE at once, however many a client sends',
    replaces: ['persistence.createRetainedStreamCombi'],
    after: { history: "the historian's status is then sent in turn with the retained messages" },
    apply: replayRetainedInTurn,
  },
  {
    name: 'outbound-qos',
    reason:
      'Sends a QoS 2 message to a wildcard filter of QoS 1 as QoS 2, and takes the QoS of the first of several filters (moscajs/aedes #1074); sends messages before CONNACK [MQTT-3.2.0-1]',
    replaces: ['client.deliver0', 'client.deliverQoS'],
    apply: followSubscriptions,
    applyToClient: patchClient,
  },
  {
    name: 'inbound',
    reason:
      'Reads packets with several objects for each, and handles a PUBLISH of QoS 1 in four turns of the event loop. Packets but PUBLISH of QoS 0 and 1 and PUBACK are left to it',
    replaces: ['client._parser.parse'],
    after: { 'publish-before-puback': 'a message of QoS 1 is published when it is authorized' },
    applyToClient: readDirectly,
  },
];

/** Applies all patches, in the order of {@link PATCHES}. Called once, before the first client connects. */
export function applyPatches(aedes: Aedes, context: PatchContext): void {
  for (const patch of PATCHES) {
    patch.apply?.(aedes, context);
  }
}

/** Called when Aedes has made a client, before it subscribes: Aedes keeps the methods that are replaced here. */
export function applyClientPatches(client: Client): void {
  for (const patch of PATCHES) {
    patch.applyToClient?.(client);
  }
}
