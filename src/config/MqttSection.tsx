import { css } from '@emotion/css';
import type { GrafanaTheme2, SelectableValue } from '@grafana/data';
import { Checkbox, Field, FieldSet, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { Protocol } from '../types';
import { withJson } from './settings-change';
import { type NumbersProps, SettingNumber } from './SettingNumber';
import { SettingText } from './SettingText';

const PROTOCOLS: Array<SelectableValue<Protocol>> = [
  { value: 'auto', label: 'Automatic' },
  { value: '5', label: 'MQTT 5' },
  { value: '3.1.1', label: 'MQTT 3.1.1' },
];

/** How the broker is spoken to. */
export function MqttSection(section: NumbersProps): React.JSX.Element {
  const { options, onChange } = section;
  const styles = useStyles2(getStyles);
  const { jsonData, readOnly } = options;
  const protocol = String(jsonData.protocol ?? 'auto') as Protocol;

  return (
    <FieldSet label="MQTT">
      <div className={styles.fields}>
        <Field
          noMargin
          label="Protocol"
          description="Automatic tries MQTT 5 first and falls back to 3.1.1 where the broker refuses it."
          disabled={readOnly}
          className={styles.field}
        >
          <RadioButtonGroup
            aria-label="Protocol"
            options={PROTOCOLS}
            value={protocol}
            onChange={(value) => onChange(withJson(options, { protocol: value === 'auto' ? undefined : value }))}
          />
        </Field>
        <SettingText
          {...section}
          field="clientIdPrefix"
          label="Client ID prefix"
          description="Every browser tab adds a random part of its own."
          placeholder="grafana"
        />
        <SettingNumber
          {...section}
          field="keepalive"
          unit="seconds"
          label="Keepalive"
          description="How often a silent connection is checked."
        />
        <SettingNumber
          {...section}
          field="connectTimeout"
          unit="seconds"
          label="Connect timeout"
          description="How long the broker may take to answer."
        />
        <Checkbox
          className={styles.box}
          id="mqtt-config-cleanStart"
          label="Clean start"
          description="Begin every connection with nothing of the one before. Without it, the broker keeps messages of QoS 1 and 2 for a tab that lost its connection, and delivers them when it is back."
          value={jsonData.cleanStart !== false}
          disabled={readOnly}
          onChange={(event) =>
            onChange(
              withJson(options, {
                cleanStart: event.currentTarget.checked ? undefined : false,
                sessionExpiry: event.currentTarget.checked ? undefined : jsonData.sessionExpiry,
              })
            )
          }
        />
        {jsonData.cleanStart === false && (
          <SettingNumber
            {...section}
            field="sessionExpiry"
            unit="seconds"
            label="Session expiry"
            description="How long the broker keeps the session of a tab that is gone. MQTT 5 only; with 3.1.1 the broker decides."
          />
        )}
        <Checkbox
          className={styles.box}
          id="mqtt-config-sparkplugRebirth"
          label="Ask Sparkplug nodes for a rebirth"
          description="Publishes the command “Node Control/Rebirth” to spBv1.0/<group>/NCMD/<edge node>, as the viewer’s browser, where the birth that names a node’s values is missing or messages were lost; once a minute for each node at the most, and ever more rarely. The user of the connection must be allowed to. Without it, nothing is ever published."
          value={jsonData.sparkplugRebirth === true}
          disabled={readOnly}
          onChange={(event) =>
            onChange(withJson(options, { sparkplugRebirth: event.currentTarget.checked ? true : undefined }))
          }
        />
      </div>
    </FieldSet>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
    box: css({ alignSelf: 'flex-start' }),
    field: css({ maxWidth: '100%', '& > *': { maxWidth: '100%' } }),
  };
}
