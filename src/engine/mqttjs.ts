import importedClient from 'mqtt/lib/client';
import type MqttJsClient from 'mqtt/lib/client';
import type { IClientOptions } from 'mqtt';

/**
 * mqtt.js's client from its modules. Its browser bundle is one prebuilt file with every transport and a
 * `setTimeout(0)` in place of `nextTick`, which holds it to a few hundred packets a second per frame.
 *
 * The module is CommonJS: depending on who loads it, the default import is the class or the module around it.
 */
export const MqttClient: typeof MqttJsClient =
  (importedClient as unknown as { default?: typeof MqttJsClient }).default ?? importedClient;

export type { IClientOptions, MqttJsClient };
