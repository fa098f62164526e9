import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { QueryDiagnostics } from '../types';
import { plainList } from './plain-list';

/** Notices about a query in full: a panel has them in a tooltip, and a dashboard cuts them after two lines. */
export function QueryNotices({ notices }: { notices: NonNullable<QueryDiagnostics['notices']> }): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <ul aria-label="Notices" className={styles.list}>
      {notices.map(({ severity, text }, i) => (
        // Most have counts in their text, so the position is the key.
        <li key={i} className={cx(styles.notice, severity === 'warning' && styles.warning)}>
          <Icon
            name={severity === 'warning' ? 'exclamation-triangle' : 'info-circle'}
            size="sm"
            className={styles.icon}
          />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css(plainList(theme)),
    notice: css({ display: 'flex', gap: theme.spacing(0.75), overflowWrap: 'anywhere' }),
    warning: css({ color: theme.colors.warning.text }),
    icon: css({ flex: 'none', marginTop: theme.spacing(0.25) }),
  };
}
