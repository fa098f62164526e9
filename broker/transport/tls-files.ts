import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { messageOf } from '../../src/utils/errors';
import { BrokerError, describeFileError } from '../errors';

/** Certificates of a TLS listener: each is PEM text, or the path of a PEM file, which is read again on reload. */
export interface TlsOptions {
  /** The broker's certificate, with the chain up to its authority. */
  cert: string;
  /** The private key of `cert`. */
  key: string;
  /** The authority that signs client certificates; needed with `requestCert`. */
  ca?: string;
  /** Lets in only clients with a certificate signed by `ca`, whose common name (CN) becomes the user. Default: false. */
  requestCert?: boolean;
}

/**
 * Reads the files and checks that they fit together.
 *
 * @throws BrokerError `E_TLS` naming the file that cannot be used
 */
export async function readTls({ cert, key, ca, requestCert }: TlsOptions): Promise<SecureContextOptions> {
  if (requestCert && !ca) {
    throw new BrokerError('E_TLS', 'requestCert needs ca, the authority that signs the client certificates');
  }
  const context = { cert: await pem('cert', cert), key: await pem('key', key), ...(ca && { ca: await pem('ca', ca) }) };
  try {
    createSecureContext(context);
  } catch (error) {
    const message = messageOf(error);
    throw new BrokerError('E_TLS', `Certificate and key cannot be used together (cert, key, ca): ${message}`, {
      cause: error,
    });
  }
  return context;
}

/** The paths among the options: what a reload reads again. */
export function tlsPaths({ cert, key, ca }: TlsOptions): string[] {
  return [cert, key, ca].filter((text) => text !== undefined && !isPem(text)) as string[];
}

async function pem(name: string, textOrPath: string): Promise<string> {
  if (isPem(textOrPath)) {
    return textOrPath;
  }
  try {
    return await readFile(textOrPath, 'utf8');
  } catch (error) {
    throw new BrokerError('E_TLS', `${name}: ${describeFileError(textOrPath, error)}`, { cause: error });
  }
}

function isPem(text: string): boolean {
  return text.trimStart().startsWith('-----BEGIN');
}
