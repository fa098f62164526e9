import type { Path } from '../payload/columns/batch';
import { type Decoder, CLEARED } from '../payload/decoded';
import { at, type Config, type Key, ownBase, parseConfig, textAt, topicAt } from './config';
import { parseHomie } from './homie';
import type { DiscoveryEntry } from './entry';
import { statesOf, TWO_STATES } from './states';
import { TasmotaReader } from './tasmota';
import { scalarText } from '../payload/convert';
import { readTemplate } from './template';
import { readText } from '../payload/formats/text';
import { isRecord } from '../utils/is-object';

/** Values that one configuration may speak of. */
const MAX_ENTRIES = 500;

const MAX_UNIT_LENGTH = 20;
const MAX_NAME_LENGTH = 200;

/** Availability topics of one component: more than any has. */
const MAX_AVAILABILITIES = 4;

/** The values that a component has: the keys of their topic, template and unit. Thermostats have two of their own. */
const VALUES: ReadonlyArray<readonly [topic: Key, template: Key, unit: Key]> = [
  ['state_topic', 'value_template', 'unit_of_measurement'],
  ['current_temperature_topic', 'current_temperature_template', 'temperature_unit'],
  ['temperature_state_topic', 'temperature_state_template', 'temperature_unit'],
];

/** Names of components that the topic of a configuration can have [Home Assistant, MQTT]. */
const COMPONENTS = new Set(
  (
    'alarm_control_panel binary_sensor button camera climate cover device device_automation device_tracker event fan ' +
    'humidifier image lawn_mower light lock notify number scene select sensor siren switch tag text update vacuum ' +
    'valve water_heater'
  ).split(' ')
);

/** The component of `<prefix>/<component>/[<node>/]<object>/config`. */
function componentIn(topic: string): string | undefined {
  const levels = topic.split('/');
  return [levels.at(-4), levels.at(-3)].find((level) => level !== undefined && COMPONENTS.has(level));
}

/**
 * Reads a configuration of Home Assistant's MQTT discovery: that of one component, or of a device with all of its
 * components. Never throws. Returns no entries for a message that is not a configuration, or that has neither units nor
 * states.
 *
 * @param topic that it came by.
 */
export function parseDiscovery(text: string, topic: string): DiscoveryEntry[] {
  const config = parseConfig(text);
  if (config === undefined) {
    return [];
  }
  const components = at(config, 'components');
  if (!isRecord(components)) {
    return entriesOf(config, componentIn(topic), undefined);
  }
  const entries: DiscoveryEntry[] = availabilitiesOf(config, undefined);
  for (const key of Object.keys(components)) {
    const component = components[key];
    if (isRecord(component)) {
      entries.push(...entriesOf(component, textAt(component, 'platform'), config));
    }
    if (entries.length >= MAX_ENTRIES) {
      return entries.slice(0, MAX_ENTRIES);
    }
  }
  return entries;
}

/**
 * Reads announcements in the engine, as a stream of its own: configurations of Home Assistant and of Tasmota, and what
 * Homie devices say of themselves. Of each, its entries as JSON, which are a tenth of it; nothing where there are none.
 *
 * @returns a decoder for one stream: it remembers the devices of Tasmota.
 */
export function createDiscoveryDecoder(): Decoder {
  const tasmota = new TasmotaReader();
  return (bytes, topic) => {
    const text = readText(bytes) ?? '';
    const entries = parseHomie(text, topic) ?? tasmota.read(text, topic) ?? parseDiscovery(text, topic);
    return entries.length === 0 ? CLEARED : JSON.stringify(entries);
  };
}

/**
 * @param kind which component of Home Assistant it is.
 * @param device the configuration that it is a component of, whose state topic it may share.
 */
function entriesOf(component: Config, kind: string | undefined, device: Config | undefined): DiscoveryEntry[] {
  const entries: DiscoveryEntry[] = [];
  const named = nameOf(component) ?? nameOf(device ?? component, true);
  const name = named === undefined ? undefined : { name: named };
  for (const [topicKey, templateKey, unitKey] of VALUES) {
    const unit = textAt(component, unitKey)?.trim() ?? '';
    const topic = topicAt(component, topicKey, device) ?? (device && topicAt(device, topicKey));
    const path = pathOf(at(component, templateKey));
    if (unit !== '' && unit.length <= MAX_UNIT_LENGTH && topic !== undefined && path !== undefined) {
      entries.push({ topic, path, unit, ...name });
    }
  }
  const states = twoStatesOf(component, kind, device);
  return [
    ...entries,
    ...(states === undefined ? [] : [{ ...states, ...name }]),
    ...availabilitiesOf(component, device),
  ];
}

function twoStatesOf(component: Config, kind = '', device: Config | undefined): DiscoveryEntry | undefined {
  const keys = Object.hasOwn(TWO_STATES, kind) ? TWO_STATES[kind] : undefined;
  const topic = topicAt(component, 'state_topic', device) ?? (device && topicAt(device, 'state_topic'));
  if (keys === undefined || topic === undefined) {
    return undefined;
  }
  const [on, off] = [keys.on, keys.off].map(
    (names, i) =>
      names.map((name) => scalarText(at(component, name))).find((text) => text !== undefined) ?? keys.defaults[i]
  );
  const states = statesOf(on, off, kind === 'binary_sensor' ? textAt(component, 'device_class') : undefined);
  // A light of this schema sends its state as one value among others.
  const path = at(component, 'schema') === 'json' ? ['state'] : pathOf(at(component, keys.template));
  return states === undefined || path === undefined ? undefined : { topic, path, states };
}

/** The availability topics: one topic, or a list of them. */
function availabilitiesOf(config: Config, device: Config | undefined): DiscoveryEntry[] {
  const listed = at(config, 'availability');
  const list: unknown[] = Array.isArray(listed) ? listed.slice(0, MAX_AVAILABILITIES) : [listed];
  const several = list.filter(isRecord).map((each) => ({
    of: each,
    topic: topicAt({ ...ownBase(config), ...each }, 'topic', device),
    path: pathOf(at(each, 'value_template')),
  }));
  const single = {
    of: config,
    topic: topicAt(config, 'availability_topic', device),
    path: pathOf(at(config, 'availability_template')),
  };
  return [...several, single].flatMap(({ of, topic, path }): DiscoveryEntry[] => {
    const states = statesOf(
      scalarText(at(of, 'payload_available')) ?? 'online',
      scalarText(at(of, 'payload_not_available')) ?? 'offline'
    );
    return topic === undefined || path === undefined || states === undefined ? [] : [{ topic, path, states }];
  });
}

/** Without a template, the payload itself is the value. */
function pathOf(template: unknown): Path | undefined {
  return template === undefined || template === null || template === ''
    ? []
    : typeof template === 'string'
      ? readTemplate(template)
      : undefined;
}

/** Its own name, or with `device` that of its device. */
function nameOf(config: Config, device = false): string | undefined {
  const named = device ? at(config, 'device') : config;
  const name = isRecord(named) ? textAt(named, 'name')?.trim() : undefined;
  return name === undefined || name === '' ? undefined : name.slice(0, MAX_NAME_LENGTH);
}
