import { afterEach, describe, expect, test, vi } from 'vitest';
import { DecodeFailure } from './decoded';
import { decoderOf, Part, PartPending } from './part';

afterEach(() => {
  vi.useRealTimers();
});

const CODE = { read: (bytes: Uint8Array) => bytes.length };

/** A part of which each attempt to load ends as the test says. */
function setUp() {
  const attempts: Array<{ succeed(): void; fail(reason: string): void }> = [];
  const part = new Part(
    () =>
      new Promise<typeof CODE>((resolve, reject) => {
        attempts.push({ succeed: () => resolve(CODE), fail: (reason) => reject(new Error(reason)) });
      })
  );
  return { part, attempts };
}

describe('a decoder of a part', () => {
  test('throws that its code is pending, until it is there', async () => {
    const { part, attempts } = setUp();
    const decode = decoderOf(part, ({ read }) => read);
    expect(attempts).toHaveLength(1);
    expect(() => decode(new Uint8Array(3), 't')).toThrow(PartPending);
    attempts[0].succeed();
    await part.load();
    expect(decode(new Uint8Array(3), 't')).toBe(3);
    expect(decoderOf(part, ({ read }) => read)).toBe(CODE.read);
    expect(attempts).toHaveLength(1);
  });

  test('has one state for all messages', async () => {
    const { part, attempts } = setUp();
    const decode = decoderOf(part, () => {
      let count = 0;
      return () => ++count;
    });
    attempts[0].succeed();
    await part.load();
    expect([1, 2, 3].map(() => decode(new Uint8Array(), 't'))).toEqual([1, 2, 3]);
  });

  test('gives the reason and what to do if its code does not come, and another stream tries again', async () => {
    const { part, attempts } = setUp();
    const decode = decoderOf(part, ({ read }) => read);
    attempts[0].fail('Failed to fetch formats-ABC.js');
    await part.load();
    const failure = decode(new Uint8Array(3), 't');
    expect(failure).toBeInstanceOf(DecodeFailure);
    expect((failure as DecodeFailure).reason).toBe(
      'The browser did not load the part of this plugin that reads the payload: Failed to fetch formats-ABC.js. Reload the page.'
    );
    const next = decoderOf(part, ({ read }) => read);
    expect(attempts).toHaveLength(2);
    attempts[1].succeed();
    await part.load();
    expect([decode, next].map((each) => each(new Uint8Array(3), 't'))).toEqual([3, 3]);
  });

  test('does not wait for ever', async () => {
    vi.useFakeTimers();
    const { part } = setUp();
    const loaded = part.load();
    await vi.advanceTimersByTimeAsync(30_000);
    await loaded;
    expect(part.get()).toMatchObject({ reason: expect.stringContaining('did not come within 30 s') });
  });
});
