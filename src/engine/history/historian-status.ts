const text = new TextDecoder();

const TOPIC = /^(request|(request|response|mark)\/[^/]+\/[^/]+)$/;
/** Of a message in JSON; a mark is empty. */
const HEAD = /^(\{\s*"v":|$)/;

/**
 * Whether a message is one of the history protocol, which brokers without an access rule for it deliver to everybody who
 * subscribes to all topics.
 *
 * @param topic behind the root topic and its slash.
 */
export function isOfProtocol(topic: string, payload: Uint8Array): boolean {
  return TOPIC.test(topic) && HEAD.test(text.decode(payload.subarray(0, 8)));
}

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
