import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { ConnectionDiagnostics } from '../types';

interface Props {
  connection: ConnectionDiagnostics;
}

/**
 * Problems of the connection, and hints on how to improve it. In a query's row, Grafana shows warnings, but no error of
 * a streaming query.
 */
export function ConnectionState({ connection: { error, inPage, storage } }: Props): React.JSX.Element | null {
  const styles = useStyles2(getStyles);
  if (error === undefined && inPage === undefined && storage === undefined) {
    return null;
  }
  return (
    <div role="group" aria-label="Connection to the broker">
      {error !== undefined && (
        <Alert severity="error" title={error.message} bottomSpacing={0} className={styles.error}>
          {error.details === undefined ? undefined : `Details: ${error.details}`}
        </Alert>
      )}
      {inPage !== undefined && <div className={styles.quiet}>MQTT runs in the page instead of a Worker: {inPage}</div>}
      {storage !== undefined && <div className={styles.quiet}>{storage}</div>}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    quiet: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
    error: css({ overflowWrap: 'anywhere' }),
  };
}
