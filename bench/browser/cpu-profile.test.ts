import { expect, test } from 'vitest';
import { type CpuProfile, partsOf, profileOf } from './cpu-profile';

const frame = (functionName: string, url?: string) => ({ functionName, url, scriptId: 0 });
const SAMPLES = { samples: [2, 3, 4, 5, 6], timeDeltas: [400, 100, 50, 25, 12] };
const NODES = [
  { id: 1, callFrame: frame('(root)') },
  { id: 2, parent: 1, callFrame: frame('(idle)') },
  { id: 3, parent: 1, callFrame: frame('decode', 'http://host/plugins/ours/engine.js') },
  { id: 4, parent: 3, callFrame: frame('map') },
  { id: 5, parent: 1, callFrame: frame('draw', 'http://host/drawn.js') },
  { id: 6, parent: 1, callFrame: frame('(program)') },
];

const meta = (tid: number, name: string) => ({ name: 'thread_name', ph: 'M', pid: 1, tid, ts: 0, args: { name } });
const begin = (tid: number, id: string) => ({
  name: 'Profile',
  ph: 'P',
  pid: 1,
  tid,
  ts: 1_000,
  id,
  args: { data: { startTime: 1_000 } },
});
const chunk = (id: string, data: object) => ({
  name: 'ProfileChunk',
  ph: 'P',
  pid: 1,
  tid: 99,
  ts: 0,
  id,
  args: { data },
});

test('a profile is put together from the chunks that another thread wrote', () => {
  const events = [
    meta(7, 'CrRendererMain'),
    meta(8, 'DedicatedWorker thread'),
    begin(7, '0x1'),
    begin(8, '0x2'),
    chunk('0x1', { cpuProfile: { nodes: NODES.slice(0, 3), samples: [2, 3] }, timeDeltas: [400, 100] }),
    chunk('0x2', { cpuProfile: { nodes: NODES, samples: [6] }, timeDeltas: [1] }),
    chunk('0x1', { cpuProfile: { nodes: NODES.slice(3), samples: [4, 5, 6] }, timeDeltas: [50, 25, 12] }),
  ];
  const profile = profileOf(events, 'CrRendererMain');
  expect(profile).toMatchObject({ ...SAMPLES, startTime: 1_000, endTime: 1_587 });
  expect(profile.nodes.map(({ children }) => children)).toEqual([[2, 3, 5, 6], [], [4], [], [], []]);
  expect(profileOf(events, 'DedicatedWorker thread').samples).toEqual([6]);
  expect(() => profileOf([], 'CrRendererMain')).toThrow('no profile of CrRendererMain');
});

test('the time of each part: what the language does is its caller’s, and what has no script the browser’s', () => {
  // Ten milliseconds; the last sample lasts for an unknown time.
  const profile: CpuProfile = { nodes: NODES, ...SAMPLES, startTime: 0, endTime: 10_000 };
  expect(partsOf(profile, '/ours/')).toEqual({ ours: 7.5, grafana: 1.2, garbage: 0, browser: 0 });
});
