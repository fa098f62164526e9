import type * as repaired from './repaired';

/**
 * What reads JSON with words and long integers fast, if it is there. It is in a part of the engine, and this room does
 * not load parts: `expect` is replaced by who does.
 */
export const repairs: {
  code: Pick<typeof repaired, 'expectRepairs' | 'parseRepaired'> | undefined;
  expect: () => void;
} = {
  code: undefined,
  expect: () => undefined,
};
