import type { ConnectionTrace } from '../connection-errors';
import { closedWithoutConnack, leftUnanswered, refusesVersion } from './missing-connack';

/** The version of MQTT that a connection tries: what was asked for, or 5 until the broker has shown that it wants 3.1.1. */
export class VersionChoice {
  readonly #wanted: 'auto' | 4 | 5;
  #older: boolean;
  #known: boolean;
  /** Whether that it wants 3.1.1 is only remembered, and may be of before an update of the broker. */
  #isRemembered: boolean;
  #negotiated: 4 | 5 | undefined;

  /** @param older whether the broker is known to want 3.1.1, from connections before. */
  constructor(wanted: 'auto' | 4 | 5, older: boolean) {
    this.#wanted = wanted;
    this.#older = older;
    this.#known = older;
    this.#isRemembered = older;
  }

  get current(): 4 | 5 {
    return this.#wanted === 'auto' ? (this.#older ? 4 : 5) : this.#wanted;
  }

  /** The version of the last response of the broker, whatever it was; undefined before. */
  get negotiated(): 4 | 5 | undefined {
    return this.#negotiated;
  }

  /** Somebody has done something about it: what the broker only seemed to want is not held against it. */
  reset(): void {
    this.#older = this.#known;
  }

  /** The broker has responded in the current version. */
  onResponse(): void {
    this.#negotiated = this.current;
    this.#known = this.current === 4;
    this.#isRemembered = false;
  }

  /**
   * An attempt or a connection has ended.
   *
   * @returns how another version is to be tried at once. `further`: as a further attempt, because the broker may have
   * looked at the credentials, and a token is used once. `same`: with the same credentials. `undefined`: it is not.
   */
  onEnded(trace: ConnectionTrace): 'further' | 'same' | undefined {
    if (closedWithoutConnack(trace)) {
      return this.#forget() || this.#closedWithoutConnack() ? 'further' : undefined;
    }
    if (refusesVersion(trace)) {
      return this.#forget() || this.#onRefused() ? 'same' : undefined;
    }
    if (leftUnanswered(trace)) {
      return this.#forget() || this.#onSilence() ? 'further' : undefined;
    }
    if (trace.refusal !== undefined) {
      this.onResponse();
    }
    return undefined;
  }

  /** What is remembered of the broker did not help: 5 is tried as if nothing were known. @returns whether anything was. */
  #forget(): boolean {
    const isForgotten = this.#isRemembered && this.#wanted === 'auto';
    if (isForgotten) {
      this.#older = this.#known = this.#isRemembered = false;
    }
    return isForgotten;
  }

  /**
   * The broker closed the connection, perhaps because of the version. 3.1.1 is tried from then on, once for each attempt: going
   * back to 5 would try twice each time with a broker that refuses the password.
   *
   * @returns whether it is to be tried at once.
   */
  #closedWithoutConnack(): boolean {
    return this.current === 5 && this.#onRefused();
  }

  /**
   * The broker has opened the WebSocket and has not answered the CONNECT: amqtt 0.12.1 is silent if an MQTT 5 CONNECT
   * has properties. A broker that has answered before is only slow.
   *
   * @returns whether another version is to be tried at once.
   */
  #onSilence(): boolean {
    return this.isOpen && this.#onRefused();
  }

  /** Whether the version is chosen here and the broker has never answered in any. */
  get isOpen(): boolean {
    return this.#wanted === 'auto' && this.#negotiated === undefined && !this.#known;
  }

  /** The broker seems not to know the current version. @returns whether another is to be tried at once. */
  #onRefused(): boolean {
    const tryOlder = this.#wanted === 'auto' && this.current === 5;
    this.#older = tryOlder;
    return tryOlder;
  }
}
