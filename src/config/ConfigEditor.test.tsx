import type { DataSourceConfigValidationAPI, DataSourceSettings } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import type { MqttOptions } from '../types';
import { ConfigEditor } from './ConfigEditor';

type Settings = DataSourceSettings<MqttOptions>;

/** As Grafana creates a data source. */
const created: Settings = {
  id: 1,
  uid: 'u',
  orgId: 1,
  name: 'MQTT',
  typeLogoUrl: '',
  type: 'mqttstream-websocket-datasource',
  typeName: 'MQTT Stream',
  access: 'proxy',
  url: '',
  user: '',
  database: '',
  basicAuth: false,
  basicAuthUser: '',
  isDefault: false,
  jsonData: {},
  secureJsonFields: {},
  readOnly: false,
  withCredentials: false,
};

function setUp(saved: Partial<Settings> = {}, validation?: DataSourceConfigValidationAPI) {
  const onOptionsChange = vi.fn<(options: Settings) => void>();

  function Host(): React.JSX.Element {
    const [options, setOptions] = useState<Settings>({ ...created, ...saved });
    return (
      <ConfigEditor
        options={options}
        validation={validation}
        onOptionsChange={(next) => {
          onOptionsChange(next);
          setOptions(next);
        }}
      />
    );
  }

  render(<Host />);
  return { user: userEvent.setup(), onOptionsChange, last: () => onOptionsChange.mock.lastCall?.[0] };
}

const url = (description?: RegExp) => screen.getByRole('textbox', { name: /^URL \*/, description });
const direct = () => screen.getByRole<HTMLInputElement>('radio', { name: 'Directly' });
const proxy = () => screen.getByRole<HTMLInputElement>('radio', { name: 'Through Grafana' });
const number = (name: string, description?: RegExp) =>
  screen.getByRole<HTMLInputElement>('textbox', { name: new RegExp(`^${name}`), description });

describe('connection', () => {
  test('the example follows the way to the broker', async () => {
    const { user, last } = setUp();
    expect(proxy().checked).toBe(true);
    expect(url().getAttribute('placeholder')).toBe('http://broker.internal:9001/mqtt');
    await user.click(direct());
    expect(last()?.access).toBe('direct');
    expect(url().getAttribute('placeholder')).toBe('wss://broker.example.com:8084/mqtt');
  });

  test('a WebSocket URL switches to Directly and says so', async () => {
    const { user, last } = setUp();
    await user.type(url(), 'wss://broker.example.com/mqtt');
    expect(last()).toMatchObject({ access: 'direct', url: 'wss://broker.example.com/mqtt' });
    expect(direct().checked).toBe(true);
    expect(screen.getByText(/Switched to “Directly”/)).toBeTruthy();
    await user.click(proxy());
    expect(screen.queryByText(/Switched to “Directly”/)).toBeNull();
    expect(screen.getByRole('alert').textContent).toMatch(/Write https:\/\/broker.example.com\/mqtt/);
  });

  test('a new data source is not wrong before its URL was left empty', async () => {
    const { user } = setUp();
    expect(screen.queryByRole('alert')).toBeNull();
    await user.click(url());
    await user.tab();
    expect(screen.getByRole('alert').textContent).toMatch(/Enter the URL/);
    expect(url(/Enter the URL/)).toBeTruthy();
  });

  test('what is wrong with a saved URL is said at once', () => {
    setUp({ access: 'direct', url: 'mqtt://broker' });
    expect(screen.getByRole('alert').textContent).toMatch(/cannot open mqtt:/);
    expect(url().getAttribute('aria-invalid')).toBe('true');
  });

  test('what may be wrong is said without stopping anybody', () => {
    setUp({ access: 'direct', url: 'ws://broker:1883' });
    expect(screen.queryByRole('alert')).toBeNull();
    expect(url(/1883/)).toBeTruthy();
  });

  test('says what a viewer can see', () => {
    setUp();
    expect(screen.getByRole('status', { name: 'What viewers can see' }).textContent).toMatch(/publish nothing/);
  });
});

describe('settings', () => {
  test('save what is set, as numbers, and nothing for the defaults', async () => {
    const jsonData: MqttOptions = JSON.parse('{"futureSetting":"kept"}');
    const { user, last } = setUp({ jsonData });
    await user.type(number('Client ID prefix'), ' plant ');
    await user.type(number('Keepalive'), '30');
    await user.type(number('Connect timeout'), '10');
    await user.click(screen.getByRole('button', { name: 'Advanced' }));
    await user.type(number('Linger'), '0{Enter}');
    expect(last()?.jsonData).toEqual({
      futureSetting: 'kept',
      clientIdPrefix: 'plant',
      keepalive: 30,
      connectTimeout: 10,
      linger: 0,
    });
    await user.clear(number('Keepalive'));
    await user.tab();
    await user.clear(number('Client ID prefix'));
    await user.tab();
    expect(last()?.jsonData).toStrictEqual({ futureSetting: 'kept', connectTimeout: 10, linger: 0 });
  });

  test.each([
    ['Keepalive', '0', 'from 1 to 65,535'],
    ['Keepalive', 'a minute', 'from 1 to 65,535'],
    ['Connect timeout', '61', 'from 1 to 60'],
  ])('%s %s is refused in words and not saved', async (name, typed, words) => {
    const { user, onOptionsChange } = setUp();
    await user.type(number(name), typed);
    await user.tab();
    expect(screen.getByRole('alert').textContent).toMatch(words);
    expect(number(name, new RegExp(words))).toBeTruthy();
    expect(onOptionsChange).not.toHaveBeenCalled();
  });

  test('advanced is open where something in it is set', () => {
    setUp({ jsonData: { linger: 5 } });
    expect(number('Linger').value).toBe('5');
  });

  test('a provisioned data source cannot be edited', () => {
    setUp({ readOnly: true, jsonData: { linger: 5 } });
    for (const control of [
      ...screen.getAllByRole<HTMLInputElement>('textbox'),
      ...screen.getAllByRole<HTMLInputElement>('radio'),
    ]) {
      expect(control.disabled).toBe(true);
    }
  });
});

/** As much of Grafana's form validation as the editor uses. */
function gate() {
  let validator: (() => Promise<boolean> | boolean) | undefined;
  const errors = new Map<string, string>();
  const unregister = vi.fn<() => void>();
  const api: DataSourceConfigValidationAPI = {
    registerValidation: (added) => {
      validator = added;
      return unregister;
    },
    validate: async () => (await validator?.()) ?? true,
    isValid: () => errors.size === 0,
    getErrors: () => Object.fromEntries(errors),
    setError: (field, message) => void errors.set(field, message),
    clearError: (field) => void errors.delete(field),
  };
  return { api, errors };
}

describe('Save & test, where Grafana lets us hold it back', () => {
  test('waits for every field to be right', async () => {
    const { api, errors } = gate();
    const { user } = setUp({ access: 'direct' }, api);
    expect(await api.validate()).toBe(false);
    await user.type(url(), 'wss://broker');
    expect(await api.validate()).toBe(true);
    await user.type(number('Keepalive'), 'x');
    expect(await api.validate()).toBe(false);
    expect([...errors.keys()]).toEqual(['keepalive']);
    await user.clear(number('Keepalive'));
    expect(await api.validate()).toBe(true);
    expect(errors.size).toBe(0);
  });
});
