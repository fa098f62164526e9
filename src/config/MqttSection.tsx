import { css } from '@emotion/css';
import type { SelectableValue } from '@grafana/data';
import { Checkbox, Field, FieldSet, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { Protocol } from '../types';
import { withJson } from './settings-change';
import { type NumbersProps, SettingNumber } from './SettingNumber';
import { SettingText } from './SettingText';
import { SettingsColumn } from './SettingsSection';
import { wideField } from './wide-field';

const PROTOCOLS: Array<SelectableValue<Protocol>> = [
  { value: 'auto', label: 'Automatic' },
  { value: '5', label: 'MQTT 5' },
  { value: '3.1.1', label: 'MQTT 3.1.1' },
];

/** The version of MQTT, the session and the client. */
export function MqttSection(section: NumbersProps): React.JSX.Element {
  const { options, onChange } = section;
  const styles = useStyles2(getStyles);
  const { jsonData, readOnly } = options;
  const protocol = String(jsonData.protocol ?? 'auto') as Protocol;

  return (
    <FieldSet label="MQTT">
      <SettingsColumn>
        <Field
          noMargin
          label="Protocol"
          description="Automatic tries MQTT 5 first, and MQTT 3.1.1 if the broker refuses MQTT 5."
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
          description="Each browser tab adds a random part."
          placeholder="grafana"
        />
        <SettingNumber
          {...section}
          field="keepalive"
          unit="seconds"
          label="Keepalive"
          description="How often the browser checks a connection on which nothing is sent."
        />
        <SettingNumber
          {...section}
          field="connectTimeout"
          unit="seconds"
          label="Connect timeout"
          description="How long the browser waits for the broker to answer."
        />
        <Checkbox
          className={styles.box}
          id="mqtt-config-cleanStart"
          label="Clean start"
          description="Each connection starts a new session. Without a clean start, the broker stores QoS 1 and 2 messages for a tab that has lost its connection, and delivers them when the tab reconnects."
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
            description="How long the broker keeps the session of a disconnected tab. MQTT 5 only: with MQTT 3.1.1, the broker decides."
          />
        )}
        <Checkbox
          className={styles.box}
          id="mqtt-config-sparkplugRebirth"
          label="Ask Sparkplug nodes for a rebirth"
          description="If the birth message of a Sparkplug node is missing or messages were lost, the viewer’s browser publishes the command Node Control/Rebirth to spBv1.0/<group>/NCMD/<edge node>, at most once a minute per node. The broker must allow the connection to publish there. Without this option, the data source publishes nothing."
          value={jsonData.sparkplugRebirth === true}
          disabled={readOnly}
          onChange={(event) =>
            onChange(withJson(options, { sparkplugRebirth: event.currentTarget.checked ? true : undefined }))
          }
        />
      </SettingsColumn>
    </FieldSet>
  );
}

function getStyles() {
  return {
    box: css({ alignSelf: 'flex-start' }),
    field: css(wideField),
  };
}
