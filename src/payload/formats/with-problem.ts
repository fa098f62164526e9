import { CLEARED, DecodeFailure, type Decoded } from '../decoded';
import { Rows } from '../rows/rows';

/** A decoded value, and what is to be said of it. */
export function withProblem(decoded: Decoded, problem: string | undefined): Decoded {
  if (problem === undefined || decoded instanceof DecodeFailure || decoded === CLEARED) {
    return decoded;
  }
  return decoded instanceof Rows
    ? decoded.withProblem(problem)
    : new Rows([{ value: decoded, whole: decoded }], [problem]);
}
