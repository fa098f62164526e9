import { Field, Input } from '@grafana/ui';
import { useDraft } from './use-draft';

interface Props {
  id: string;
  label: string;
  description?: string;
  /** In place of the label; it has the label's text. */
  heading?: React.JSX.Element;
  placeholder?: string;
  value: string;
  /** The problem with the value, for the line below the field. */
  problem?: string;
  /** Call `onChange` when the field is left or Enter is pressed, or at each key as well. Default `blur`. */
  commit?: 'blur' | 'change';
  /** Spaces at the ends are part of the value. Default: they are removed when the value is committed. */
  exact?: boolean;
  required?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
  inputMode?: 'url';
  /** The id of a datalist, of which the browser offers what begins with the text. */
  list?: string;
  className?: string;
  onChange: (text: string) => void;
  /** Called after the text is committed. */
  onLeave?: () => void;
}

/** One line of text. */
export function TextField(props: Props): React.JSX.Element {
  const { id, value, problem, commit = 'blur', exact = false, onChange, onLeave } = props;
  const [draft, setDraft] = useDraft(value);

  function save(text: string): void {
    setDraft(text);
    if (text !== value) {
      onChange(text);
    }
  }

  function type(text: string): void {
    setDraft(text);
    if (commit === 'change') {
      onChange(text);
    }
  }

  const tidy = exact ? draft : draft.trim();
  return (
    <Field
      noMargin
      label={props.heading ?? props.label}
      description={props.description}
      required={props.required}
      invalid={problem !== undefined}
      error={<span id={`${id}-problem`}>{problem}</span>}
      disabled={props.disabled}
      className={props.className}
    >
      <Input
        id={id}
        inputMode={props.inputMode}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        autoFocus={props.autoFocus}
        list={props.list}
        value={draft}
        placeholder={props.placeholder}
        aria-required={props.required}
        // Input of Grafana before 13.2 does not say it
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={() => {
          save(tidy);
          onLeave?.();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            save(tidy);
          }
        }}
      />
    </Field>
  );
}
