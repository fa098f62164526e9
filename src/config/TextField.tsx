import { Field, Input } from '@grafana/ui';
import { useContext, useState } from 'react';
import { SaveRefused } from './save-refused';

interface Props {
  id: string;
  label: string;
  description?: string;
  value: string | undefined;
  placeholder?: string;
  required?: boolean;
  /** Said at once, except of a field that is empty and was not left yet. */
  problem?: string;
  disabled?: boolean;
  inputMode?: 'url';
  /** Undefined for nothing, so that the default holds. */
  onChange: (value: string | undefined) => void;
}

/** A line of text. White space around it is cut off when the field is left. */
export function TextField(props: Props): React.JSX.Element {
  const { id, label, description, value = '', placeholder, required, disabled, inputMode, onChange } = props;
  // What was just asked for is not wrong yet.
  const [visited, setVisited] = useState(value !== '');
  const refused = useContext(SaveRefused);
  const problem = visited || refused || value !== '' ? props.problem : undefined;
  const set = (text: string) => onChange(text === '' ? undefined : text);
  return (
    <Field
      noMargin
      label={label}
      description={description}
      required={required}
      invalid={problem !== undefined}
      error={<span id={`${id}-problem`}>{problem}</span>}
      disabled={disabled}
    >
      <Input
        id={id}
        inputMode={inputMode}
        autoComplete="off"
        spellCheck={false}
        value={value}
        placeholder={placeholder}
        aria-required={required}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={(event) => set(event.currentTarget.value)}
        onBlur={() => {
          setVisited(true);
          if (value !== value.trim()) {
            set(value.trim());
          }
        }}
      />
    </Field>
  );
}
