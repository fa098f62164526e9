import type { Path } from './batch';
import type { Column } from './column';

/** A place in the payload: the columns that its values went to, one a type, and the places below it. */
export class Place {
  number: Column | undefined;
  string: Column | undefined;
  boolean: Column | undefined;
  json: Column | undefined;
  unknown: Column | undefined;
  first: Column | undefined;
  readonly below = new Map<string, Place>();
  /** The keys of the last message and their places: the next message mostly has the same, and needs no look-up. */
  readonly lastKeys: string[] = [];
  readonly lastPlaces: Place[] = [];

  constructor(readonly path: Path) {}
}
