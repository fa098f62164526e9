import type { IncomingMessage } from 'node:http';
import type { Limits } from '../limits';
import type { ClientStream, ListenerType } from './client-stream';
import type { ConnectionLimiter } from './connection-limiter';
import type { Origins } from './origins';
import type { PortRequest } from './ports';
import type { Traffic } from './rate-limiter';
import type { TlsOptions } from './tls-files';

export interface TcpListenerOptions {
  type: 'tcp';
  /** Default: `127.0.0.1`. */
  host?: string;
  /** Default: 1883 (tls 8883, ws 9001, wss 9443); 0 takes any free one. */
  port?: number;
}

export interface TlsListenerOptions extends Omit<TcpListenerOptions, 'type'>, TlsOptions {
  type: 'tls';
}

export interface WsListenerOptions extends Omit<TcpListenerOptions, 'type'> {
  type: 'ws';
  /** Paths that MQTT is spoken at. Default: `/` and `/mqtt`. */
  paths?: string[];
}

export interface WssListenerOptions extends Omit<WsListenerOptions, 'type'>, TlsOptions {
  type: 'wss';
}

export type ListenerOptions = TcpListenerOptions | TlsListenerOptions | WsListenerOptions | WssListenerOptions;

/** The address of a listener. */
export interface Endpoint {
  type: ListenerType;
  host: string;
  port: number;
  /** The port that was asked for; differs from `port` when it was taken, or when it was 0. */
  requestedPort: number;
  url: string;
}

export interface Listener {
  endpoint: Endpoint;
  /** Cuts every connection. */
  cut(): void;
  /** Reads the certificate files again; new connections get them. */
  reload(): Promise<void>;
  /** Lets nobody in any more; those who are in stay. */
  stop(): void;
  /** Stops listening and cuts every connection; resolves when no handle is left. */
  close(): Promise<void>;
}

/** Limits and counters that all listeners of a broker share. */
export interface ListenerContext {
  limits: Limits;
  connectionLimiter: ConnectionLimiter;
  traffic: Traffic;
  origins: Origins;
  portTaken: PortRequest['portTaken'];
  /** Takes a new connection. */
  accept: (stream: ClientStream, request?: IncomingMessage) => void;
  /** Told about connections that fail before they are one, and about a server that cannot accept. */
  onError: (error: Error, listener: ListenerType, remoteAddress?: string) => void;
}

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORTS: Readonly<Record<ListenerType, number>> = { tcp: 1883, tls: 8883, ws: 9001, wss: 9443 };
export const DEFAULT_PATHS = ['/', '/mqtt'];
