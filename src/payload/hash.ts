const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a over bytes, after what `begin` is the hash of. About a nanosecond for each. */
export function hashBytes(bytes: Uint8Array, begin = OFFSET): number {
  let hash = begin;
  for (let i = 0; i < bytes.length; i++) {
    hash = Math.imul(hash ^ bytes[i], PRIME);
  }
  return hash;
}

/** FNV-1a over the units of a text. */
export function hashText(text: string): number {
  let hash = OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  }
  return hash;
}
