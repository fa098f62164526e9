import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Text, useStyles2 } from '@grafana/ui';

import { column } from './styles';

interface Props {
  id: string;
  title: string;
  subtitle: string;
  /** To the right of the title. */
  controls?: React.ReactNode;
  children: React.ReactNode;
}

/** A part of the page: title, subtitle and controls. */
export function Section({ id, title, subtitle, controls, children }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <section id={id} aria-labelledby={`${id}-title`} className={styles.section}>
      <header className={styles.header}>
        <div className={styles.words}>
          <Text element="h1" variant="h3" id={`${id}-title`}>
            {title}
          </Text>
          <Text color="secondary">{subtitle}</Text>
        </div>
        {controls && <div className={styles.controls}>{controls}</div>}
      </header>
      {children}
    </section>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    section: css({
      ...column(theme.spacing(2)),
      // The top bar covers the top of a section after a scroll to it.
      scrollMarginTop: theme.spacing(8),
      minWidth: 0,
    }),
    header: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'flex-end',
      justifyContent: 'space-between',
      gap: theme.spacing(1, 2),
    }),
    words: css({ ...column(theme.spacing(0.5)), minWidth: 0 }),
    controls: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
  };
}
