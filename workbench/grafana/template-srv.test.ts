import { describe, expect, it, vi } from 'vitest';

import { type FormatFunction, TemplateInterpolator } from './template-srv';

function interpolator() {
  const srv = new TemplateInterpolator();
  srv.setVariables([
    { name: 'room', type: 'query', value: 'kitchen', text: 'Kitchen' },
    { name: 'rooms', type: 'custom', value: ['kitchen', 'bed room'], text: ['Kitchen', 'Bedroom'], multi: true },
    { name: 'one', type: 'custom', value: ['attic'], multi: true },
  ]);
  return srv;
}

describe('TemplateInterpolator', () => {
  it.each([
    ['home/$room/t', 'home/kitchen/t'],
    ['home/${room}/t', 'home/kitchen/t'],
    ['home/[[room]]/t', 'home/kitchen/t'],
    ['${room:text}', 'Kitchen'],
    ['$rooms', '{kitchen,bed room}'],
    ['$one', 'attic'],
    ['${rooms:csv}', 'kitchen,bed room'],
    ['[[rooms:pipe]]', 'kitchen|bed room'],
    ['${rooms:raw}', 'kitchen,bed room'],
    ['${rooms:json}', '["kitchen","bed room"]'],
    ['${rooms:regex}', '(kitchen|bed room)'],
    ['${rooms:singlequote}', "'kitchen','bed room'"],
    ['${rooms:doublequote}', '"kitchen","bed room"'],
    ['${rooms:percentencode}', '%7Bkitchen%2Cbed%20room%7D'],
    ['${rooms:queryparam}', 'var-rooms=kitchen&var-rooms=bed%20room'],
    ['${rooms:text}', 'Kitchen + Bedroom'],
    ['${room:constructor}', 'kitchen'],
    ['$SYS/$share/${nobody}/[[nothing:raw]]', '$SYS/$share/${nobody}/[[nothing:raw]]'],
    ['{room}/+/#', '{room}/+/#'],
    [undefined, ''],
  ])('%s becomes %s', (target, expected) => {
    expect(interpolator().replace(target)).toBe(expected);
  });

  it('takes scoped variables first, with paths into them', () => {
    const scoped = {
      room: { text: 'Garage', value: 'garage' },
      __data: { text: '', value: { fields: { name: 'speed' } } },
      empty: { text: '', value: undefined },
    };
    expect(interpolator().replace('$room ${__data.fields.name} $empty', scoped)).toBe('garage speed $empty');
  });

  it('hands a format function the value, or all values, and the variable', () => {
    const format = vi.fn<FormatFunction>((value) => [value].flat().join(';'));
    const srv = interpolator();
    expect(srv.replace('$room/$rooms/$one', {}, format)).toBe('kitchen/kitchen;bed room/attic');
    expect(format.mock.calls).toEqual([
      ['kitchen', { name: 'room', type: 'query', multi: false, includeAll: false }],
      [['kitchen', 'bed room'], { name: 'rooms', type: 'custom', multi: true, includeAll: false }],
      [['attic'], { name: 'one', type: 'custom', multi: true, includeAll: false }],
    ]);
  });

  it('prefers the format in the expression over the one passed', () => {
    const format = vi.fn<FormatFunction>(() => 'never');
    expect(interpolator().replace('${rooms:raw}', {}, format)).toBe('kitchen,bed room');
    expect(interpolator().replace('${rooms:raw} $rooms', {}, 'pipe')).toBe('kitchen,bed room kitchen|bed room');
    expect(format).not.toHaveBeenCalled();
  });

  it('knows whether a text has variables that exist', () => {
    const srv = interpolator();
    expect(['a/$room', 'a/${rooms:csv}', 'a/$SYS', undefined].map((text) => srv.containsTemplate(text))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
