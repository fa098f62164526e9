import { css } from '@emotion/css';
import type { GrafanaTheme2, SelectableValue } from '@grafana/data';
import { Alert, FieldSet, Input, RadioButtonList, Field, useStyles2 } from '@grafana/ui';
import { promptFor } from '../datasource';
import type { Auth } from '../types';
import { tokenUrlProblem, usernameProblem } from './checks';
import { ServerAuth } from './ServerAuth';
import { type EditedSettings, withJson, type SectionProps } from './settings-change';
import { SettingText } from './SettingText';
import { CredentialsForm } from '../components/CredentialsForm';

const WAYS: Array<SelectableValue<Auth>> = [
  {
    value: 'none',
    label: 'None',
    description: 'The browser sends no user name and no password. Through Grafana, its server can prove who it is.',
  },
  {
    value: 'viewer',
    label: 'Each viewer’s own',
    description:
      'Every viewer is asked once, in the query editor. Kept in the browser’s memory or its tab, never saved.',
  },
  {
    value: 'token',
    label: 'Token from a URL',
    description: 'Grafana fetches a short-lived token before every attempt to connect; it is used as the password.',
  },
  {
    value: 'shared',
    label: 'Shared',
    description: 'One user name and password for all viewers, who can all read them.',
  },
];

/** What is taken away when another way is chosen, so that nothing is saved that nobody sees any longer. */
const BELONGS: Record<Auth, ReadonlyArray<'username' | 'password' | 'tokenUrl'>> = {
  none: [],
  viewer: ['username'],
  token: ['username', 'tokenUrl'],
  shared: ['username', 'password'],
};

/** The way that is in force: a user name or a password alone means that they are shared. */
export function authInForce({ auth, username, password }: { auth?: Auth; username?: string; password?: string }): Auth {
  return auth ?? ((username ?? '') === '' && (password ?? '') === '' ? 'none' : 'shared');
}

/** Who the connection proves itself as to the broker. */
export function AuthenticationSection({ options, onChange }: SectionProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { jsonData, readOnly, access } = options;
  const auth = authInForce(jsonData);

  function choose(way: Auth): void {
    const keep = BELONGS[way];
    onChange(
      withJson(options, {
        auth: way === 'none' ? undefined : way,
        username: keep.includes('username') ? jsonData.username : undefined,
        password: keep.includes('password') ? jsonData.password : undefined,
        tokenUrl: keep.includes('tokenUrl') ? jsonData.tokenUrl : undefined,
      })
    );
  }

  return (
    <FieldSet label="Authentication">
      <div className={styles.fields}>
        {access === 'direct' && options.basicAuth && (
          <Alert severity="error" title="Grafana sends the basic auth password to every viewer" bottomSpacing={0}>
            It does so for data sources with direct access, whatever is chosen below. Choose “Through Grafana”, or take
            basic auth out of the provisioning file.
          </Alert>
        )}
        <div role="group" aria-labelledby="mqtt-config-auth-label">
          <div id="mqtt-config-auth-label" className={styles.label}>
            User name and password
          </div>
          <RadioButtonList
            name="mqtt-config-auth"
            options={WAYS}
            value={auth}
            disabled={readOnly}
            onChange={choose}
            className={styles.ways}
          />
        </div>
        {auth === 'shared' && (
          <>
            <Alert severity="warning" title="Every viewer can read this user name and password" bottomSpacing={0}>
              They are sent to the browser of whoever can open a dashboard with this data source, because it is the
              browser that connects. Use an account that may only read what all viewers may see, and nothing else.
            </Alert>
            <SettingText
              {...{ options, onChange }}
              field="username"
              label="User name"
              required
              problem={usernameProblem(options)}
            />
            <Field noMargin label="Password" description="Shown as it is: it is no secret here." disabled={readOnly}>
              <Input
                id="mqtt-config-password"
                autoComplete="off"
                spellCheck={false}
                value={jsonData.password ?? ''}
                onChange={({ currentTarget: { value } }) =>
                  onChange(withJson(options, { password: value === '' ? undefined : value }))
                }
              />
            </Field>
          </>
        )}
        {auth === 'viewer' && (
          <>
            <SettingText
              {...{ options, onChange }}
              field="username"
              label="User name"
              description="What the form begins with. Optional."
            />
            <CredentialsForm
              prompt={promptFor(asInstance(options))}
              title="Your own, for “Save & test”"
              id="mqtt-config-viewer"
              forTest
            />
          </>
        )}
        {auth === 'token' && (
          <>
            <SettingText
              {...{ options, onChange }}
              field="tokenUrl"
              label="Token URL"
              description="Asked with GET by Grafana’s server, with what is set below. It answers with JSON (token, access_token or password; username if it likes) or with the token as text."
              inputMode="url"
              required
              placeholder="https://auth.example.com/mqtt-token"
              problem={tokenUrlProblem(options)}
            />
            <SettingText
              {...{ options, onChange }}
              field="username"
              label="User name"
              placeholder="token"
              description="Where the answer names none."
            />
          </>
        )}
        {(access === 'proxy' || auth === 'token') && (
          <ServerAuth
            options={options}
            onChange={onChange}
            toBroker={access === 'proxy'}
            toTokenUrl={auth === 'token'}
          />
        )}
      </div>
    </FieldSet>
  );
}

/** The settings as Grafana hands them to an instance, so that both have the same credentials. */
function asInstance({ uid, type, access, url, jsonData }: EditedSettings): Parameters<typeof promptFor>[0] {
  return access === 'direct'
    ? { uid, type, access, url, jsonData }
    : { uid, type, access: 'proxy', url: `/api/datasources/proxy/uid/${uid}`, jsonData };
}

function getStyles(theme: GrafanaTheme2) {
  return {
    fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
    label: css({
      ...theme.typography.bodySmall,
      fontWeight: theme.typography.fontWeightMedium,
      marginBottom: theme.spacing(1),
    }),
    ways: css({ gap: theme.spacing(1) }),
  };
}
