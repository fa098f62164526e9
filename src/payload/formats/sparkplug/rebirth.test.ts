import { assert, integer, property } from 'fast-check';
import { PbfWriter } from 'pbf';
import { describe, expect, test } from 'vitest';
import { createDecoder, type DecodeFailure } from '../../decode';
import { Rows } from '../../rows/rows';
import { toHex } from '../bytes';
import { readPayload } from './proto';
import { encodeRebirth, REBIRTH, type RebirthOutcome, type RebirthNeed } from './rebirth';
import '../../../testing/parts';

const TIME = 1_715_945_460_010;

test('has the time, and one metric with name, time, datatype and true; no seq and no alias', () => {
  // timestamp (1), metric (2) of 33 bytes: name (1), timestamp (3), datatype Boolean (4), boolean_value (14)
  const time = 'aaa2c7b2f831';
  const name = toHex(new TextEncoder().encode(REBIRTH));
  expect(toHex(encodeRebirth(TIME))).toBe(`08${time}12210a14${name}18${time}200b7001`);
});

test('is read as what it says, at any time', () => {
  assert(
    property(integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (time) => {
      expect(readPayload(encodeRebirth(time))).toEqual({
        timestamp: time,
        metrics: [{ name: REBIRTH, timestamp: time, datatype: 11, raw: { plain: true } }],
      });
    })
  );
});

test('comes as a value to who watches commands', () => {
  expect(createDecoder('sparkplug')(encodeRebirth(TIME), 'spBv1.0/Plant/NCMD/Edge')).toEqual(
    new Rows([{ time: TIME, value: { [REBIRTH]: true } }])
  );
});

/** A payload with one metric of the type Int32, by its name or by its alias. */
function payload(seq: number | undefined, metric: { name?: string; alias?: number }): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, TIME);
  pbf.writeMessage(
    2,
    ({ name, alias }: typeof metric, to) => {
      if (name !== undefined) to.writeStringField(1, name);
      if (alias !== undefined) to.writeVarintField(2, alias);
      to.writeVarintField(4, 3);
      to.writeVarintField(10, 1);
    },
    metric
  );
  if (seq !== undefined) pbf.writeVarintField(3, seq);
  return pbf.finish();
}

describe('who can ask', () => {
  const NODE = 'spBv1.0/Plant/NCMD/Edge';
  const named = { name: 'a', alias: 1 };

  function host(answer: RebirthOutcome = 'requested') {
    const needs: RebirthNeed[] = [];
    const born: string[] = [];
    const decode = createDecoder('auto', {}, 100, {
      request: (need) => {
        needs.push(need);
        return answer;
      },
      covers: () => true,
      onBirth: (command) => void born.push(command),
    });
    const see = (topic: string, bytes: Uint8Array, retained = false) => decode(bytes, topic, retained);
    return { needs, born, see };
  }

  test('receives an unknown alias, and the birth that would define it', () => {
    const { needs, see } = host();
    see('spBv1.0/Plant/DDATA/Edge/Pump', payload(5, { alias: 1 }));
    see('spBv1.0/Plant/NDATA/Edge', payload(6, { alias: 1 }));
    expect(needs).toEqual([
      { command: NODE, births: ['spBv1.0/Plant/DBIRTH/Edge/Pump'] },
      { command: NODE, births: ['spBv1.0/Plant/NBIRTH/Edge'] },
    ]);
  });

  test('receives a gap in seq, if all messages of the node are subscribed', () => {
    const { needs, see } = host();
    see('spBv1.0/Plant/NBIRTH/Edge', payload(0, named));
    see('spBv1.0/Plant/DBIRTH/Edge/Pump', payload(1, named));
    see('spBv1.0/Plant/DDATA/Edge/Pump', payload(2, { alias: 1 }));
    expect(needs).toEqual([]);
    see('spBv1.0/Plant/DDATA/Edge/Pump', payload(4, { alias: 1 }));
    see('spBv1.0/Plant/DDEATH/Edge/Pump', payload(9, {}));
    const births = [
      'spBv1.0/Plant/NBIRTH/Edge',
      'spBv1.0/Plant/NDATA/Edge',
      'spBv1.0/Plant/DBIRTH/Edge/\u0001',
      'spBv1.0/Plant/DDATA/Edge/\u0001',
      'spBv1.0/Plant/DDEATH/Edge/\u0001',
    ];
    expect(needs).toEqual([
      { command: NODE, births },
      { command: NODE, births },
    ]);
  });

  test('receives the birth of a node, and ignores a retained birth, which is old', () => {
    const { born, see } = host();
    see('spBv1.0/Plant/NBIRTH/Edge', payload(0, named), true);
    see('spBv1.0/Plant/DBIRTH/Edge/Pump', payload(1, named));
    expect(born).toEqual([]);
    see('spBv1.0/Plant/NBIRTH/Edge', payload(0, named));
    expect(born).toEqual([NODE]);
  });

  test('is asked for nothing that names itself, nor behind a bridge, where the node does not listen', () => {
    const { needs, see } = host();
    see('spBv1.0/Plant/NDATA/Edge', payload(3, { name: 'a' }));
    see('site/spBv1.0/Plant/NDATA/Edge', payload(3, { alias: 1 }));
    const decode = createDecoder('sparkplug', {}, 100, {
      request: () => 'requested',
      covers: () => true,
      onBirth: () => undefined,
    });
    expect((decode(payload(3, { alias: 1 }), 'site/spBv1.0/Plant/NDATA/Edge') as DecodeFailure).reason).toMatch(
      /Request a rebirth of the node: publish an NCMD to Edge/
    );
    expect(needs).toEqual([]);
  });

  test('a retained birth, which comes out of its place, says nothing of messages that are missing', () => {
    const { needs, see } = host();
    see('spBv1.0/Plant/NBIRTH/Edge', payload(0, named));
    see('spBv1.0/Plant/DDATA/Edge/Pump', payload(1, { name: 'a' }));
    see('spBv1.0/Plant/DBIRTH/Edge/Pump', payload(1, named), true);
    expect(see('spBv1.0/Plant/DDATA/Edge/Pump', payload(2, { alias: 1 }))).toMatchObject({ problems: [] });
    expect(needs).toEqual([]);
  });

  test.each<[RebirthOutcome, RegExp]>([
    [
      'requested',
      /The data source has requested a rebirth of the node\. .* may publish to NCMD: many brokers refuse a message without an error\.$/,
    ],
    ['refused', /The broker closed the connection when the data source requested a rebirth .* publish to NCMD\.$/],
    ['left-out', /does not match the topic of the birth\. Add spBv1\.0\/Plant\/DBIRTH\/Edge\/Pump\.$/],
  ])('the outcome of the request is reported: %s', (answer, words) => {
    const seen = host(answer).see('spBv1.0/Plant/DDATA/Edge/Pump', payload(5, { alias: 1 }));
    expect((seen as DecodeFailure).reason).toMatch(words);
  });
});
