import { isRecord } from '../utils/is-object';

/** The keys that are read, and what each may be shortened to (home-assistant/core, mqtt/abbreviations.py). */
const SHORT = {
  name: 'name',
  platform: 'p',
  schema: 'schema',
  device: 'dev',
  components: 'cmps',
  state_topic: 'stat_t',
  value_template: 'val_tpl',
  unit_of_measurement: 'unit_of_meas',
  device_class: 'dev_cla',
  payload_on: 'pl_on',
  payload_off: 'pl_off',
  state_on: 'stat_on',
  state_off: 'stat_off',
  state_locked: 'stat_locked',
  state_unlocked: 'stat_unlocked',
  state_value_template: 'stat_val_tpl',
  availability: 'avty',
  availability_topic: 'avty_t',
  availability_template: 'avty_tpl',
  payload_available: 'pl_avail',
  payload_not_available: 'pl_not_avail',
  topic: 't',
  temperature_unit: 'temp_unit',
  current_temperature_topic: 'curr_temp_t',
  current_temperature_template: 'curr_temp_tpl',
  temperature_state_topic: 'temp_stat_t',
  temperature_state_template: 'temp_stat_tpl',
} as const;

export type Key = keyof typeof SHORT;

/** The key that stands for the beginning, or the end, of topics. */
const BASE = '~';

/** A topic that a key names, with its base put in: its own, or that of the device it is a component of. */
export function topicAt(config: Config, key: Key, parent?: Config): string | undefined {
  let topic = textAt(config, key) ?? '';
  const base = ownAt(config, BASE) ?? (parent && ownAt(parent, BASE));
  if (typeof base === 'string') {
    topic = topic.startsWith(BASE) ? base + topic.slice(1) : topic;
    topic = topic.endsWith(BASE) ? topic.slice(0, -1) + base : topic;
  }
  return topic === '' ? undefined : topic;
}

/** The base topic as a configuration of its own, for what lies within one. */
export function ownBase(config: Config): Config {
  const base = ownAt(config, BASE);
  return base === undefined ? {} : { [BASE]: base };
}

export function textAt(config: Config, key: Key): string | undefined {
  const value = at(config, key);
  return typeof value === 'string' ? value : undefined;
}

/** If a key is there in both forms, Home Assistant takes the short one. */
export function at(config: Config, key: Key): unknown {
  return ownAt(config, SHORT[key]) ?? ownAt(config, key);
}

export type Config = Record<string, unknown>;

function ownAt(config: Config, key: string): unknown {
  return Object.hasOwn(config, key) ? config[key] : undefined;
}

export function parseConfig(text: string): Config | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
