import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { ConnectionDiagnostics } from '../types';

interface Props {
  /** Undefined before the first response. The line keeps its place, so that nothing moves when the response arrives. */
  connection: ConnectionDiagnostics | undefined;
}

/**
 * The state of the connection: a line while it works, and the whole message if it does not. In a query's row, Grafana
 * shows warnings, but no error of a streaming query.
 */
export function ConnectionState({ connection }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div role="group" aria-label="Connection to the broker">
      {connection?.error === undefined ? (
        <div className={styles.quiet}>{stateText(connection)}</div>
      ) : (
        <Alert severity="error" title={connection.error.message} bottomSpacing={0} className={styles.error}>
          {connection.error.details === undefined ? undefined : `Details: ${connection.error.details}`}
        </Alert>
      )}
      {connection?.storage !== undefined && <div className={styles.quiet}>{connection.storage}</div>}
    </div>
  );
}

function stateText(connection: ConnectionDiagnostics | undefined): string {
  if (connection === undefined) {
    return '\u00a0';
  }
  const { protocol, inPage } = connection;
  const state = protocol === undefined ? 'Connecting …' : `Connected with MQTT ${protocol}`;
  return inPage === undefined ? state : `${state}. MQTT runs in the page instead of a Worker: ${inPage}`;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    quiet: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
    error: css({ overflowWrap: 'anywhere' }),
  };
}
