import type { TraceEvent } from './trace';

/** What Chromium records of a thread: the format that its developer tools open. */
export interface CpuProfile {
  readonly nodes: ProfileNode[];
  /** In microseconds. */
  readonly startTime: number;
  endTime: number;
  /** Nodes, and the microseconds since the sample before. */
  readonly samples: number[];
  readonly timeDeltas: number[];
}

interface ProfileNode {
  readonly id: number;
  readonly parent?: number;
  children?: number[];
  readonly callFrame: {
    readonly functionName: string;
    readonly url?: string;
    readonly scriptId: number | string;
    readonly lineNumber?: number;
    readonly columnNumber?: number;
  };
}

/** `args.data` of the events Profile and ProfileChunk. */
interface ProfileData {
  readonly startTime?: number;
  readonly cpuProfile?: { readonly nodes?: ProfileNode[]; readonly samples?: number[] };
  readonly timeDeltas?: number[];
}

/** The category to trace. */
export const PROFILER = 'disabled-by-default-v8.cpu_profiler';

export type ThreadName = 'CrRendererMain' | 'DedicatedWorker thread';

/** The profile of the thread with the most samples of this name: an idle page has one too. */
export function profileOf(events: readonly TraceEvent[], thread: ThreadName): CpuProfile {
  const threads = events.filter(({ name, args }) => name === 'thread_name' && args.name === thread);
  const profiles = events
    .filter((event) => event.name === 'Profile')
    .filter((event) => threads.some(({ pid, tid }) => pid === event.pid && tid === event.tid))
    .map((begin) => assembled(begin, events));
  const [longest] = profiles.toSorted((a, b) => b.samples.length - a.samples.length);
  if (longest === undefined) {
    throw new Error(`Chromium recorded no profile of ${thread}`);
  }
  return longest;
}

function assembled(begin: TraceEvent, events: readonly TraceEvent[]): CpuProfile {
  const startTime = dataOf(begin).startTime ?? begin.ts;
  const profile: CpuProfile = { nodes: [], startTime, endTime: startTime, samples: [], timeDeltas: [] };
  // The thread that takes the samples writes the chunks: they share the id, not the thread.
  for (const chunk of events) {
    if (chunk.name === 'ProfileChunk' && chunk.pid === begin.pid && chunk.id === begin.id) {
      const { cpuProfile, timeDeltas = [] } = dataOf(chunk);
      profile.nodes.push(...(cpuProfile?.nodes ?? []).map((node) => ({ ...node, children: [] })));
      profile.samples.push(...(cpuProfile?.samples ?? []));
      profile.timeDeltas.push(...timeDeltas);
    }
  }
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  for (const { id, parent } of profile.nodes) {
    byId.get(parent ?? -1)?.children?.push(id);
  }
  profile.endTime = profile.timeDeltas.reduce((sum, delta) => sum + delta, startTime);
  return profile;
}

function dataOf({ args }: TraceEvent): ProfileData {
  return (args.data ?? {}) as ProfileData;
}

/** Whose time it is. */
export type Part = 'ours' | 'grafana' | 'garbage' | 'browser';

/** @returns milliseconds of each part in a second. What runs without a script of ours or of the page is the browser's. */
export function partsOf(
  { nodes, samples, timeDeltas, startTime, endTime }: CpuProfile,
  ours: string
): Record<Part, number> {
  const owners = new Map(nodes.map((node) => [node.id, ownerOf(node, ours)]));
  const parents = new Map(nodes.map(({ id, parent }) => [id, parent]));
  const us: Record<Part | 'idle', number> = { ours: 0, grafana: 0, garbage: 0, browser: 0, idle: 0 };
  samples.forEach((id, i) => {
    // A sample lasts until the next one; before the first one the thread was idle.
    const lasted = Math.max(0, timeDeltas[i + 1] ?? 0);
    let at: number | undefined = id;
    // A function of the language, such as Array.map, is its caller's.
    while (at !== undefined && owners.get(at) === undefined) {
      at = parents.get(at);
    }
    us[(at === undefined ? undefined : owners.get(at)) ?? 'browser'] += lasted;
  });
  const perSecond = (part: Part): number => (us[part] / Math.max(1, endTime - startTime)) * 1_000;
  return {
    ours: perSecond('ours'),
    grafana: perSecond('grafana'),
    garbage: perSecond('garbage'),
    browser: perSecond('browser'),
  };
}

function ownerOf({ callFrame: { functionName, url = '' } }: ProfileNode, ours: string): Part | 'idle' | undefined {
  if (functionName === '(idle)') {
    return 'idle';
  }
  if (functionName === '(garbage collector)') {
    return 'garbage';
  }
  if (functionName === '(program)' || functionName === '(root)') {
    return 'browser';
  }
  if (url === '') {
    return undefined;
  }
  return url.includes(ours) ? 'ours' : 'grafana';
}
