// The page of the rows that draw: one panel of the workbench, drawn by Grafana's own TimeSeries, with the built plugin
// or with a peer.
import type { DataQueryResponse, DataSourcePluginMeta, FieldConfigSource, PanelData } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { useEffect, useLayoutEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { Observable } from 'rxjs';
import { request } from '../../../src/testing/test-request';
import { runRequest } from '../../../workbench/grafana/run-request';
import { Visualization } from '../../../workbench/host/panels/visualization';
import { DrawMeter } from './draw-meter';
import { memory, ticker } from './peers';
import { pluginSource, preparePlugin } from './plugin-source';

const WIDTH = 1_000;
const HEIGHT = 300;
/** How long the first drawing may take, in milliseconds. */
const DRAWN_MS = 20_000;
const FIELD_CONFIG: FieldConfigSource = { defaults: {}, overrides: [] };

/** The source of a panel. */
export interface DrawnOrder {
  readonly kind: 'ours' | 'ticker' | 'memory';
  readonly url: string;
  readonly topic: string;
  /** What Grafana suggests for the panel; and the interval of the peers, in milliseconds. */
  readonly intervalMs: number;
  /** Messages a second of `memory`; 0: one response. */
  readonly rate: number;
}

let meta: DataSourcePluginMeta | undefined;
const meter = new DrawMeter();

/** The functions of the page that the suite calls. */
const drawn = {
  /** Resolves when the panel has been drawn with a row. @throws {Error} if that takes too long. */
  async open(order: DrawnOrder): Promise<void> {
    const deadline = performance.now() + DRAWN_MS;
    const query = await queryOf(order);
    const targets = request([{ topic: order.topic }], { intervalMs: order.intervalMs, maxDataPoints: WIDTH });
    const panel = document.querySelector('main')!;
    createRoot(panel).render(<DrawnPanel responses={runRequest({ query }, targets)} />);
    while (meter.draws === 0 || meter.rows === 0) {
      if (performance.now() > deadline) {
        throw new Error(`The panel was not drawn within ${DRAWN_MS / 1_000} s`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  /** From now on, ages and draws are counted. */
  reset: () => meter.reset(),
  state: () => ({ at: performance.now(), ages: meter.ages, draws: meter.draws, rows: meter.rows }),
};

export type DrawnPage = typeof drawn;

async function queryOf({ kind, url, topic, rate, intervalMs }: DrawnOrder) {
  if (kind === 'ours') {
    const source = await pluginSource(meta!, url, { protocol: '3.1.1' });
    return (query: Parameters<typeof source.query>[0]) => source.query(query);
  }
  return (): Observable<DataQueryResponse> =>
    kind === 'ticker' ? ticker(url, topic, intervalMs, WIDTH) : memory(rate, intervalMs, WIDTH);
}

function DrawnPanel({ responses }: { responses: Observable<PanelData> }): React.JSX.Element {
  const [data, setData] = useState<PanelData>();
  useEffect(() => {
    const subscription = responses.subscribe(setData);
    return () => subscription.unsubscribe();
  }, [responses]);
  // Effects of children run first: the plot has the frames, and draws them in a microtask.
  useLayoutEffect(() => meter.commit(data?.series ?? []), [data]);
  const size = { width: WIDTH, height: HEIGHT };
  return <Visualization type="timeseries" title="bench" data={data} fieldConfig={FIELD_CONFIG} {...size} />;
}

async function prepare(): Promise<void> {
  await initPluginTranslations('bench');
  meta = await preparePlugin();
  Object.assign(globalThis, { drawn });
}

void prepare();
