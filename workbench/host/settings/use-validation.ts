import type { DataSourceConfigValidationAPI } from '@grafana/data';
import { useState } from 'react';

/** Validation of Grafana 13.2's *Save & test*: editors register checks that must pass before anything is saved. */
export function useValidation(): DataSourceConfigValidationAPI {
  const [api] = useState(makeValidation);
  return api;
}

function makeValidation(): DataSourceConfigValidationAPI {
  const validators = new Set<() => Promise<boolean> | boolean>();
  const errors = new Map<string, string>();
  return {
    registerValidation: (validator) => {
      validators.add(validator);
      return () => validators.delete(validator);
    },
    validate: async () => (await Promise.all([...validators].map(async (validator) => validator()))).every(Boolean),
    isValid: () => errors.size === 0,
    getErrors: () => Object.fromEntries(errors),
    setError: (field, message) => void errors.set(field, message),
    clearError: (field) => void errors.delete(field),
  };
}
