import type { Path } from './batch';
import { type Decoder, GONE } from './decoded';
import { readTemplate } from './discovery-template';
import { readText } from './formats/text';
import { isObject } from './paths';

/** What the discovery of Home Assistant says of one value of some topic. */
export interface DiscoveryEntry {
  /** Where the value is published. */
  readonly topic: string;
  /** Where it lies in the payload; `[]` for a payload that is the value. */
  readonly path: Path;
  /** The unit as it is written there. */
  readonly unit: string;
  /** What people call it. */
  readonly name?: string;
}

/** Values that one configuration may speak of. */
const MAX_ENTRIES = 500;

const MAX_UNIT_LENGTH = 20;
const MAX_NAME_LENGTH = 200;

/** The keys that are read, and what each may be shortened to (home-assistant/core, mqtt/abbreviations.py). */
const SHORT = {
  name: 'name',
  device: 'dev',
  components: 'cmps',
  state_topic: 'stat_t',
  value_template: 'val_tpl',
  unit_of_measurement: 'unit_of_meas',
  temperature_unit: 'temp_unit',
  current_temperature_topic: 'curr_temp_t',
  current_temperature_template: 'curr_temp_tpl',
  temperature_state_topic: 'temp_stat_t',
  temperature_state_template: 'temp_stat_tpl',
} as const;

type Key = keyof typeof SHORT;

/** The values that a component has: the keys of their topic, template and unit. Thermostats have two of their own. */
const VALUES: ReadonlyArray<readonly [topic: Key, template: Key, unit: Key]> = [
  ['state_topic', 'value_template', 'unit_of_measurement'],
  ['current_temperature_topic', 'current_temperature_template', 'temperature_unit'],
  ['temperature_state_topic', 'temperature_state_template', 'temperature_unit'],
];

/** The key that stands for the beginning, or the end, of topics. */
const BASE = '~';

/**
 * Reads a configuration of Home Assistant's MQTT discovery: that of one component, or of a device with all of its
 * components. Never throws; what is none, or has no units, gives nothing.
 */
export function parseDiscovery(text: string): DiscoveryEntry[] {
  const config = parse(text);
  if (config === undefined) {
    return [];
  }
  const components = at(config, 'components');
  if (!isRecord(components)) {
    return entriesOf(config, undefined);
  }
  const entries: DiscoveryEntry[] = [];
  for (const key of Object.keys(components)) {
    const component = components[key];
    if (isRecord(component)) {
      entries.push(...entriesOf(component, config));
    }
    if (entries.length >= MAX_ENTRIES) {
      return entries.slice(0, MAX_ENTRIES);
    }
  }
  return entries;
}

/**
 * Reads configurations in the engine, as a stream of its own: of each, its entries as JSON, which are a tenth of it;
 * nothing where there are none.
 */
export const decodeDiscovery: Decoder = (bytes) => {
  const entries = parseDiscovery(readText(bytes) ?? '');
  return entries.length === 0 ? GONE : JSON.stringify(entries);
};

/** Takes back what {@link decodeDiscovery} gave. */
export function readEntries(json: string): readonly DiscoveryEntry[] {
  return JSON.parse(json) as DiscoveryEntry[];
}

/** @param device the configuration that it is a component of, whose state topic it may share. */
function entriesOf(component: Config, device: Config | undefined): DiscoveryEntry[] {
  const entries: DiscoveryEntry[] = [];
  for (const [topicKey, templateKey, unitKey] of VALUES) {
    const unit = textAt(component, unitKey)?.trim() ?? '';
    const topic = topicAt(component, topicKey, device) ?? (device && topicAt(device, topicKey));
    const path = pathOf(at(component, templateKey));
    if (unit !== '' && unit.length <= MAX_UNIT_LENGTH && topic !== undefined && path !== undefined) {
      const name = nameOf(component) ?? nameOf(device ?? component, true);
      entries.push({ topic, path, unit, ...(name === undefined ? undefined : { name }) });
    }
  }
  return entries;
}

/** Without a template, the payload itself is the value. */
function pathOf(template: unknown): Path | undefined {
  return template === undefined || template === null || template === ''
    ? []
    : typeof template === 'string'
      ? readTemplate(template)
      : undefined;
}

function topicAt(config: Config, key: Key, parent?: Config): string | undefined {
  let topic = textAt(config, key) ?? '';
  const base = ownAt(config, BASE) ?? (parent && ownAt(parent, BASE));
  if (typeof base === 'string') {
    topic = topic.startsWith(BASE) ? base + topic.slice(1) : topic;
    topic = topic.endsWith(BASE) ? topic.slice(0, -1) + base : topic;
  }
  return topic === '' ? undefined : topic;
}

/** Its own name, or with `device` that of its device. */
function nameOf(config: Config, device = false): string | undefined {
  const named = device ? at(config, 'device') : config;
  const name = isRecord(named) ? textAt(named, 'name')?.trim() : undefined;
  return name === undefined || name === '' ? undefined : name.slice(0, MAX_NAME_LENGTH);
}

function textAt(config: Config, key: Key): string | undefined {
  const value = at(config, key);
  return typeof value === 'string' ? value : undefined;
}

/** Where a key is there in both ways, Home Assistant takes the short one. */
function at(config: Config, key: Key): unknown {
  return ownAt(config, SHORT[key]) ?? ownAt(config, key);
}

type Config = Record<string, unknown>;

function ownAt(config: Config, key: string): unknown {
  return Object.hasOwn(config, key) ? config[key] : undefined;
}

function isRecord(value: unknown): value is Config {
  return isObject(value) && !Array.isArray(value);
}

function parse(text: string): Config | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
