import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { ReportedConnection } from '../types';

interface Props {
  connection: ReportedConnection;
}

/**
 * How the connection is: a quiet line while it stands, and in full why it does not. A query's row in Grafana shows
 * warnings, but no error of a query that streams.
 */
export function ConnectionState({ connection }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { state, since, protocol, inPage, fault } = connection;
  return (
    <div role="group" aria-label="Connection to the broker">
      {fault === undefined ? (
        <div className={styles.quiet}>
          {protocol === undefined ? 'Connecting …' : `Connected with MQTT ${protocol}`}
          {inPage !== undefined && `, in the page and not in a Worker: ${inPage}`}
        </div>
      ) : (
        <Alert severity="error" title={fault.message} bottomSpacing={0} className={styles.fault}>
          {[
            // A lost connection's sentence has its time already.
            state === 'connecting' ? `Since ${new Date(since).toLocaleTimeString()}.` : '',
            fault.details === undefined ? '' : `Seen: ${fault.details}`,
          ]
            .filter((text) => text !== '')
            .join(' ')}
        </Alert>
      )}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    quiet: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
    fault: css({ overflowWrap: 'anywhere' }),
  };
}
