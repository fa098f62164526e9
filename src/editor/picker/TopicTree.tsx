import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useEffect, useRef, useState } from 'react';
import type { ExplorerClient } from '../../connection/explorer-client';
import type { TopicRow, TopicView } from '../../engine/explorer-protocol';
import { formatNumber } from '../../utils/format-number';
import { SEEN_ROWS, useSeenRows } from './use-seen-rows';
import { ageText, noneText, rateText } from './words';

/** Rows of one height need no library: the first row that is seen is a division. In pixels. */
export const ROW_HEIGHT = 26;

/** Rows above and below the list that are there before they are scrolled to. */
const SPARE_ROWS = 10;

interface Props {
  id: string;
  explorer: ExplorerClient;
  view: TopicView | undefined;
  search: string;
  /** The filter whose topics are counted. */
  filter: string | undefined;
  /** @param topic a topic, or a branch with `#`. */
  onPick: (topic: string) => void;
  onClose: () => void;
}

/**
 * The topics of the broker as a tree, of which only the rows that are seen are in the page. The explorer has the tree,
 * and sends these rows when they change, at most once a second.
 */
export function TopicTree({ id, explorer, view, search, filter, onPick, onClose }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const list = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [active, setActive] = useState(0);
  const [over, setOver] = useState(false);
  const [focused, setFocused] = useState(false);
  const hold = over || focused;

  useEffect(() => {
    explorer.show({
      search,
      first,
      count: SEEN_ROWS + 2 * SPARE_ROWS,
      hold,
      ...(filter === undefined ? undefined : { filter }),
    });
  }, [explorer, search, first, hold, filter]);

  const total = view?.total ?? 0;
  const [seenRows, follow] = useSeenRows(search, total);
  const rowAt = (index: number): TopicRow | undefined => view?.rows[index - view.first];

  function moveTo(index: number): void {
    const next = Math.max(0, Math.min(total - 1, index));
    setActive(next);
    const element = list.current;
    if (element !== null) {
      const top = next * ROW_HEIGHT;
      element.scrollTop = Math.min(top, Math.max(element.scrollTop, top + ROW_HEIGHT - element.clientHeight));
    }
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const row = rowAt(active);
    const move = MOVES[event.key];
    if (move !== undefined) {
      moveTo(move(active, total));
    } else if (event.key === 'Escape') {
      onClose();
    } else if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key === 'ArrowRight') {
      if (row.open === false) {
        toggle(row.path, true);
      } else if (row.open === true) {
        moveTo(active + 1);
      }
    } else if (event.key === 'ArrowLeft') {
      if (row.open === true) {
        toggle(row.path, false);
      } else {
        moveTo(parentOf(view, active));
      }
    } else if (event.key === 'Enter' || event.key === ' ') {
      use(row);
    } else if (event.key === '#' && row.open !== undefined) {
      onPick(`${row.path}/#`);
    } else {
      return;
    }
    event.preventDefault();
  }

  function use(row: TopicRow): void {
    if (row.open === undefined) {
      onPick(row.path);
    } else {
      toggle(row.path, !row.open);
    }
  }

  function toggle(path: string, open: boolean): void {
    follow();
    explorer.toggle(path, open);
  }

  return (
    <div
      ref={list}
      id={id}
      role="tree"
      aria-label="Topics"
      tabIndex={0}
      aria-activedescendant={rowAt(active) === undefined ? undefined : `${id}-${active}`}
      className={styles.list}
      style={{ height: seenRows * ROW_HEIGHT }}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onPointerEnter={() => setOver(true)}
      onPointerLeave={() => setOver(false)}
      onScroll={(event) => {
        const seen = Math.floor(event.currentTarget.scrollTop / ROW_HEIGHT);
        const wanted = Math.max(0, seen - SPARE_ROWS);
        // A few rows at a time: the spare ones are there already.
        if (Math.abs(wanted - first) >= SPARE_ROWS / 2 || wanted === 0) {
          setFirst(wanted);
        }
      }}
    >
      {view !== undefined && total === 0 && <div className={styles.none}>{noneText(view)}</div>}
      <div role="none" style={{ height: total * ROW_HEIGHT }}>
        {view?.rows.map((row, i) => {
          const index = view.first + i;
          const { path, name, depth, open, last } = row;
          return (
            <div
              key={path}
              id={`${id}-${index}`}
              role="treeitem"
              aria-level={depth + 1}
              aria-expanded={open}
              aria-selected={focused && index === active}
              className={cx(styles.row, focused && index === active && styles.active)}
              style={{ top: index * ROW_HEIGHT, paddingLeft: 4 + Math.min(depth, 12) * 14 }}
              onClick={() => {
                setActive(index);
                use(row);
              }}
            >
              <span className={styles.chevron}>{open !== undefined && <Chevron open={open} />}</span>
              <span className={styles.name} title={path}>
                {name === '' ? '(empty)' : name}
              </span>
              {open !== undefined && (
                <span className={styles.topics}>
                  {formatNumber(row.topics)} {row.topics === 1 ? 'topic' : 'topics'}
                </span>
              )}
              <span className={styles.value}>{last?.length === 0 ? '(empty)' : last?.excerpt}</span>
              {open !== undefined && (
                <button
                  type="button"
                  // The key # does the same in the list.
                  tabIndex={-1}
                  className={cx(styles.use, 'use')}
                  title={`Use ${path}/#`}
                  onClick={(event) => {
                    event.stopPropagation();
                    onPick(`${path}/#`);
                  }}
                >
                  Use {name}/#
                </button>
              )}
              {open !== undefined && last !== undefined && (
                <button
                  type="button"
                  tabIndex={-1}
                  className={cx(styles.use, 'use')}
                  title={`Use ${path}`}
                  onClick={(event) => {
                    event.stopPropagation();
                    onPick(path);
                  }}
                >
                  Use {name}
                </button>
              )}
              <span className={styles.retained}>
                {last?.retained === true && <span title="Retained message">R</span>}
              </span>
              <span className={styles.number}>{last === undefined ? '' : ageText(view.now - last.time)}</span>
              <span className={cx(styles.number, styles.wide)}>{rateText(row.rate)}</span>
              <span className={cx(styles.number, styles.wide)}>{formatNumber(row.messages)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Grafana's icon is a request and a state each; while topics arrive, dozens of rows are made at once. */
function Chevron({ open }: { open: boolean }): React.JSX.Element {
  return (
    <svg viewBox="0 0 16 16" width={12} height={12} aria-hidden>
      <path d={open ? 'M3 6l5 5 5-5' : 'M6 3l5 5-5 5'} fill="none" stroke="currentColor" strokeWidth={1.5} />
    </svg>
  );
}

const MOVES: Readonly<Record<string, ((active: number, total: number) => number) | undefined>> = {
  ArrowDown: (active) => active + 1,
  ArrowUp: (active) => active - 1,
  PageDown: (active) => active + SEEN_ROWS - 1,
  PageUp: (active) => active - SEEN_ROWS + 1,
  Home: () => 0,
  End: (_, total) => total - 1,
};

function parentOf(view: TopicView | undefined, index: number): number {
  if (view === undefined) {
    return index;
  }
  const { first, rows } = view;
  const depth = rows[index - first]?.depth ?? 0;
  for (let i = index - first - 1; i >= 0; i--) {
    if (rows[i].depth < depth) {
      return first + i;
    }
  }
  return index;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({
      position: 'relative',
      // Without its border, it is as tall as its rows, and does not scroll.
      boxSizing: 'content-box',
      overflowY: 'auto',
      overflowX: 'hidden',
      fontSize: theme.typography.bodySmall.fontSize,
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.primary,
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
    }),
    none: css({ padding: theme.spacing(1), color: theme.colors.text.secondary }),
    row: css({
      position: 'absolute',
      left: 0,
      right: 0,
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      height: ROW_HEIGHT,
      paddingRight: theme.spacing(1),
      whiteSpace: 'nowrap',
      cursor: 'pointer',
      '&:hover': { background: theme.colors.action.hover },
      '& .use': { display: 'none' },
      '&:hover .use': { display: 'inline' },
    }),
    active: css({ background: theme.colors.action.selected, '& .use': { display: 'inline' } }),
    chevron: css({ flex: 'none', width: theme.spacing(2) }),
    name: css({
      flex: '0 1 auto',
      minWidth: theme.spacing(6),
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      fontFamily: theme.typography.fontFamilyMonospace,
    }),
    topics: css({ flex: 'none', color: theme.colors.text.secondary }),
    value: css({
      flex: '1 1 0',
      minWidth: 0,
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      color: theme.colors.text.secondary,
      fontFamily: theme.typography.fontFamilyMonospace,
    }),
    use: css({
      flex: 'none',
      padding: theme.spacing(0, 0.75),
      border: `1px solid ${theme.colors.border.medium}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.canvas,
      color: theme.colors.text.link,
      lineHeight: theme.spacing(2.5),
      maxWidth: theme.spacing(24),
      overflow: 'hidden',
      textOverflow: 'ellipsis',
    }),
    retained: css({ flex: 'none', width: theme.spacing(2), color: theme.colors.info.text }),
    number: css({
      flex: 'none',
      width: theme.spacing(7),
      textAlign: 'right',
      color: theme.colors.text.secondary,
      fontVariantNumeric: 'tabular-nums',
    }),
    wide: css({ [theme.breakpoints.down('sm')]: { display: 'none' } }),
  };
}
