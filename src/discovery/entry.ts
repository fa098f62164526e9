import type { Path } from '../payload';
import type { AnnouncedStates } from './states';

/** The announced metadata of one value of some topic. */
export interface DiscoveryEntry {
  /** The topic of the value. */
  readonly topic: string;
  /** The path of the value in the payload; `[]` for a payload that is the value. */
  readonly path: Path;
  /** The unit as it is written there. */
  readonly unit?: string;
  /** The two values that it has. */
  readonly states?: AnnouncedStates;
  /** The display name. */
  readonly name?: string;
}

/** Takes back what a decoder of `createDiscoveryDecoder` gave. */
export function readEntries(json: string): readonly DiscoveryEntry[] {
  return JSON.parse(json) as DiscoveryEntry[];
}
