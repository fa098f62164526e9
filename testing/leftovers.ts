/**
 * Files of one worker share its globals: one that leaves a fake clock or another's spy behind fails itself, and not the
 * file that happens to come after it.
 */
import { afterAll, vi } from 'vitest';
import { nestedJson } from '../src/payload/nested-json';

const names = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'WebSocket'] as const;
const before = new Map<string, unknown>(names.map((name) => [name, globalThis[name]]));
const { now } = Date;
const { random } = Math;
const env = JSON.stringify(process.env);
const folder = process.cwd();

afterAll(async () => {
  const left = [
    ...(vi.isFakeTimers() ? ['fake timers'] : []),
    ...names.filter((name) => globalThis[name] !== before.get(name)),
    ...(Date.now === now ? [] : ['Date.now']),
    ...(Math.random === random ? [] : ['Math.random']),
    ...(JSON.stringify(process.env) === env ? [] : ['process.env']),
    ...(process.cwd() === folder ? [] : ['process.chdir']),
  ];
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  // A part of the engine that is still being loaded would fail with the end of this file, for all files after it.
  await vi.dynamicImportSettled();
  // What a path has found out waits for an extraction, which a test of paths alone does not have.
  nestedJson.problem = undefined;
  nestedJson.isNeeded = false;
  if (left.length > 0) {
    throw new Error(`This file leaves behind for the next one: ${left.join(', ')}`);
  }
});
