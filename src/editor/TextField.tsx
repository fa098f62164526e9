import { Field, Input } from '@grafana/ui';
import { useDraft } from '../components/use-draft';

interface Props {
  id: string;
  label: string;
  description?: string;
  placeholder?: string;
  value: string;
  className?: string;
  autoFocus?: boolean;
  /** Spaces at the ends mean something. */
  exact?: boolean;
  onChange: (text: string) => void;
  onLeave?: () => void;
}

/** One line of text, saved when the field is left or Enter is pressed. */
export function TextField(props: Props): React.JSX.Element {
  const { id, label, description, placeholder, value, className, autoFocus, exact = false, onChange, onLeave } = props;
  const [draft, setDraft] = useDraft(value);

  function commit(): void {
    const text = exact ? draft : draft.trim();
    setDraft(text);
    if (text !== value) {
      onChange(text);
    }
  }

  return (
    <Field noMargin label={label} description={description} className={className}>
      <Input
        id={id}
        value={draft}
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        autoFocus={autoFocus}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => {
          commit();
          onLeave?.();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            commit();
          }
        }}
      />
    </Field>
  );
}
