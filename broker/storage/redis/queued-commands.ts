import type { RedisClient } from './client';

/** Commands that may wait for Redis to come back; further commands are refused, and their publishers get an error. */
export const MAX_QUEUED_COMMANDS = 10_000;

/** Whether too many commands wait for Redis. */
export function isFull(conn: RedisClient): boolean {
  return conn.status !== 'ready' && (conn.offlineQueue?.length ?? 0) >= MAX_QUEUED_COMMANDS;
}

export function unreachable(): Error {
  return new Error('Redis cannot be reached, and too many commands wait for it');
}
