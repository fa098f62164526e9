import { PbfReader, PbfWriter } from 'pbf';

/** The data types of Sparkplug B (3.0.0, section 6.4.16) that the sensors use. */
export const DATA_TYPE = {
  Int32: 3,
  Int64: 4,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
} as const;

export type DataType = keyof typeof DATA_TYPE;

export interface Metric {
  /** Only in birth certificates; later messages have the alias. */
  name?: string;
  alias?: number;
  /** Sent in birth certificates only. */
  type: DataType;
  /** Null is sent as `is_null`. */
  value: number | bigint | boolean | string | null;
  /** Milliseconds since 1970. */
  timestamp?: number;
  /** Whether the value was measured earlier and is sent late. */
  historical?: boolean;
}

export interface PayloadOptions {
  /** Milliseconds since 1970. */
  timestamp: number;
  /** 0 to 255; an NDEATH has none. */
  seq?: number;
  /** Whether to send the metrics' types, as in birth certificates. */
  withTypes: boolean;
}

/** A Sparkplug B payload as protobuf: `org.eclipse.tahu.protobuf.Payload`. */
export function encodePayload(metrics: readonly Metric[], { timestamp, seq, withTypes }: PayloadOptions): Uint8Array {
  const writer = new PbfWriter();
  writer.writeVarintField(1, timestamp);
  for (const metric of metrics) {
    writer.writeMessage(2, (each: Metric, to: PbfWriter) => writeMetric(each, to, withTypes), metric);
  }
  if (seq !== undefined) {
    writer.writeVarintField(3, seq);
  }
  return writer.finish();
}

/** The metric of a rebirth request [tck-id-operational-behavior-data-commands-rebirth-name]. */
export const REBIRTH = 'Node Control/Rebirth';

/** Whether a command requests a rebirth: it has the metric {@link REBIRTH} with the value true. Never throws. */
export function isRebirthRequest(payload: Uint8Array): boolean {
  let isRequest = false;
  try {
    new PbfReader(payload).readFields((tag, _, from) => {
      if (tag === 2) {
        const metric = { name: '', value: false };
        from.readMessage((of, into, within) => {
          if (of === 1) {
            into.name = within.readString();
          } else if (of === 14) {
            into.value = within.readBoolean();
          }
        }, metric);
        isRequest ||= metric.name === REBIRTH && metric.value;
      }
    }, undefined);
  } catch {
    return false; // Anyone may publish anything on the topic
  }
  return isRequest;
}

function writeMetric(
  { name, alias, type, value, timestamp, historical }: Metric,
  to: PbfWriter,
  withType: boolean
): void {
  if (name !== undefined) {
    to.writeStringField(1, name);
  }
  if (alias !== undefined) {
    to.writeVarintField(2, alias);
  }
  if (timestamp !== undefined) {
    to.writeVarintField(3, timestamp);
  }
  if (withType) {
    to.writeVarintField(4, DATA_TYPE[type]);
  }
  if (historical) {
    to.writeBooleanField(5, true);
  }
  if (value === null) {
    to.writeBooleanField(7, true);
  } else {
    writeValue(type, value, to);
  }
}

function writeValue(type: DataType, value: NonNullable<Metric['value']>, to: PbfWriter): void {
  switch (type) {
    case 'Int32':
      // Two's complement in 32 bits
      to.writeVarintField(10, Number(value) >>> 0);
      break;
    case 'Int64':
    case 'UInt64':
    case 'DateTime':
      writeLong(BigInt.asUintN(64, BigInt(value)), to);
      break;
    case 'Float':
      to.writeFloatField(12, Number(value));
      break;
    case 'Double':
      to.writeDoubleField(13, Number(value));
      break;
    case 'Boolean':
      to.writeBooleanField(14, value === true);
      break;
    case 'String':
      to.writeStringField(15, String(value));
      break;
  }
}

/** Writes `long_value` with all 64 bits: a number would lose the lowest ones. */
function writeLong(value: bigint, to: PbfWriter): void {
  to.writeTag(11, 0);
  to.realloc(10);
  let rest = value;
  do {
    const more = rest > 0x7fn ? 0x80 : 0;
    to.buf[to.pos] = Number(rest & 0x7fn) | more;
    to.pos += 1;
    rest >>= 7n;
  } while (rest > 0n);
}
