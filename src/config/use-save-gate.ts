import { useEffect, useRef, useState } from 'react';

/** The problem with each field, by the name of the field. Undefined for a valid field. */
export type Problems = Readonly<Record<string, string | undefined>>;

/** The parts that are used of `DataSourceConfigValidationAPI`, which `@grafana/data` has since 13.2. */
export interface SaveGate {
  /** @returns what unregisters it. */
  registerValidation(validate: () => boolean): () => void;
  setError(field: string, problem: string): void;
  clearError(field: string): void;
}

/**
 * Prevents *Save & test* from saving while a field is invalid. Grafana before 13.2 cannot be prevented, and saves.
 *
 * @returns whether *Save & test* was refused the last time.
 */
export function useSaveGate(gate: SaveGate | undefined, problems: Problems): boolean {
  const latest = useRef({ gate, problems });
  const reported = useRef<Problems>({});
  const [refused, setRefused] = useState(false);

  useEffect(() => {
    latest.current = { gate, problems };
    // Each call renders this editor again, so only changes are reported.
    for (const [field, problem] of Object.entries(problems)) {
      if (problem === reported.current[field]) {
        continue;
      }
      if (problem === undefined) {
        gate?.clearError(field);
      } else {
        gate?.setError(field, problem);
      }
    }
    reported.current = problems;
  });

  useEffect(() => {
    const valid = (): boolean => {
      const right = Object.values(latest.current.problems).every((problem) => problem === undefined);
      setRefused(!right);
      return right;
    };
    return latest.current.gate?.registerValidation(valid);
  }, []);
  return refused;
}
