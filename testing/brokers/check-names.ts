/** The checks of the suite and their columns in `docs/brokers.md`, in order. */
export const CHECK_TITLES = {
  connect: 'Automatic version',
  'save-and-test': 'Save & test',
  password: 'Wrong password',
  denied: 'Denied filter',
  overlap: 'Rows doubled / missing',
  retained: 'Retained',
  'retained-wildcard': 'Retained, wildcard',
  odd: 'Odd topics',
  megabyte: '1 MB',
  qos1: 'QoS 1, reconnect',
  qos2: 'QoS 2, reconnect',
  takeover: 'Takeover',
  restart: 'Restart',
} as const;

export type CheckName = keyof typeof CHECK_TITLES;

export const CHECK_NAMES = Object.keys(CHECK_TITLES) as readonly CheckName[];
