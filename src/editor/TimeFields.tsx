import { Combobox, Field } from '@grafana/ui';
import { useMemo } from 'react';
import type { MqttQuery } from '../types';
import { withTime } from './query-changes';
import { SelectField } from './SelectField';
import { INTERVAL_UNITS, TIMES } from './select-options';
import { TextField } from '../components/TextField';

interface Props {
  id: (name: string) => string;
  query: MqttQuery;
  className: string;
  /** No message has had the path of the time. */
  isMissing?: boolean;
  onChange: (query: MqttQuery) => void;
}

/** Where the time of a row comes from, and its format. */
export function TimeFields({ id, query, className, isMissing = false, onChange }: Props): React.JSX.Element {
  const { from, path = '', clockPath = '', format = '', zone = '', interval = '', intervalUnit } = query.time ?? {};
  const zones = useMemo(
    () => ['UTC', ...Intl.supportedValuesOf('timeZone')].map((value) => ({ value, label: value })),
    []
  );
  return (
    <>
      <SelectField
        id={id('time-from')}
        label="Time"
        className={className}
        options={TIMES}
        value={from ?? 'default'}
        onChange={(value) => onChange(withTime(query, { from: value === 'default' ? undefined : value }))}
      />
      {from === 'path' && (
        <TextField
          id={id('time-path')}
          label="Time path"
          placeholder="params.ts"
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
          placeholder="in the same value"
          className={className}
          value={clockPath}
          onChange={(text) => onChange(withTime(query, { clockPath: text }))}
        />
      )}
      {from !== 'arrival' && (from !== undefined || format !== '') && (
        <TextField
          id={id('time-format')}
          label="Time format"
          placeholder="automatic"
          className={className}
          value={format}
          onChange={(text) => onChange(withTime(query, { format: text }))}
        />
      )}
      {from !== 'arrival' && (from !== undefined || zone !== '') && (
        <Field noMargin label="Time zone" className={className}>
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
          placeholder="a number or a path"
          className={className}
          value={interval}
          onChange={(text) => onChange(withTime(query, { interval: text }))}
        />
      )}
      {interval !== '' && (
        <SelectField
          id={id('interval-unit')}
          label="Interval unit"
          className={className}
          options={INTERVAL_UNITS}
          value={intervalUnit ?? 'ms'}
          onChange={(value) => onChange(withTime(query, { intervalUnit: value === 'ms' ? undefined : value }))}
        />
      )}
    </>
  );
}
