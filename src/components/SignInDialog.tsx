import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Modal, useStyles2 } from '@grafana/ui';
import { useEffect, useSyncExternalStore } from 'react';
import type { CredentialsPrompt } from '../connection/viewer-credentials';
import { CredentialsForm } from './CredentialsForm';

export interface SignInDialogProps {
  /** Of the data source. */
  name: string;
  prompt: CredentialsPrompt;
  /** Called once: the viewer has entered credentials, here or in an editor, or does not want to. */
  onClose: (hasEntered: boolean) => void;
}

/** Asks a viewer of a dashboard for the user name and password of a data source. */
export function SignInDialog({ name, prompt, onClose }: SignInDialogProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { credentials } = useSyncExternalStore(prompt.subscribe, prompt.state);
  useEffect(() => {
    if (credentials !== undefined) {
      onClose(true);
    }
  }, [credentials, onClose]);
  const decline = (): void => onClose(false);
  return (
    <Modal title={`Sign in: ${name}`} isOpen className={styles.modal} onDismiss={decline}>
      <p>The panels of this data source need your own user name and password for the MQTT broker.</p>
      <CredentialsForm prompt={prompt} id="mqtt-sign-in" autoFocus />
      <Modal.ButtonRow>
        <Button type="button" variant="secondary" fill="outline" onClick={decline}>
          Not now
        </Button>
      </Modal.ButtonRow>
    </Modal>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return { modal: css({ width: 520, maxWidth: `calc(100% - ${theme.spacing(4)})` }) };
}
