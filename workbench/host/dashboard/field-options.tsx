import { css } from '@emotion/css';
import type { FieldConfig, GrafanaTheme2 } from '@grafana/data';
import { Field, Input, Switch, UnitPicker, useStyles2 } from '@grafana/ui';
import { useState } from 'react';

import { LEGEND } from '../panels/time-series';
import type { PanelDefinition } from './panels';

interface Props {
  panel: PanelDefinition;
  onChange: (changed: Partial<PanelDefinition>) => void;
}

const NUMBERS = [
  { key: 'min', label: 'Min' },
  { key: 'max', label: 'Max' },
  { key: 'decimals', label: 'Decimals' },
] as const;

/** Some of Grafana's standard options, for all fields of a panel; and the legend of a time series. */
export function FieldOptions({ panel, onChange }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { type, fieldConfig, legend = LEGEND } = panel;
  const { defaults } = fieldConfig;
  const set = (changed: Partial<FieldConfig>): void =>
    onChange({ fieldConfig: { ...fieldConfig, defaults: withoutUndefined({ ...defaults, ...changed }) } });
  return (
    <div role="group" aria-label="Standard options" className={styles.options}>
      <Field label="Unit" htmlFor="panel-unit" noMargin className={styles.unit}>
        <UnitPicker id="panel-unit" value={defaults.unit} onChange={(unit) => set({ unit })} />
      </Field>
      {NUMBERS.map(({ key, label }) => (
        <NumberInput
          key={key}
          id={`panel-${key}`}
          label={label}
          value={defaults[key]}
          onChange={(value) => set({ [key]: value })}
        />
      ))}
      {type === 'timeseries' && (
        <Field label="Legend" htmlFor="panel-legend" noMargin>
          <div className={styles.switch}>
            <Switch
              id="panel-legend"
              value={legend.showLegend}
              onChange={(event) => onChange({ legend: { ...legend, showLegend: event.currentTarget.checked } })}
            />
          </div>
        </Field>
      )}
    </div>
  );
}

interface NumberInputProps {
  id: string;
  label: string;
  value: number | null | undefined;
  onChange: (value: number | undefined) => void;
}

/** Takes over the number when it is left, or with Enter, as Grafana's editor does. */
function NumberInput({ id, label, value, onChange }: NumberInputProps): React.JSX.Element {
  const [draft, setDraft] = useState(value?.toString() ?? '');
  const commit = (): void => {
    const number = draft.trim() === '' ? undefined : Number(draft);
    if (number !== (value ?? undefined) && !Number.isNaN(number)) {
      onChange(number);
    }
  };
  return (
    <Field label={label} htmlFor={id} noMargin>
      <Input
        id={id}
        type="number"
        width={12}
        placeholder="auto"
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
    </Field>
  );
}

function withoutUndefined(config: FieldConfig): FieldConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== ''));
}

function getStyles(theme: GrafanaTheme2) {
  return {
    options: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(2), alignItems: 'flex-end' }),
    unit: css({ width: theme.spacing(28) }),
    switch: css({ display: 'flex', alignItems: 'center', height: theme.spacing(4) }),
  };
}
