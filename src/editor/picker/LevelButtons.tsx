import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { formatNumber } from '../../utils/format-number';
import type { FilterMatches } from '../../engine/explorer-protocol';
import { filterLevels, withLevel } from './levels';

interface Props {
  /** One line of the topic field. */
  line: string;
  /** The topic that was chosen last: a wildcard becomes its level again. */
  picked: string;
  /** The topics that the line matches; undefined before the explorer has answered. */
  matches: FilterMatches | undefined;
  onChange: (line: string) => void;
}

/** The levels of a filter. A click turns a level into a named level or a `+`, and back. */
export function LevelButtons({ line, picked, matches, onChange }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div role="group" aria-label="Levels of the filter" className={styles.levels}>
      {filterLevels(line, [picked, ...(matches?.topics ?? [])]).map(({ text, example, named, wildcard }, i) => {
        const more = matches?.levels[i] ?? 0;
        const choices = [
          ...(example === undefined ? [] : [{ value: example, label: `only ${example}` }]),
          { value: named, label: `any level, with the label ${named.replaceAll(/[{}#]/g, '')}` },
          { value: wildcard, label: wildcard === '#' ? 'all further levels' : 'any level' },
        ];
        return (
          // A level can be written twice, so the position is the key.
          <span key={i} className={styles.level}>
            <span className={styles.choices}>
              {choices.map(({ value, label }) => (
                <button
                  key={value}
                  type="button"
                  aria-pressed={value === text}
                  aria-label={`${shown(value, value === named && text === example ? more : 0)}: level ${i + 1}, ${label}`}
                  title={label}
                  className={cx(styles.choice, value === text && styles.pressed)}
                  onClick={() => onChange(withLevel(line, i, value))}
                >
                  {shown(value, value === named && text === example ? more : 0)}
                </button>
              ))}
            </span>
          </span>
        );
      })}
    </div>
  );
}

/** The label of a button: the text of the level, and how many topics would match. */
function shown(value: string, more: number): string {
  const text = value === '' ? '(empty)' : value;
  return more > 1 ? `${text} ${formatNumber(more)}` : text;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    levels: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5) }),
    level: css({
      display: 'inline-flex',
      alignItems: 'center',
      gap: theme.spacing(0.5),
      maxWidth: '100%',
      '&:not(:last-child)::after': { content: '"/"', color: theme.colors.text.secondary },
    }),
    choices: css({
      display: 'inline-flex',
      minWidth: 0,
      border: `1px solid ${theme.components.input.borderColor}`,
      borderRadius: theme.shape.radius.default,
      overflow: 'hidden',
    }),
    choice: css({
      minWidth: 0,
      padding: theme.spacing(0.25, 0.75),
      border: 'none',
      background: 'none',
      color: theme.colors.text.secondary,
      fontFamily: theme.typography.fontFamilyMonospace,
      fontSize: theme.typography.bodySmall.fontSize,
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
      '&:not(:first-child)': { borderLeft: `1px solid ${theme.colors.border.weak}`, flex: 'none' },
      '&:hover': { background: theme.colors.action.hover, color: theme.colors.text.primary },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: '-2px' },
    }),
    pressed: css({ background: theme.colors.action.selected, color: theme.colors.text.primary }),
  };
}
