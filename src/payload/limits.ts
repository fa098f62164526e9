/** How much of a payload becomes rows and fields. A data source may set it. */
export interface PayloadLimits {
  /** Levels of nested objects that become fields of their own; what is deeper stays one JSON value. */
  readonly levels: number;
  /** Lists of no more numbers than this become a field for each; longer ones stay one JSON value. */
  readonly items: number;
  /** Fields that one series may open; further ones are counted and left out. */
  readonly fields: number;
  /** Rows that one payload may have; further ones are left out, and that is said. More is a file, not a message. */
  readonly rows: number;
}

/** The limits of a query that sets none. */
export const PAYLOAD_LIMITS: PayloadLimits = { levels: 10, items: 16, fields: 500, rows: 10_000 };

/** Keys longer than this are not names; their values are counted and left out, so that they are not remembered. */
export const MAX_KEY_LENGTH = 1_000;

/** The value of a label is cut there; longer ones are no names. */
export const MAX_LABEL_LENGTH = 200;
