import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Checkbox, Field, SecretInput, SecretTextArea, Text, useStyles2 } from '@grafana/ui';
import type { ServerSecrets } from '../types';
import { HeadersField } from './HeadersField';
import { isStored, withJson, withoutSecret, withSecret, type SectionProps } from './settings-change';
import { TextField } from '../components/TextField';
import { SettingText } from './SettingText';

interface Props extends SectionProps {
  /** Grafana's server opens the connection to the broker. */
  toBroker: boolean;
  /** Grafana's server fetches a token. */
  toTokenUrl: boolean;
}

type Switch = 'tlsAuth' | 'tlsAuthWithCACert' | 'tlsSkipVerify' | 'oauthPassThru';

/** How Grafana's own server authenticates. The browser learns only which secrets are set. */
export function ServerAuth({ options, onChange, toBroker, toTokenUrl }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { jsonData, readOnly } = options;
  const target = [toBroker && 'the request that opens the connection', toTokenUrl && 'the request for the token']
    .filter(Boolean)
    .join(', and to ');

  function toggle(key: Switch) {
    return {
      id: `mqtt-config-${key}`,
      value: jsonData[key] === true,
      disabled: readOnly,
      onChange: (event: React.FormEvent<HTMLInputElement>) =>
        onChange(withJson(options, { [key]: event.currentTarget.checked ? true : undefined })),
    };
  }

  function secret(key: keyof ServerSecrets) {
    return {
      id: `mqtt-config-${key}`,
      isConfigured: isStored(options, key),
      disabled: readOnly,
      value: options.secureJsonData?.[key] ?? '',
      onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
        onChange(withSecret(options, key, event.currentTarget.value)),
      onReset: () => onChange(withoutSecret(options, key)),
    };
  }

  return (
    <section aria-label="Added by Grafana’s server" className={styles.section}>
      <div>
        <Text element="h4" variant="h5">
          Added by Grafana’s server
        </Text>
        <p className={styles.about}>
          Grafana’s server adds these to {target}. Secrets are stored encrypted and never reach a browser. Grafana
          always adds who the viewer is (name, e-mail address, role) in the header X-Grafana-Id.
        </p>
      </div>
      {toBroker && (
        <Checkbox
          className={styles.box}
          id="mqtt-config-basicAuth"
          label="Basic auth"
          description="A user name and a password in the Authorization header."
          value={options.basicAuth}
          disabled={readOnly}
          onChange={(event) => onChange({ ...options, basicAuth: event.currentTarget.checked })}
        />
      )}
      {toBroker && options.basicAuth && (
        <div className={styles.inner}>
          <TextField
            id="mqtt-config-basicAuthUser"
            label="Basic auth user"
            commit="change"
            value={options.basicAuthUser}
            disabled={readOnly}
            onChange={(basicAuthUser) => onChange({ ...options, basicAuthUser })}
          />
          <Field noMargin label="Basic auth password" disabled={readOnly}>
            <SecretInput {...secret('basicAuthPassword')} autoComplete="new-password" />
          </Field>
        </div>
      )}
      <HeadersField options={options} onChange={onChange} />
      <Checkbox
        className={styles.box}
        {...toggle('tlsAuth')}
        label="TLS client certificate"
        description="Grafana’s server authenticates with its own certificate."
      />
      {jsonData.tlsAuth === true && (
        <div className={styles.inner}>
          <Field noMargin label="Client certificate" disabled={readOnly}>
            <SecretTextArea {...secret('tlsClientCert')} grow rows={4} placeholder="-----BEGIN CERTIFICATE-----" />
          </Field>
          <Field noMargin label="Client key" disabled={readOnly}>
            <SecretTextArea {...secret('tlsClientKey')} grow rows={4} placeholder="-----BEGIN PRIVATE KEY-----" />
          </Field>
        </div>
      )}
      <Checkbox
        className={styles.box}
        {...toggle('tlsAuthWithCACert')}
        label="Custom certificate authority"
        description="For a certificate that no public authority has signed."
      />
      {jsonData.tlsAuthWithCACert === true && (
        <div className={styles.inner}>
          <Field noMargin label="CA certificate" disabled={readOnly}>
            <SecretTextArea {...secret('tlsCACert')} grow rows={4} placeholder="-----BEGIN CERTIFICATE-----" />
          </Field>
        </div>
      )}
      {(jsonData.tlsAuth === true || jsonData.tlsAuthWithCACert === true) && (
        <div className={styles.inner}>
          <SettingText
            {...{ options, onChange }}
            field="serverName"
            label="Server name"
            description="The name in the broker’s certificate, if it is not the host of the URL."
            placeholder="broker.example.com"
          />
        </div>
      )}
      <Checkbox
        className={styles.box}
        {...toggle('tlsSkipVerify')}
        label="Skip certificate check"
        description="Anyone on the network path can read and change everything. For tests only."
      />
      <Checkbox
        className={styles.box}
        {...toggle('oauthPassThru')}
        label="Forward OAuth identity"
        description="Sends the viewer’s access token, if the viewer logged in to Grafana with OAuth."
      />
    </section>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const column = { display: 'flex', flexDirection: 'column', gap: theme.spacing(2) } as const;
  return {
    section: css({
      ...column,
      padding: theme.spacing(2),
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
    }),
    about: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, margin: theme.spacing(0.5, 0, 0) }),
    // A column stretches a checkbox and its label over its whole width.
    box: css({ alignSelf: 'flex-start' }),
    inner: css({ ...column, paddingLeft: theme.spacing(3) }),
  };
}
