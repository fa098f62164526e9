import { expect, test } from 'vitest';
import { Redelivery } from './redelivery';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a message that comes again over a resumed session, with DUP and the same identifier, is known', () => {
  const redelivery = new Redelivery();
  redelivery.begin(false);
  expect(redelivery.repeats(1, false, 't', bytes('a'))).toBe(false);
  expect(redelivery.repeats(2, false, 't', bytes('b'))).toBe(false);
  redelivery.begin(true);
  expect(redelivery.repeats(2, true, 't', bytes('b'))).toBe(true);
  // The identifier is free now, and what has it next is another message.
  expect(redelivery.repeats(2, true, 't', bytes('b'))).toBe(false);
});

test('one that was lost on the way is not: DUP alone says nothing, and identifiers are used again', () => {
  const redelivery = new Redelivery();
  redelivery.begin(false);
  redelivery.repeats(1, false, 't', bytes('a'));
  redelivery.begin(true);
  expect(redelivery.repeats(1, true, 't', bytes('other'))).toBe(false);
  expect(redelivery.repeats(3, true, 't', bytes('a'))).toBe(false);
});

test('without the session there are no redeliveries', () => {
  const redelivery = new Redelivery();
  redelivery.begin(false);
  redelivery.repeats(1, false, 't', bytes('a'));
  redelivery.begin(false);
  expect(redelivery.repeats(1, true, 't', bytes('a'))).toBe(false);
});
