import type { DataSourceConfigValidationAPI } from '@grafana/data';
import { useEffect, useRef } from 'react';

/** What is wrong with each field, by its name; undefined where nothing is. */
export type Problems = Readonly<Record<string, string | undefined>>;

/** Keeps *Save & test* from saving while a field is wrong. Grafana before 13.2 has no such gate, and saves. */
export function useSaveGate(gate: DataSourceConfigValidationAPI | undefined, problems: Problems): void {
  const latest = useRef({ gate, problems });
  const told = useRef<Problems>({});

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
    const valid = () => Object.values(latest.current.problems).every((problem) => problem === undefined);
    return latest.current.gate?.registerValidation(valid);
  }, []);
}
