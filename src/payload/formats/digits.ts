/** Whether a byte of ASCII, or a code unit of a text, is a digit. */
export function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}
