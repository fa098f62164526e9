import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';

interface Props {
  /** What alerts come and go over. */
  children: ReactNode;
  alerts: ReactNode;
}

/** Alerts over the lower end of a list, which so does not move when the connection comes and goes. */
export function AlertsOver({ children, alerts }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.box}>
      {children}
      <div className={styles.alerts}>{alerts}</div>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    box: css({ position: 'relative' }),
    alerts: css({
      position: 'absolute',
      right: 0,
      bottom: 0,
      left: 0,
      zIndex: theme.zIndex.activePanel,
      maxHeight: '100%',
      overflowY: 'auto',
    }),
  };
}
