/**
 * The tick of the live path, in milliseconds: the engine sends a batch at most this often (`engine/engine.ts`), and a
 * panel gets a response at most this often (`query/ticker.ts`). The two must agree: with different ticks, rows would wait
 * for a timer on both sides of the message port.
 *
 * Not shorter, because `-- Dashboard --` panels wait for 50 ms of quiet, and because nobody sees faster drawing.
 */
export const TICK_MS = 100;
