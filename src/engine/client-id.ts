/** A client id that no other tab has: two clients with one id drive each other out without end. */
export function newClientId(prefix: string, random: () => number): string {
  const part = Array.from({ length: 12 }, () => Math.floor(random() * 36).toString(36)).join('');
  return `${prefix}-${part}`;
}
