import { describe, expect, test } from 'vitest';
import { createDecoder } from './decode';
import { readPlainNumber } from './plain-number';

const read = (text: string): number | undefined => readPlainNumber(new TextEncoder().encode(text));

describe('readPlainNumber', () => {
  test.each(['0', '-0', '7', '21.5', '-21.50', '0.1', '123456789012345', '0.00000000000001', '-1.', '9999999999.9999'])(
    'reads %s as Number() does',
    (text) => {
      expect(read(text)).toBe(Number(text));
    }
  );

  test.each([
    '',
    '-',
    '.',
    '.5',
    '-.5',
    '007',
    '00',
    '-01.5',
    '1e5',
    '+5',
    '1 ',
    ' 1',
    '1.2.3',
    '--1',
    '1,5',
    '21.5 C',
    '1234567890123456',
    '½',
  ])('leaves %j to others', (text) => {
    expect(read(text)).toBeUndefined();
  });

  test('never differs from Number(), for hundreds of thousands of decimals of all lengths', () => {
    // A generator of its own: the same numbers in every run (xorshift32).
    let seed = 2_463_534_242;
    const random = (below: number): number => {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      return (seed >>> 0) % below;
    };
    const wrong: string[] = [];
    const bytes = new TextEncoder();
    for (let i = 0; i < 300_000; i++) {
      const count = 1 + random(15);
      let digits = '';
      for (let d = 0; d < count; d++) {
        digits += String(random(10));
      }
      const point = random(count + 1);
      const text = `${random(2) === 0 ? '-' : ''}${digits.slice(0, point)}${point < count ? '.' : ''}${digits.slice(point)}`;
      const value = readPlainNumber(bytes.encode(text));
      if (value !== undefined && !Object.is(value, Number(text))) {
        wrong.push(text);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('what it leaves alone comes out the same through the decoder', () => {
    const decode = createDecoder('auto');
    for (const text of ['007', '.5', '+5', '1e5', ' 21.5\n', '12345678901234567890', 'ON']) {
      expect(decode(new TextEncoder().encode(text), 'a/topic')).toEqual(
        {
          '007': '007',
          '.5': 0.5,
          '+5': 5,
          '1e5': 100_000,
          ' 21.5\n': 21.5,
          '12345678901234567890': '12345678901234567890',
          ON: 'ON',
        }[text]
      );
    }
  });
});
