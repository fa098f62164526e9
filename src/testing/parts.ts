import { discovery } from '../discovery';
import { furtherFormats, sparkplug } from '../payload';

// For tests that decode without waiting: loads all parts of the engine when it is imported.
await Promise.all([furtherFormats.load(), sparkplug.load(), discovery.load()]);
