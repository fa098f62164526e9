/**
 * Whether all numbers are what the text says and it is not nested too deep. A number that lost digits is beyond the
 * safe integers now; looking for it here costs a tenth of what searching the text for its digits would.
 */
export function isOrdinary(value: unknown, levels: number): boolean {
  return typeof value === 'object' && value !== null ? areOrdinary(value, levels) : isOrdinaryScalar(value);
}

function areOrdinary(value: object, levels: number): boolean {
  if (levels === 0) {
    return false;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (!isOrdinary(value[i], levels - 1)) {
        return false;
      }
    }
    return true;
  }
  // Objects that JSON.parse makes inherit nothing that is enumerable, and own what is called "__proto__".
  for (const key in value) {
    const each = (value as Record<string, unknown>)[key];
    if (typeof each === 'number') {
      if (!isExact(each)) {
        return false;
      }
    } else if (typeof each === 'object' && each !== null && !areOrdinary(each, levels - 1)) {
      return false;
    }
  }
  return true;
}

function isOrdinaryScalar(value: unknown): boolean {
  return typeof value !== 'number' || isExact(value);
}

/** Whether a number has all digits that the text may have. */
export function isExact(number: number): boolean {
  return number <= Number.MAX_SAFE_INTEGER && number >= Number.MIN_SAFE_INTEGER;
}
