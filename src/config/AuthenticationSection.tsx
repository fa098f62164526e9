import { css } from '@emotion/css';
import type { GrafanaTheme2, SelectableValue } from '@grafana/data';
import { Alert, FieldSet, Input, RadioButtonList, Field, useStyles2 } from '@grafana/ui';
import { promptFor } from '../viewer-data';
import type { Auth } from '../types';
import { tokenUrlProblem, usernameProblem } from './checks';
import { ServerAuth } from './ServerAuth';
import { type EditedSettings, withJson, type SectionProps } from './settings-change';
import { SettingText } from './SettingText';
import { SettingsColumn } from './SettingsSection';
import { CredentialsForm } from '../components/CredentialsForm';

const AUTH_METHODS: Array<SelectableValue<Auth>> = [
  {
    value: 'none',
    label: 'None',
    description:
      'The browser sends no user name and no password. With “Through Grafana”, Grafana’s server can authenticate instead.',
  },
  {
    value: 'viewer',
    label: 'Each viewer’s own',
    description:
      'A dashboard asks each viewer for a user name and password. They stay in the viewer’s browser and are never saved.',
  },
  {
    value: 'token',
    label: 'Token from a URL',
    description:
      'Grafana’s server fetches a short-lived token before each attempt to connect. The browser sends the token as the password.',
  },
  {
    value: 'shared',
    label: 'Shared',
    description:
      'One user name and password for all viewers. Every user of Grafana can read them, and so can visitors of its public dashboards.',
  },
];

/** The settings of each method. The others are removed when somebody chooses it: no hidden setting is saved. */
const SETTINGS_OF: Record<Auth, ReadonlyArray<'username' | 'password' | 'tokenUrl'>> = {
  none: [],
  viewer: ['username'],
  token: ['username', 'tokenUrl'],
  shared: ['username', 'password'],
};

/** The method in use. A user name or a password without a method means that they are shared. */
export function authInForce({ auth, username, password }: { auth?: Auth; username?: string; password?: string }): Auth {
  return auth ?? ((username ?? '') === '' && (password ?? '') === '' ? 'none' : 'shared');
}

/** How the connection authenticates to the broker. */
export function AuthenticationSection({ options, onChange }: SectionProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { jsonData, readOnly, access } = options;
  const auth = authInForce(jsonData);

  function choose(method: Auth): void {
    const keep = SETTINGS_OF[method];
    onChange(
      withJson(options, {
        auth: method === 'none' ? undefined : method,
        username: keep.includes('username') ? jsonData.username : undefined,
        password: keep.includes('password') ? jsonData.password : undefined,
        tokenUrl: keep.includes('tokenUrl') ? jsonData.tokenUrl : undefined,
      })
    );
  }

  return (
    <FieldSet label="Authentication">
      <SettingsColumn>
        {access === 'direct' && options.basicAuth && (
          <Alert severity="error" title="Grafana sends the basic auth password to every viewer" bottomSpacing={0}>
            Grafana does this for every data source with direct access, whatever you choose below. Choose “Through
            Grafana”, or remove basic auth from the provisioning file.
          </Alert>
        )}
        <div role="group" aria-labelledby="mqtt-config-auth-label">
          <div id="mqtt-config-auth-label" className={styles.label}>
            User name and password
          </div>
          <RadioButtonList
            name="mqtt-config-auth"
            options={AUTH_METHODS}
            value={auth}
            disabled={readOnly}
            onChange={choose}
            className={styles.methods}
          />
        </div>
        {auth === 'shared' && (
          <>
            <Alert severity="warning" title="This user name and password are not secret" bottomSpacing={0}>
              Grafana sends them, with the other settings on this page, to every signed-in user and to every visitor of
              any public dashboard of this organization, whatever is on that dashboard. Use an account that can only
              read what all of them may see, or one of the ways above.
            </Alert>
            <SettingText
              {...{ options, onChange }}
              field="username"
              label="User name"
              required
              problem={usernameProblem(options)}
            />
            <Field
              noMargin
              label="Password"
              description="Shown in plain text, because it is not a secret here."
              disabled={readOnly}
            >
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
              description="Prefilled in the form in which each viewer enters their own. Optional."
            />
            <CredentialsForm
              prompt={promptFor(asInstance(options))}
              title="Credentials for “Save & test”"
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
              description="Grafana’s server sends a GET request with the headers and certificates below. The response is the token as text, or JSON with token, access_token or password, and optionally username."
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
              description="Used if the response contains no user name."
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
      </SettingsColumn>
    </FieldSet>
  );
}

/** The settings as an instance of the data source gets them from Grafana, so that both use the same credentials. */
function asInstance({ uid, type, access, url, jsonData }: EditedSettings): Parameters<typeof promptFor>[0] {
  return access === 'direct'
    ? { uid, type, access, url, jsonData }
    : { uid, type, access: 'proxy', url: `/api/datasources/proxy/uid/${uid}`, jsonData };
}

function getStyles(theme: GrafanaTheme2) {
  return {
    label: css({
      ...theme.typography.bodySmall,
      fontWeight: theme.typography.fontWeightMedium,
      marginBottom: theme.spacing(1),
    }),
    methods: css({ gap: theme.spacing(1) }),
  };
}
