import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Field, Input, useStyles2 } from '@grafana/ui';
import { useRef } from 'react';
import { FieldLabel } from './FieldLabel';
import { useDraft } from '../components/use-draft';
import { HELP } from './help';
import { textButton } from './text-button';
import { wrappingLine } from './wrapping-line';

interface Props {
  id: string;
  value: string;
  /** The names that the template can use. */
  names: readonly string[];
  className?: string;
  onChange: (legend: string) => void;
}

/** The legend template, with a button for each name that inserts it. */
export function LegendField({ id, value, names, className, onChange }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const [draft, setDraft] = useDraft(value);
  const input = useRef<HTMLInputElement>(null);

  function commit(text: string): void {
    const legend = text.trim();
    setDraft(legend);
    if (legend !== value) {
      onChange(legend);
    }
  }

  function insert(name: string): void {
    // At the caret if the field has the focus, else at the end, after a space.
    const { selectionStart, selectionEnd } = input.current ?? {};
    const typing = input.current !== null && input.current === document.activeElement;
    const start = typing ? (selectionStart ?? draft.length) : draft.length;
    const end = typing ? (selectionEnd ?? draft.length) : draft.length;
    const before = draft.slice(0, start);
    const space = before === '' || before.endsWith(' ') ? '' : ' ';
    commit(`${before}${space}{{${name}}}${draft.slice(end)}`);
  }

  return (
    <div className={className}>
      <Field noMargin label={<FieldLabel htmlFor={id} label="Legend" help={HELP.legend} />}>
        <Input
          ref={input}
          id={id}
          value={draft}
          placeholder="automatic"
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${id}-names`}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onBlur={() => commit(draft)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              commit(draft);
            }
          }}
        />
      </Field>
      <div id={`${id}-names`} className={styles.names}>
        <span>Insert</span>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            className={styles.name}
            aria-label={`Insert {{${name}}}`}
            // Keeps the caret where it is in the input.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => insert(name)}
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    names: css({
      ...wrappingLine(theme, 0.5),
      alignItems: 'baseline',
      marginTop: theme.spacing(0.5),
    }),
    name: css(textButton(theme)),
  };
}
