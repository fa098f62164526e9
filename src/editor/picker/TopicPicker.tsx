import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Input, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { ExplorerClient } from '../../connection/explorer-client';
import { count } from '../../utils/format-number';
import { AlertsOver } from '../AlertsOver';
import { LevelButtons } from './LevelButtons';
import { TopicTree } from './TopicTree';
import { useExplored } from './use-explorer';
import { limitText, receivedText } from './words';
import { panelBox } from '../panel-box';

/** The topics on which brokers publish about themselves. `#` does not match it [MQTT-4.7.2-1]. */
const SYS = '$SYS/#';

interface Props {
  id: string;
  /** Undefined if the data source cannot connect. */
  explorer: ExplorerClient | undefined;
  /** The line of the topic field that is chosen for. */
  line: string;
  /** The filter of this line; undefined if it is not valid. */
  filter: string | undefined;
  /** @param line the line with the choice in it. */
  onPick: (line: string) => void;
  onClose: () => void;
}

/** The topics of the broker: a click on one puts it into the topic field. */
export function TopicPicker({ id, explorer, line, filter, onPick, onClose }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const view = useExplored(explorer, 'view');
  const status = useExplored(explorer, 'status');
  const [search, setSearch] = useState('');
  const [sys, setSys] = useState(false);
  const [picked, setPicked] = useState(line);
  const error = status !== undefined && 'error' in status ? status.error : undefined;
  const matches = view?.matches?.filter === filter ? view?.matches : undefined;
  const limit = view && limitText(view);
  const paused = view?.paused !== undefined;

  function pick(topic: string): void {
    setPicked(topic);
    onPick(topic);
  }

  if (explorer === undefined) {
    return <Alert severity="error" title="The data source cannot connect. Check its settings." bottomSpacing={0} />;
  }
  return (
    <div role="group" aria-label="Topic browser" className={styles.picker}>
      <div className={styles.bar}>
        <div className={styles.search}>
          <Input
            id={`${id}-search`}
            aria-label="Search topics"
            placeholder="Search all levels"
            value={search}
            autoFocus
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setSearch(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown') {
                event.preventDefault();
                document.getElementById(`${id}-tree`)?.focus();
              } else if (event.key === 'Escape') {
                onClose();
              }
            }}
          />
        </div>
        <Button
          size="sm"
          variant="secondary"
          fill={sys ? 'solid' : 'outline'}
          aria-pressed={sys}
          tooltip="What the broker publishes about itself. The filter # leaves these topics out."
          onClick={() => {
            explorer.include(SYS, !sys);
            setSys(!sys);
          }}
        >
          $SYS
        </Button>
        <Button
          size="sm"
          variant="secondary"
          fill="outline"
          icon={paused ? 'play' : 'pause'}
          className={styles.pause}
          onClick={() => explorer.pause(!paused)}
        >
          {paused ? 'Continue' : 'Pause'}
        </Button>
      </div>
      <div className={styles.head} aria-hidden>
        <span className={styles.status}>Topic, last message</span>
        <span className={styles.number}>Age</span>
        <span className={`${styles.number} ${styles.wide}`}>Rate</span>
        <span className={`${styles.number} ${styles.wide}`}>Messages</span>
      </div>
      <AlertsOver
        alerts={
          <>
            {error !== undefined && <Alert severity="error" title={error.message} bottomSpacing={0} />}
            {view?.refused.map((refusal) => (
              <Alert
                key={refusal.filter}
                severity="warning"
                title={`The broker refused the subscription to "${refusal.filter}": ${refusal.reason}. Set the topic tree root of the data source to a filter that the broker allows.`}
                bottomSpacing={0}
              />
            ))}
          </>
        }
      >
        <TopicTree
          // The results of a new search begin at the top.
          key={search}
          id={`${id}-tree`}
          explorer={explorer}
          view={view}
          search={search}
          filter={filter}
          onPick={pick}
          onClose={onClose}
        />
      </AlertsOver>
      <div className={styles.bar}>
        <span className={styles.status} role="status">
          {view?.granted === true || (view?.messages ?? 0) > 0 ? receivedText(view!, search) : 'Connecting …'}
          {limit !== undefined && <span className={styles.limit}> {limit}</span>}
        </span>
      </div>
      {line.trim() !== '' && (
        <div className={styles.filter}>
          <LevelButtons line={line} picked={picked} matches={matches} onChange={onPick} />
          <span className={styles.status}>{matches === undefined ? '\u00a0' : matchText(matches)}</span>
        </div>
      )}
    </div>
  );
}

function matchText({ count: number, topics }: { count: number; topics: readonly string[] }): string {
  if (number === 0) {
    return 'No topic in the list matches.';
  }
  const more = number > topics.length ? ', …' : '';
  return `${count(number, 'topic')}: ${topics.join(', ')}${more}`;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    picker: css(panelBox(theme)),
    bar: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
    search: css({ flex: '1 1 0', minWidth: theme.spacing(16) }),
    // As wide with either text, so that nothing moves.
    pause: css({ justifyContent: 'center', minWidth: theme.spacing(12) }),
    head: css({
      ...theme.typography.bodySmall,
      display: 'flex',
      gap: theme.spacing(1),
      padding: theme.spacing(0, 1),
      marginBottom: theme.spacing(-0.5),
      color: theme.colors.text.secondary,
    }),
    status: css({
      ...theme.typography.bodySmall,
      flex: '1 1 0',
      minWidth: 0,
      color: theme.colors.text.secondary,
      overflowWrap: 'anywhere',
      fontVariantNumeric: 'tabular-nums',
    }),
    limit: css({ color: theme.colors.warning.text }),
    number: css({ flex: 'none', width: theme.spacing(7), textAlign: 'right' }),
    wide: css({ [theme.breakpoints.down('sm')]: { display: 'none' } }),
    filter: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.5) }),
  };
}
