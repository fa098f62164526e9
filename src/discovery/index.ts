export type { DiscoveryEntry } from './entry';
export { readEntries } from './home-assistant';
export { discovery } from './part';
export type { AnnouncedStates } from './states';
