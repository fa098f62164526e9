import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Checkbox, CollapsableSection, Field, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { deleteStoredMessages } from '../datasource';
import { messageOf } from '../utils/errors';
import { historyTopicProblem } from './checks';
import { type NumbersProps, SettingNumber } from './SettingNumber';
import { SettingText } from './SettingText';
import { withJson } from './settings-change';

const FIELDS = ['messageMemory', 'restore', 'history', 'historyTopic'] as const;

type Deletion = 'idle' | 'busy' | 'done' | { readonly reason: string };

/** What panels show of the time before they were opened. */
export function HistorySection(section: NumbersProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { options, onChange } = section;
  const [open, setOpen] = useState(FIELDS.some((field) => options.jsonData[field] !== undefined));
  const [deletion, setDeletion] = useState<Deletion>('idle');
  const onDelete = (): void => {
    setDeletion('busy');
    deleteStoredMessages(options).then(
      () => setDeletion('done'),
      (error: unknown) => setDeletion({ reason: messageOf(error) })
    );
  };

  return (
    <CollapsableSection label="History" isOpen={open} onToggle={setOpen}>
      <div className={styles.fields}>
        <SettingNumber
          {...section}
          field="messageMemory"
          unit="MB"
          label="Message memory"
          description="A browser tab stores the last messages as they came, so that a change of a query loses nothing. 0: none, and no history."
        />
        <SettingNumber
          {...section}
          field="restore"
          unit="minutes"
          label="Store over a reload"
          description="The browser stores messages of the last minutes on this computer (IndexedDB), for the same Grafana user only, so that panels are not empty after a reload of the page. 0: off."
        />
        <Field
          label="Stored messages"
          description={deletionText(deletion)}
          error={typeof deletion === 'object' ? `The browser does not delete them: ${deletion.reason}` : undefined}
          invalid={typeof deletion === 'object'}
          noMargin
        >
          <Button variant="secondary" onClick={onDelete} disabled={deletion === 'busy'}>
            Delete stored messages
          </Button>
        </Field>
        <Checkbox
          className={styles.box}
          id="mqtt-config-history"
          label="Ask a historian"
          description="If the broker has a historian, panels show what was published before they were opened. Without a historian, this changes nothing."
          value={options.jsonData.history !== false}
          disabled={options.readOnly}
          onChange={(event) =>
            onChange(withJson(options, { history: event.currentTarget.checked ? undefined : false }))
          }
        />
        {options.jsonData.history !== false && (
          <SettingText
            {...section}
            field="historyTopic"
            label="History topic"
            description="The topic below which the historian is asked."
            placeholder="history"
            problem={historyTopicProblem(options)}
          />
        )}
      </div>
    </CollapsableSection>
  );
}

function deletionText(deletion: Deletion): string {
  return deletion === 'done'
    ? 'Deleted. Open tabs go on without, until their page is loaded again.'
    : 'Deletes what this browser has stored for this data source.';
}

function getStyles(theme: GrafanaTheme2) {
  return {
    fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
    box: css({ alignSelf: 'flex-start' }),
  };
}
