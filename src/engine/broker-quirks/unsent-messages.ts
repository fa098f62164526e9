import { isWide } from '../../topics';

/**
 * Messages that a broker does not send although it has granted the filter. The subscription plan subscribes to filters
 * that another filter covers if one of these functions says so.
 */

/** After so long without a message, in milliseconds, a granted filter does not count as a cover of others. */
const SILENT_MS = 5_000;

/**
 * mosquitto grants any filter, and sends nothing that its access rules do not allow the client to read.
 *
 * @param now by `performance.now()`.
 */
export function isGrantedInVain(
  {
    isGranted,
    isProven,
    since,
  }: {
    readonly isGranted: boolean;
    /** The filter has brought a message. */
    readonly isProven: boolean;
    /** When it was granted, by `performance.now()`. */
    readonly since: number;
  },
  now = performance.now()
): boolean {
  return isGranted && !isProven && now - since >= SILENT_MS;
}

/**
 * RabbitMQ sends retained messages to filters without wildcards only.
 *
 * @param filter a filter that another one covers.
 * @param coverHasRetained whether the broker has sent a retained message to the filter that covers it.
 * @returns whether the retained message of the covered filter may be missing, unless it is subscribed itself.
 */
export function mayLackRetained(filter: string, coverHasRetained: () => boolean): boolean {
  return !isWide(filter) && !coverHasRetained();
}
