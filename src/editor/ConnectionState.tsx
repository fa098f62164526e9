import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { ConnectionDiagnostics } from '../types';

interface Props {
  /** Undefined before anything is known; the line has its place already, so that nothing moves when it is. */
  connection: ConnectionDiagnostics | undefined;
}

/**
 * How the connection is: a quiet line while it stands, and in full why it does not. A query's row in Grafana shows
 * warnings, but no error of a query that streams.
 */
export function ConnectionState({ connection }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div role="group" aria-label="Connection to the broker">
      {connection?.error === undefined ? (
        <div className={styles.quiet}>{quietWords(connection)}</div>
      ) : (
        <Alert severity="error" title={connection.error.message} bottomSpacing={0} className={styles.error}>
          {seenWords(connection)}
        </Alert>
      )}
    </div>
  );
}

function quietWords(connection: ConnectionDiagnostics | undefined): string {
  if (connection === undefined) {
    return '\u00a0';
  }
  const { protocol, inPage } = connection;
  const state = protocol === undefined ? 'Connecting …' : `Connected with MQTT ${protocol}`;
  return inPage === undefined ? state : `${state}, in the page and not in a Worker: ${inPage}`;
}

function seenWords({ state, since, error }: ConnectionDiagnostics): string {
  // A lost connection's sentence has its time already.
  const when = state === 'connecting' ? `Since ${new Date(since).toLocaleTimeString()}. ` : '';
  return error?.details === undefined ? when : `${when}Seen: ${error.details}`;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    quiet: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
    error: css({ overflowWrap: 'anywhere' }),
  };
}
