import type { ComponentProps } from 'react';
import { NumberField as PlainNumberField } from '../components/NumberField';
import { TextField as PlainTextField } from '../components/TextField';
import { FieldLabel } from './FieldLabel';
import type { Help } from './help';

interface WithHelp {
  /** The purpose of the control, at its label. */
  help: Help;
}

interface TextProps extends Omit<ComponentProps<typeof PlainTextField>, 'list' | 'heading'>, WithHelp {
  /** Suggestions of the browser while somebody types. */
  suggestions?: readonly string[] | undefined;
}

/** One line of text, with a help text. */
export function TextField({ help, suggestions = [], className, ...props }: TextProps): React.JSX.Element {
  const list = `${props.id}-suggestions`;
  return (
    <div className={className}>
      <PlainTextField
        {...props}
        {...(suggestions.length === 0 ? undefined : { list })}
        heading={<FieldLabel htmlFor={props.id} label={props.label} help={help} />}
      />
      {suggestions.length > 0 && (
        <datalist id={list}>
          {suggestions.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </div>
  );
}

/** A whole number, with a help text. */
export function NumberField({ help, ...props }: ComponentProps<typeof PlainNumberField> & WithHelp): React.JSX.Element {
  return <PlainNumberField {...props} heading={<FieldLabel htmlFor={props.id} label={props.label} help={help} />} />;
}
