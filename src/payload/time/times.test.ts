import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../../testing/parts';
import { createTimeReader } from './times';
import { costOf } from '../../testing/baseline';
import { isZone } from './zone';

const ARRIVAL = Date.UTC(2024, 4, 17, 12, 0, 0);
const utc = (text: string): number => Date.parse(text);

function read(value: unknown, format?: string, zone = 'UTC', arrival = ARRIVAL): number | undefined {
  return createTimeReader(format, zone)(value, arrival);
}

describe('a date as programs print it', () => {
  test.each([
    ['Fri May 17 2024 11:59:00 GMT+0000 (Coordinated Universal Time)', '2024-05-17T11:59:00Z'],
    ['Fri May 17 2024 13:59:00 GMT+0200 (Mitteleuropäische Sommerzeit)', '2024-05-17T11:59:00Z'],
    ['Fri May 17 11:59:00 2024', '2024-05-17T11:59:00Z'],
    ['Fri May  3 11:59:00 2024', '2024-05-03T11:59:00Z'],
    ['Fri May 17 11:59:00 UTC 2024', '2024-05-17T11:59:00Z'],
    ['Fri May 17 13:59:00 +0200 2024', '2024-05-17T11:59:00Z'],
    ['Fri May 17 11:59:00 PM UTC 2024', '2024-05-17T23:59:00Z'],
    ['2024-05-17 11:59:00 GMT+2', undefined],
    ['2024-05-17 13:59:00 GMT+02:00', '2024-05-17T11:59:00Z'],
    ['Fri May 17 11:59:00 CEST 2024', undefined],
  ])('%s', (text, time) => {
    expect(read(text)).toBe(time === undefined ? undefined : utc(time));
  });
});

describe('a date and a time of day without anything between them', () => {
  test.each<[unknown, string]>([
    [20240517115900, '2024-05-17T11:59:00Z'],
    ['20240517115900', '2024-05-17T11:59:00Z'],
    [20991231235959, '2099-12-31T23:59:59Z'],
  ])('%j is no count', (value, time) => {
    expect(read(value)).toBe(utc(time));
    expect(read(value, undefined, 'Europe/Paris')).toBeLessThan(utc(time));
  });

  test.each([20241317115900, 20240517245900, 20240517116000, '20240517'])('%j is none', (value) => {
    expect(read(value)).toBe(Number(value) * (Number(value) < 1e11 ? 1_000 : 1));
  });
});

describe('counts, by their magnitude', () => {
  test.each<[unknown, number]>([
    [1715945460, 1715945460000],
    [1715945460.3, 1715945460300],
    [1607123955.475377, 1607123955475.377],
    [1451649600512, 1451649600512],
    [1715947190123456, 1715947190123.456],
    [1.4658398301004e18, 1.4658398301004e18 / 1e6],
    ['1715945460', 1715945460000],
    [' 1715945460.25 ', 1715945460250],
    ['1465839830100400200', 1465839830100 + 0.4002],
    ['1715947190123456', 1715947190123.456],
    ['1.715945460e9', 1715945460000],
    [-1000, -1000000],
    // The limits between the units: the year 5138 in seconds, 1973 in milliseconds, and so on.
    [99_999_999_999, 99_999_999_999_000],
    [1e11, 1e11],
    [99_999_999_999_999, 99_999_999_999_999],
    [1e14, 1e11],
    [1e17 - 16, 1e14 - 0.016],
    [1e17, 1e11],
    [-99_999_999_999, -99_999_999_999_000],
    [-1e11, -1e11],
    ['99999999999', 99_999_999_999_000],
    ['100000000000', 1e11],
    ['99999999999999', 99_999_999_999_999],
    ['100000000000000', 1e11],
    ['99999999999999984', 99_999_999_999_999 + 0.984],
    ['100000000000000000', 1e11],
    [0, 0],
  ])('%j', (value, wanted) => {
    expect(read(value)).toBe(wanted);
  });

  test.each([NaN, Infinity, 1e21, '1e40', '', ' ', 'x', '12:00', null, undefined, true, {}, [], '1715945460 s'])(
    '%j is none',
    (value) => {
      expect(read(value)).toBeUndefined();
    }
  );

  test.each<[string, unknown, number | undefined]>([
    ['s', 1715945460, 1715945460000],
    ['s', '1715945460.5', 1715945460500],
    ['ms', 1715945460, 1715945460],
    ['us', 1715945460000000, 1715945460000],
    ['ns', '1715945460000000001', 1715945460000],
    ['ms', '2024-05-17', undefined],
    ['min', 28_599_091, 1715945460000],
    ['min', '28599091.5', 1715945490000],
    ['excel', 25_569, 0],
    ['excel', 45_429.479_861_111_11, 1715945460000],
    ['excel', '45429.5', utc('2024-05-17T12:00:00Z')],
    ['excel', '2024-05-17', undefined],
    ['s', 1e300, undefined],
  ])('in %s: %j', (format, value, wanted) => {
    expect(read(value, format)).toBe(wanted);
  });
});

describe('text', () => {
  test.each<[string, number]>([
    ['2024-05-17T12:00:00Z', utc('2024-05-17T12:00:00Z')],
    ['2024-05-17T12:00:00.123456789Z', utc('2024-05-17T12:00:00Z') + 123.456789],
    ['2024-05-17t12:00:00,5z', utc('2024-05-17T12:00:00.5Z')],
    ['2024-05-17 12:00:00 +02:00', utc('2024-05-17T10:00:00Z')],
    ['2024-05-17T12:00:00-0730', utc('2024-05-17T19:30:00Z')],
    ['2024-05-17T12:00+02', utc('2024-05-17T10:00:00Z')],
    ['2024-05-17 12:00:00 UTC', utc('2024-05-17T12:00:00Z')],
    ['2024-05-17', utc('2024-05-17T00:00:00Z')],
    ['2024/5/7 1:02', utc('2024-05-07T01:02:00Z')],
    ['2018.02.15 01:00:50', utc('2018-02-15T01:00:50Z')],
    ['20240517T120000Z', utc('2024-05-17T12:00:00Z')],
    ['20240517T1200', utc('2024-05-17T12:00:00Z')],
    ['Fri, 17 May 2024 12:00:00 GMT', utc('2024-05-17T12:00:00Z')],
    ['Fri, 17 May 2024 12:00:00 +0200', utc('2024-05-17T10:00:00Z')],
    ['7 Jun 2024 12:00', utc('2024-06-07T12:00:00Z')],
    ['Fri, 17-May-2024 12:00:00 GMT', utc('2024-05-17T12:00:00Z')],
    ['/Date(1715945460000)/', 1715945460000],
    ['/Date(1715945460000+0200)/', 1715945460000],
    ['\\/Date(-1000)\\/', -1000],
    ['2016-12-31T23:59:60Z', utc('2017-01-01T00:00:00Z')],
    ['2024-05-17T24:00:00Z', utc('2024-05-18T00:00:00Z')],
    ['2024-02-29', utc('2024-02-29T00:00:00Z')],
    // Hours of a half day.
    ['2024-05-17 11:59:00 AM', utc('2024-05-17T11:59:00Z')],
    ['2024-05-17 11:59 PM', utc('2024-05-17T23:59:00Z')],
    ['2024-05-17T12:05:30.5 am', utc('2024-05-17T00:05:30.5Z')],
    ['2024/05/17 12:05 p.m.', utc('2024-05-17T12:05:00Z')],
    ['2024-05-17 01:00:00PM +02:00', utc('2024-05-17T11:00:00Z')],
    ['Fri, 17 May 2024 11:31:00 PM GMT', utc('2024-05-17T23:31:00Z')],
    ['17-May-2024 9:05 PM', utc('2024-05-17T21:05:00Z')],
    // The day and the month: one of them is none, they are the same, or points are between them.
    ['5/17/2024 11:59:00 AM', utc('2024-05-17T11:59:00Z')],
    ['5/17/2024, 11:59:00\u202fPM', utc('2024-05-17T23:59:00Z')],
    ['05/17/2024 11:59 PM UTC', utc('2024-05-17T23:59:00Z')],
    ['17/05/2024 11:59 pm', utc('2024-05-17T23:59:00Z')],
    ['17-05-2024 23:59:30.25', utc('2024-05-17T23:59:30.25Z')],
    ['5/5/2024 1:00 AM', utc('2024-05-05T01:00:00Z')],
    ['7.5.2024 1:00', utc('2024-05-07T01:00:00Z')],
    ['12/31/2023', utc('2023-12-31T00:00:00Z')],
    ['May 7, 2024 11:59:00 AM', utc('2024-05-07T11:59:00Z')],
    ['Tue, May 7, 2024, 1:05 PM', utc('2024-05-07T13:05:00Z')],
    ['September 30, 2023', utc('2023-09-30T00:00:00Z')],
    ['Fri May 17 2024 12:00:00 GMT', utc('2024-05-17T12:00:00Z')],
    ['0050-01-01T00:00:00Z', utc('0050-01-01T00:00:00Z')],
  ])('%s', (text, wanted) => {
    expect(read(text)).toBe(wanted);
  });

  test.each<[string, string, string]>([
    ['5/7/2024 11:59:00 AM', '2024-05-07T12:00:00Z', '2024-05-07T11:59:00Z'],
    ['5/7/2024 11:59:00 AM', '2024-07-05T12:00:00Z', '2024-07-05T11:59:00Z'],
    ['5/7/2024 11:59:00 PM', '2024-05-08T11:00:00Z', '2024-05-07T23:59:00Z'],
    ['1/2/2024 9:00 AM', '2024-01-01T23:00:00Z', '2024-01-02T09:00:00Z'],
    ['12/01/2023 9:00 AM', '2023-12-01T08:00:00Z', '2023-12-01T09:00:00Z'],
  ])('the day and the month of %s, arrived at %s, are those near the arrival', (text, arrival, wanted) => {
    expect(read(text, undefined, 'UTC', utc(arrival))).toBe(utc(wanted));
  });

  test('the hours of a half day are those of the zone', () => {
    expect(read('5/17/2024 11:59:00 AM', undefined, 'America/New_York')).toBe(utc('2024-05-17T15:59:00Z'));
  });

  test.each([
    // May or July: neither is near the arrival.
    '5/7/2024 11:59:00 AM',
    '07-05-2024 11:59',
    '5/17/2024 13:05 PM',
    '5/17/2024 0:05 AM',
    '2024-05-17 13:05 PM',
    '5/17/2024 AM',
    '5/17.2024 11:59 AM',
    '13/13/2024',
    '2/30/2024 1:00 AM',
    '17/5/24 11:59 AM',
    '11:59 PM',
    'Foo 7, 2024',
    '1/2/2024/3',
    '192.168.2024',
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-05-32',
    '2024-05-17T25:00:00',
    '2024-05-17T24:00:01',
    '2024-05-17T12:60:00',
    '2024-05-17T12:00:61',
    '2024-05/17',
    '17.05.2024',
    '2024-05-17T12',
    '2024-05-17T12:00:00Zjunk',
    '12:00:00',
    '9'.repeat(400),
  ])('%s is none', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('zones', () => {
  test.each<[string, string, string]>([
    ['Europe/Berlin', '2024-05-17T14:00:00', '2024-05-17T12:00:00Z'],
    ['Europe/Berlin', '2024-01-17T14:00:00', '2024-01-17T13:00:00Z'],
    ['Europe/Berlin', '2024-03-31T01:59:59', '2024-03-31T00:59:59Z'],
    ['Europe/Berlin', '2024-03-31T03:00:00', '2024-03-31T01:00:00Z'],
    // An hour that does not happen is read as if the clock had not been changed.
    ['Europe/Berlin', '2024-03-31T02:30:00', '2024-03-31T01:30:00Z'],
    ['Europe/Berlin', '2024-10-27T01:59:59', '2024-10-26T23:59:59Z'],
    ['Europe/Berlin', '2024-10-27T03:00:00', '2024-10-27T02:00:00Z'],
    ['Asia/Kathmandu', '2024-05-17T17:45:00', '2024-05-17T12:00:00Z'],
    ['Australia/Lord_Howe', '2024-07-01T10:30:00', '2024-07-01T00:00:00Z'],
    ['America/New_York', '2024-05-17T08:00:00', '2024-05-17T12:00:00Z'],
    ['utc', '2024-05-17T12:00:00', '2024-05-17T12:00:00Z'],
  ])('%s: %s', (zone, text, wanted) => {
    expect(read(text, undefined, zone)).toBe(utc(wanted));
  });

  test('an hour that happens twice is the one next to the arrival', () => {
    const [first, second] = ['2024-10-27T00:30:00Z', '2024-10-27T01:30:00Z'].map(utc);
    expect(read('2024-10-27T02:30:00', undefined, 'Europe/Berlin', first + 5_000)).toBe(first);
    expect(read('2024-10-27T02:30:00', undefined, 'Europe/Berlin', second + 5_000)).toBe(second);
    expect(read('2024-10-27T02:30:00', undefined, 'Europe/Berlin', second + 3 * 3_600_000)).toBe(second);
  });

  test('a text that has a zone of its own needs none', () => {
    expect(read('2024-05-17T12:00:00Z', undefined, 'Asia/Tokyo')).toBe(ARRIVAL);
  });

  test('what a zone shows for an instant is read back as that instant', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Apia', 'Africa/Casablanca'];
    const instant = fc.integer({ min: utc('1980-01-01T00:00:00Z') / 1_000, max: utc('2037-01-01T00:00:00Z') / 1_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, (timeZone, seconds) => {
        const parts = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
        expect(read(parts.format(seconds * 1_000), undefined, timeZone, seconds * 1_000)).toBe(seconds * 1_000);
      })
    );
  });

  test('there is none of any name', () => {
    expect(isZone('Europe/Berlin')).toBe(true);
    expect(isZone('Middle/Earth')).toBe(false);
    expect(() => createTimeReader(undefined, 'Middle/Earth')).toThrow(RangeError);
  });
});

describe('formats', () => {
  test.each<[string, unknown, string]>([
    ['YYYY-MM-DD HH:mm:ss', '2024-05-17 12:00:00', '2024-05-17T12:00:00Z'],
    ['DD.MM.YYYY HH:mm', '17.05.2024 12:00', '2024-05-17T12:00:00Z'],
    ['D/M/YY h:mm A', '7/5/24 1:05 pm', '2024-05-07T13:05:00Z'],
    ['hh:mm a D MMM YYYY', '12:05 AM 7 May 2024', '2024-05-07T00:05:00Z'],
    ['ddd MMM D HH:mm:ss YYYY', 'Fri May 17 12:00:00 2024', '2024-05-17T12:00:00Z'],
    ['YYYYMMDDHHmmss', '20240517120000', '2024-05-17T12:00:00Z'],
    ['YYYYMMDDHHmmss', 20240517120000, '2024-05-17T12:00:00Z'],
    ['YYYYMMDD HHmmss', '20240605 92814', '2024-06-05T09:28:14Z'],
    ['YYYYMMDD HHmmss', '20240605 814', '2024-06-05T00:08:14Z'],
    ['YYYYMMDD HHmmss', '20240605 0', '2024-06-05T00:00:00Z'],
    ['DDMMYY HHmmss', '50624 115900', '2024-06-05T11:59:00Z'],
    ['DDMMYY HHmmss', '050624 092814.00', '2024-06-05T09:28:14Z'],
    ['DDMMYY HHmmss', '050624 092814.25', '2024-06-05T09:28:14.250Z'],
    ['DDMMYY HHmmss.SS', '050624 115900', '2024-06-05T11:59:00Z'],
    ['DDMMYY HHmmss.SS', '50624 92814.5', '2024-06-05T09:28:14.500Z'],
    ['HHmm', 905, '2024-05-17T09:05:00Z'],
    ['DDMMYYYY', 5062024, '2024-06-05T00:00:00Z'],
    ['YYYY-MM-DD HH:mm:ss', '2024-05-17 12:00:00,250', '2024-05-17T12:00:00.250Z'],
    ['YYYY-MM-DD[T]HH:mm:ss.SSSZ', '2024-05-17T14:00:00.250+02:00', '2024-05-17T12:00:00.250Z'],
    ['YYYY-MM-DDTHH:mm:ss.SSSZZ', '2024-05-17T14:00:00.250+0200', '2024-05-17T12:00:00.250Z'],
    ['[at] X', 'at 1715947200.5', '2024-05-17T12:00:00.500Z'],
    ['x', '1715947200500', '2024-05-17T12:00:00.500Z'],
    ['HH:mm:ss', '11:59:58', '2024-05-17T11:59:58Z'],
    // Midnight lies between what the sender's clock says and the arrival.
    ['HH:mm:ss', '23:59:58', '2024-05-17T23:59:58Z'],
    ['MM-DD HH:mm', '05-17 12:00', '2024-05-17T12:00:00Z'],
  ])('%s: %j', (format, value, wanted) => {
    expect(read(value, format)).toBe(utc(wanted));
  });

  test('a time of day that was before midnight and came after it', () => {
    const arrival = utc('2024-05-17T00:00:03Z');
    expect(read('23:59:58', 'HH:mm:ss', 'UTC', arrival)).toBe(utc('2024-05-16T23:59:58Z'));
  });

  test.each<[string, unknown]>([
    ['YYYY-MM-DD', '2024-05-17 12:00'],
    ['YYYY-MM-DD', '2024-02-30'],
    ['MMM', 'Foo'],
    ['HH:mm', '25:00'],
    ['HH:mm', true],
  ])('%s does not read %j', (format, value) => {
    expect(read(value, format)).toBeUndefined();
  });

  test('a text that is longer than any time is none, whatever the format', () => {
    expect(read(`${' '.repeat(80)}1715947200`, 'X')).toBe(ARRIVAL);
    expect(read(`${' '.repeat(100)}1715947200`, 'X')).toBeUndefined();
    // Each of the digits may be of one count or of the next.
    const cost = costOf(3_000, 20, () => read(`${'9'.repeat(3_000)}!`, 'XxX'));
    expect(cost).toBeLessThan(20);
  });

  test('one that names no time is refused', () => {
    expect(() => createTimeReader('foo!', 'UTC')).toThrow(/names no part of a time/);
  });

  test('its characters are no pattern', () => {
    expect(read('(2024)+.', '(YYYY)+.')).toBe(utc('2024-01-01T00:00:00Z'));
    expect(read('2024', '(YYYY)+.')).toBeUndefined();
  });
});

test('whatever is read, it is a time or nothing, and nothing is thrown', () => {
  const readers = [undefined, 's', 'ns', 'iso', 'YYYY-MM-DD HH:mm:ss.S Z', 'h:mm A'].map((each) =>
    createTimeReader(each, 'Europe/Berlin')
  );
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789-:./TZ+ eE'.split('')) });
  fc.assert(
    fc.property(fc.oneof(digits, fc.anything()), (value) => {
      for (const each of readers) {
        const time = each(value, ARRIVAL);
        expect(time === undefined || Math.abs(time) <= 8.64e15).toBe(true);
      }
    })
  );
});
