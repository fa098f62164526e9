/**
 * What those agree on who say something: of each key, the value that all who have one have in common. Where two
 * disagree, as about a unit, neither is believed.
 */
export function commonValues<T extends object, K extends keyof T>(said: readonly T[], keys: readonly K[]): Pick<T, K> {
  const common: Partial<T> = {};
  for (const key of keys) {
    const values = said.map((each) => each[key]).filter((value) => value !== undefined);
    const distinct = new Map(values.map((value) => [JSON.stringify(value), value]));
    if (distinct.size === 1) {
      common[key] = distinct.values().next().value;
    }
  }
  return common as Pick<T, K>;
}
