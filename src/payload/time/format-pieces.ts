/** The pieces of a format of moment.js: text in brackets, a token that says when, blanks, or any other character. */
export const PIECES =
  /\[([^\]]*)\]|(YYYY|YY|M{1,4}|D{1,2}|d{3,4}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|S+|A|a|Z{1,2}|X|x)|\s+|[^]/g;

/** @throws {Error} if the format names no part of a time. */
export function checkTimeFormat(format: string): void {
  if (!Array.from(format.trim().matchAll(PIECES)).some(([, , name]) => name !== undefined)) {
    throw new Error(`The time format "${format}" names no part of a time. Write for example YYYY-MM-DD HH:mm:ss.`);
  }
}
