import { discovery } from '../discovery';
import {
  createDecoder,
  decoderOf,
  type Decoder,
  isPattern,
  lazyFormats,
  nestedJson,
  type PayloadLimits,
  type RebirthNeed,
  type RebirthRequests,
  Rows,
} from '../payload';
import { matcherOf } from './history/filter-matcher';
import type { StreamSpec } from './protocol';
import type { RebirthRequester } from './rebirth-requester';

/** The decoder of a stream's messages. @param isPlain see `createDecoder`. */
export function createStreamDecoder(
  spec: StreamSpec,
  { rows }: PayloadLimits,
  isPlain: boolean,
  rebirths: RebirthRequester | undefined
): Decoder {
  switch (spec.format) {
    case 'discovery':
      return decoderOf(discovery, ({ createDiscoveryDecoder }) => createDiscoveryDecoder());
    case 'topics':
      return () => true;
    default:
      return withOptions(
        spec,
        createDecoder(spec.format, spec.formatOptions, rows, rebirthRequestsOf(spec, rebirths), isPlain)
      );
  }
}

/** A message waits, before anything of it is read, for what reads rare options of the query. */
function withOptions({ time, rowsAs }: StreamSpec, decode: Decoder): Decoder {
  return isPattern(time?.format) || rowsAs !== undefined ? decoderOf(lazyFormats, () => decode) : decode;
}

/**
 * Waits for what reads texts in JSON that are almost JSON, if a path led into one. To be called before a message has
 * rows. What was read with what came before it, such as Sparkplug, cannot be read again, and does not wait.
 *
 * @throws {PartPending} while it is loaded.
 */
export function waitForNestedJson(decoded: unknown): void {
  if (nestedJson.isNeeded && !(decoded instanceof Rows)) {
    nestedJson.isNeeded = false;
    lazyFormats.get();
  }
}

/** @param rebirths there if the settings allow to ask nodes. */
function rebirthRequestsOf({ filters }: StreamSpec, rebirths: RebirthRequester | undefined): RebirthRequests {
  const isSubscribed = matcherOf(filters);
  // Otherwise a rebirth would not help
  const covers = ({ births }: RebirthNeed): boolean => births.every(isSubscribed);
  return {
    request: (need) => rebirths && (covers(need) ? rebirths.request(need.command) : 'left-out'),
    covers,
    onBirth: (command) => rebirths?.onBirth(command),
  };
}
