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
    const first = objects.find((each) => each[key] !== undefined)?.[key];
    const isCommon = objects.every(
      ({ [key]: value }) => value === undefined || value === first || isEqual(value, first)
    );
    if (first !== undefined && isCommon) {
      common[key] = first;
    }
  }
  return common as Pick<T, K>;
}

function isEqual(a: unknown, b: unknown): boolean {
  return typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b);
}
