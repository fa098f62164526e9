export type { DiscoveryEntry } from './entry';
export { decodeDiscovery, readEntries } from './home-assistant';
export type { AnnouncedStates } from './states';
