import type { ValueRow } from '../../engine/explorer-protocol';
import type { FieldChoice, LabelChoice, MqttQuery } from '../../types';
import { withChoices, withField, withMapping, withTime } from '../query-changes';

/** The path of a payload that is one value. */
const WHOLE = 'Value';

/** The use of a value in a query. */
export type Role = 'field' | 'label' | 'time' | 'rows' | 'mapping';

/** The use of the value at a path in a query. @param fieldPath see `ValueRow`. */
export function rolesOf(
  { fields, labels, time, rows, mappings }: MqttQuery,
  { path, fieldPath = path }: Pick<ValueRow, 'path' | 'fieldPath'>
): ReadonlySet<Role> {
  const roles = new Set<Role>();
  if (fields?.some((field) => field.path === fieldPath) === true) {
    roles.add('field');
  }
  if (labels?.some((label) => label.path === path && label.from !== 'property') === true) {
    roles.add('label');
  }
  if (time?.from === 'path' && time.path === path) {
    roles.add('time');
  }
  if (rows === path) {
    roles.add('rows');
  }
  if (mappings?.some((mapping) => mapping.path === fieldPath) === true) {
    roles.add('mapping');
  }
  return roles;
}

/** The roles that a value can have, the usual one first. */
export function possibleRoles({ kind, isTime, isRows, words, path }: ValueRow): Role[] {
  switch (kind) {
    case 'list':
      // The items of a payload that is a list of objects are rows already.
      return isRows === true && path !== WHOLE ? ['rows'] : [];
    case 'object':
      return [];
    case 'number':
    case 'string':
      return [
        'field',
        ...(words === undefined ? [] : ['mapping' as const]),
        'label',
        ...(isTime === true ? ['time' as const] : []),
      ];
    default:
      return ['field', 'label'];
  }
}

/** The query with a value in a role, or without it if it has the role already. */
export function toggleRole(query: MqttQuery, row: ValueRow, role: Role): MqttQuery {
  const { path, fieldPath = path } = row;
  const has = rolesOf(query, row).has(role);
  const others = <T extends { path: string }>(choices: readonly T[] = [], own = path): T[] =>
    choices.filter((choice) => choice.path !== own);
  switch (role) {
    case 'field':
      return withChoices(query, 'fields', [
        ...others(query.fields, fieldPath),
        ...(has ? [] : [{ ...fieldOf(row), path: fieldPath }]),
      ]);
    case 'label': {
      const properties = (query.labels ?? []).filter(({ from }) => from === 'property');
      const labels: LabelChoice[] = others(query.labels?.filter(({ from }) => from !== 'property'));
      return withChoices(query, 'labels', [...properties, ...labels, ...(has ? [] : [{ path }])]);
    }
    case 'time':
      return withTime(query, has ? { from: undefined } : { from: 'path', path });
    case 'rows':
      return withField(query, 'rows', has ? '' : path);
    case 'mapping':
      return has || row.words === undefined
        ? withChoices(query, 'mappings', others(query.mappings, fieldPath))
        : withMapping(query, { path: fieldPath, ...row.words });
  }
}

/** A field with the unit and the type that the value suggests. */
function fieldOf({ unit, type }: ValueRow): Omit<FieldChoice, 'path'> {
  return {
    ...(type === undefined ? undefined : { type }),
    ...(unit === undefined ? undefined : { unit }),
  };
}
