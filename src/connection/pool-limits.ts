import type { Recording } from './recording';

/** Settings that can change without another connection. */
export interface PoolLimits {
  /** See `ConnectionClient.lingerMs`. */
  readonly lingerMs: number;
  /** See `ConnectionClient.memoryBytes`. */
  readonly memoryBytes: number;
  /** Default: nothing is stored. */
  readonly recording?: Recording;
}
