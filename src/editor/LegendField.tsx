import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Field, Input, useStyles2 } from '@grafana/ui';
import { useRef } from 'react';
import { useDraft } from '../components/use-draft';
import { textButton } from './text-button';

interface Props {
  id: string;
  value: string;
  /** What can stand between the braces. */
  names: readonly string[];
  className?: string;
  onChange: (legend: string) => void;
}

/** The legend template, with the names that it can use as buttons that put them in. */
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
    // Where the caret is, if somebody put it somewhere; else at the end, a space apart.
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
      <Field noMargin label="Legend">
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
      ...theme.typography.bodySmall,
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      columnGap: theme.spacing(0.5),
      marginTop: theme.spacing(0.5),
      color: theme.colors.text.secondary,
    }),
    name: css(textButton(theme)),
  };
}
