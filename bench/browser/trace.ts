import type { Page } from 'playwright-core';

/** The tasks of the page's thread during a recording. */
export interface Tasks {
  /** The longest task, in milliseconds. */
  readonly longestMs: number;
  /** The longest task that called a function of the plugin, in milliseconds. */
  readonly oursMs: number;
  /** Tasks of more than 50 milliseconds. */
  readonly long: number;
}

/** The part of Chromium's trace format that is used: complete events, times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly id?: string;
  readonly ts: number;
  readonly dur?: number;
  /** Of the processor. */
  readonly tdur?: number;
  readonly args: { readonly data?: { readonly url?: string }; readonly name?: string };
}

const LONG_MS = 50;

/**
 * Records Chromium's performance trace during an action.
 *
 * @param ours part of the address of the scripts that are ours.
 */
export async function longestTasks<T>(page: Page, ours: string, during: () => Promise<T>): Promise<[Tasks, T]> {
  const [events, result] = await traced(page, ['toplevel', 'devtools.timeline'], during);
  return [tasksOf(events, ours), result];
}

/** @returns the processor time of the page's thread and of its Workers during an action, in milliseconds. */
export async function threadTimes<T>(page: Page, during: () => Promise<T>): Promise<[cpuMs: number, result: T]> {
  const [events, result] = await traced(page, ['toplevel'], during);
  const threads = events.filter(
    ({ name, args }) => name === 'thread_name' && /^(?:CrRendererMain|DedicatedWorker)/.test(args.name ?? '')
  );
  const us = events
    .filter((event) => isTask(event) && threads.some(({ pid, tid }) => pid === event.pid && tid === event.tid))
    .reduce((sum, { tdur = 0 }) => sum + tdur, 0);
  if (us === 0) {
    throw new Error('Chromium did not record the processor time of tasks');
  }
  return [us / 1_000, result];
}

/** Records Chromium's trace of these categories during an action. */
export async function traced<T>(
  page: Page,
  categories: string[],
  during: () => Promise<T>
): Promise<[TraceEvent[], T]> {
  const browser = page.context().browser();
  if (browser === null) {
    throw new Error('The page has no browser to trace');
  }
  await browser.startTracing(page, { categories });
  let result: T;
  let trace: Buffer;
  try {
    result = await during();
  } finally {
    trace = await browser.stopTracing();
  }
  return [(JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }).traceEvents, result];
}

function isTask({ name, ph }: TraceEvent): boolean {
  return /^(?:ThreadControllerImpl::)?RunTask$/.test(name) && ph === 'X';
}

export function tasksOf(events: readonly TraceEvent[], ours: string): Tasks {
  const calls = events.filter(({ name, args }) => name === 'FunctionCall' && (args.data?.url?.includes(ours) ?? false));
  const mains = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const tasks = events.filter(
    (event) => isTask(event) && mains.some(({ pid, tid }) => pid === event.pid && tid === event.tid)
  );
  let [longest, longestOurs, long] = [0, 0, 0];
  for (const task of tasks) {
    const end = task.ts + (task.dur ?? 0);
    const isOurs = calls.some(({ pid, tid, ts }) => pid === task.pid && tid === task.tid && ts >= task.ts && ts < end);
    const ms = (task.dur ?? 0) / 1_000;
    longest = Math.max(longest, ms);
    longestOurs = Math.max(longestOurs, isOurs ? ms : 0);
    long += ms > LONG_MS ? 1 : 0;
  }
  return { longestMs: longest, oursMs: longestOurs, long };
}
