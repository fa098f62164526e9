import { createDecoder } from '../../payload';
import { importPart, Part, PartPending } from '../../payload/part';
import { UnitFinder } from '../../payload/units/unit-words';
import { pivot } from '../../topics';
import type { ConnectionDeps } from '../connection-events';
import { Connection } from '../mqtt-connection';
import type { EnginePort, Nearest, ToEngine } from '../protocol';
import type * as explorerModule from './explorer';
import { Stream } from '../stream';
import type { ExplorerStart } from './explorer';

/** The file of the part; the build knows its name, and tests import the module. */
declare const EXPLORER_PART: string;

/** The explorer, which only an open query editor needs. */
const part = new Part<typeof explorerModule>(() =>
  typeof EXPLORER_PART === 'undefined' ? import('./explorer') : importPart(EXPLORER_PART)
);

const TOOLS = { Connection, createDecoder, PartPending, Units: UnitFinder, Stream, pivot };

/** Turns an engine's port into an explorer, as soon as its code is there. Never rejects. */
export async function startExplorer(port: EnginePort, deps: ConnectionDeps, start: ExplorerStart): Promise<void> {
  const waiting: ToEngine[] = [];
  port.onmessage = ({ data }) => waiting.push(data);
  await part.load();
  const explorer = part.code === undefined ? undefined : new part.code.Explorer(port, deps, start, TOOLS);
  if (explorer === undefined) {
    const message = 'The browser did not load the part of this plugin that shows topics. Reload the page.';
    port.postMessage({
      type: 'status',
      status: { state: 'stopped', since: deps.now(), error: { code: 'engine', message } },
    });
  }
  const handle = (message: ToEngine): void => {
    if (explorer !== undefined) {
      explorer.handle(message);
    } else if (message.type === 'stop') {
      port.postMessage({ type: 'stopped' });
    }
  };
  port.onmessage = ({ data }) => handle(data);
  waiting.forEach(handle);
}

/** Finds the topics that are near some filters, which only a query editor needs. Never rejects. */
export async function findNearest(
  port: EnginePort,
  { request, filters, topics }: Extract<ToEngine, { type: 'nearest' }>
): Promise<void> {
  await part.load();
  const { code } = part;
  const nearest =
    code === undefined
      ? []
      : filters.map((filter): Nearest => ({ filter, topics: code.nearestTopics(filter, topics) }));
  port.postMessage({ type: 'nearest', request, nearest: nearest.filter(({ topics: found }) => found.length > 0) });
}
