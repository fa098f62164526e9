import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';
import { memo, useEffect } from 'react';
import { filterOf } from './levels';
import { TopicCompletions } from './TopicCompletions';
import { TopicPicker } from './TopicPicker';
import { type ExploredDataSource, useExplorer } from './use-explorer';

interface Props {
  id: string;
  /** The id of the topic field. */
  inputId: string;
  datasource: ExploredDataSource;
  /** The text of the topic field. */
  draft: string;
  onDraft: (text: string) => void;
  /** Saves and runs a text of the topic field. */
  onTopic: (text: string) => void;
  /** The topic browser is open. */
  browsing: boolean;
  onClose: () => void;
}

/**
 * Helps with the topic field: completions while somebody types, and the topic browser. Both use one explorer, which is
 * open as long as this component is mounted.
 */
export const TopicAssist = memo(function TopicAssist(props: Props): React.JSX.Element {
  const { id, inputId, datasource, draft, onDraft, onTopic, browsing, onClose } = props;
  const styles = useStyles2(getStyles);
  const explorer = useExplorer(datasource);
  // The browser chooses for the last line: further filters are written below the first.
  const before = draft.slice(0, draft.trimEnd().lastIndexOf('\n') + 1);
  const line = draft.slice(before.length).trim();
  const filter = filterOf(line, (text) => getTemplateSrv().containsTemplate(text));

  useEffect(() => {
    if (!browsing) {
      // Completions are asked for again when there are more topics.
      explorer?.show({ search: '', first: 0, count: 0 });
    }
  }, [explorer, browsing]);

  return (
    <>
      <div className={styles.completions}>
        <TopicCompletions
          id={`${id}-completions`}
          inputId={inputId}
          explorer={explorer}
          draft={draft}
          onDraft={onDraft}
          browsing={browsing}
        />
      </div>
      {browsing && (
        <TopicPicker
          id={id}
          explorer={explorer}
          line={line}
          filter={filter}
          onPick={(picked) => onTopic(before + picked)}
          onClose={onClose}
        />
      )}
    </>
  );
});

function getStyles(theme: GrafanaTheme2) {
  // It takes no room, and not the gap above it, so that nothing moves while somebody types.
  return { completions: css({ position: 'relative', height: 0, marginTop: theme.spacing(-1) }) };
}
