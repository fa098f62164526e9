import { useEffect } from 'react';
import { Field, Input } from '@grafana/ui';
import { useDraft } from './use-draft';
import { readWholeNumber } from './whole-number';

interface Props {
  id: string;
  label: string;
  description?: string;
  /** In place of the label; it has the label's text. */
  heading?: React.JSX.Element;
  unit: string;
  /** Undefined for the default. */
  value: number | undefined;
  /** Shown as the placeholder. */
  defaultValue?: number;
  /** The placeholder if the default is not a number. Default `no limit`. */
  unset?: string;
  min: number;
  max: number;
  disabled?: boolean;
  className?: string;
  onChange: (value: number | undefined) => void;
  /** Called when what is typed becomes invalid or valid, and with undefined when the field is removed. */
  onProblem?: (problem: string | undefined) => void;
}

/**
 * A whole number, saved when the field is left or Enter is pressed, and only when it is valid.
 *
 * A text input: `type="number"` reads as empty for what it cannot parse, which would silently mean the default.
 */
export function NumberField(props: Props): React.JSX.Element {
  const {
    id,
    label,
    description,
    heading,
    unit,
    value,
    defaultValue,
    unset = 'no limit',
    min,
    max,
    disabled,
    className,
  } = props;
  const { onChange, onProblem } = props;
  const [draft, setDraft] = useDraft(value === undefined ? '' : String(value));
  const read = readWholeNumber(draft, { label, min, max });

  useEffect(() => {
    onProblem?.(read.problem);
    // The invalid text is removed with the field, so nobody could correct it.
    return () => onProblem?.(undefined);
    // oxlint-disable-next-line react/exhaustive-deps -- only a new problem is worth a call, not a new callback
  }, [read.problem]);

  function commit(): void {
    if (read.problem === undefined) {
      setDraft(read.value === undefined ? '' : String(read.value));
      if (read.value !== value) {
        onChange(read.value);
      }
    }
  }

  return (
    <Field
      noMargin
      label={heading ?? label}
      description={description}
      invalid={read.problem !== undefined}
      error={<span id={`${id}-problem`}>{read.problem}</span>}
      disabled={disabled}
      className={className}
    >
      <Input
        id={id}
        inputMode="numeric"
        autoComplete="off"
        width={20}
        suffix={unit}
        value={draft}
        placeholder={defaultValue?.toLocaleString('en-US') ?? unset}
        aria-invalid={read.problem !== undefined}
        aria-describedby={read.problem === undefined ? undefined : `${id}-problem`}
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
