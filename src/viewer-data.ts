import type { DataSourceInstanceSettings } from '@grafana/data';
import { config } from '@grafana/runtime';
import { ListenerSet } from './connection/listener-set';
import { storageName } from './connection/recording';
import { pool, viewers } from './connection/runtime';
import { connectionOptions, type PageAddress } from './connection/settings';
import { CredentialsPrompt, viewerKey } from './connection/viewer-credentials';
import { deleteStored, storedBytes } from './connection/stored-messages';
import { storageProblem } from './engine/history/storage-problem';
import { storageText } from './notices/storage';
import type { MqttOptions } from './types';

/**
 * The data of the viewer in this page: entered credentials, stored messages, and the answers of *Save & test*. The state
 * of the page is behind it, so the configuration editor, which is a file of its own, is handed this module
 * (esbuild.config.mjs).
 */

/** The answer of *Save & test*. */
export interface TestAnswer {
  readonly status: string;
  readonly message: string;
}

/** The last answers of *Save & test* in this page, by the uid of the data source. */
const answers = new Map<string, TestAnswer>();
const answered = new ListenerSet();

/** Calls the listener when there is another answer, or none any more. @returns unsubscribes. */
export const onTestAnswer = answered.subscribe;

export function testAnswer(uid: string): TestAnswer | undefined {
  return answers.get(uid);
}

/** @param answer `undefined`: the settings have changed since. */
export function setTestAnswer(uid: string, answer: TestAnswer | undefined): void {
  if (answer !== undefined || answers.has(uid)) {
    answers.delete(uid);
    if (answer !== undefined) {
      answers.set(uid, answer);
    }
    answered.notify();
  }
}

type StorageSettings = Pick<DataSourceInstanceSettings, 'type' | 'uid'>;

/** The size of a data source's messages in this browser, in bytes, and the problem with storing them. */
export interface StorageState {
  readonly bytes: number;
  readonly problem?: string;
}

/** Never rejects. */
export async function storageState(settings: StorageSettings): Promise<StorageState> {
  const statuses = pool.storageOf(settings.uid).map(storageText);
  const problem = statuses.find((text) => text !== undefined);
  try {
    return { bytes: await storedBytes(storageName(settings)), ...(problem === undefined ? undefined : { problem }) };
  } catch (error) {
    return { bytes: 0, problem: problem ?? storageText(storageProblem(error))! };
  }
}

/**
 * Deletes the messages that a data source has stored in this browser.
 *
 * @returns how many bytes they had.
 * @throws {Error} where the browser denies it.
 */
export async function deleteStoredMessages(settings: StorageSettings): Promise<number> {
  const { bytes } = await storageState(settings);
  await deleteStored(storageName(settings));
  return bytes;
}

type PromptSettings = Pick<DataSourceInstanceSettings<MqttOptions>, 'uid' | 'type' | 'access' | 'url' | 'jsonData'>;

/** The credentials prompt for the broker. The configuration editor has settings, but no instance of the data source. */
export function promptFor(settings: PromptSettings): CredentialsPrompt {
  const { url } = connectionOptions(settings, pageAddress());
  return new CredentialsPrompt(viewers, credentialsKey(settings, url), settings.jsonData.username, () => {
    pool.reconnect(settings.uid, { force: true });
  });
}

/** See {@link viewerKey}. */
export function credentialsKey({ uid, type }: PromptSettings, url: string): string {
  return viewerKey(type, uid, String(config.bootData?.user?.id ?? ''), url);
}

/** The address that the page was loaded from. */
export function pageAddress(): PageAddress {
  return { protocol: location.protocol, host: location.host, appSubUrl: config.appSubUrl ?? '' };
}
