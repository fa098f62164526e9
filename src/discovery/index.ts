export { type DiscoveryEntry, readEntries } from './entry';
export { discovery } from './part';
export type { AnnouncedStates } from './states';
