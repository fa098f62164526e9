import { PbfWriter } from 'pbf';

/** The metric of every node that a command asks for its births by (Sparkplug 3.0). */
export const REBIRTH = 'Node Control/Rebirth';

const BOOLEAN = 11;

/** That births are missing, and what would bring them. */
export interface RebirthNeed {
  /**
   * The topic on which the node takes commands: `spBv1.0/<group>/NCMD/<edge node>` [tck-id-topics-ncmd-topic,
   * tck-id-operational-behavior-data-commands-ncmd-rebirth-verb].
   */
  readonly command: string;
  /** Topics that must come this way for the births to help. */
  readonly births: readonly string[];
}

/**
 * The result of a request for a birth. `requested`: a command is sent, or will be. `left-out`: its births would not
 * come this way. `refused`: the broker does not pass on the command.
 */
export type RebirthOutcome = 'requested' | 'left-out' | 'refused';

/** Requests births of nodes. */
export interface RebirthRequests {
  /** @returns `undefined` if the settings do not allow it. */
  request(need: RebirthNeed): RebirthOutcome | undefined;
  /** Whether births come this way. */
  covers(need: RebirthNeed): boolean;
  /** The node has been born. @param command see {@link RebirthNeed}. */
  onBirth(command: string): void;
}

/**
 * The payload of a request for a rebirth: the metric by its name and with the value true
 * [tck-id-operational-behavior-data-commands-ncmd-rebirth-name, …-ncmd-rebirth-value], the time of publishing
 * [tck-id-payloads-ncmd-timestamp], and no seq [tck-id-payloads-ncmd-seq]. No birth gives this metric an alias
 * [tck-id-operational-behavior-data-commands-rebirth-name-aliases], so its name is always understood.
 *
 * @param time milliseconds since 1970.
 */
export function encodeRebirth(time: number): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, time);
  pbf.writeMessage(
    2,
    (_, metric) => {
      metric.writeStringField(1, REBIRTH);
      metric.writeVarintField(3, time);
      metric.writeVarintField(4, BOOLEAN);
      metric.writeBooleanField(14, true);
    },
    undefined
  );
  return pbf.finish();
}
