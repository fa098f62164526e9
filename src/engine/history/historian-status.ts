const text = new TextDecoder();

/** The status of a historian, from its status topic; `undefined` for any other payload. */
export function parseStatus(payload: Uint8Array): { version: 1 | 2; userProperties: boolean } | undefined {
  let status: unknown;
  try {
    status = JSON.parse(text.decode(payload));
  } catch {
    return undefined;
  }
  const { v, userProperties } = (status ?? {}) as { v?: unknown; userProperties?: unknown };
  return typeof v === 'number' && v >= 1
    ? { version: v >= 2 ? 2 : 1, userProperties: userProperties === true }
    : undefined;
}
