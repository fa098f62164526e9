import { parseArgs } from 'node:util';

import type { SensorSet } from '../broker/sensors';

/** The demo sensors that the dashboards of the plugin need (`src/dashboards`). */
export const DEMO_SETS: readonly SensorSet[] = ['home', 'factory', 'energy', 'sparkplug'];

export interface Options {
  port: number;
  tcpPort: number;
  wsPort: number;
  sensors: boolean;
  /** URL of InfluxDB 1.x. */
  influxdb?: string;
  watch: boolean;
  help: boolean;
}

export const HELP = `Builds the plugin, starts a broker with demo sensors and serves the workbench.

  npm start -- [options]      npm run dev rebuilds on change and reloads the page

  --port <n>       port of the page (default 3030)
  --tcp-port <n>   MQTT over TCP (default 1883)
  --ws-port <n>    MQTT over WebSockets (default 9001)
  --no-sensors     a broker without demo sensors
  --influxdb <url> a data source, with the sensors' messages in its database demo
  --watch          rebuild on change
  --help           this text

If a port is taken, the next free one is used. All ports listen on 127.0.0.1 only.
`;

/** @throws {Error} with a message for the command line. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '3030' },
      'tcp-port': { type: 'string', default: '1883' },
      'ws-port': { type: 'string', default: '9001' },
      sensors: { type: 'boolean', default: true },
      influxdb: { type: 'string' },
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  return {
    port: portOf('--port', values.port),
    tcpPort: portOf('--tcp-port', values['tcp-port']),
    wsPort: portOf('--ws-port', values['ws-port']),
    sensors: values.sensors,
    ...(values.influxdb === undefined ? undefined : { influxdb: urlOf(values.influxdb) }),
    watch: values.watch,
    help: values.help,
  };
}

function portOf(flag: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new Error(`${flag} must be a number from 0 to 65535, got "${text}"`);
  }
  return port;
}

function urlOf(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new Error(`--influxdb must be a URL such as http://127.0.0.1:8086, got "${text}"`);
  }
  return text;
}
