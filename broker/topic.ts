/** Longest UTF-8 string that MQTT can carry, in bytes [MQTT-1.5.3]. */
const MAX_BYTES = 65_535;

/**
 * Says what is wrong with a topic name in a PUBLISH, or undefined when nothing is.
 *
 * Bytes that are not UTF-8 have become U+FFFD by the time a broker's hook sees a topic, so a name that holds this
 * character is refused as ill-formed [MQTT-1.5.3-1]; a name that really contains U+FFFD is refused with it.
 */
export function topicFault(topic: string): string | undefined {
  return stringFault(topic) ?? (/[+#]/.test(topic) ? 'holds a wildcard [MQTT-3.3.2-2]' : undefined);
}

/** Says what is wrong with a topic filter. Aedes' own check lets `a+`, `+a`, `a/+b` and `a#` pass. */
export function filterFault(filter: string): string | undefined {
  return stringFault(filter) ?? wildcardFault(filter);
}

/** Says what is wrong with a client id, or undefined when nothing is. An empty one is none. */
export function clientIdFault(clientId: string): string | undefined {
  return clientId === '' ? undefined : stringFault(clientId);
}

/** Whether a filter asks for the broker's own messages; `#` and `+/...` never match them [MQTT-4.7.2-1]. */
export function isSysFilter(filter: string): boolean {
  return filter === '$SYS' || filter.startsWith('$SYS/');
}

/** A name from the wire for an error message: escaped, and not longer than a line. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

function wildcardFault(filter: string): string | undefined {
  if (!/[+#]/.test(filter)) {
    return undefined;
  }
  const levels = filter.split('/');
  if (levels.some((level, index) => level.includes('#') && (level !== '#' || index < levels.length - 1))) {
    return 'has # elsewhere than alone on its last level [MQTT-4.7.1-2]';
  }
  if (levels.some((level) => level.includes('+') && level !== '+')) {
    return 'has + beside other characters on its level [MQTT-4.7.1-3]';
  }
  return undefined;
}

function stringFault(text: string): string | undefined {
  if (text.length === 0) {
    return 'is empty [MQTT-4.7.3-1]';
  }
  if (text.includes('\u0000')) {
    return 'holds a NUL character [MQTT-4.7.3-2]';
  }
  if (/[\uFFFD\p{Cs}]/u.test(text)) {
    return 'is not valid UTF-8 [MQTT-1.5.3-1]';
  }
  // Three bytes a UTF-16 unit at most, so that short names are not encoded to be measured
  if (text.length > MAX_BYTES / 3 && Buffer.byteLength(text) > MAX_BYTES) {
    return `is longer than ${MAX_BYTES} bytes [MQTT-4.7.3-3]`;
  }
  return undefined;
}
