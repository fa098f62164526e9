// @vitest-environment happy-dom
// Grafana's transformations use `window`.
import {
  type DataFrame,
  type DataTransformerConfig,
  getFieldDisplayName,
  outerJoinDataFrames,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from '@grafana/data';
import { firstValueFrom } from 'rxjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ARRIVAL, TestPanel } from '../testing/test-panel';

beforeAll(() => {
  standardTransformersRegistry.setInit(() =>
    [standardTransformers.groupingToMatrixTransformer, standardTransformers.sortByTransformer].map(
      (transformation) => ({
        id: transformation.id,
        name: transformation.name,
        transformation: () => Promise.resolve(transformation),
        editor: () => null,
        imageDark: '',
        imageLight: '',
      })
    )
  );
});

const transform = (frames: DataFrame[], id: string, options: object): Promise<DataFrame[]> =>
  firstValueFrom(transformDataFrame([{ id, options } satisfies DataTransformerConfig], frames));

const headers = (frames: DataFrame[]): string[] =>
  frames.flatMap((frame) => frame.fields.map((field) => getFieldDisplayName(field, frame, frames)));

const values = ({ fields }: DataFrame, name: string): unknown[] => fields.find((field) => field.name === name)!.values;

describe('rows of one time in a panel with several series', () => {
  test('are all drawn, though Grafana joins series by time', () => {
    const panel = new TestPanel({ topic: 'bst/#' });
    for (let burst = 0; burst < 20; burst++) {
      const at = ARRIVAL + burst * 1_000;
      panel.send({ topic: 'bst/a', payload: '50', at });
      panel.send(...[0, 100, 0, 0].map((value) => ({ topic: 'bst/b', payload: String(value), at })));
    }
    const joined = outerJoinDataFrames({ frames: panel.frames })!;
    const drawn = joined.fields[2].values.filter((value) => value !== null && value !== undefined);
    expect(drawn.filter((value) => value === 100)).toHaveLength(20);
    expect(drawn).toHaveLength(80);
    expect(joined.fields[1].values.filter((value) => value === 50)).toHaveLength(20);
  });

  test.each([
    ['of arrival', {}, (value: number) => ({ payload: { v: value } })],
    ['of the payload', { time: { from: 'auto' } } as const, (v: number) => ({ payload: { v, ts: ARRIVAL } })],
    ['in minmax', { reduce: 'minmax' } as const, (value: number) => ({ payload: String(value) })],
  ])('keep their order and lie less than a millisecond apart: %s', (_, query, message) => {
    const panel = new TestPanel(query);
    panel.send(...[1, 99, 2].map((value) => ({ ...message(value), at: ARRIVAL })), { ...message(3), at: ARRIVAL + 1 });
    panel.send({ topic: 'u', payload: '1', at: ARRIVAL });
    const [time, ...fields] = panel.frames[0].fields;
    const times = time.values as number[];
    expect(new Set(times).size).toBe(times.length);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((each) => each >= ARRIVAL && each <= ARRIVAL + 1.01)).toBe(true);
    expect(fields.at(-1)!.values).toContain(99);
  });
});

describe('tables in transformations', () => {
  const table = (shape: 'table' | 'latest', ...payloads: object[]): DataFrame[] =>
    new TestPanel({ shape, topic: 'home/+' }).send(
      ...payloads.map((payload, i) => ({ topic: `home/${'abcdef'[i]}`, payload, at: ARRIVAL + i }))
    ).frames;

  test.each([
    ['temp', (value: number) => ({ temp: value })],
    ['Value', (value: number) => String(value)],
    ['temp', (value: number) => ({ temp: value, hum: 1 })],
  ])('"Grouping to matrix" names its columns by topic: values from %s', async (valueField, payload) => {
    const frames = table('table', payload(1) as object, payload(2) as object);
    const options = { columnField: 'Topic', rowField: 'Time', valueField };
    const matrix = await transform(frames, 'groupingToMatrix', options);
    // In the order of the rows, of which the newest is the first.
    expect(headers(matrix)).toEqual(['Time\\Topic', 'home/b', 'home/a']);
  });

  test('columns have the names of their fields, also with several queries', () => {
    const one = table('table', '1' as unknown as object);
    expect(headers(one)).toEqual(['Time', 'Topic', 'Value']);
    const two = [...table('table', { t: 1 }), ...table('latest', { t: 1 }).map((frame) => ({ ...frame, refId: 'B' }))];
    expect(headers(two)).toEqual(['Time', 'Topic', 't', 'Time', 'Topic', 't']);
  });

  test.each(['table', 'latest'] as const)('"Sort by" sorts rows with missing cells: %s', async (shape) => {
    const payloads = [{ x: 1 }, { v: 30 }, { v: 10 }, { x: 1 }, { v: 20 }, { x: 2 }];
    for (let turn = 0; turn < payloads.length; turn++) {
      const frames = table(shape, ...payloads.slice(turn), ...payloads.slice(0, turn));
      const sort = async (desc: boolean): Promise<unknown[]> =>
        values((await transform(frames, 'sortBy', { sort: [{ field: 'v', desc }] }))[0], 'v');
      expect((await sort(false)).filter((value) => value !== null)).toEqual([10, 20, 30]);
      expect((await sort(true)).filter((value) => value !== null)).toEqual([30, 20, 10]);
      const [first, ...others] = await sort(false);
      expect([first, ...others].slice(0, 3)).toEqual([null, null, null]);
    }
  });

  test('series keep missing apart from null, so that lines are drawn over what is missing', () => {
    const [frame] = new TestPanel().send({ payload: { a: 1 } }, { payload: { b: 2 } }, { payload: { a: null } }).frames;
    expect(values(frame, 'a')).toEqual([1, undefined, null]);
  });
});
