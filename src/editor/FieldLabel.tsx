import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { IconButton, Label, useStyles2 } from '@grafana/ui';

interface Props {
  /** The id of the control. */
  htmlFor: string;
  label: string;
  description?: string | undefined;
  /** The purpose of the control, and the meaning of its values. */
  help: string;
}

/** The label of a control, with a help text as a tooltip. For the property `label` of Grafana's Field. */
export function FieldLabel({ htmlFor, label, description, help }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.row}>
      <Label htmlFor={htmlFor} description={description}>
        {label}
      </Label>
      {/* Next to the label and not in it, because a click on a label goes to the control. */}
      <IconButton name="info-circle" size="sm" tooltip={help} className={styles.icon} />
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    row: css({ display: 'flex', alignItems: 'flex-start', gap: theme.spacing(0.5) }),
    // As tall as the line of the label.
    icon: css({ flex: 'none', margin: 0, color: theme.colors.text.secondary }),
  };
}
