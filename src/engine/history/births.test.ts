import { expect, test } from 'vitest';
import { Stream } from '../stream';
import { SPEC } from '../../testing/test-engine';
import { Births, birthFiltersOf, MAX_BIRTH_BYTES, MAX_BIRTHS } from './births';
import { DEFINITION_EPOCH, type StoredMessage } from './message-segment';

const ALL = ['spBv1.0/+/NBIRTH/+', 'spBv1.0/+/DBIRTH/+/+/#'];

test.each([
  ['#', ALL],
  ['+/#', ALL],
  ['spBv1.0/#', ALL],
  ['spBv1.0/G/#', ['spBv1.0/G/NBIRTH/+', 'spBv1.0/G/DBIRTH/+/+/#']],
  ['spBv1.0/G/+/N/#', ['spBv1.0/G/NBIRTH/N', 'spBv1.0/G/DBIRTH/N/+/#']],
  ['spBv1.0/G/+/N/D', ['spBv1.0/G/NBIRTH/N', 'spBv1.0/G/DBIRTH/N/D']],
  ['spBv1.0/G/DDATA/N/D', ['spBv1.0/G/NBIRTH/N', 'spBv1.0/G/DBIRTH/N/D']],
  ['spBv1.0/G/DDATA/+/+', ['spBv1.0/G/NBIRTH/+', 'spBv1.0/G/DBIRTH/+/+']],
  ['spBv1.0/G/DDATA/#', ['spBv1.0/G/NBIRTH/+', 'spBv1.0/G/DBIRTH/+/+/#']],
  ['spBv1.0/G/+/N', ['spBv1.0/G/NBIRTH/N']],
  ['spBv1.0/G/NDATA/#', ['spBv1.0/G/NBIRTH/+']],
  ['site/spBv1.0/G/DDATA/N/D', ['site/spBv1.0/G/NBIRTH/N', 'site/spBv1.0/G/DBIRTH/N/D']],
  ['site/spBv1.0/G/#', ['site/spBv1.0/G/NBIRTH/+', 'site/spBv1.0/G/DBIRTH/+/+/#']],
  ['$share/group/spBv1.0/G/+/N/D', ['spBv1.0/G/NBIRTH/N', 'spBv1.0/G/DBIRTH/N/D']],
  ['spBv1.0/G/NCMD/N', []],
  ['spBv1.0/G', []],
  ['STATE/host', []],
  ['home/#', []],
  ['home/+/temperature', []],
  ['+/temperature', []],
])('the births of %s are of %j', (filter, births) => {
  expect(birthFiltersOf(filter)).toEqual(births);
});

function message(topic: string, time: number, bytes = [time % 256]): StoredMessage {
  return { topic, time, payload: Uint8Array.from(bytes), retain: false, qos: 0, userProperties: undefined, epoch: 1 };
}

/** What a stream is handed: the topics, with a + in front of definitions. */
function replayed(births: Births, messages: StoredMessage[], format: 'auto' | 'json' = 'auto'): string[] {
  const stream = new Stream(1, { ...SPEC, filters: ['spBv1.0/#'], format });
  const rest = [...messages];
  const replay = births.replay(stream, { next: () => rest.shift() });
  const all: string[] = [];
  for (let next = replay.next(); next !== undefined; next = replay.next()) {
    const { topic, time, epoch } = next;
    all.push(`${epoch === DEFINITION_EPOCH ? '+' : ''}${topic.split('/')[2]} ${time}`);
  }
  return all;
}

const BIRTH = 'spBv1.0/G/NBIRTH/N';
const DEVICE = 'spBv1.0/G/DBIRTH/N/D';
const DATA = 'spBv1.0/G/DDATA/N/D';

test('births come between the messages, those of nodes before those of devices', () => {
  const births = new Births();
  expect(births.add([message(DEVICE, 1), message(BIRTH, 1), message(DEVICE, 5), message('spBv1.0', 2)])).toBe(true);
  const messages = [message(DATA, 0), message(DATA, 1), message(DATA, 5), message(DATA, 6)];
  expect(replayed(births, messages)).toEqual([
    'DDATA 0',
    '+NBIRTH 1',
    '+DBIRTH 1',
    'DDATA 1',
    '+DBIRTH 5',
    'DDATA 5',
    'DDATA 6',
  ]);
  expect(replayed(births, messages, 'json')).toHaveLength(4);
  expect(replayed(births, [])).toHaveLength(3);
});

test('a birth is known once, and is none where the stream has the message itself', () => {
  const births = new Births();
  births.add([message(BIRTH, 20, [1])]);
  expect(births.add([message(BIRTH, 20, [1])])).toBe(false);
  expect(births.add([message(BIRTH, 20, [2])])).toBe(true);
  // By the historian's clock it is a little later than when it came
  expect(replayed(births, [message(BIRTH, 10, [1]), message(DATA, 30)])).toEqual([
    'NBIRTH 10',
    '+NBIRTH 20',
    'DDATA 30',
  ]);
});

test('the newest births are stored, up to the limits', () => {
  const births = new Births();
  births.add(Array.from({ length: MAX_BIRTHS + 10 }, (_, at) => message(`spBv1.0/G/DBIRTH/N/${at}`, at)));
  const all = replayed(births, []);
  expect(all).toHaveLength(MAX_BIRTHS);
  expect(all[0]).toBe('+DBIRTH 10');
  const large = new Births();
  const bytes = Array.from({ length: MAX_BIRTH_BYTES / 4 }, () => 0);
  large.add(Array.from({ length: 6 }, (_, at) => message(`spBv1.0/G/DBIRTH/N/${at}`, at, bytes)));
  expect(replayed(large, [])).toEqual(['+DBIRTH 2', '+DBIRTH 3', '+DBIRTH 4', '+DBIRTH 5']);
});
