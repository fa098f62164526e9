import mqtt from 'mqtt';

export interface RecorderOptions {
  /** URL of the MQTT broker. */
  broker: string;
  /** URL of InfluxDB 1.x. */
  influxdb: string;
  database: string;
  /** Topic filters to record. */
  filters: string[];
}

/** Writes the numbers of MQTT messages to InfluxDB once per second. The tag of a series is its topic. */
export async function startRecorder({ broker, influxdb, database, filters }: RecorderOptions) {
  const request = async (path: string, body: string | URLSearchParams): Promise<void> => {
    const response = await fetch(new URL(path, influxdb), { method: 'POST', body }).catch((error: unknown) => {
      throw new Error(
        `${influxdb}: no connection to InfluxDB (${reasonOf(error)}). Start InfluxDB 1.x there, or change the URL.`
      );
    });
    if (!response.ok) {
      throw new Error(`${influxdb}: InfluxDB answered ${response.status} ${await response.text()}`, {
        cause: response.status,
      });
    }
  };
  await request('/query', new URLSearchParams({ q: `CREATE DATABASE "${database}"` }));

  let lines: string[] = [];
  const write = async (): Promise<void> => {
    const batch = lines;
    lines = [];
    try {
      if (batch.length > 0) {
        await request(`/write?db=${encodeURIComponent(database)}&precision=ms`, batch.join('\n'));
      }
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
      // Status 400: InfluxDB has written the other lines, and will never take those that it refused.
      if ((error as Error).cause !== 400) {
        // The newest 100,000 lines wait until InfluxDB is back.
        lines = [...batch, ...lines].slice(-100_000);
      }
    }
  };
  const record = (topic: string, payload: string, time: number): void => {
    const line = toLine(topic, payload, time);
    if (line !== undefined) {
      lines.push(line);
    }
  };

  const client = await mqtt.connectAsync(broker);
  client.on('message', (topic, payload, { retain }) => {
    // The time of a retained message is not known.
    if (!retain) {
      record(topic, payload.toString(), Date.now());
    }
  });
  await client.subscribeAsync(filters, { qos: 1 });
  const timer = setInterval(() => void write(), 1_000);
  return {
    record,
    write,
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await client.endAsync();
      await write();
    },
  };
}

/** Why `fetch` failed: its own message does not say it. A name with several addresses has an error for each. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const [first] = cause instanceof AggregateError ? (cause.errors as unknown[]) : [cause];
  return first instanceof Error ? first.message : String(first);
}

/**
 * A line of InfluxDB's line protocol; undefined if the payload has no number. Time in milliseconds since 1970.
 * InfluxDB has no field called `time`, which is the time of each row: such a number is called `time_`.
 */
export function toLine(topic: string, payload: string, time: number): string | undefined {
  const fields = numbersOf(payload).map(([name, value]) => `${escape(name === 'time' ? 'time_' : name)}=${value}`);
  return fields.length === 0 ? undefined : `mqtt,topic=${escape(topic)} ${fields.join(',')} ${time}`;
}

function numbersOf(payload: string): Array<[string, number]> {
  try {
    return numbersIn(JSON.parse(payload), '');
  } catch {
    // Not JSON, or with too many levels
    return [];
  }
}

/** The numbers of a JSON value, by their path: `ENERGY.Power`. A payload that is a number is called `value`. */
function numbersIn(value: unknown, path: string): Array<[string, number]> {
  if (typeof value === 'number') {
    // JSON.parse reads 1e400 as Infinity, which InfluxDB cannot store.
    return Number.isFinite(value) ? [[path || 'value', value]] : [];
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, path === '' ? key : `${path}.${key}`));
}

/** InfluxDB stores a backslash as it is, but one at the end, or before a separator, would escape what follows. */
function escape(name: string): string {
  return name
    .replaceAll(/\\(?=[,= ]|$)/g, String.raw`\_`)
    .replaceAll(/[,= ]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`);
}
