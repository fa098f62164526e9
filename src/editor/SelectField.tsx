import { Combobox, type ComboboxOption, Field } from '@grafana/ui';
import { FieldLabel } from './FieldLabel';
import type { Help } from './help';

interface Props<T extends string | number> {
  id: string;
  label: string;
  help: Help;
  options: Array<ComboboxOption<T>>;
  value: T;
  className?: string;
  onChange: (value: T) => void;
}

/** One of several options. */
export function SelectField<T extends string | number>(props: Props<T>): React.JSX.Element {
  const { id, label, help, options, value, className, onChange } = props;
  return (
    <div className={className} onKeyDownCapture={keepChoice}>
      <Field noMargin label={<FieldLabel htmlFor={id} label={label} help={help} />} htmlFor={id}>
        <Combobox id={id} options={options} value={value} onChange={(option) => onChange(option.value)} />
      </Field>
    </div>
  );
}

/**
 * Grafana's Combobox shows nothing after Escape while its menu is closed (downshift clears the selection), although one
 * option must be chosen. With an open menu, Escape closes the menu. To be called for keys in the capture phase.
 */
export function keepChoice(event: React.KeyboardEvent): void {
  if (event.key === 'Escape' && (event.target as Element).getAttribute('aria-expanded') !== 'true') {
    event.stopPropagation();
  }
}
