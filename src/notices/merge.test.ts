import { describe, expect, test } from 'vitest';
import { mergeNotices, type QueryNotice } from './merge';

const warning = (text: string, refId?: string): QueryNotice => ({ severity: 'warning', text, refId });

describe('notices of a response', () => {
  test('are one of each severity, the worst first and each in the order given', () => {
    expect(
      mergeNotices(
        [
          { severity: 'info', text: 'By the way.' },
          { severity: 'error', text: 'Not connected.' },
          warning('One.', 'A'),
          { severity: 'error', text: 'Refused.', refId: 'A' },
          warning('Two.', 'A'),
        ],
        1
      )
    ).toEqual([
      { severity: 'error', text: 'Not connected. Refused.' },
      { severity: 'warning', text: 'One. Two.' },
      { severity: 'info', text: 'By the way.' },
    ]);
  });

  test('say whose they are where there are several queries, and once what is so for all', () => {
    const said = [warning('So it is.'), warning('One.', 'A'), warning('One.', 'B'), warning('One.', 'C')];
    expect(mergeNotices([...said, warning('Two.', 'A'), warning('Two.', 'C'), warning('Three.', 'B')], 3)).toEqual([
      warning('So it is. One. A, C: Two. B: Three.'),
    ]);
  });

  test('of nothing are none', () => {
    expect(mergeNotices([], 2)).toEqual([]);
  });
});
