import { expect, test } from 'vitest';
import { withSentence } from './with-sentence';

test.each([
  ['It is gone.', 'It is gone. More.'],
  ['Check the path: ws://broker/mqtt', 'Check the path. More. Broker: ws://broker/mqtt'],
  ['It was lost. Broker: wss://broker:8084/a?b=c', 'It was lost. More. Broker: wss://broker:8084/a?b=c'],
  ['ws://broker is not it.', 'ws://broker is not it. More.'],
])('%s', (message, longer) => {
  expect(withSentence(message, 'More.')).toBe(longer);
});
