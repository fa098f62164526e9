import { styleText } from 'node:util';
import { OWN_TOPIC, publishCommand } from './publish-command';

export interface Listening {
  url: string;
  port: number;
  requestedPort: number;
}

export interface Running {
  page: Listening;
  tcp: Listening;
  ws: Listening;
  sensors: boolean;
}

type Style = 'bold' | 'cyan' | 'dim' | 'yellow';

/** The output of `npm start` when everything runs. */
export function summary({ page, tcp, ws, sensors }: Running, colours: boolean): string {
  const paint = (style: Style, text: string) => (colours ? styleText(style, text) : text);
  const line = (name: string, text: string) => `  ${paint('dim', name.padEnd(10))}${text}\n`;
  return [
    `\n  ${paint('bold', 'MQTT Stream')} ${paint('dim', 'workbench')}\n\n`,
    line('Page', paint('cyan', page.url)),
    line('Broker', `${tcp.url}   ${ws.url}`),
    line('Sensors', sensors ? 'a small house and a small factory, with an hour of history' : 'none'),
    line('Try', publishCommand(tcp.port, OWN_TOPIC)),
    line('', `with the topic ${OWN_TOPIC} under Explore on the page`),
    ...[moved('the page', page), moved('MQTT over TCP', tcp), moved('MQTT over WebSockets', ws)].map(
      (text) => text && `\n  ${paint('yellow', text)}`
    ),
    `\n  ${paint('dim', 'Ctrl-C stops everything.')}\n\n`,
  ].join('');
}

function moved(what: string, { port, requestedPort }: Listening): string {
  return requestedPort === 0 || port === requestedPort
    ? ''
    : `Port ${requestedPort} is taken: ${what} is on ${port}.\n`;
}
