import { discovery } from '../discovery';
import { lazyFormats, sparkplug } from '../payload';

// For tests that decode without waiting: loads all parts of the engine when it is imported.
await Promise.all([lazyFormats.load(), sparkplug.load(), discovery.load()]);
