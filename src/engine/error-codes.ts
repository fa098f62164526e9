/** The consequences of an error: retries, and the severity of its message. */
export interface ErrorCode {
  /**
   * The next attempt without anybody's doing: `soon` and then at growing intervals; `late`, at long intervals from the
   * first error on, because it would end the same way and some brokers lock out a client that keeps trying; `never`.
   */
  readonly retry: 'soon' | 'late' | 'never';
  /**
   * Whether a page that may have slept (the network is back, the tab is visible again) tries at once. False where only
   * somebody's doing helps. It is true for some errors with `retry: 'late'`: they are about the moment or about another
   * client, may have passed while the page slept, and an attempt does not look like guessing a password.
   */
  readonly onWake: boolean;
  /** The broker may have refused the credentials: the engine requests others from the page. */
  readonly aboutCredentials?: true;
  /** In *Save & test*. Default `error`. */
  readonly severity?: 'warning';
}

/** Every kind of connection error, each with its own cause and cure in `docs/troubleshooting.md`. */
export const ERROR_CODES = {
  // Before there is a WebSocket.
  /** The browser does not open the URL. It says so without sending anything, so an attempt on wake costs nothing. */
  url: { retry: 'never', onWake: true },
  /** A setting is not what MQTT allows, so CONNECT could not be written. */
  setting: { retry: 'never', onWake: false },
  /** The engine could not be loaded. */
  engine: { retry: 'soon', onWake: true },
  /**
   * The viewer must enter credentials, which is no mistake in the settings. If the page could not provide them for
   * another reason, its response says that there is another attempt.
   */
  credentials: { retry: 'never', onWake: false, severity: 'warning' },
  /** There is no token. */
  token: { retry: 'soon', onWake: true },
  /** `ws://` from a page that came over HTTPS. */
  'mixed-content': { retry: 'soon', onWake: true },
  /** By a Content-Security-Policy. */
  blocked: { retry: 'soon', onWake: true },
  /** The Grafana session has expired. */
  session: { retry: 'soon', onWake: true },
  /** Grafana's proxy cannot reach its target. */
  proxy: { retry: 'soon', onWake: true },
  unreachable: { retry: 'soon', onWake: true },
  timeout: { retry: 'soon', onWake: true },

  // The WebSocket opened, and the broker did not accept the connection.
  'not-mqtt': { retry: 'soon', onWake: true },
  /** The WebSocket closed without a CONNACK after credentials were sent. */
  'hung-up': { retry: 'late', onWake: false, aboutCredentials: true },
  version: { retry: 'late', onWake: false },
  /** Credentials or rights. */
  refused: { retry: 'late', onWake: false, aboutCredentials: true },
  'client-id-invalid': { retry: 'late', onWake: false },
  banned: { retry: 'late', onWake: false },
  busy: { retry: 'soon', onWake: true },
  moved: { retry: 'late', onWake: true },
  /** For any other reason. */
  rejected: { retry: 'late', onWake: true },

  // There was a connection.
  lost: { retry: 'soon', onWake: true },
  /** The broker stopped answering. */
  silent: { retry: 'soon', onWake: true },
  shutdown: { retry: 'soon', onWake: true },
  /** Another client uses the same client id. */
  'client-id': { retry: 'late', onWake: true },
  /** An administrator of the broker closed it. */
  kicked: { retry: 'late', onWake: true },
  quota: { retry: 'late', onWake: true },
  /** A message or a packet. */
  'too-large': { retry: 'late', onWake: true },
  /** A violation of MQTT. */
  protocol: { retry: 'soon', onWake: true },
} as const satisfies Record<string, ErrorCode>;

export type ConnectionErrorCode = keyof typeof ERROR_CODES;

/** The consequences of an error with this code. */
export function errorCode(code: ConnectionErrorCode): ErrorCode {
  return ERROR_CODES[code];
}
