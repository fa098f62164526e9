import { css } from '@emotion/css';
import type { DataSourcePluginOptionsEditorProps, GrafanaTheme2 } from '@grafana/data';
import { CollapsableSection, Field, FieldSet, Input, Text, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { NumberField } from '../editor/NumberField';
import { useDraft } from '../editor/use-draft';
import type { MqttOptions } from '../types';
import { ConnectionSection } from './ConnectionSection';
import { checkUrl, type Access } from './url';
import { useSaveGate, type Problems } from './use-save-gate';

type Props = DataSourcePluginOptionsEditorProps<MqttOptions>;

/** The settings of a data source. What they mean is written down in `docs/configure.md`. */
export function ConfigEditor({ options, onOptionsChange, validation }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { jsonData, readOnly } = options;
  const access: Access = options.access === 'direct' ? 'direct' : 'proxy';
  const url = checkUrl(options.url ?? '', access, window.location);
  const [numbers, setNumbers] = useState<Problems>({});
  const [advanced, setAdvanced] = useState(jsonData.linger !== undefined || jsonData.memory !== undefined);
  useSaveGate(validation, { ...numbers, url: url.problem });

  function set<K extends keyof MqttOptions>(field: K, value: MqttOptions[K]): void {
    const { [field]: _, ...rest } = jsonData;
    onOptionsChange({ ...options, jsonData: value === undefined ? rest : { ...rest, [field]: value } });
  }

  /** What every number field of the settings has in common. */
  function number(field: 'keepalive' | 'connectTimeout' | 'linger' | 'memory') {
    return {
      id: `mqtt-config-${field}`,
      unit: 'seconds',
      value: jsonData[field],
      disabled: readOnly,
      className: styles.field,
      onChange: (value: number | undefined) => set(field, value),
      onProblem: (problem: string | undefined) => setNumbers((before) => ({ ...before, [field]: problem })),
    };
  }

  return (
    <div className={styles.editor}>
      <p className={styles.about}>
        Connects to an MQTT broker over WebSockets, from the browser of whoever looks at a dashboard.
        <br />
        <Text color="secondary">Fields marked with * are required.</Text>
      </p>

      <ConnectionSection
        url={options.url ?? ''}
        access={access}
        check={url}
        disabled={readOnly}
        onChange={(connection) => onOptionsChange({ ...options, ...connection })}
      />

      {/* Authentication goes here: after where the broker is, before how it is spoken to. */}

      <FieldSet label="MQTT">
        <div className={styles.fields}>
          <ClientIdField value={jsonData.clientIdPrefix} disabled={readOnly} onChange={set} className={styles.field} />
          <NumberField
            {...number('keepalive')}
            label="Keepalive"
            description="How often a silent connection is checked."
            defaultValue={60}
            min={1}
            max={65_535}
          />
          <NumberField
            {...number('connectTimeout')}
            label="Connect timeout"
            description="How long the broker may take to answer."
            defaultValue={5}
            min={1}
            max={60}
          />
        </div>
      </FieldSet>

      <CollapsableSection label="Advanced" isOpen={advanced} onToggle={setAdvanced}>
        <FieldSet label="Limits">
          <div className={styles.fields}>
            <NumberField
              {...number('linger')}
              label="Linger"
              description="How long a subscription and its rows are kept after the last panel that shows them is gone, so that coming back does not start empty."
              defaultValue={30}
              min={0}
              max={3_600}
            />
            <NumberField
              {...number('memory')}
              unit="MB"
              label="Memory"
              description="What the rows of all panels may take in a browser tab. Beyond it, series that were looked at least recently keep fewer rows, and the panel says so."
              defaultValue={64}
              min={1}
              max={4_096}
            />
          </div>
        </FieldSet>
      </CollapsableSection>
    </div>
  );
}

interface ClientIdFieldProps {
  value: string | undefined;
  disabled?: boolean;
  className: string;
  onChange: (field: 'clientIdPrefix', value: string | undefined) => void;
}

function ClientIdField({ value, disabled, className, onChange }: ClientIdFieldProps): React.JSX.Element {
  const [draft, setDraft] = useDraft(value ?? '');

  function commit(): void {
    const prefix = draft.trim();
    setDraft(prefix);
    if (prefix !== (value ?? '')) {
      onChange('clientIdPrefix', prefix === '' ? undefined : prefix);
    }
  }

  return (
    <Field
      noMargin
      label="Client ID prefix"
      description="Every browser tab adds a random part of its own."
      disabled={disabled}
      className={className}
    >
      <Input
        id="mqtt-config-clientIdPrefix"
        width={40}
        value={draft}
        placeholder="grafana"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            commit();
          }
        }}
      />
    </Field>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    editor: css({ maxWidth: theme.spacing(90), marginTop: theme.spacing(2) }),
    about: css({ marginBottom: theme.spacing(4) }),
    fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
    field: css({ maxWidth: '100%' }),
  };
}
