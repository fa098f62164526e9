import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Checkbox, Field, Input, useStyles2 } from '@grafana/ui';
import { useState, useSyncExternalStore } from 'react';
import type { CredentialsPrompt } from '../connection/viewer-credentials';

interface Props {
  /** Undefined where the data source asks nobody for anything; nothing is shown then. */
  prompt: CredentialsPrompt | undefined;
  id: string;
  title?: string;
  /** What is typed is for *Save & test*, which takes it as it is: nobody has to press anything before. */
  forTest?: boolean;
}

const nothing = () => () => undefined;

/** Where a viewer enters their own user name and password for the broker. They are never saved in Grafana. */
export function CredentialsForm({
  prompt,
  id,
  title = 'Your user name and password',
  forTest = false,
}: Props): React.JSX.Element | null {
  const styles = useStyles2(getStyles);
  const state = useSyncExternalStore(prompt?.subscribe ?? nothing, () => prompt?.state());
  const [username, setUsername] = useState<string>();
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState<boolean>();
  const [changing, setChanging] = useState(false);
  const [untaken, setUntaken] = useState(false);
  if (prompt === undefined || state === undefined) {
    return null;
  }
  const name = username ?? state.username ?? prompt.suggested;
  const kept = remember ?? state.remembered;

  function enter(): void {
    if (name !== '') {
      prompt?.enter({ username: name, password }, kept);
      setPassword('');
      setChanging(false);
      setUntaken(false);
    }
  }

  function typed(): void {
    if (forTest) {
      // The fields stay: the button that is pressed next must not move away below the mouse.
      setChanging(true);
      setUntaken(true);
    }
  }

  function onBlur({ currentTarget, relatedTarget }: React.FocusEvent): void {
    if (untaken && name !== '' && !currentTarget.contains(relatedTarget)) {
      prompt?.take({ username: name, password }, kept);
      setUntaken(false);
    }
  }

  if (state.credentials !== undefined && !changing) {
    return (
      <div role="group" aria-label={title} className={styles.entered}>
        <span>
          {forTest ? 'Will connect as' : 'Connecting as'} <strong>{state.credentials.username}</strong>,{' '}
          {state.remembered ? 'for this tab' : 'until this page is closed'}.
        </span>
        <Button type="button" size="sm" variant="secondary" onClick={() => setChanging(true)}>
          Change
        </Button>
        <Button type="button" size="sm" variant="secondary" onClick={() => prompt.forget()}>
          Forget
        </Button>
      </div>
    );
  }
  // No form of its own: in the settings this is inside of one.
  const onEnter = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      enter();
    }
  };
  return (
    <div role="group" aria-label={title} className={styles.form} onBlur={onBlur}>
      <div className={styles.title}>{title}</div>
      <div className={styles.about}>
        For the broker, from this browser only. They are not saved in Grafana.
        {forTest && name !== '' && (untaken || state.credentials !== undefined) && (
          <>
            {' '}
            Will connect as <strong>{name}</strong>.
          </>
        )}
      </div>
      {state.refusal !== undefined && <Alert severity="error" title={state.refusal} bottomSpacing={0} />}
      <div className={styles.row}>
        <Field noMargin label="Your user name" className={styles.field}>
          <Input
            id={`${id}-username`}
            autoComplete="off"
            spellCheck={false}
            value={name}
            onChange={(event) => {
              setUsername(event.currentTarget.value);
              typed();
            }}
            onKeyDown={onEnter}
          />
        </Field>
        <Field noMargin label="Your password" className={styles.field}>
          <Input
            id={`${id}-password`}
            type="password"
            autoComplete="off"
            value={password}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
              typed();
            }}
            onKeyDown={onEnter}
          />
        </Field>
      </div>
      <Checkbox
        className={styles.box}
        id={`${id}-remember`}
        label="Keep for this tab"
        description="So that a reload does not ask again. Other plugins of this Grafana could read them."
        value={kept}
        onChange={(event) => {
          setRemember(event.currentTarget.checked);
          typed();
        }}
      />
      <div>
        <Button type="button" size="sm" disabled={name === ''} onClick={enter}>
          Connect
        </Button>
      </div>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const box = {
    padding: theme.spacing(1.5),
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  };
  return {
    form: css({ ...box, display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
    entered: css({ ...box, display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
    title: css({ fontWeight: theme.typography.fontWeightMedium }),
    about: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, marginTop: theme.spacing(-1) }),
    box: css({ alignSelf: 'flex-start' }),
    row: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1.5) }),
    field: css({ flex: '1 1 0', minWidth: theme.spacing(22), maxWidth: theme.spacing(45) }),
  };
}
