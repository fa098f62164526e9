import { Button, Field } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { messageOf } from '../utils/errors';
import { formatNumber } from '../utils/format-number';
import { deleteStoredMessages, type StorageState, storageState } from '../viewer-data';
import type { SectionProps } from './settings-change';

type Deletion = 'idle' | 'busy' | { readonly deleted: number } | { readonly reason: string };

/** How much this browser has stored for the data source, and a button that deletes it. */
export function StoredMessages({ options }: Pick<SectionProps, 'options'>): React.JSX.Element {
  const [deletion, setDeletion] = useState<Deletion>('idle');
  const [state, setState] = useState<StorageState>();
  const { uid, type } = options;
  useEffect(() => {
    let isShown = true;
    void storageState({ uid, type }).then((found) => isShown && setState(found));
    return () => {
      isShown = false;
    };
  }, [uid, type]);
  const reason = typeof deletion === 'object' && 'reason' in deletion ? deletion.reason : undefined;
  const onDelete = (): void => {
    setDeletion('busy');
    deleteStoredMessages(options).then(
      (deleted) => setDeletion({ deleted }),
      (error: unknown) => setDeletion({ reason: messageOf(error) })
    );
  };

  return (
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
