import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, type AlertVariant, Modal, type PanelStatusItem, useStyles2 } from '@grafana/ui';

interface Props {
  title: string;
  status: PanelStatusItem[];
  onDismiss: () => void;
}

const SEVERITIES: Readonly<Record<PanelStatusItem['severity'], AlertVariant>> = {
  error: 'error',
  warning: 'warning',
  info: 'info',
};

/** Behind "Inspect": what a panel has to say in full. The popover in its header cuts everything after two lines. */
export function Inspector({ title, status, onDismiss }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <Modal title={title} isOpen onDismiss={onDismiss} onClickBackdrop={onDismiss}>
      <div className={styles.list}>
        {status.map(({ severity, text }) => (
          <Alert key={`${severity} ${text}`} severity={SEVERITIES[severity]} title={text} bottomSpacing={0} />
        ))}
        {status.length === 0 && 'Nothing any more.'}
      </div>
    </Modal>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return { list: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }) };
}
