import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import { useSyncExternalStore } from 'react';
import { onTestAnswer, testAnswer } from '../viewer-data';

/** The answer of *Save & test* next to the URL that it is about. Grafana shows it at the end of the page only. */
export function LastTest({ uid }: { uid: string }): React.JSX.Element | null {
  const styles = useStyles2(getStyles);
  const answer = useSyncExternalStore(onTestAnswer, () => testAnswer(uid));
  if (answer === undefined) {
    return null;
  }
  const isSuccess = answer.status === 'success';
  return (
    <p className={cx(styles.line, isSuccess ? styles.success : styles.problem)}>
      <Icon name={isSuccess ? 'check' : 'exclamation-triangle'} className={styles.icon} />
      <span>Save &amp; test: {answer.message}</span>
    </p>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    line: css({
      ...theme.typography.bodySmall,
      display: 'flex',
      gap: theme.spacing(1),
      margin: theme.spacing(1, 0, 0),
      overflowWrap: 'anywhere',
    }),
    success: css({ color: theme.colors.success.text }),
    problem: css({ color: theme.colors.error.text }),
    icon: css({ flexShrink: 0, marginTop: theme.spacing(0.25) }),
  };
}
