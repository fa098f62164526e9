import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, useStyles2 } from '@grafana/ui';
import { type KeyboardEvent, memo, useEffect, useState } from 'react';
import { ExplorerClient } from '../../connection/explorer-client';
import type { MessageView } from '../../engine/explorer-protocol';
import { count, formatNumber } from '../../utils/format-number';
import type { MqttQuery, PayloadDiagnostics } from '../../types';
import { useExplored, useOpened } from '../picker/use-explorer';
import { limitText } from '../picker/words';
import { AlertsOver } from '../AlertsOver';
import { CopyButton } from './CopyButton';
import { saveAsFile } from './save-as-file';
import { MessageDetails, type View } from './MessageDetails';
import { timeOf } from './time-of';
import { panelBox } from '../panel-box';

/** The part of the data source that the inspector uses. */
export interface InspectedDataSource {
  /** An explorer of the messages of a query, which is to be opened; undefined if the query cannot run. */
  inspect(query: MqttQuery, Explorer: typeof ExplorerClient): ExplorerClient | undefined;
}

interface Props {
  id: string;
  datasource: InspectedDataSource;
  query: MqttQuery;
  /** A message that a panel has received before. */
  sample: PayloadDiagnostics | undefined;
  onChange: (query: MqttQuery) => void;
  /** Shows where the unit of a field is chosen. @param path of the field, as the query has it. */
  onUnit: (path: string) => void;
}

/**
 * The last messages of a query, as they came. A click on a value changes the query. It is rendered for a new query or
 * callback only: the sample is read when it opens.
 */
export const MessageInspector = memo(
  KeyedInspector,
  (a, b) =>
    a.id === b.id &&
    a.datasource === b.datasource &&
    a.onChange === b.onChange &&
    a.onUnit === b.onUnit &&
    JSON.stringify(a.query) === JSON.stringify(b.query)
);

function KeyedInspector(props: Props): React.JSX.Element {
  const { topic, qos, format, formatOptions, rows, pivot } = props.query;
  // Another explorer, if the query asks for other messages, or reads them in another way.
  return <OpenInspector key={JSON.stringify([topic, qos, format, formatOptions, rows, pivot])} {...props} />;
}

function OpenInspector({ id, datasource, query, sample, onChange, onUnit }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const [explorer] = useState(() => {
    const created = datasource.inspect(query, ExplorerClient);
    if (sample !== undefined && sample.hex.length / 2 === sample.length) {
      created?.seed(sample.topic, bytesOf(sample.hex), sample.retained === true);
    }
    return created;
  });
  useOpened(explorer);
  const view = useExplored(explorer, 'messages');
  const status = useExplored(explorer, 'status');
  const { fields, labels, mappings, rows, rowsAs, time, fill } = query;
  const [selected, setSelected] = useState<number>();
  const [shown, setShown] = useState<View>('values');
  const [over, setOver] = useState(false);
  const [focused, setFocused] = useState(false);
  const hold = over || focused || selected !== undefined;

  useEffect(() => {
    explorer?.inspect({
      hold,
      ...(selected === undefined ? undefined : { selected }),
      ...(shown === 'result' ? { mapping: { fields, labels, mappings, rows, rowsAs, time, fill } } : undefined),
    });
  }, [explorer, hold, selected, shown, fields, labels, mappings, rows, rowsAs, time, fill]);

  const error = status !== undefined && 'error' in status ? status.error : undefined;
  const alert = error && <Alert severity="error" title={error.message} bottomSpacing={0} />;
  const detail = view?.detail;
  const hasNone = explorer === undefined || view === undefined || view.list.length === 0;
  return (
    <div
      role="group"
      aria-label="Message inspector"
      className={styles.inspector}
      onPointerEnter={() => setOver(true)}
      onPointerLeave={() => setOver(false)}
      onFocus={() => setFocused(true)}
      onBlur={(event) => setFocused(event.currentTarget.contains(event.relatedTarget))}
    >
      <div className={styles.bar}>
        <span role="status" className={styles.status}>
          {stateText(view, hold)}
        </span>
        {/* It has its room before it is needed: the list must not move when a message in it is clicked. */}
        <Button
          size="sm"
          variant="secondary"
          fill="outline"
          icon="play"
          className={cx(styles.follow, selected === undefined && styles.hidden)}
          onClick={() => setSelected(undefined)}
        >
          Follow the newest
        </Button>
        {view?.paused !== undefined && (
          <Button size="sm" variant="secondary" fill="outline" icon="play" onClick={() => explorer?.pause(false)}>
            Continue
          </Button>
        )}
        {/* Browsers have a clipboard on pages of HTTPS and of this machine only. */}
        {'clipboard' in navigator && (
          <CopyButton disabled={hasNone} read={() => explorer!.export()}>
            Copy list
          </CopyButton>
        )}
        <Button
          size="sm"
          variant="secondary"
          fill="text"
          icon="save"
          disabled={hasNone}
          onClick={() => void explorer?.export().then((text) => saveAsFile('messages.jsonl', text))}
        >
          Save list
        </Button>
      </div>
      {detail === undefined ? (
        alert
      ) : (
        <AlertsOver alerts={alert}>
          <div className={styles.columns}>
            <MessageList view={view!} selected={detail.id} onSelect={setSelected} />
            <MessageDetails
              id={id}
              detail={detail}
              preview={view?.preview}
              view={shown}
              query={query}
              onView={setShown}
              onChange={onChange}
              onUnit={onUnit}
            />
          </div>
        </AlertsOver>
      )}
    </div>
  );
}

interface MessageListProps {
  view: MessageView;
  selected: number;
  onSelect: (id: number) => void;
}

function MessageList({ view, selected, onSelect }: MessageListProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  // One stop for the Tab key, as a tree has: there can be hundreds of messages before what follows them.
  const stop = view.list.some(({ id }) => id === selected) ? selected : view.list[0]?.id;
  return (
    <ul aria-label="Last messages" className={styles.list} onKeyDown={moveFocus}>
      {view.list.map((message, i) => (
        // At a high rate all messages are new each second: their rows get other texts instead of being made again.
        <li key={i}>
          <button
            type="button"
            tabIndex={message.id === stop ? 0 : -1}
            aria-pressed={message.id === selected}
            className={cx(styles.message, message.id === selected && styles.selected)}
            onClick={() => onSelect(message.id)}
          >
            <span className={styles.time}>{timeOf(message)}</span>
            <span className={styles.topic}>{message.topic}</span>
            <span className={styles.excerpt}>{message.excerpt}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Arrows, Home and End move the focus in a list of buttons; Enter chooses. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
  const next = buttons[targets[event.key]];
  if (next !== undefined) {
    event.preventDefault();
    next.focus();
  }
}

function stateText(view: MessageView | undefined, hold: boolean): string {
  if (view === undefined) {
    return 'Connecting …';
  }
  const [refusal] = view.refused;
  if (refusal !== undefined) {
    return `The broker refused the subscription to "${refusal.filter}": ${refusal.reason}.`;
  }
  const limit = limitText({ ...view, skipped: 0 });
  if (limit !== undefined) {
    return limit;
  }
  if (view.messages === 0) {
    return 'No message yet. Retained messages appear at once, others when they are published.';
  }
  const newer = view.newer > 0 ? `; ${formatNumber(view.newer)} newer since you read` : '';
  return `${count(view.messages, 'message')}${hold && newer !== '' ? newer : ''}`;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function getStyles(theme: GrafanaTheme2) {
  return {
    inspector: css(panelBox(theme)),
    bar: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
    status: css({
      ...theme.typography.bodySmall,
      flex: '1 1 0',
      minWidth: theme.spacing(20),
      [theme.breakpoints.down('sm')]: { flex: '1 1 100%' },
      color: theme.colors.text.secondary,
      fontVariantNumeric: 'tabular-nums',
    }),
    // On a narrow screen it has a line of its own, which is empty meanwhile: better below the other buttons.
    follow: css({ [theme.breakpoints.down('sm')]: { order: 1 } }),
    hidden: css({ visibility: 'hidden' }),
    columns: css({
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 3fr)',
      gap: theme.spacing(1),
      [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
    }),
    list: css({
      // As tall as the message next to it, however many messages there are, so that nothing moves.
      height: 0,
      minHeight: '100%',
      margin: 0,
      overflowY: 'auto',
      listStyle: 'none',
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.primary,
      [theme.breakpoints.down('md')]: { height: theme.spacing(18), minHeight: 0 },
    }),
    message: css({
      ...theme.typography.bodySmall,
      display: 'flex',
      gap: theme.spacing(1),
      width: '100%',
      padding: theme.spacing(0.25, 1),
      border: 'none',
      background: 'none',
      textAlign: 'left',
      whiteSpace: 'nowrap',
      fontFamily: theme.typography.fontFamilyMonospace,
      '&:hover': { background: theme.colors.action.hover },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: '-2px' },
    }),
    selected: css({ background: theme.colors.action.selected, '& span': { color: theme.colors.text.primary } }),
    time: css({ flex: 'none', color: theme.colors.text.secondary }),
    topic: css({ flex: '0 1 auto', minWidth: theme.spacing(8), overflow: 'hidden', textOverflow: 'ellipsis' }),
    excerpt: css({
      flex: '1 1 0',
      minWidth: 0,
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      color: theme.colors.text.secondary,
    }),
  };
}
