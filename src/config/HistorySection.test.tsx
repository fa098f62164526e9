import 'fake-indexeddb/auto';
import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ComponentProps } from 'react';
import { expect, test } from 'vitest';
import { storageName } from '../connection/recording';
import { MessageStorage } from '../engine/history/message-storage';
import { HistorySection } from './HistorySection';

const ids = { type: 'mqttstream-websocket-datasource', uid: 'u' };

async function store(megabytes: number): Promise<void> {
  const limits = { bytes: 1e9, ageMs: 1e9, bytesPerWrite: 1e9 };
  const storage = await MessageStorage.open({ name: storageName(ids), owner: 'anna', tab: 'tab 1', ...limits });
  const payload = new Uint8Array(megabytes * 1e6);
  await storage.write(
    [{ topic: 't', payload, time: 1, retain: false, qos: 0, userProperties: undefined, epoch: 1 }],
    1
  );
}

function show(): void {
  const options = { ...ids, jsonData: {}, readOnly: false } as unknown as ComponentProps<
    typeof HistorySection
  >['options'];
  render(<HistorySection options={options} onChange={() => undefined} onProblem={() => undefined} />);
}

test('how much the browser has stored is shown, and what the button has deleted', async () => {
  await store(1.25);
  show();
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'History' }));
  expect(await screen.findByText('This browser has stored 1.3 MB of messages for this data source.')).toBeTruthy();
  const button = screen.getByRole('button', { name: 'Delete stored messages' });
  await user.click(button);
  expect(await screen.findByText(/^Deleted\. This browser had stored 1\.3 MB of messages\. Open tabs/)).toBeTruthy();
  await user.click(button);
  expect(await screen.findByText(/^Deleted\. This browser had stored no messages\./)).toBeTruthy();
});
