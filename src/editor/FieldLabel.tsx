import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, IconButton, Label, Tooltip, useStyles2 } from '@grafana/ui';
import { useContext } from 'react';
import { DocsFolder } from './docs-folder';
import type { Help } from './help';

interface Props {
  /** The id of the control. */
  htmlFor: string;
  label: string;
  help: Help;
}

/**
 * The label of a control, with a help text as a tooltip, and its page in the documentation as a link. For the property
 * `label` of Grafana's Field.
 */
export function FieldLabel({ htmlFor, label, help }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.row}>
      <Label htmlFor={htmlFor}>{label}</Label>
      {/* Next to the label and not in it, because a click on a label goes to the control. */}
      <HelpLink label={label} help={help} />
    </div>
  );
}

function HelpLink({ label, help: { text, page } }: Pick<Props, 'label' | 'help'>): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const folder = useContext(DocsFolder);
  if (folder === undefined) {
    return <IconButton name="info-circle" size="sm" tooltip={text} className={styles.icon} />;
  }
  return (
    <Tooltip content={text}>
      <a
        href={`${folder}/${page}`}
        target="_blank"
        rel="noreferrer"
        aria-label={`Documentation of ${label}`}
        className={cx(styles.icon, styles.link)}
      >
        <Icon name="info-circle" size="sm" />
      </a>
    </Tooltip>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    row: css({ display: 'flex', alignItems: 'flex-start', gap: theme.spacing(0.5) }),
    // As tall as the line of the label.
    icon: css({ flex: 'none', margin: 0, color: theme.colors.text.secondary }),
    link: css({ display: 'inline-flex', '&:hover': { color: theme.colors.text.primary } }),
  };
}
