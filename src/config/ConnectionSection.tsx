import { css } from '@emotion/css';
import type { GrafanaTheme2, SelectableValue } from '@grafana/data';
import { Alert, Button, Field, FieldSet, Icon, Input, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import { useContext, useState } from 'react';
import { LastTest } from './LastTest';
import { SaveRefused } from './save-refused';
import { SettingsColumn } from './SettingsSection';
import { isWebSocketUrl, URL_EXAMPLE, withSchemeFor, type Access, type UrlCheck } from './url';

interface Props {
  /** Of the data source. */
  uid: string;
  url: string;
  access: Access;
  check: UrlCheck;
  disabled?: boolean;
  onChange: (connection: { url: string; access: Access }) => void;
}

const ACCESS_MODES: Array<SelectableValue<Access>> = [
  { value: 'direct', label: 'Direct' },
  { value: 'proxy', label: 'Through Grafana' },
];

const ABOUT: Record<Access, string> = {
  direct: 'Each viewer’s browser connects to the broker. Every viewer must be able to reach the broker.',
  proxy: 'Grafana’s server connects to the broker and forwards the messages. Only the server must be able to reach it.',
};

/** The broker’s URL and the access mode. */
export function ConnectionSection({ uid, url, access, check, disabled, onChange }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  // A new data source has no URL yet. That is not an error until the field was visited.
  const [visited, setVisited] = useState(url !== '');
  const [switched, setSwitched] = useState(false);
  const refused = useContext(SaveRefused);
  const problem = visited || refused ? check.problem : undefined;

  // The entered URL fits the other access mode, and the same address may be meant for this one.
  const wanted: Access = switched ? 'proxy' : access;
  const rewritten = withSchemeFor(url, wanted);
  const mayRewrite = rewritten !== url.trim() && disabled !== true;

  function onUrl(text: string): void {
    // Only a browser opens ws://, so the URL means direct access.
    const toDirect = access === 'proxy' && isWebSocketUrl(text);
    setSwitched(toDirect || (switched && isWebSocketUrl(text)));
    onChange({ url: text, access: toDirect ? 'direct' : access });
  }

  return (
    <FieldSet label="Connection">
      <SettingsColumn>
        <Field noMargin label="Access mode" description={ABOUT[access]} disabled={disabled} className={styles.modes}>
          <RadioButtonGroup
            aria-label="Access mode"
            options={ACCESS_MODES}
            value={access}
            onChange={(mode) => {
              setSwitched(false);
              setVisited(url !== '');
              onChange({ url, access: mode });
            }}
          />
        </Field>
        <div>
          <Field
            noMargin
            required
            label="URL"
            description={
              access === 'direct'
                ? 'The broker’s WebSocket listener, or a path on Grafana’s own host, such as /mqtt.'
                : 'The broker’s WebSocket listener, with a host that Grafana’s server can reach.'
            }
            invalid={problem !== undefined}
            error={<span id="mqtt-config-url-problem">{problem}</span>}
            disabled={disabled}
          >
            <Input
              id="mqtt-config-url"
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              value={url}
              placeholder={URL_EXAMPLE[access]}
              aria-required
              aria-invalid={problem !== undefined}
              aria-describedby={problem === undefined ? 'mqtt-config-url-notes' : 'mqtt-config-url-problem'}
              onChange={(event) => onUrl(event.currentTarget.value)}
              onBlur={() => {
                setVisited(true);
                if (url !== url.trim()) {
                  onChange({ url: url.trim(), access });
                }
              }}
            />
          </Field>
          <div id="mqtt-config-url-notes" role="status">
            {switched && (
              <p className={styles.note}>
                <Icon name="info-circle" className={styles.noteIcon} />
                <span>
                  Switched to “Direct”, because only a browser can open ws:// and wss://. For “Through Grafana”, enter a
                  URL that begins with http:// or https://.
                </span>
              </p>
            )}
            {mayRewrite && (
              <Button
                size="sm"
                variant="secondary"
                onClick={() => {
                  setSwitched(false);
                  onChange({ url: rewritten, access: wanted });
                }}
              >
                {`Use ${rewritten}`}
              </Button>
            )}
            {check.warning !== undefined && (
              <p className={styles.warning}>
                <Icon name="exclamation-triangle" className={styles.noteIcon} />
                <span>{check.warning}</span>
              </p>
            )}
          </div>
          <LastTest uid={uid} />
        </div>
        <Alert severity="info" title="What viewers can see" bottomSpacing={0}>
          Anyone who can open the dashboard can read everything that the browser receives: these settings, and every
          message that the broker lets this connection read, not only the messages on panels. Configure the broker so
          that this connection can read what viewers may see, and publish nothing.
        </Alert>
      </SettingsColumn>
    </FieldSet>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const note = {
    ...theme.typography.bodySmall,
    display: 'flex',
    gap: theme.spacing(1),
    margin: theme.spacing(1, 0, 0),
  };
  return {
    modes: css({ '& > *': { maxWidth: '100%' } }),
    note: css({ ...note, color: theme.colors.text.secondary }),
    warning: css({ ...note, color: theme.colors.warning.text }),
    noteIcon: css({ flexShrink: 0, marginTop: theme.spacing(0.25) }),
  };
}
