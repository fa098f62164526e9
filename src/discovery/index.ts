export { decodeDiscovery, type DiscoveryEntry, readEntries } from './home-assistant';
export type { AnnouncedStates } from './states';
