/**
 * A text that came from somebody else, for a message: in quotation marks, with control characters escaped, and cut off.
 *
 * @param maxLength characters (UTF-16 code units) that are left; a text that was cut ends with `…`.
 */
export function quote(text: string, maxLength = 40): string {
  return JSON.stringify(text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);
}
