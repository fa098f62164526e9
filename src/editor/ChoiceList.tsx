import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, IconButton, useStyles2 } from '@grafana/ui';
import { type ReactNode, useState } from 'react';
import { TextField } from './fields-with-help';
import type { Help } from './help';

interface Choice {
  path: string;
}

/** Props of a list of fields, value mappings or labels. */
export interface ChoiceListProps<T> {
  id: string;
  choices: readonly T[];
  /** Paths that no message has had. */
  missing?: ReadonlySet<string> | undefined;
  /** Paths that messages have. */
  paths?: readonly string[] | undefined;
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
  /** The name of the list: `Fields`. */
  title: string;
  /** The name of one choice: `field`. */
  one: string;
  /** The meaning of an empty list, in words. */
  none: string;
  pathLabel: (choice: T) => string;
  pathPlaceholder: string;
  pathHelp: Help;
  /** The controls of a choice, after its path. */
  children: (props: ControlsProps<T>) => ReactNode;
  create: (path: string) => T;
}

/**
 * A list of paths in the payload, each with further controls. A row without a path is not saved, and stays until it is
 * removed: it must not take the place of what somebody clicks, and the path may be somewhere else on the page.
 */
export function ChoiceList<T extends Choice>(props: Props<T>): React.JSX.Element {
  const {
    id,
    title,
    one,
    none,
    pathLabel,
    pathPlaceholder,
    pathHelp,
    choices,
    missing,
    paths,
    children,
    create,
    onChange,
  } = props;
  const styles = useStyles2(getStyles);
  const [rows, setRows] = useRows(choices);
  const [isAdding, setIsAdding] = useState(false);

  function change(next: readonly T[]): void {
    setRows(next);
    const complete = next.filter(hasPath);
    if (JSON.stringify(complete) !== JSON.stringify(choices)) {
      onChange(complete);
    }
  }

  return (
    <div role="group" aria-label={title} className={styles.list}>
      <div className={styles.head}>
        <span className={styles.title}>{title}</span>
        {rows.length === 0 && <span className={styles.none}>{none}</span>}
        <Button
          id={`${id}-add`}
          size="sm"
          variant="secondary"
          fill="outline"
          icon="plus"
          onClick={() => {
            setIsAdding(true);
            change([...rows, create('')]);
          }}
        >
          Add {one}
        </Button>
      </div>
      {rows.map((choice, i) => {
        const replace = (next: T): void => change(rows.with(i, next));
        return (
          // A path may be listed twice, so the position is the key.
          <div key={i} role="group" aria-label={`${one} ${i + 1}`} className={styles.choice}>
            <TextField
              id={`${id}-${i}-path`}
              label={pathLabel(choice)}
              help={pathHelp}
              placeholder={pathPlaceholder}
              suggestions={paths}
              value={choice.path}
              problem={missing?.has(choice.path) === true ? 'No message has this path.' : undefined}
              autoFocus={isAdding && i === rows.length - 1}
              className={styles.path}
              onChange={(path) => replace({ ...choice, path })}
            />
            {children({ choice, id: `${id}-${i}`, className: styles.control, onChange: replace })}
            <IconButton
              id={`${id}-${i}-remove`}
              name="trash-alt"
              className={styles.remove}
              aria-label={`Remove ${one} ${i + 1}`}
              tooltip={`Remove ${one} ${i + 1}`}
              onClick={() => change(rows.toSpliced(i, 1))}
            />
          </div>
        );
      })}
    </div>
  );
}

function hasPath({ path }: Choice): boolean {
  return path.trim() !== '';
}

/** The rows of a list: the saved choices, and between them rows that have no path yet. */
function useRows<T extends Choice>(choices: readonly T[]): [readonly T[], (rows: readonly T[]) => void] {
  const [rows, setRows] = useState(choices);
  const [seen, setSeen] = useState(choices);
  if (seen !== choices) {
    setSeen(choices);
    if (JSON.stringify(rows.filter(hasPath)) !== JSON.stringify(choices)) {
      // Somebody has changed the query elsewhere.
      setRows([...choices, ...rows.filter((row) => !hasPath(row))]);
    }
  }
  return [rows, setRows];
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
