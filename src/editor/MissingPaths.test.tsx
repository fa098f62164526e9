import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { MqttQuery, PathKind } from '../types';
import { MissingPaths } from './MissingPaths';
import { PayloadSection } from './PayloadSection';
import { withPath } from './query-changes';

const MISSING = [{ kind: 'field', path: 'ENERGY.power', nearest: ['ENERGY.Power', 'ENERGY.Voltage'] }] as const;

test('says which path no message has, and each path that messages have is a click', async () => {
  const onUse = vi.fn<(kind: PathKind, missing: string, path: string) => void>();
  render(<MissingPaths missing={[...MISSING]} messages={12} onUse={onUse} />);
  expect(screen.getByRole('group', { name: 'Paths that no message has' }).textContent).toBe(
    'Field: 12 messages arrived, and none has ENERGY.power.They haveENERGY.PowerENERGY.Voltage'
  );
  await userEvent.setup().click(screen.getByRole('button', { name: 'Use ENERGY.Power instead of ENERGY.power' }));
  expect(onUse).toHaveBeenCalledExactlyOnceWith('field', 'ENERGY.power', 'ENERGY.Power');
});

test('the control with the path says so too', async () => {
  const query: MqttQuery = { refId: 'A', topic: 't', fields: [{ path: 'ENERGY.power' }, { path: 'Time' }], rows: 'x' };
  render(
    <PayloadSection
      id={(name) => name}
      query={query}
      levels={[]}
      missing={[...MISSING, { kind: 'rows', path: 'x', nearest: [] }]}
      onChange={() => undefined}
    />
  );
  await userEvent.setup().click(screen.getByRole('button', { name: /^Payload/ }));
  expect(screen.getAllByRole('alert').map(({ textContent }) => textContent)).toEqual([
    'No message has this path.',
    'No message has a list at this path.',
  ]);
});

test.each<[PathKind, Partial<MqttQuery>, Partial<MqttQuery>]>([
  [
    'field',
    { fields: [{ path: 'a', unit: 'watt' }, { path: 'b' }] },
    { fields: [{ path: 'c', unit: 'watt' }, { path: 'b' }] },
  ],
  ['label', { labels: [{ path: 'a', name: 'x' }] }, { labels: [{ path: 'c', name: 'x' }] }],
  [
    'mapping',
    { mappings: [{ path: 'a', true: '1', false: '0' }] },
    { mappings: [{ path: 'c', true: '1', false: '0' }] },
  ],
  ['rows', { rows: 'a' }, { rows: 'c' }],
  ['time', { time: { from: 'path', path: 'a', format: 's' } }, { time: { from: 'path', path: 'c', format: 's' } }],
])('another path takes the place of a %s, and the rest of the choice stays', (kind, before, after) => {
  const query: MqttQuery = { refId: 'A', topic: 't' };
  expect(withPath({ ...query, ...before }, kind, 'a', 'c')).toEqual({ ...query, ...after });
});
