import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { QueryDiagnostics } from '../types';
import { withTopicSuggestion } from './topic-suggestion';
import { textButton } from './text-button';

interface Props {
  nearest: NonNullable<QueryDiagnostics['nearest']>;
  /** The text of the topic field. */
  topic: string;
  /** @param topic the text with the suggestion in it. */
  onUse: (topic: string) => void;
}

/** Existing topics similar to a filter that has received nothing. A click puts the topic into the topic field. */
export function NearestTopics({ nearest, topic, onUse }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div role="group" aria-label="Nearest topics" className={styles.lines}>
      {nearest.map(({ filter, topics }) => (
        <div key={filter} className={styles.line}>
          <span>
            No message yet on <code className={styles.filter}>{filter}</code>. Nearest topics that exist:
          </span>
          {topics.map((suggested) => {
            const text = withTopicSuggestion(topic, filter, suggested);
            return text === undefined ? (
              <code key={suggested} className={styles.filter}>
                {suggested}
              </code>
            ) : (
              <button
                key={suggested}
                type="button"
                className={styles.topic}
                aria-label={`Use ${suggested}`}
                onClick={() => onUse(text)}
              >
                {suggested}
              </button>
            );
          })}
        </div>
      ))}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    lines: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
    line: css({
      ...theme.typography.bodySmall,
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5),
      color: theme.colors.text.secondary,
    }),
    filter: css({ margin: 0, overflowWrap: 'anywhere', whiteSpace: 'normal' }),
    topic: css({ ...textButton(theme), textAlign: 'left', overflowWrap: 'anywhere' }),
  };
}
