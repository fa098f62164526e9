import { expect, test } from 'vitest';
import { PluginPart } from './plugin-part';

test('a part is loaded once, when it is first needed', async () => {
  let imports = 0;
  const part = new PluginPart(() => Promise.resolve({ n: ++imports }));
  let changes = 0;
  part.onChange(() => changes++);
  expect([imports, part.isPending]).toEqual([0, true]);
  expect(part.code).toBeUndefined();
  await part.load();
  expect(part.code).toEqual({ n: 1 });
  expect([imports, changes, part.isPending, part.error]).toEqual([1, 1, false, undefined]);
});

test('a part that did not come says why, and is loaded again when it is next needed', async () => {
  let imports = 0;
  const part = new PluginPart(() =>
    ++imports === 1 ? Promise.reject(new Error('404')) : Promise.resolve({ imports })
  );
  let changes = 0;
  part.onChange(() => changes++);
  await part.load();
  expect([part.isPending, part.error, changes]).toEqual([false, '404', 1]);
  expect(part.code).toBeUndefined();
  await part.load();
  expect(part.code).toEqual({ imports: 2 });
  expect([part.error, changes]).toEqual([undefined, 2]);
});
