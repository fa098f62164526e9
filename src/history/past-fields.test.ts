import { type DataFrame, FieldType } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import { readPastFields } from './past-fields';

const none: ReadonlySet<string> = new Set();

function frame(fields: DataFrame['fields'], name?: string): DataFrame {
  return { ...(name === undefined ? undefined : { name }), fields, length: fields[0].values.length };
}

const time = (...values: number[]) => ({ name: 'Time', type: FieldType.time, config: {}, values });

describe('readPastFields', () => {
  test('reads a frame for each series, with its labels', () => {
    const values = { name: 'Value', type: FieldType.number, config: {}, labels: { room: 'kitchen' }, values: [1, 2] };
    expect(readPastFields([frame([time(10, 20), values], 'home.mean {room: kitchen}')], none)).toEqual([
      {
        labels: { room: 'kitchen' },
        names: ['Value', 'home.mean {room: kitchen}'],
        type: 'number',
        times: [10, 20],
        values: [1, 2],
      },
    ]);
  });

  test('reads a wide frame, and not its name, which is that of no field', () => {
    const field = (room: string, values: Array<number | null>) => ({
      name: 'temperature',
      type: FieldType.number,
      config: {},
      labels: { room },
      values,
    });
    const wide = frame([time(10, 20, 30), field('kitchen', [1, null, 3]), field('attic', [null, 5, null])], 'A');
    expect(
      readPastFields([wide], none).map(({ labels, names, times, values }) => [labels, names, times, values])
    ).toEqual([
      // A gap between values stays; nulls at the ends are intervals without a row.
      [{ room: 'kitchen' }, ['temperature'], [10, 20, 30], [1, null, 3]],
      [{ room: 'attic' }, ['temperature'], [20], [5]],
    ]);
  });

  test('reads a long frame: texts under the name of a label are labels', () => {
    const long = frame([
      time(30, 10, 20),
      { name: 'room', type: FieldType.string, config: {}, values: ['kitchen', 'kitchen', 'attic'] },
      { name: 'state', type: FieldType.string, config: {}, values: ['on', 'off', 'off'] },
      { name: 'watts', type: FieldType.number, config: {}, values: [3, 1, 2] },
    ]);
    const fields = readPastFields([long], new Set(['room']));
    expect(fields.map(({ labels, names: [name], times, values }) => [labels, name, times, values])).toEqual([
      [{ room: 'kitchen' }, 'state', [10, 30], ['off', 'on']],
      [{ room: 'kitchen' }, 'watts', [10, 30], [1, 3]],
      [{ room: 'attic' }, 'state', [20], ['off']],
      [{ room: 'attic' }, 'watts', [20], [2]],
    ]);
  });

  test("reads Grafana's old time series, and nothing without times", () => {
    const old = {
      target: 'home/kitchen/temperature',
      datapoints: [
        [21, 10],
        [22, 20],
      ],
    };
    expect(readPastFields([old], none)).toMatchObject([
      { names: expect.arrayContaining(['home/kitchen/temperature']) as string[], times: [10, 20], values: [21, 22] },
    ]);
    expect(readPastFields([frame([{ name: 'a', type: FieldType.number, config: {}, values: [1] }])], none)).toEqual([]);
    expect(readPastFields([{ fields: [], length: 0 }], none)).toEqual([]);
  });
});
