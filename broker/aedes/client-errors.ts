import type { Aedes, Client } from 'aedes';
import { CONNACK, type ReportError } from '../errors';
import { originOf } from '../transport/origin';

/** Hands every client's first error on, with where it came from. */
export function reportClientErrors(aedes: Aedes, report: ReportError): void {
  const reported = new WeakSet<Client>();
  const onError = (client: Client, error: Error): void => {
    // Work for a client that left, that was reported already, or that a closing broker sends away,
    // is a consequence.
    if (aedes.closed || reported.has(client) || (client.closed && error.message === 'connection closed')) {
      return;
    }
    reported.add(client);
    report(explain(error), originOf(client));
  };
  aedes.on('clientError', onError);
  aedes.on('connectionError', onError);
  // Aedes says so of its store; without a listener it would end the process.
  (aedes as NodeJS.EventEmitter).on('error', (error: Error) => report(error, {}));
}

/** Says what Aedes says in two words: most clients that meet it are set to MQTT 5. */
function explain(error: Error & { errorCode?: number }): Error {
  return error.errorCode === CONNACK.unacceptableProtocolVersion
    ? new Error(
        'Refused: the client requested another MQTT version than 3.1 and 3.1.1, such as 5. Choose MQTT 3.1.1 in the client',
        { cause: error }
      )
    : error;
}
