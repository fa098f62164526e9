import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Checkbox, Field, Input, useStyles2 } from '@grafana/ui';
import { useReducer, useSyncExternalStore } from 'react';
import type { CredentialsPrompt } from '../connection/viewer-credentials';
import { changeDraft, type CredentialsAction, EMPTY_DRAFT } from './credentials-draft';

interface Props {
  /** Undefined if the settings ask nobody for credentials; nothing is shown then. */
  prompt: CredentialsPrompt | undefined;
  id: string;
  title?: string;
  /** For *Save & test*, which takes what is typed as soon as the fields are left: nobody has to click **Connect**. */
  forTest?: boolean;
  /** Puts the focus into the first empty field. */
  autoFocus?: boolean;
}

/** The form in which viewers enter their own user name and password for the broker. Grafana never stores them. */
export function CredentialsForm({ prompt, ...props }: Props): React.JSX.Element | null {
  return prompt === undefined ? null : <Credentials prompt={prompt} {...props} />;
}

function Credentials(props: Props & { prompt: CredentialsPrompt }): React.JSX.Element {
  const { prompt, id, title = 'Your user name and password', forTest = false, autoFocus = false } = props;
  const styles = useStyles2(getStyles);
  const state = useSyncExternalStore(prompt.subscribe, prompt.state);
  const [draft, dispatch] = useReducer(changeDraft, EMPTY_DRAFT);
  const username = draft.username ?? state.username ?? prompt.suggested;
  const remember = draft.remember ?? state.remembered;
  const credentials = { username, password: draft.password };

  function enter(): void {
    if (username !== '') {
      prompt.enter(credentials, remember);
      dispatch({ type: 'enter' });
    }
  }

  function take({ currentTarget, relatedTarget }: React.FocusEvent): void {
    if (forTest && draft.dirty && username !== '' && !currentTarget.contains(relatedTarget)) {
      prompt.take(credentials, remember);
      dispatch({ type: 'take' });
    }
  }

  function type(change: Extract<CredentialsAction, { type: 'type' }>['change']): void {
    dispatch({ type: 'type', change, keepFields: forTest });
  }

  if (state.credentials !== undefined && !draft.editing) {
    return (
      <div role="group" aria-label={title} className={styles.entered}>
        <span>
          {forTest ? 'Will connect as' : 'Connecting as'} <strong>{state.credentials.username}</strong>,{' '}
          {state.remembered ? 'remembered in this tab' : 'until this page is closed'}.
        </span>
        <Button type="button" size="sm" variant="secondary" onClick={() => dispatch({ type: 'edit' })}>
          Change
        </Button>
        <Button type="button" size="sm" variant="secondary" onClick={() => prompt.forget()}>
          Forget
        </Button>
      </div>
    );
  }
  const willConnect = forTest && username !== '' && (draft.dirty || state.credentials !== undefined);
  // In the settings, the fields are inside Grafana's own form: they cannot have one of their own.
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      enter();
    }
  };
  return (
    <div role="group" aria-label={title} className={styles.form} onBlur={take}>
      <div className={styles.title}>{title}</div>
      <div className={styles.about}>
        This browser sends them to the broker. Grafana does not store them.
        {willConnect && (
          <>
            {' '}
            Will connect as <strong>{username}</strong>.
          </>
        )}
      </div>
      {state.refusal !== undefined && <Alert severity="error" title={state.refusal} bottomSpacing={0} />}
      <div className={styles.row}>
        <Field noMargin label="Your user name" className={styles.field}>
          <Input
            id={`${id}-username`}
            autoFocus={autoFocus && username === ''}
            autoComplete="off"
            spellCheck={false}
            value={username}
            onChange={(event) => type({ username: event.currentTarget.value })}
            onKeyDown={onKeyDown}
          />
        </Field>
        <Field noMargin label="Your password" className={styles.field}>
          <Input
            id={`${id}-password`}
            autoFocus={autoFocus && username !== ''}
            type="password"
            autoComplete="off"
            value={draft.password}
            onChange={(event) => type({ password: event.currentTarget.value })}
            onKeyDown={onKeyDown}
          />
        </Field>
      </div>
      <Checkbox
        className={styles.box}
        id={`${id}-remember`}
        label="Remember in this tab"
        description="You do not have to enter them again after a reload. Other plugins of this Grafana can read them."
        value={remember}
        onChange={(event) => type({ remember: event.currentTarget.checked })}
      />
      <div>
        <Button type="button" size="sm" disabled={username === ''} onClick={enter}>
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
