import type { PanelData } from '@grafana/data';
import type { QueryDiagnostics } from '../types';

/** What the data of a panel says of one query's messages. */
export function reportIn(data: PanelData | undefined, refId: string): QueryDiagnostics | undefined {
  for (const frame of data?.series ?? []) {
    const report: unknown = frame.refId === refId ? frame.meta?.custom?.mqtt : undefined;
    if (typeof report === 'object' && report !== null) {
      return report as QueryDiagnostics;
    }
  }
  return undefined;
}

/** A payload as people read it. */
export interface ShownBytes {
  /** With a point for what has no character of its own. */
  readonly text: string;
  /** The bytes in groups. */
  readonly hex: string;
  /** The text does not say all that the bytes do. */
  readonly binary: boolean;
}

/** What has no character: all but tabs and the ends of lines. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Makes the beginning of a payload of so many bytes readable. */
export function showBytes(hex: string, length: number): ShownBytes {
  const pairs = hex.match(/../g) ?? [];
  const bytes = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
  // A character that the end of what is shown cuts through is left out, and is no sign of anything.
  const decoded = new TextDecoder().decode(bytes, { stream: bytes.length < length });
  const text = decoded.replaceAll(CONTROL, '·');
  return { text, hex: pairs.join(' '), binary: text !== decoded || text.includes('\ufffd') };
}

/** `1,024 of 3,400 bytes`. */
export function shownOf(hex: string, length: number): string {
  const shown = hex.length / 2;
  const bytes = `${length.toLocaleString('en-US')} byte${length === 1 ? '' : 's'}`;
  return shown < length ? `the first ${shown.toLocaleString('en-US')} of ${bytes}` : bytes;
}
