import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Collapse, useStyles2 } from '@grafana/ui';
import { type ReactNode, useState } from 'react';

interface Props {
  label: string;
  /** The settings inside, in a few words. Shown while the section is folded. */
  summary?: string;
  /** Default false. */
  initiallyOpen?: boolean;
  /** For a section that others open, too: whether it is open, and what a click on its header asks for. */
  control?: { readonly isOpen: boolean; readonly setOpen: (isOpen: boolean) => void } | undefined;
  children: ReactNode;
}

/** A part of a form that most people never open. As in Grafana's own query editors, its header is a line of the form. */
export function FoldedSection({ label, summary, initiallyOpen = false, control, children }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const own = useState(initiallyOpen);
  const [open, setOpen] = control === undefined ? own : [control.isOpen, control.setOpen];
  return (
    <Collapse
      className={styles.section}
      isOpen={open}
      onToggle={setOpen}
      label={
        <span className={styles.label}>
          {label}
          {!open && summary !== undefined && <span className={styles.summary}>{summary}</span>}
        </span>
      }
    >
      {children}
    </Collapse>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    section: css({ flex: 'none', margin: 0, border: 'none', background: 'none', '& > div': { paddingLeft: 0 } }),
    label: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      columnGap: theme.spacing(2),
      fontSize: theme.typography.bodySmall.fontSize,
    }),
    summary: css({
      color: theme.colors.text.secondary,
      fontWeight: theme.typography.fontWeightRegular,
      overflowWrap: 'anywhere',
    }),
  };
}
