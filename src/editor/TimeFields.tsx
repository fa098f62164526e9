import { Combobox, Field } from '@grafana/ui';
import { useMemo } from 'react';
import { FieldLabel } from './FieldLabel';
import type { MqttQuery } from '../types';
import { withTime } from './query-changes';
import { SelectField } from './SelectField';
import { INTERVAL_UNITS, TIMES } from './select-options';
import { TextField } from './fields-with-help';
import { HELP } from './help';

interface Props {
  id: (name: string) => string;
  query: MqttQuery;
  className: string;
  /** No message has had the path of the time. */
  isMissing?: boolean;
  /** Paths that messages have. */
  paths?: readonly string[];
  onChange: (query: MqttQuery) => void;
}

/** The source of a row's time, and its format. */
export function TimeFields({ id, query, className, isMissing = false, paths, onChange }: Props): React.JSX.Element {
  const { from, path = '', clockPath = '', format = '', zone = '', intervalUnit } = query.time ?? {};
  const interval = `${query.time?.interval ?? ''}`;
  const zones = useMemo(
    () => ['UTC', ...Intl.supportedValuesOf('timeZone')].map((value) => ({ value, label: value })),
    []
  );
  return (
    <>
      <SelectField
        id={id('time-from')}
        label="Time"
        help={HELP.timeFrom}
        className={className}
        options={TIMES}
        value={from ?? 'default'}
        onChange={(value) => onChange(withTime(query, { from: value === 'default' ? undefined : value }))}
      />
      {from === 'path' && (
        <TextField
          id={id('time-path')}
          label="Time path"
          help={HELP.timePath}
          placeholder="params.ts"
          suggestions={paths}
          className={className}
          value={path}
          problem={isMissing ? 'No message has this path.' : undefined}
          onChange={(text) => onChange(withTime(query, { path: text }))}
        />
      )}
      {from === 'path' && (
        <TextField
          id={id('clock-path')}
          label="Time of day path"
          help={HELP.clockPath}
          placeholder="in the same value"
          suggestions={paths}
          className={className}
          value={clockPath}
          onChange={(text) => onChange(withTime(query, { clockPath: text }))}
        />
      )}
      {from !== 'arrival' && (from !== undefined || format !== '') && (
        <TextField
          id={id('time-format')}
          label="Time format"
          help={HELP.timeFormat}
          placeholder="automatic"
          className={className}
          value={format}
          onChange={(text) => onChange(withTime(query, { format: text }))}
        />
      )}
      {from !== 'arrival' && (from !== undefined || zone !== '') && (
        <Field
          noMargin
          label={<FieldLabel htmlFor={id('time-zone')} label="Time zone" help={HELP.timeZone} />}
          className={className}
        >
          <Combobox
            id={id('time-zone')}
            options={zones}
            createCustomValue
            isClearable
            placeholder="browser time zone"
            value={zone === '' ? null : zone}
            onChange={(option) => onChange(withTime(query, { zone: option?.value }))}
          />
        </Field>
      )}
      {(query.rows !== undefined || query.rowsAs !== undefined || interval !== '') && (
        <TextField
          id={id('interval')}
          label="Interval"
          help={HELP.interval}
          placeholder="a number or a path"
          suggestions={paths}
          className={className}
          value={interval}
          onChange={(text) => onChange(withTime(query, { interval: text }))}
        />
      )}
      {interval !== '' && (
        <SelectField
          id={id('interval-unit')}
          label="Interval unit"
          help={HELP.intervalUnit}
          className={className}
          options={INTERVAL_UNITS}
          value={intervalUnit ?? 'ms'}
          onChange={(value) => onChange(withTime(query, { intervalUnit: value === 'ms' ? undefined : value }))}
        />
      )}
    </>
  );
}
