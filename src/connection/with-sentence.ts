/** What a message ends with: the URL goes last, because what there is to do is to be read first. */
const URL_LAST = /(?::| Broker:) (wss?:\/\/\S+)$/i;

/** Puts a sentence behind a message, but before the URL that it ends with. */
export function withSentence(message: string, sentence: string): string {
  const [tail, url] = URL_LAST.exec(message) ?? [];
  if (tail === undefined) {
    return `${message} ${sentence}`;
  }
  const head = message.slice(0, -tail.length);
  return `${head}${head.endsWith('.') ? '' : '.'} ${sentence} Broker: ${url}`;
}
