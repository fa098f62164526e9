import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, IconButton, useStyles2 } from '@grafana/ui';
import { type ReactNode, useState } from 'react';
import { TextField } from '../components/TextField';

interface Choice {
  path: string;
}

/** Props of a list of fields, value mappings or labels. */
export interface ChoiceListProps<T> {
  id: string;
  choices: readonly T[];
  /** Paths that no message has had. */
  missing?: ReadonlySet<string> | undefined;
  onChange: (choices: T[]) => void;
}

interface ControlsProps<T> {
  choice: T;
  id: string;
  /** The width of a control in the line. */
  className: string;
  onChange: (choice: T) => void;
}

interface Props<T extends Choice> extends ChoiceListProps<T> {
  /** What the choices are called: `Fields`. */
  title: string;
  /** What one of them is called: `field`. */
  one: string;
  /** What an empty list means. */
  none: string;
  pathLabel: (choice: T | undefined) => string;
  pathPlaceholder: string;
  /** The controls of a choice, after its path. */
  children: (props: ControlsProps<T>) => ReactNode;
  create: (path: string) => T;
}

/** A list of paths in the payload, each with further controls. A new line is saved once it has a path. */
export function ChoiceList<T extends Choice>(props: Props<T>): React.JSX.Element {
  const { id, title, one, none, pathLabel, pathPlaceholder, choices, missing, children, create, onChange } = props;
  const styles = useStyles2(getStyles);
  const [adding, setAdding] = useState(false);

  function replace(index: number, choice: T): void {
    const next = [...choices];
    next[index] = choice;
    onChange(next.filter(({ path }) => path !== ''));
  }

  function remove(index: number): void {
    onChange(choices.filter((_, i) => i !== index));
  }

  return (
    <div role="group" aria-label={title} className={styles.list}>
      <div className={styles.head}>
        <span className={styles.title}>{title}</span>
        {choices.length === 0 && !adding && <span className={styles.none}>{none}</span>}
        <Button
          id={`${id}-add`}
          size="sm"
          variant="secondary"
          fill="outline"
          icon="plus"
          disabled={adding}
          onClick={() => setAdding(true)}
        >
          Add {one}
        </Button>
      </div>
      {choices.map((choice, i) => (
        // A path may be listed twice, so the position is the key.
        <div key={i} role="group" aria-label={`${one} ${i + 1}`} className={styles.choice}>
          <TextField
            id={`${id}-${i}-path`}
            label={pathLabel(choice)}
            value={choice.path}
            problem={missing?.has(choice.path) === true ? 'No message has this path.' : undefined}
            className={styles.path}
            onChange={(path) => replace(i, { ...choice, path })}
          />
          {children({
            choice,
            id: `${id}-${i}`,
            className: styles.control,
            onChange: (next) => replace(i, next),
          })}
          <IconButton
            id={`${id}-${i}-remove`}
            name="trash-alt"
            className={styles.remove}
            aria-label={`Remove ${one} ${i + 1}`}
            tooltip={`Remove ${one} ${i + 1}`}
            onClick={() => remove(i)}
          />
        </div>
      ))}
      {adding && (
        <div role="group" aria-label={`New ${one}`} className={styles.choice}>
          <TextField
            id={`${id}-new-path`}
            label={pathLabel(undefined)}
            placeholder={pathPlaceholder}
            value=""
            autoFocus
            className={styles.path}
            onChange={(path) => {
              setAdding(false);
              onChange([...choices, create(path)]);
            }}
            onLeave={() => setAdding(false)}
          />
        </div>
      )}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0 }),
    head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1.5) }),
    title: css({ fontSize: theme.typography.bodySmall.fontSize, fontWeight: theme.typography.fontWeightMedium }),
    none: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
    choice: css({
      display: 'flex',
      flexWrap: 'wrap',
      // A line below one control must not move the others.
      alignItems: 'flex-start',
      gap: theme.spacing(1, 1),
      paddingLeft: theme.spacing(1.5),
      borderLeft: `2px solid ${theme.colors.border.weak}`,
    }),
    path: css({ flex: '2 1 0', minWidth: theme.spacing(22), maxWidth: theme.spacing(50) }),
    control: css({ flex: '1 1 0', minWidth: theme.spacing(14), maxWidth: theme.spacing(24) }),
    // Next to the inputs, below the line of their labels.
    remove: css({ height: theme.spacing(theme.components.height.md), margin: theme.spacing(2.75, 0, 0) }),
  };
}
