import { type Tone, tonesOf } from '../payload/word-pairs';

/** One of the two values that something announced has. */
export interface AnnouncedState {
  /** As it stands in the payload, written as text. */
  readonly value: string;
  /** How to show it. */
  readonly text: string;
  readonly tone: Tone;
}

export interface AnnouncedStates {
  readonly on: AnnouncedState;
  readonly off: AnnouncedState;
}

/** The keys of a configuration that say what is sent for on and for off, the first that is there, and what else holds. */
interface StateKeys<Key> {
  readonly on: readonly Key[];
  readonly off: readonly Key[];
  readonly defaults: readonly [on: string, off: string];
  readonly template: Key;
}

type StateKey =
  | 'payload_on'
  | 'payload_off'
  | 'state_on'
  | 'state_off'
  | 'state_locked'
  | 'state_unlocked'
  | 'value_template'
  | 'state_value_template';

/** Components of Home Assistant that have two states, by their name. */
export const TWO_STATES: Readonly<Record<string, StateKeys<StateKey>>> = {
  binary_sensor: {
    on: ['payload_on'],
    off: ['payload_off'],
    defaults: ['ON', 'OFF'],
    template: 'value_template',
  },
  switch: {
    on: ['state_on', 'payload_on'],
    off: ['state_off', 'payload_off'],
    defaults: ['ON', 'OFF'],
    template: 'value_template',
  },
  light: { on: ['payload_on'], off: ['payload_off'], defaults: ['ON', 'OFF'], template: 'state_value_template' },
  fan: { on: ['payload_on'], off: ['payload_off'], defaults: ['ON', 'OFF'], template: 'state_value_template' },
  lock: {
    on: ['state_locked'],
    off: ['state_unlocked'],
    defaults: ['LOCKED', 'UNLOCKED'],
    template: 'value_template',
  },
};

type ClassWords = readonly [on: string, off: string, ifOn?: Tone, ifOff?: Tone];

const DETECTED: ClassWords = ['Detected', 'Clear'];
const ALARMING: ClassWords = ['Detected', 'Clear', 'bad', 'good'];
const OPEN: ClassWords = ['Open', 'Closed'];

/**
 * The words that Home Assistant shows for the states of a binary sensor, by its device class (home-assistant.io, Binary
 * sensor).
 */
const CLASSES: Readonly<Record<string, ClassWords>> = {
  battery: ['Low', 'Normal', 'bad', 'good'],
  battery_charging: ['Charging', 'Not charging'],
  carbon_monoxide: ALARMING,
  cold: ['Cold', 'Normal', 'bad', 'good'],
  connectivity: ['Connected', 'Disconnected', 'good', 'bad'],
  door: OPEN,
  garage_door: OPEN,
  gas: ALARMING,
  heat: ['Hot', 'Normal', 'bad', 'good'],
  light: ['Light detected', 'No light'],
  lock: ['Unlocked', 'Locked'],
  moisture: ['Wet', 'Dry', 'bad', 'good'],
  motion: DETECTED,
  moving: ['Moving', 'Not moving'],
  occupancy: DETECTED,
  opening: OPEN,
  plug: ['Plugged in', 'Unplugged'],
  presence: ['Home', 'Away'],
  problem: ['Problem', 'OK', 'bad', 'good'],
  running: ['Running', 'Not running'],
  safety: ['Unsafe', 'Safe', 'bad', 'good'],
  smoke: ALARMING,
  sound: DETECTED,
  tamper: ['Tampering detected', 'Clear', 'bad', 'good'],
  update: ['Update available', 'Up-to-date'],
  vibration: DETECTED,
  window: OPEN,
};

/** Longer texts are no states. */
const MAX_LENGTH = 100;

/**
 * How to show two values: as the device class says, else as they are sent.
 *
 * @returns `undefined` for values that are no states, or the same twice.
 */
export function statesOf(on: string, off: string, deviceClass?: string): AnnouncedStates | undefined {
  if (on === off || on === '' || off === '' || on.length > MAX_LENGTH || off.length > MAX_LENGTH) {
    return undefined;
  }
  const known = deviceClass !== undefined && Object.hasOwn(CLASSES, deviceClass) ? CLASSES[deviceClass] : undefined;
  if (known === undefined) {
    return labelled(on, off, on, off);
  }
  const [ifTrue, ifFalse, yes = 'good', no = 'plain'] = known;
  return { on: { value: on, text: ifTrue, tone: yes }, off: { value: off, text: ifFalse, tone: no } };
}

/** How to show two values that have texts of their own. */
export function labelled(on: string, off: string, onText: string, offText: string): AnnouncedStates {
  const tones = tonesOf({ true: onText, false: offText });
  return { on: { value: on, text: onText, tone: tones.true }, off: { value: off, text: offText, tone: tones.false } };
}
