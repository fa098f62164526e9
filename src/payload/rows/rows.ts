import { isObject } from '../../utils/is-object';
import { CLEARED, DecodeFailure } from '../decoded';

/** One row of a payload that holds several, or that says more about itself than its values. */
export interface Row {
  /**
   * A JSON value: the keys of an object become fields; anything else becomes the field `Value`; `GONE`: all fields of
   * its series are null from now on.
   */
  readonly value: unknown;
  /** The object that contains the value, for fields, labels and the time, which the value need not have itself. */
  readonly whole?: unknown;
  /** When it happened, in milliseconds since the epoch, with a fraction for what is finer. Missing: arrival. */
  readonly time?: number;
  /**
   * Milliseconds from arrival to when it happened, mostly negative: for a payload that says "five seconds ago"
   * (SenML, RFC 8428, 4.5.3). Never together with `time`.
   */
  readonly offset?: number;
  /**
   * A value of the past that is sent now (Sparkplug `is_historical`): its own `time` holds whatever time was chosen,
   * and it is never the newest value.
   */
  readonly historical?: boolean;
  /**
   * The topic that its series goes by, where several topics are one series: the BIRTH, DATA and DEATH messages of a
   * Sparkplug device. Missing: the topic it came by.
   */
  readonly topic?: string;
  /** The labels that tell its series apart from others of the same topic. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Units as the payload names them, by the key of the value (the empty key for a value that is not an object). */
  readonly units?: ReadonlyMap<string, string>;
}

/**
 * The result of a decoder for a payload whose format itself has rows, times, labels or units. Most payloads have none
 * of it, and are given as the plain value, which costs nothing.
 */
export class Rows {
  /** @param problems what could not be read of a payload that could be read otherwise, in words. */
  constructor(
    readonly rows: readonly Row[],
    readonly problems: readonly string[] = []
  ) {}

  /** The same rows, with another problem. */
  withProblem(problem: string): Rows {
    return new Rows(this.rows, [...this.problems, problem]);
  }
}

/** Whether a payload was read, and part of it could not be. */
export function isPartial(decoded: unknown): decoded is Rows {
  return decoded instanceof Rows && decoded.problems.length > 0;
}

/** Values that follow one another: each could be a payload by itself, and have rows of its own. */
export class SeveralValues extends Rows {
  override withProblem(problem: string): SeveralValues {
    return new SeveralValues(this.rows, [...this.problems, problem]);
  }
}

/** Whether a decoded value is one row, and its format says no more about it than the value. */
export function isPlain(value: unknown): boolean {
  return isObject(value)
    ? !Array.isArray(value) && !(value instanceof Rows) && !(value instanceof DecodeFailure)
    : value !== CLEARED;
}
