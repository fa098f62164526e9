import type { PanelData } from '@grafana/data';
import type { QueryReport } from '../types';

/** What the data of a panel says of one query's messages. */
export function reportIn(data: PanelData | undefined, refId: string): QueryReport | undefined {
  for (const frame of data?.series ?? []) {
    const report: unknown = frame.refId === refId ? frame.meta?.custom?.mqtt : undefined;
    if (typeof report === 'object' && report !== null) {
      return report as QueryReport;
    }
  }
  return undefined;
}

/** A payload as people read it: text, and bytes in groups, each with a point where it has no character of its own. */
export function showBytes(hex: string): { text: string; hex: string } {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  // oxlint-disable-next-line no-control-regex -- what has no character is what is looked for
  const text = new TextDecoder().decode(bytes).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '·');
  return { text, hex: (hex.match(/../g) ?? []).join(' ') };
}

/** `256 of 3,400 bytes`. */
export function shownOf(hex: string, length: number): string {
  const shown = hex.length / 2;
  const bytes = `${length.toLocaleString('en-US')} byte${length === 1 ? '' : 's'}`;
  return shown < length ? `the first ${shown.toLocaleString('en-US')} of ${bytes}` : bytes;
}
