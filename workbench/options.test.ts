import { describe, expect, it } from 'vitest';

import { parseOptions } from './options';
import { summary } from './summary';

const DEFAULTS = { port: 3030, tcpPort: 1883, wsPort: 9001, sensors: true, watch: false, help: false };

const at = (url: string, port: number, requestedPort = port) => ({ url, port, requestedPort });

describe('the command line', () => {
  it.each([
    { args: [], expected: {} },
    { args: ['--port', '8080', '--watch'], expected: { port: 8080, watch: true } },
    {
      args: ['--tcp-port=0', '--ws-port=9002', '--no-sensors'],
      expected: { tcpPort: 0, wsPort: 9002, sensors: false },
    },
    { args: ['--influxdb', 'http://127.0.0.1:8086'], expected: { influxdb: 'http://127.0.0.1:8086' } },
    { args: ['--help'], expected: { help: true } },
  ])('$args', ({ args, expected }) => {
    expect(parseOptions(args)).toEqual({ ...DEFAULTS, ...expected });
  });

  it.each([
    [['--port', 'x'], '--port must be a number from 0 to 65535, got "x"'],
    [['--ws-port', '65536'], '--ws-port must be a number from 0 to 65535, got "65536"'],
    [['--influxdb', '127.0.0.1:8086'], '--influxdb must be a URL such as http://127.0.0.1:8086, got "127.0.0.1:8086"'],
    [['--nonsense'], /Unknown option '--nonsense'/],
  ])('refuses %j in words', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('the summary', () => {
  it('has all addresses, and a command to try', () => {
    const text = summary(
      {
        page: at('http://127.0.0.1:3030/', 3030),
        tcp: at('mqtt://127.0.0.1:1883', 1883),
        ws: at('ws://127.0.0.1:9001/mqtt', 9001),
        sensors: true,
      },
      false
    );
    expect(text).toBe(`
  MQTT Stream workbench

  Page      http://127.0.0.1:3030/
  Broker    mqtt://127.0.0.1:1883   ws://127.0.0.1:9001/mqtt
  Sensors   a small house and a small factory, with an hour of history
  Try       npx mqtt pub -h 127.0.0.1 -t my/sensor -m 21.5
            with the topic my/sensor under Explore on the page

  Ctrl-C stops everything.

`);
  });

  it('names a port that was taken', () => {
    const text = summary(
      {
        page: at('http://127.0.0.1:3031/', 3031, 3030),
        tcp: at('mqtt://127.0.0.1:1884', 1884, 1883),
        ws: at('ws://127.0.0.1:40000/mqtt', 40_000, 0),
        sensors: false,
      },
      false
    );
    expect(text).toContain('Port 3030 is taken: the page is on 3031.');
    expect(text).toContain('Port 1883 is taken: MQTT over TCP is on 1884.');
    expect(text).not.toContain('WebSockets is on');
    expect(text).toContain('npx mqtt pub -h 127.0.0.1 -p 1884 -t my/sensor');
  });
});
