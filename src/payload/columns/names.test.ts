import { describe, expect, test } from 'vitest';
import type { Path } from './batch';
import { formatPath, Namer } from './names';

test.each<[Path, string]>([
  [[], 'Value'],
  [['list', 0, 'x'], 'list[0].x'],
  [['list', '0'], 'list.0'],
  [[0, 1], '[0][1]'],
  [[' a', 'b '], '[" a"]["b "]'],
  [['temperature'], 'temperature'],
  [['DS18B20', 'Temperature'], 'DS18B20.Temperature'],
  [['switch:0', 'a energy/total'], 'switch:0.a energy/total'],
  [['a.b'], '["a.b"]'],
  [['a', 'b.c'], 'a["b.c"]'],
  [['a.b', 'c'], '["a.b"].c'],
  [[''], '[""]'],
  [['', ''], '[""][""]'],
  [['', 'a'], '[""].a'],
  [['[0]'], '["[0]"]'],
  [['say "x"'], '["say \\"x\\""]'],
  [['__proto__', 'constructor'], '__proto__.constructor'],
])('the path %j is %s', (path, text) => {
  expect(formatPath(path)).toBe(text);
});

test('no two paths look the same', () => {
  const keys = ['', 'a', 'b', '.', 'a.b', '[', ']', '"', '[""]', '["a"]', '.a', 'a[""]', '\\', '"]["'];
  const paths = keys.flatMap((a) => [[a], ...keys.flatMap((b) => [[a, b], ...keys.map((c) => [a, b, c])])]);
  expect(new Set(paths.map(formatPath)).size).toBe(paths.length);
});

describe('Namer', () => {
  test('gives each name once', () => {
    const namer = new Namer();
    expect(namer.name(formatPath([]), 'number', false)).toBe('Value');
    expect(namer.name(formatPath([]), 'string', true)).toBe('Value (text)');
    expect(namer.name(formatPath(['Value']), 'number', false)).toBe('Value (payload)');
    expect(namer.name(formatPath(['Value (text)']), 'number', false)).toBe('Value (text) (payload)');
    expect(namer.name(formatPath(['Value (payload)']), 'number', false)).toBe('Value (payload) (payload)');
    expect(namer.name(formatPath(['Time']), 'string', false)).toBe('Time (payload)');
    expect(namer.name(formatPath(['Time (payload)']), 'string', false)).toBe('Time (payload) (payload)');
  });

  test('numbers what is taken again', () => {
    const namer = new Namer(['a', 'a (level)', 'a (level) 2']);
    expect(namer.unique('a', 'level')).toBe('a (level) 3');
    expect(namer.unique('a', 'level')).toBe('a (level) 4');
    expect(namer.unique('b', 'level')).toBe('b');
  });
});
