import { availableParallelism } from 'node:os';
import { isMeasured, type Quantity, type Ratio, type Result } from './measurement';

const HEADERS = ['What', 'Ours', 'Peer', 'Ratio', 'Target', 'Met'] as const;

/** The measurements as a Markdown table, for the terminal and for docs/development/measuring.md. */
export function table(results: readonly Result[], judged: boolean): string {
  const rows = results.map((result) => cells(result, judged));
  const widths = HEADERS.map((header, i) => Math.max(header.length, ...rows.map((row) => row[i].length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |\n`;
  return line(HEADERS) + line(widths.map((width) => '-'.repeat(width))) + rows.map(line).join('');
}

/** The measurements for programs. */
export function json(results: readonly Result[], short: boolean): string {
  const machine = { cores: availableParallelism(), platform: process.platform, node: process.version };
  return `${JSON.stringify({ short, machine, results }, undefined, 2)}\n`;
}

function cells(result: Result, judged: boolean): string[] {
  if (!isMeasured(result)) {
    return [result.what, `not measured: ${result.unmeasured}`, '', '', '', ''];
  }
  const { what, ours, peer, ratio, target, met, note, parts = [] } = result;
  const { unit } = ours;
  const inParts = parts.map((part) => {
    const [value, peers] = [part.ours, part.peer].map((each) => quantity({ value: each, unit }));
    return `${part.name} ${value} (peer: ${peers})`;
  });
  const notes = [...(parts.length > 0 ? [`of it ${inParts.join(', ')}`] : []), ...(note === undefined ? [] : [note])];
  return [
    notes.length === 0 ? what : `${what} (${notes.join('; ')})`,
    quantity(ours),
    peer === undefined ? '' : `${peer.name}: ${quantity(peer)}`,
    ratio === undefined ? '' : inWords(ratio),
    target ?? '',
    met === undefined ? '' : !judged ? 'not judged' : met ? 'yes' : 'no',
  ];
}

function quantity({ value, unit }: Quantity): string {
  return `${number(value)}${unit === '%' || unit === '/s' ? '' : ' '}${unit}`;
}

function inWords({ value, means }: Ratio): string {
  return `${number(value)} ${means}`;
}

/** Three significant digits. */
function number(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(3, digits) });
}
