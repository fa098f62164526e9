import type { DataSourceConfigValidationAPI } from '@grafana/data';
import { useEffect, useRef, useState } from 'react';

/** What is wrong with each field, by its name; undefined where nothing is. */
export type Problems = Readonly<Record<string, string | undefined>>;

/**
 * Keeps *Save & test* from saving while a field is wrong. Grafana before 13.2 has no such gate, and saves.
 *
 * @returns whether it has kept it.
 */
export function useSaveGate(gate: DataSourceConfigValidationAPI | undefined, problems: Problems): boolean {
  const latest = useRef({ gate, problems });
  const told = useRef<Problems>({});
  const [refused, setRefused] = useState(false);

  useEffect(() => {
    latest.current = { gate, problems };
    // Telling Grafana renders this editor again, so only what changed is told.
    for (const [field, problem] of Object.entries(problems)) {
      if (problem === told.current[field]) {
        continue;
      }
      if (problem === undefined) {
        gate?.clearError(field);
      } else {
        gate?.setError(field, problem);
      }
    }
    told.current = problems;
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
