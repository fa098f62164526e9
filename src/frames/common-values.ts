/**
 * For each key, the value that all objects with the key have in common. If two of them differ, as in a unit, the result
 * does not have the key.
 */
export function commonValues<T extends object, K extends keyof T>(
  objects: readonly T[],
  keys: readonly K[]
): Pick<T, K> {
  const common: Partial<T> = {};
  for (const key of keys) {
    const values = objects.map((each) => each[key]).filter((value) => value !== undefined);
    const distinct = new Map(values.map((value) => [JSON.stringify(value), value]));
    if (distinct.size === 1) {
      common[key] = distinct.values().next().value;
    }
  }
  return common as Pick<T, K>;
}
