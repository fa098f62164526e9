/** Which time a row has, and what follows from it, from the bytes of messages to the frames of a panel. */
import { describe, expect, test } from 'vitest';
import { ARRIVAL, Shown } from '../testing/shown';

const MISSING = undefined;

describe('a time found by name', () => {
  test('is no field of its row; what is no time under the same name is one', () => {
    const shown = new Shown({ time: { from: 'auto' } }).send(
      { payload: { t: ARRIVAL / 1_000 - 1, v: 1 } },
      { payload: { t: 21.5, v: 2 } },
      { payload: { t: 'boot', v: 3 } },
      { payload: { t: ARRIVAL / 1_000 + 5, v: 4 } }
    );
    expect(shown.fields()).toEqual({
      Time: [ARRIVAL - 1_000, ARRIVAL + 1_000, ARRIVAL + 2_000, ARRIVAL + 5_000],
      v: [1, 2, 3, 4],
      t: [MISSING, 21.5, MISSING, MISSING],
      't (text)': [MISSING, MISSING, 'boot', MISSING],
    });
  });

  test('is no field either where it is also a label, whatever the row', () => {
    const shown = new Shown({ time: { from: 'auto' }, labels: [{ path: 't' }] }).send(
      { payload: { t: ARRIVAL, v: 1 } },
      { payload: { t: 5, v: 2 } }
    );
    expect(shown.frames.map((_, i) => Object.keys(shown.fields(i)))).toEqual([
      ['Time', 'v'],
      ['Time', 'v'],
    ]);
  });
});
