interface Timer {
  readonly at: number;
  readonly action: () => void;
}

let current: VirtualClock | undefined;
let installed = false;

/**
 * A clock that stands still until it is advanced, so that ticks of 100 ms can be measured without waiting for them. A
 * timer belongs to the clock that was current when the timer was set.
 */
export class VirtualClock {
  #now = 1_000;
  #nextId = 1;
  readonly #timers = new Map<number, Timer>();

  get now(): number {
    return this.#now;
  }

  set(action: () => void, delay: number): number {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#now + Math.max(0, delay), action });
    return id;
  }

  clear(id: number): void {
    this.#timers.delete(id);
  }

  /** Advances the clock, and runs the timers that become due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: [id: number, timer: Timer] | undefined;
      for (const entry of this.#timers) {
        if (entry[1].at <= end && (next === undefined || entry[1].at < next[1].at)) {
          next = entry;
        }
      }
      if (next === undefined) {
        break;
      }
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].action();
    }
    this.#now = end;
  }
}

/** Replaces the clock and the timers of this process, which must not do anything else. */
export function liveBy(clock: VirtualClock): void {
  current = clock;
  if (!installed) {
    installed = true;
    install();
  }
}

function install(): void {
  Object.assign(globalThis, {
    setTimeout: (action: () => void, delay = 0) => current?.set(action, delay),
    clearTimeout: (id: number) => current?.clear(id),
  });
  performance.now = () => current?.now ?? 0;
}
