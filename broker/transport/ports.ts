import type { AddressInfo, Server } from 'node:net';
import { isIP } from 'node:net';
import { messageOf } from '../../src/utils/errors';
import { BrokerError } from '../errors';

export interface PortRequest {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  portTaken: 'fail' | 'next';
}

/** How far `portTaken: 'next'` looks for a free port. */
const PORTS_TO_TRY = 100;
const MAX_PORT = 65_535;

/**
 * Listens on the port that is asked for, or, with `portTaken: 'next'`, on the first free one from there on.
 *
 * @returns the port it got
 * @throws BrokerError in words when none can be had
 */
export async function listen(server: Server, { host, port, portTaken }: PortRequest): Promise<number> {
  const last = portTaken === 'next' && port !== 0 ? Math.min(port + PORTS_TO_TRY - 1, MAX_PORT) : port;
  for (let candidate = port; ; candidate += 1) {
    try {
      // One after the other on purpose: the first free one is wanted
      await listenOnce(server, host, candidate);
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if (errorCode(error) !== 'EADDRINUSE' || candidate >= last) {
        throw inWords(error, host, port, last);
      }
    }
  }
}

function listenOnce(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error);
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

/** @throws BrokerError unless `host` is this machine only */
export function requireLoopback(host: string): void {
  if (!isLoopback(host)) {
    throw new BrokerError(
      'E_REMOTE',
      `Host ${host} can be reached from other machines, and any client there could read and publish everything. ` +
        'Add users (--users FILE), allow anonymous clients explicitly (--allow-anonymous), or listen on 127.0.0.1.'
    );
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `scheme://host:port`, with a host that a client on this machine can use. */
export function urlOf(scheme: 'mqtt' | 'mqtts' | 'ws' | 'wss' | 'http', host: string, port: number, path = ''): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${scheme}://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${port}${path}`;
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN';
}

function inWords(error: unknown, host: string, port: number, last: number): BrokerError {
  const code = errorCode(error);
  const words: Record<string, string> = {
    EADDRINUSE:
      last > port
        ? `Ports ${port} to ${last} on ${host} are all in use`
        : `Port ${port} on ${host} is in use by another program; stop that program, or choose another port`,
    EACCES: `Not permitted to listen on port ${port}. Ports below 1024 usually need extra rights; choose a port from 1024 on`,
    EPERM: `Not permitted to listen on port ${port} of ${host}. Choose another port`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Choose an address of this machine, such as 127.0.0.1`,
    EAFNOSUPPORT: `This machine cannot use addresses like ${host}`,
    ENOTFOUND: `There is no host named ${host}. Check the name, or use an address`,
    EAI_AGAIN: `The host name ${host} could not be looked up. Check the DNS server, or use an address`,
    EINVAL: `The broker cannot listen on the address ${host}`,
  };
  const message = messageOf(error);
  return new BrokerError(code, words[code] ?? `Cannot listen on ${host}, port ${port}: ${message}`, { cause: error });
}
