import type { DataSourceInstanceSettings } from '@grafana/data';
import type { ConnectionOptions, RecorderOptions } from '../engine';
import { numberInRange, SETTING_RANGES } from '../setting-ranges';
import { authOf } from './settings';
import { DEFAULT_HISTORY_TOPIC, type MqttOptions } from '../types';

/** The limits for stored messages of a connection; the tab adds its id. */
export type Recording = Omit<RecorderOptions, 'storage'> & { readonly storage?: Omit<RecorderStorage, 'tab'> };

type RecorderStorage = NonNullable<RecorderOptions['storage']>;

type RecordingSettings = Pick<DataSourceInstanceSettings<MqttOptions>, 'type' | 'uid' | 'access' | 'jsonData'>;

/** How long messages are stored in memory, in milliseconds: as long as a panel is likely to look back. */
const MESSAGE_AGE_MS = 366 * 24 * 3_600_000;

/**
 * The limits for stored messages. Messages belong to a Grafana user and to the source of the broker's credentials: the
 * user name of the settings, the token's URL, or each user name that a viewer enters.
 *
 * @param viewer whose messages they are: Grafana's organisation and user.
 */
export function recordingOf(settings: RecordingSettings, options: ConnectionOptions, viewer: string): Recording {
  const { messageMemory, restore, history, historyTopic } = settings.jsonData;
  const historian = history === false ? undefined : historyRoot(historyTopic);
  const minutes = numberInRange(restore, SETTING_RANGES.restore);
  const { url, clientIdPrefix, credentials } = options;
  const auth = authOf(settings.jsonData);
  // A user name that the viewer enters is known, and compared, when the broker has accepted it.
  const source =
    auth === 'token'
      ? (settings.jsonData.tokenUrl ?? '')
      : credentials === 'request'
        ? ''
        : (credentials.username ?? '');
  return {
    bytes: numberInRange(messageMemory, SETTING_RANGES.messageMemory) * 1_000_000,
    ageMs: MESSAGE_AGE_MS,
    ...(historian === undefined ? undefined : { historian }),
    ...(auth === 'token' ? { ignoresUser: true } : undefined),
    ...(minutes === 0
      ? undefined
      : {
          storage: {
            name: storageName(settings),
            owner: JSON.stringify([viewer, url, settings.access ?? '', clientIdPrefix, auth, source]),
            ageMs: minutes * 60_000,
          },
        }),
  };
}

/** The root topic of a historian; a provisioning file may hold anything. */
function historyRoot(value: unknown): string | undefined {
  const root = typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
  if (root === '') {
    return DEFAULT_HISTORY_TOPIC;
  }
  return /[+#\0]/.test(root) ? undefined : root;
}

/** The name of the database that has what a data source stores in the browser. */
export function storageName({ type, uid }: Pick<RecordingSettings, 'type' | 'uid'>): string {
  return `${type}:messages:${uid}`;
}
