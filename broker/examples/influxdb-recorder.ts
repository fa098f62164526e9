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
    const response = await fetch(new URL(path, influxdb), { method: 'POST', body });
    if (!response.ok) {
      throw new Error(`InfluxDB: ${response.status} ${await response.text()}`);
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
      // The newest 100,000 lines wait until InfluxDB is back.
      lines = [...batch, ...lines].slice(-100_000);
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

/** A line of InfluxDB's line protocol; undefined if the payload has no number. Time in milliseconds since 1970. */
export function toLine(topic: string, payload: string, time: number): string | undefined {
  const fields = numbersIn(parse(payload), '').map(([name, value]) => `${escape(name)}=${value}`);
  return fields.length === 0 ? undefined : `mqtt,topic=${escape(topic)} ${fields.join(',')} ${time}`;
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** The numbers of a JSON value, by their path: `ENERGY.Power`. A payload that is a number is called `value`. */
function numbersIn(value: unknown, path: string): Array<[string, number]> {
  if (typeof value === 'number') {
    return [[path || 'value', value]];
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, path === '' ? key : `${path}.${key}`));
}

function escape(name: string): string {
  return name.replaceAll(/[\\,= ]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`);
}
