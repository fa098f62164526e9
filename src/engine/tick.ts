/**
 * The tick of the live path while much comes, in milliseconds: the engine sends a batch at most this often
 * (`engine/engine.ts`), and a panel gets a response at most this often (`query/response-timer.ts`). The two must agree:
 * with different ticks, rows would wait for a timer on both sides of the message port.
 *
 * Not shorter, because `-- Dashboard --` panels wait for 50 ms of quiet, and because nobody sees faster drawing.
 */
export const TICK_MS = 100;

/**
 * The tick while little comes, in milliseconds: what comes seldom is shown at once. Above 50, which is what
 * `-- Dashboard --` panels wait for.
 */
export const SLOW_TICK_MS = 60;

/** Messages of a tick up to which it is a slow one: with more, a panel that draws each of them shows no more. */
export const FEW_MESSAGES = 4;
