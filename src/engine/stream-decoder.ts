import { discovery } from '../discovery';
import {
  createDecoder,
  decoderOf,
  type Decoder,
  isPattern,
  lazyFormats,
  nestedJson,
  type PayloadLimits,
  type RebirthRequests,
  Rows,
} from '../payload';
import type { StreamSpec } from './protocol';
import { BirthFilters, type RebirthRequester } from './rebirth-requester';

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
        createDecoder(spec.format, spec.formatOptions, rows, rebirths && rebirthRequestsOf(spec, rebirths), isPlain)
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

function rebirthRequestsOf({ filters }: StreamSpec, rebirths: RebirthRequester): RebirthRequests {
  const subscribed = new BirthFilters(filters);
  return {
    request: (need) => (subscribed.covers(need) ? rebirths.request(need.command) : 'left-out'),
    onBirth: (command) => rebirths.onBirth(command),
  };
}
