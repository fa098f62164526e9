import 'fake-indexeddb/auto';
import { describe, expect, test, vi } from 'vitest';
import { incoming } from '../../testing/incoming';
import { eventually } from '../../testing/test-engine';
import type { RecorderOptions, StorageStatus } from '../protocol';
import { MessageStorage } from './message-storage';
import { Recorder } from './recorder';

let names = 0;

function optionsOf(): RecorderOptions {
  const storage = { name: `session ${++names}`, owner: 'anna', tab: 'tab', ageMs: 900_000 };
  return { bytes: 1_000_000, ageMs: 3_600_000, storage };
}

function recorderOf(options: RecorderOptions) {
  const statuses: StorageStatus[] = [];
  const recorder = new Recorder(
    {
      onReplayed: () => undefined,
      isReady: () => true,
      onStorage: (status) => statuses.push(status),
      onGap: () => undefined,
    },
    () => Date.now()
  );
  recorder.configure(options);
  const texts = (): string[] => {
    const found: string[] = [];
    const replay = recorder.replay(() => true);
    for (let next = replay?.next(); next !== undefined; next = replay?.next()) {
      found.push(new TextDecoder().decode(next.payload));
    }
    return found;
  };
  const record = (text: string) => recorder.record(incoming('t', text), Date.now(), 1);
  return { recorder, statuses, texts, record };
}

async function stored(options: RecorderOptions, user: string, text: string): Promise<void> {
  const { recorder, record } = recorderOf(options);
  await recorder.restore(user);
  record(text);
  await recorder.stop();
}

/** Calls back when the next write has read its messages. */
function duringNextWrite(callback: () => void): void {
  const write = vi.spyOn(MessageStorage.prototype, 'write').mockImplementationOnce(async function (
    this: MessageStorage,
    ...args
  ) {
    write.mockRestore();
    await this.write(...args);
    callback();
  });
}

/** What the storage of bert has. */
async function storedTexts(options: RecorderOptions): Promise<string[]> {
  const { owner, ...others } = options.storage!;
  const reader = await MessageStorage.open({ ...others, owner: `${owner}\nbert`, bytes: 1e6, bytesPerWrite: 1e6 });
  const found: string[] = [];
  await reader.restore(Date.now(), ({ payload }) => found.push(new TextDecoder().decode(payload)));
  reader.close();
  return found;
}

describe('what is stored over a reload', () => {
  test('is restored for its user, and what came meanwhile is behind', async () => {
    const options = optionsOf();
    await stored(options, 'bert', '1');
    const { recorder, texts, record, statuses } = recorderOf(options);
    const restored = recorder.restore('bert');
    record('2');
    await restored;
    expect(texts()).toEqual(['1', '2']);
    expect(statuses).toMatchObject([{ state: 'on', restored: { messages: 1 } }]);
    await recorder.stop();
  });

  test('is not shown to a user who connects while it is read', async () => {
    const options = optionsOf();
    await stored(options, 'bert', 'for bert only');
    const { recorder, texts, record, statuses } = recorderOf(options);
    const restored = recorder.restore('bert');
    await recorder.restore('carla');
    await restored;
    record('for carla');
    expect(texts()).toEqual(['for carla']);
    expect(statuses).toEqual([{ state: 'on', skipped: 0 }]);
    await recorder.stop();
  });

  test('is reported once if the database is deleted while messages come', async () => {
    const options = optionsOf();
    const { recorder, record, statuses, texts } = recorderOf(options);
    await recorder.restore('bert');
    record('1');
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(options.storage!.name);
      request.addEventListener('success', () => resolve());
      request.addEventListener('error', () => reject(request.error!));
    });
    recorder.flush();
    await expect.poll(() => statuses.at(-1), eventually).toMatchObject({ state: 'failed', cause: 'deleted' });
    record('2');
    const past = {
      topic: 't',
      payload: new TextEncoder().encode('0'),
      time: Date.now() - 1_000,
      retain: false,
      qos: 0 as const,
    };
    recorder.insert([{ ...past, userProperties: undefined, epoch: 0 }], () => false);
    recorder.flush();
    await recorder.stop();
    expect(statuses.filter(({ state }) => state === 'failed')).toHaveLength(1);
    expect(texts()).toEqual(['0', '1', '2']);
  });

  test('has messages that came last while others were written, which may take long', async () => {
    const options = optionsOf();
    const { recorder, record } = recorderOf(options);
    await recorder.restore('bert');
    duringNextWrite(() => record('2'));
    record('1');
    recorder.flush();
    // Without another message, and while the page stays
    await expect.poll(() => storedTexts(options), eventually).toEqual(['1', '2']);
    await recorder.stop();
  });

  test('has messages that came while others were written, if the page goes at once', async () => {
    const options = optionsOf();
    const { recorder, record } = recorderOf(options);
    await recorder.restore('bert');
    let stopped: Promise<void> | undefined;
    duringNextWrite(() => {
      record('2');
      stopped = recorder.stop();
    });
    record('1');
    recorder.flush();
    await expect.poll(() => stopped !== undefined, eventually).toBe(true);
    await stopped;
    expect(await storedTexts(options)).toEqual(['1', '2']);
  });

  test('has messages that came before it was read, if the page goes meanwhile', async () => {
    const options = optionsOf();
    await stored(options, 'bert', '1');
    const { recorder, record } = recorderOf(options);
    void recorder.restore('bert');
    record('2');
    await recorder.stop();
    expect(await storedTexts(options)).toEqual(['1', '2']);
  });

  test('has messages that a historian put before others once, and in the order of time', async () => {
    const options = optionsOf();
    const { recorder, record } = recorderOf(options);
    await recorder.restore('bert');
    record('2');
    const past = { topic: 't', payload: new TextEncoder().encode('1'), time: Date.now() - 1_000, retain: false };
    recorder.insert([{ ...past, qos: 0, userProperties: undefined, epoch: 0 }], () => false);
    record('3');
    await recorder.stop();
    const again = recorderOf(options);
    await again.recorder.restore('bert');
    expect(again.texts()).toEqual(['2', '3']);
    await again.recorder.stop();
  });
});
