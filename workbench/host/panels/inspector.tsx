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

/** Behind "Inspect": all notices of a panel. The popover in the header shows only two lines of each. */
export function Inspector({ title, status, onDismiss }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <Modal title={title} isOpen onDismiss={onDismiss} onClickBackdrop={onDismiss}>
      <div className={styles.list}>
        {status.map(({ severity, text }) => (
          <Alert key={`${severity} ${text}`} severity={SEVERITIES[severity]} title={text} bottomSpacing={0} />
        ))}
        {status.length === 0 && 'No notices.'}
      </div>
    </Modal>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return { list: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }) };
}
