import { isRecord } from '../utils/is-object';
import type { DiscoveryEntry } from './entry';
import { type Config, parseConfig } from './config';
import { type AnnouncedStates, labelled } from './states';

const DESCRIPTION = '/$description';
const UNIT = '/$unit';
const NAME = '/$name';

const MAX_UNIT_LENGTH = 20;
const MAX_NAME_LENGTH = 200;

/** Properties that one device may have. */
const MAX_PROPERTIES = 500;

/**
 * Reads what a Homie device says of its properties: an attribute of one (`$unit`, `$name`; Homie 4), or the description
 * of all of them (`$description`; Homie 5). Never throws.
 *
 * @returns `undefined` for the topic of anything else.
 */
export function parseHomie(text: string, topic: string): DiscoveryEntry[] | undefined {
  if (topic.endsWith(DESCRIPTION)) {
    return described(parseConfig(text) ?? {}, topic.slice(0, -DESCRIPTION.length));
  }
  if (topic.endsWith(UNIT)) {
    return entryOf(topic.slice(0, -UNIT.length), { unit: text });
  }
  return topic.endsWith(NAME) ? entryOf(topic.slice(0, -NAME.length), { name: text }) : undefined;
}

function described({ nodes }: Config, device: string): DiscoveryEntry[] {
  const entries: DiscoveryEntry[] = [];
  for (const [node, { properties }] of itemsOf(nodes)) {
    for (const [property, said] of itemsOf(properties)) {
      entries.push(...entryOf(`${device}/${node}/${property}`, said));
      if (entries.length >= MAX_PROPERTIES) {
        return entries;
      }
    }
  }
  return entries;
}

/** By their id: an object of them, or, as drafts of Homie 5 had it, a list of objects that have it. */
function itemsOf(items: unknown): Array<[id: string, item: Config]> {
  const listed = Array.isArray(items)
    ? items.map((item: unknown): [unknown, unknown] => [isRecord(item) ? item['id'] : undefined, item])
    : isRecord(items)
      ? Object.entries(items)
      : [];
  return listed.flatMap(([id, item]): Array<[string, Config]> =>
    typeof id === 'string' && id !== '' && isRecord(item) ? [[id, item]] : []
  );
}

/** The metadata of the property whose value is published on a topic; undefined if no device describes it. */
function entryOf(topic: string, { unit, name, datatype, format }: Config): DiscoveryEntry[] {
  const states = datatype === 'boolean' ? labelsOf(format) : undefined;
  const entry = {
    ...textOf('unit', unit, MAX_UNIT_LENGTH),
    ...(states === undefined ? undefined : { states }),
    ...textOf('name', typeof name === 'string' ? name.slice(0, MAX_NAME_LENGTH) : undefined, MAX_NAME_LENGTH),
  };
  return topic === '' || Object.keys(entry).length === 0 ? [] : [{ topic, path: [], ...entry }];
}

function textOf(key: 'unit' | 'name', value: unknown, most: number): { unit?: string; name?: string } {
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' || text.length > most ? {} : { [key]: text };
}

/** The words for `false` and `true`, in this order: `close,open`. */
function labelsOf(format: unknown): AnnouncedStates | undefined {
  const labels = typeof format === 'string' && format.length <= MAX_NAME_LENGTH ? format.split(',') : [];
  const [no, yes] = labels.map((label) => label.trim());
  return labels.length === 2 && no !== '' && yes !== '' && no !== yes ? labelled('true', 'false', yes, no) : undefined;
}
