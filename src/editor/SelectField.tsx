import { Combobox, type ComboboxOption, Field } from '@grafana/ui';

interface Props<T extends string | number> {
  id: string;
  label: string;
  description?: string;
  options: Array<ComboboxOption<T>>;
  value: T;
  className?: string;
  onChange: (value: T) => void;
}

/** One of several options. */
export function SelectField<T extends string | number>(props: Props<T>): React.JSX.Element {
  const { id, label, description, options, value, className, onChange } = props;
  return (
    <Field noMargin label={label} description={description} className={className}>
      <Combobox id={id} options={options} value={value} onChange={(option) => onChange(option.value)} />
    </Field>
  );
}
