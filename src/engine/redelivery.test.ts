import { expect, test } from 'vitest';
import { incoming } from '../testing/incoming';
import type { IncomingMessage } from './incoming-message';
import { Redelivery } from './redelivery';

const message = (messageId: number, dup: boolean, payload: string): IncomingMessage =>
  incoming('t', payload, { qos: 1, messageId, dup });

test('a message that comes again over a resumed session, with DUP and the same identifier, is known', () => {
  const redelivery = new Redelivery();
  redelivery.begin(false);
  expect(redelivery.repeats(message(1, false, 'a'))).toBe(false);
  expect(redelivery.repeats(message(2, false, 'b'))).toBe(false);
  redelivery.begin(true);
  expect(redelivery.repeats(message(2, true, 'b'))).toBe(true);
  // The identifier is free now, and what has it next is another message.
  expect(redelivery.repeats(message(2, true, 'b'))).toBe(false);
});

test('one that was lost on the way is not: DUP alone says nothing, and identifiers are used again', () => {
  const redelivery = new Redelivery();
  redelivery.begin(false);
  redelivery.repeats(message(1, false, 'a'));
  redelivery.begin(true);
  expect(redelivery.repeats(message(1, true, 'other'))).toBe(false);
  expect(redelivery.repeats(message(3, true, 'a'))).toBe(false);
});

test('without the session there are no redeliveries', () => {
  const redelivery = new Redelivery();
  redelivery.begin(false);
  redelivery.repeats(message(1, false, 'a'));
  redelivery.begin(false);
  expect(redelivery.repeats(message(1, true, 'a'))).toBe(false);
});
