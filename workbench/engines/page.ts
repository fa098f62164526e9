import { expect } from 'vitest';

import { SOON } from '../testing';
import type { Engine } from './engine';

/** What a page of the workbench shows, read with plain DOM functions, which every engine has. */

/** Numbers in the table, from the top. */
export async function numbers(engine: Engine): Promise<number[]> {
  const cells = await engine.evaluate(
    `[...document.querySelectorAll('[role="gridcell"]')].map((cell) => cell.textContent)`
  );
  return (cells as string[]).filter((text) => /^\d+$/.test(text)).map(Number);
}

/** The text of the first element that a selector finds; empty without one. */
export async function textOf(engine: Engine, selector: string): Promise<string> {
  return String(await engine.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`));
}

/** Waits until an element stays where it is: what is above it may still be loading. @returns its selector. */
export async function settled(engine: Engine, selector: string): Promise<string> {
  let before: unknown;
  await expect
    .poll(async () => {
      const last = before;
      before = await engine.evaluate(`document.querySelector('main')?.textContent.includes('Loading…')
        ? undefined : document.querySelector(${JSON.stringify(selector)})?.getBoundingClientRect().top`);
      return typeof before === 'number' && before === last;
    }, SOON)
    .toBe(true);
  return selector;
}

/** Whether the browser's storage has a message with this payload. */
export async function isStored(engine: Engine, payload: number): Promise<boolean> {
  return Boolean(
    await engine.evaluate(`(async () => {
      const ended = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const database = await ended(indexedDB.open('mqttstream-websocket-datasource:messages:workbench'));
      const chunks = await ended(database.transaction('chunks').objectStore('chunks').getAll());
      database.close();
      return chunks.some(({ bytes }) => new TextDecoder('latin1').decode(bytes).includes('${payload}'));
    })()`)
  );
}
