import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Checkbox, CollapsableSection, Field, useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { deleteStoredMessages, type StorageState, storageState } from '../viewer-data';
import { formatNumber } from '../utils/format-number';
import { messageOf } from '../utils/errors';
import { historyTopicProblem } from './checks';
import { type NumbersProps, SettingNumber } from './SettingNumber';
import { SettingText } from './SettingText';
import { withJson } from './settings-change';

const FIELDS = ['messageMemory', 'restore', 'history', 'historyTopic'] as const;

type Deletion = 'idle' | 'busy' | { readonly deleted: number } | { readonly reason: string };

/** What panels show of the time before they were opened. */
export function HistorySection(section: NumbersProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { options, onChange } = section;
  const [open, setOpen] = useState(FIELDS.some((field) => options.jsonData[field] !== undefined));
  const [deletion, setDeletion] = useState<Deletion>('idle');
  const [state, setState] = useState<StorageState>();
  const { uid, type } = options;
  useEffect(() => {
    let isShown = open;
    if (open) {
      void storageState({ uid, type }).then((found) => isShown && setState(found));
    }
    return () => {
      isShown = false;
    };
  }, [open, uid, type]);
  const reason = typeof deletion === 'object' && 'reason' in deletion ? deletion.reason : undefined;
  const onDelete = (): void => {
    setDeletion('busy');
    deleteStoredMessages(options).then(
      (deleted) => setDeletion({ deleted }),
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
          description={stateText(deletion, options.jsonData.restore === 0 ? undefined : state)}
          error={reason === undefined ? undefined : `The browser does not delete them: ${reason}`}
          invalid={reason !== undefined}
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

function stateText(deletion: Deletion, state: StorageState | undefined): string {
  if (typeof deletion === 'object' && 'deleted' in deletion) {
    const had = deletion.deleted === 0 ? 'no messages' : `${sizeText(deletion.deleted)} of messages`;
    return `Deleted. This browser had stored ${had}. Open tabs store no more messages until their page is loaded again.`;
  }
  if (state === undefined) {
    return 'Deletes what this browser has stored for this data source.';
  }
  const stored =
    state.bytes === 0
      ? 'This browser has stored no messages for this data source.'
      : `This browser has stored ${sizeText(state.bytes)} of messages for this data source.`;
  return state.problem === undefined ? stored : `${stored} ${state.problem}`;
}

function sizeText(bytes: number): string {
  return bytes < 1_000_000
    ? `${formatNumber(Math.ceil(bytes / 1_000))} kB`
    : `${formatNumber(Math.round(bytes / 100_000) / 10)} MB`;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
    box: css({ alignSelf: 'flex-start' }),
  };
}
