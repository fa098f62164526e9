import type { Measurement } from './measurement';

/** A part of the time of a thread: the words at the end of its measurement, its colour and the colour of its number. */
const PARTS = [
  { what: 'the plugin', color: '#1f60c4', ink: '#fff' },
  { what: 'Grafana, React and uPlot', color: '#f2a33a', ink: '#1f2430' },
  { what: 'garbage collection', color: '#8a93a3', ink: '#fff' },
  { what: 'the browser', color: '#cfd6e2', ink: '#1f2430' },
] as const;

/** Pixels of the longest bar. */
const LONGEST = 760;
/** A narrower segment has no room for its number. */
const NARROW = 34;

const STYLE = `
  * { box-sizing: border-box; margin: 0 }
  body { width: 1120px; padding: 20px; background: #fff; color: #1f2430; font: 15px/1.35 system-ui, 'DejaVu Sans', sans-serif }
  h1 { margin-bottom: 16px; font-size: 17px }
  h1 small { display: block; font-size: 15px; font-weight: 400; color: #5c6470 }
  .bar { display: flex; align-items: center; margin-bottom: 12px }
  .bar > h2 { width: 240px; font-size: 15px }
  .bar > h2 small { display: block; font-weight: 400; color: #5c6470 }
  .bar > div { height: 40px; line-height: 40px; text-align: center; font-size: 13px; white-space: nowrap }
  .bar > b { padding-left: 10px }
  .key { display: flex; gap: 26px; padding: 6px 0 0 240px; color: #5c6470 }
  .key i { display: inline-block; width: 14px; height: 14px; border-radius: 3px; margin-right: 7px; vertical-align: -2px }
`;

interface Bar {
  readonly name: string;
  readonly more: string;
  /** Milliseconds in a second of each part. */
  readonly ms: readonly number[];
}

/** The measurements of the row `profile` as bars. @throws {Error} if there are none. */
export function profileHtml(profile: readonly Measurement[]): string {
  const of = (thread: string): readonly Measurement[] => {
    const found = PARTS.map(({ what }) => profile.find((each) => each.what.endsWith(`${thread}: ${what}`)));
    return found.filter((each) => each !== undefined);
  };
  const [page, worker] = [of('page'), of('Worker')];
  if (page.length < PARTS.length || worker.length < PARTS.length) {
    throw new Error('The run has no measurements of the row "profile"');
  }
  const bars: Bar[] = [
    { name: 'Thread of the page', more: 'with the plugin', ms: page.map(({ ours }) => ours.value) },
    {
      name: 'The same',
      more: 'rows from memory, drawn as often',
      ms: page.map(({ peer }) => peer?.value ?? 0),
    },
    { name: 'Thread of the Worker', more: 'engine.js', ms: worker.map(({ ours }) => ours.value) },
  ];
  const longest = Math.max(...bars.map(total));
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
    <h1>${rateOf(profile)} messages per second<small>Milliseconds in each second that a thread is busy</small></h1>
    ${bars.map((bar) => barHtml(bar, LONGEST / longest)).join('')}
    <p class="key">${PARTS.map(({ what, color }) => `<span><i style="background:${color}"></i>${what}</span>`).join('')}</p>`;
}

/** @throws {Error} if the measurements do not say at which rate they were taken. */
function rateOf([{ what }]: readonly Measurement[]): string {
  const rate = /^profile at ([\d,]+) messages\/s/.exec(what)?.[1];
  if (rate === undefined) {
    throw new Error(`Expected a rate in "${what}"`);
  }
  return rate;
}

function barHtml(bar: Bar, scale: number): string {
  const segments = bar.ms.map((ms, part) => {
    const width = ms * scale;
    const { color, ink } = PARTS[part];
    const text = width < NARROW ? '' : ms.toFixed(ms < 10 ? 1 : 0);
    return `<div style="width:${width}px;background:${color};color:${ink}">${text}</div>`;
  });
  return `<div class="bar"><h2>${bar.name}<small>${bar.more}</small></h2>${segments.join('')}<b>${total(bar).toFixed(0)} ms</b></div>`;
}

function total({ ms }: Bar): number {
  return ms.reduce((sum, each) => sum + each, 0);
}
