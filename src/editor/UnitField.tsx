import { Field, UnitPicker } from '@grafana/ui';
import { useState } from 'react';
import { FieldLabel } from './FieldLabel';
import { HELP } from './help';

interface Props {
  id: string;
  /** A Grafana unit id, or a unit of somebody's own. Empty: none. */
  value: string;
  className: string;
  onChange: (unit: string) => void;
}

/** Grafana's list of units, which also takes a unit of one's own. */
export function UnitField({ id, value, className, onChange }: Props): React.JSX.Element {
  // The picker reads its value only at the start. After a choice of its own it stays, so that it keeps the focus.
  const [own, setOwn] = useState(value);
  const [key, setKey] = useState(0);
  if (own !== value) {
    setOwn(value);
    setKey(key + 1);
  }
  return (
    <Field
      noMargin
      label={<FieldLabel htmlFor={id} label="Unit" help={HELP.fieldUnit} />}
      htmlFor={id}
      className={className}
    >
      <UnitPicker
        key={key}
        id={id}
        value={value}
        onChange={(unit = '') => {
          setOwn(unit);
          onChange(unit);
        }}
      />
    </Field>
  );
}
