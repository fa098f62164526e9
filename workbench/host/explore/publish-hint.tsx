import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, Text, useStyles2 } from '@grafana/ui';
import { publishCommand } from '../../publish-command';

interface Props {
  /** `mqtt://host:port` of the workbench's broker. */
  broker: string;
  topic: string;
}

/** The command that publishes a value which appears in the panel. */
export function PublishHint({ broker, topic }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const command = publishCommand(Number(new URL(broker).port), topic);
  return (
    <div className={styles.hint}>
      <Text color="secondary" variant="bodySmall">
        Publish from a terminal
      </Text>
      <div className={styles.line}>
        <code className={styles.command}>{command}</code>
        <ClipboardButton
          icon="copy"
          variant="secondary"
          fill="text"
          size="sm"
          getText={() => command}
          aria-label="Copy command"
        />
      </div>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    hint: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1), minWidth: 0 }),
    line: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), minWidth: 0 }),
    command: css({ overflowWrap: 'anywhere', whiteSpace: 'normal', margin: 0 }),
  };
}
