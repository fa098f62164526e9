/** A topic on which no demo sensor publishes. */
export const OWN_TOPIC = 'my/sensor';

/**
 * The command that publishes a number, with the program of mqtt.js that `npm ci` has installed: README.md, the terminal and
 * the page name the same.
 *
 * @param port of the broker; 1883 is the program's default
 */
export function publishCommand(port: number, topic: string): string {
  const other = port === 1883 ? '' : ` -p ${port}`;
  return `npx mqtt pub -h 127.0.0.1${other} -t ${quoted(topic)} -m 21.5`;
}

function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
