import { pino, type Logger } from 'pino';
import type { Config } from '../config/settings';

export type { Logger };

/**
 * Creates a logger that writes to standard error, so that standard output has the output of the command only.
 *
 * @param write replaces standard error in tests
 */
export function createLogger({ level, format }: Config['log'], write?: (text: string) => void): Logger {
  const pretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
  if (pretty) {
    const out = write ?? ((text: string): void => void process.stderr.write(text));
    return pino(options, { write: (line: string) => out(prettyLine(line)) });
  }
  // Synchronous: the last lines before an exit matter most
  return write ? pino(options, { write }) : pino(options, pino.destination({ dest: 2, sync: true }));
}

/** Formats a line: `12:03:44 WARN  Wrong user or password for "anna" (client=tab-1 listener=ws address=127.0.0.1)`. */
export function prettyLine(line: string): string {
  const {
    level,
    time,
    msg = '',
    err,
    ...rest
  } = JSON.parse(line) as {
    level: number;
    time: string;
    msg?: string;
    err?: { stack?: string };
  } & Record<string, unknown>;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${formatValue(value)}`);
  const name = (pino.levels.labels[level] ?? String(level)).toUpperCase().padEnd(5);
  const tail = details.length > 0 ? ` (${details.join(' ')})` : '';
  const stack = err?.stack ? `\n${err.stack}` : '';
  return `${time.slice(11, 19)} ${name} ${escapeControls(msg)}${tail}${stack}\n`;
}

function formatValue(value: unknown): string {
  return escapeControls(typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value));
}

/** Escapes control characters: clients choose names, which must not control the terminal. */
function escapeControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
