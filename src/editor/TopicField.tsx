import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Field, useStyles2 } from '@grafana/ui';
import { FieldLabel } from './FieldLabel';
import { GrowingTextArea } from './GrowingTextArea';
import { tidyTopic } from './topic-lines';
import type { TopicDescription } from './describe-topic';
import { HELP } from './help';

interface Props {
  id: string;
  /** The text in the field, which may not be saved yet. */
  draft: string;
  description: TopicDescription;
  onDraft: (text: string) => void;
  onCommit: () => void;
  /** The empty field was entered. */
  onStart: () => void;
  /** The field was left. */
  onLeave: () => void;
  /** The topic browser is open. */
  browsing: boolean;
  onBrowse: () => void;
}

const HINT =
  'Enter a topic such as home/kitchen/temperature, or a filter such as home/{room}/temperature or home/#. A click into the field lists what is on the broker now.';

/** The topic filters of a query, one a line. The line below the field says what they mean, or what is wrong. */
export function TopicField(props: Props): React.JSX.Element {
  const { id, draft, description, browsing, onDraft, onCommit, onStart, onLeave, onBrowse } = props;
  const styles = useStyles2(getStyles);
  const empty = tidyTopic(draft) === '';
  // A query without a topic is skipped, as in Grafana's other data sources: the hint says what to enter.
  const problem = empty ? undefined : description.problem;
  const descriptionId = `${id}-description`;

  function onKeyDown(event: React.KeyboardEvent): void {
    // Enter also ends the composition of a character. That is not the end of the topic.
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) {
      return;
    }
    const singleLine = !draft.includes('\n') && !event.shiftKey && !event.altKey;
    if (event.ctrlKey || event.metaKey || singleLine) {
      event.preventDefault();
      onCommit();
    }
  }

  return (
    <div className={styles.topic}>
      <Button
        id={`${id}-browse`}
        size="sm"
        variant="secondary"
        fill="text"
        icon="sitemap"
        className={styles.browse}
        aria-expanded={browsing}
        onClick={onBrowse}
      >
        {browsing ? 'Close browser' : 'Browse topics'}
      </Button>
      <Field
        noMargin
        label={<FieldLabel htmlFor={id} label="Topic" help={HELP.topic} />}
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
          onFocus={() => empty && onStart()}
          onBlur={() => {
            onCommit();
            onLeave();
          }}
          onKeyDown={onKeyDown}
        />
      </Field>
      {problem === undefined && (
        <div id={descriptionId} className={styles.description}>
          {empty ? HINT : description.meaning}
          {description.unknown.map((variable) => (
            <span key={variable} className={styles.unknown}>
              . There is no variable {variable}: the text is a part of the topic
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    topic: css({ position: 'relative' }),
    // In the line of the label, so that the field has the whole width.
    browse: css({ position: 'absolute', top: theme.spacing(-0.75), right: 0, zIndex: 1 }),
    unknown: css({ color: theme.colors.warning.text }),
    description: css({
      ...theme.typography.bodySmall,
      marginTop: theme.spacing(0.5),
      color: theme.colors.text.secondary,
      overflowWrap: 'anywhere',
    }),
  };
}
