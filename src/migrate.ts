import { checkQueryForm } from './query-form';
import type { MqttQuery } from './types';

export { QueryFormError } from './query-form';

/** Brings a query up by one version. Returns a new object; its input stays as it is. */
export type MigrationStep = (query: Readonly<MqttQuery>) => MqttQuery;

/** `STEPS[n]` brings a query of version n + 1 up to version n + 2. Version 1 is the first, so there is no step yet. */
const STEPS: readonly MigrationStep[] = [];

/** The version of a query that this plugin writes. */
export const QUERY_VERSION = STEPS.length + 1;

/** A query that cannot be read because of its version. The message is for the person who looks at the panel. */
export class QueryVersionError extends Error {
  override name = 'QueryVersionError';
}

/**
 * A saved query as this version of the plugin reads it.
 *
 * @param steps for tests only.
 * @returns the same object if the query needs no change. The version stays as it was saved, so that a dashboard that
 * nobody has edited has no unsaved changes; `withVersion` sets it.
 * @throws {QueryVersionError} for a query of a newer version, whose fields may mean something else, and for a version
 * that is not a whole number from 1 up.
 * @throws {QueryFormError} for a query whose JSON has values of wrong types.
 */
export function migrateQuery(query: MqttQuery, steps: readonly MigrationStep[] = STEPS): MqttQuery {
  const latest = steps.length + 1;
  // JSON that was written by hand or by a program may hold anything.
  const version: unknown = query.version ?? 1;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new QueryVersionError(
      `The version of this query is ${JSON.stringify(version)}. It must be a whole number from 1 to ${latest}.`
    );
  }
  if (version > latest) {
    throw new QueryVersionError(
      `This query was saved by a newer version of the MQTT Stream plugin. The query has version ${version}; this plugin reads versions up to ${latest}. Update the plugin, or write the query again.`
    );
  }
  return checkQueryForm(steps.slice(version - 1).reduce((migrated, step) => step(migrated), query));
}

/** A query as the editor saves it: with the version whose fields it has. */
export function withVersion(query: MqttQuery): MqttQuery {
  return { ...query, version: QUERY_VERSION };
}
