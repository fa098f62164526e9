import { MINUTE } from './signals';

/** Local time as milliseconds since 1970, so that days begin at local midnight. */
export function wallClock(time: number): number {
  return time - new Date(time).getTimezoneOffset() * MINUTE;
}

/**
 * The reverse of {@link wallClock}: local time to milliseconds since 1970, for payloads with a time in UTC. When clocks are
 * put back, an hour of local time occurs twice; either of the two may be returned.
 */
export function utcTime(local: number): number {
  const near = local + new Date(local).getTimezoneOffset() * MINUTE;
  return local + new Date(near).getTimezoneOffset() * MINUTE;
}
