import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { QueryDiagnostics } from '../types';
import { Literal, SuggestionLine } from './SuggestionLine';
import { topicLines } from './topic-lines';
import { withTopicSuggestion } from './topic-suggestion';

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
  // Of a query with variables, the filter is not what the field shows.
  const isOnly = nearest.length === 1 && topicLines(topic).length === 1 && !topic.includes('$');
  return (
    <div role="group" aria-label="Nearest topics" className={styles.lines}>
      {nearest.map(({ filter, topics }) => (
        <SuggestionLine
          key={filter}
          suggestions={topics.map((suggested) => {
            const text = withTopicSuggestion(topic, filter, suggested);
            return {
              text: suggested,
              label: `Use ${suggested}`,
              onUse: text === undefined ? undefined : () => onUse(text),
            };
          })}
        >
          <span>
            {/* Next to the topic field, a query's only filter needs no name. */}
            No message yet
            {!isOnly && (
              <>
                {' on '}
                <Literal>{filter}</Literal>
              </>
            )}
            . Nearest topics that exist:
          </span>
        </SuggestionLine>
      ))}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    lines: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  };
}
