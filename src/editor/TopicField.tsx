import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Field, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { GrowingTextArea } from './GrowingTextArea';
import { tidyTopic } from './topic-lines';
import type { TopicDescription } from './describe-topic';

interface Props {
  id: string;
  /** The text in the field, which may not be saved yet. */
  draft: string;
  description: TopicDescription;
  onDraft: (text: string) => void;
  onCommit: () => void;
}

const HINT = 'Enter a topic such as home/kitchen/temperature, or a filter such as home/{room}/temperature or home/#.';

/** The topic filters of a query, one a line. The line below the field says what they mean, or what is wrong. */
export function TopicField({ id, draft, description, onDraft, onCommit }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const [visited, setVisited] = useState(false);
  const empty = tidyTopic(draft) === '';
  // A new query has no topic yet. That is not an error until the field was visited.
  const problem = empty && !visited ? undefined : description.problem;
  const descriptionId = `${id}-description`;

  function commit(): void {
    setVisited(true);
    onCommit();
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    // Enter also ends the composition of a character. That is not the end of the topic.
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) {
      return;
    }
    const singleLine = !draft.includes('\n') && !event.shiftKey && !event.altKey;
    if (event.ctrlKey || event.metaKey || singleLine) {
      event.preventDefault();
      commit();
    }
  }

  return (
    <div>
      <Field
        noMargin
        label="Topic"
        invalid={problem !== undefined}
        error={problem === undefined ? undefined : <span id={descriptionId}>{problem}</span>}
      >
        <GrowingTextArea
          id={id}
          value={draft}
          placeholder="home/{room}/temperature"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
          aria-invalid={problem !== undefined}
          aria-describedby={descriptionId}
          onChange={(event) => onDraft(event.currentTarget.value)}
          onBlur={commit}
          onKeyDown={onKeyDown}
        />
      </Field>
      {problem === undefined && (
        <div id={descriptionId} className={styles.description}>
          {empty ? HINT : description.meaning}
        </div>
      )}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    description: css({
      ...theme.typography.bodySmall,
      marginTop: theme.spacing(0.5),
      color: theme.colors.text.secondary,
      overflowWrap: 'anywhere',
    }),
  };
}
