import importedClient from 'mqtt/lib/client';
import type MqttJsClient from 'mqtt/lib/client';
import importedStore from 'mqtt/lib/store';
import type MqttJsStore from 'mqtt/lib/store';
import type { IClientOptions } from 'mqtt';

/**
 * mqtt.js's client from its modules. Its browser bundle is one prebuilt file with every transport and a
 * `setTimeout(0)` in place of `nextTick`, which holds it to a few hundred packets a second per frame.
 *
 * The modules are CommonJS: depending on who loads them, the default import is the class or the module around it.
 */
export const MqttClient: typeof MqttJsClient = unwrapped(importedClient);
export const Store: typeof MqttJsStore = unwrapped(importedStore);

function unwrapped<T>(imported: T): T {
  return (imported as { default?: T }).default ?? imported;
}

export type { IClientOptions, MqttJsClient, MqttJsStore };
