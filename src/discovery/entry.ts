import type { Path } from '../payload';
import type { AnnouncedStates } from './states';

/** What is announced of one value of some topic. */
export interface DiscoveryEntry {
  /** Where the value is published. */
  readonly topic: string;
  /** Where it lies in the payload; `[]` for a payload that is the value. */
  readonly path: Path;
  /** The unit as it is written there. */
  readonly unit?: string;
  /** The two values that it has. */
  readonly states?: AnnouncedStates;
  /** What people call it. */
  readonly name?: string;
}

/** Takes back what a decoder of `createDiscoveryDecoder` gave. */
export function readEntries(json: string): readonly DiscoveryEntry[] {
  return JSON.parse(json) as DiscoveryEntry[];
}
