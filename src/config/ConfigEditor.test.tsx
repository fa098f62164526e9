import type { DataSourceConfigValidationAPI, DataSourceSettings } from '@grafana/data';
import { act, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { promptFor, setTestAnswer, testAnswer } from '../viewer-data';
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

  const { unmount } = render(<Host />);
  return { user: userEvent.setup(), unmount, onOptionsChange, last: () => onOptionsChange.mock.lastCall?.[0] };
}

const url = (description?: RegExp) => screen.getByRole('textbox', { name: /^URL \*/, description });
const direct = () => screen.getByRole<HTMLInputElement>('radio', { name: 'Direct' });
const proxy = () => screen.getByRole<HTMLInputElement>('radio', { name: 'Through Grafana' });
const number = (name: string, description?: RegExp) =>
  screen.getByRole<HTMLInputElement>('textbox', { name: new RegExp(`^${name}`), description });

describe('connection', () => {
  test('the example follows the access mode', async () => {
    const { user, last } = setUp();
    expect(proxy().checked).toBe(true);
    expect(url().getAttribute('placeholder')).toBe('http://broker.internal:9001/mqtt');
    await user.click(direct());
    expect(last()?.access).toBe('direct');
    expect(url().getAttribute('placeholder')).toBe('wss://broker.example.com:8084/mqtt');
  });

  test('a WebSocket URL switches to direct access, with a note', async () => {
    const { user, last } = setUp();
    await user.type(url(), 'wss://broker.example.com/mqtt');
    expect(last()).toMatchObject({ access: 'direct', url: 'wss://broker.example.com/mqtt' });
    expect(direct().checked).toBe(true);
    expect(screen.getByText(/Switched to “Direct”/)).toBeTruthy();
    await user.click(proxy());
    expect(screen.queryByText(/Switched to “Direct”/)).toBeNull();
    expect(screen.getByRole('alert').textContent).toMatch(/Write https:\/\/broker.example.com\/mqtt/);
  });

  test('a click rewrites a URL for the other access mode', async () => {
    const { user, last } = setUp();
    await user.type(url(), 'wss://broker.example.com/mqtt');
    await user.click(screen.getByRole('button', { name: 'Use https://broker.example.com/mqtt' }));
    expect(last()).toMatchObject({ access: 'proxy', url: 'https://broker.example.com/mqtt' });
    expect(screen.queryByText(/Switched to “Direct”/)).toBeNull();
    expect(screen.queryByRole('button', { name: /^Use / })).toBeNull();
    await user.click(direct());
    await user.click(screen.getByRole('button', { name: 'Use wss://broker.example.com/mqtt' }));
    expect(last()).toMatchObject({ access: 'direct', url: 'wss://broker.example.com/mqtt' });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('no click is offered for a host whose name begins with a scheme', () => {
    setUp({ access: 'proxy', url: 'ws-broker:9001' });
    expect(screen.queryByRole('button', { name: /^Use / })).toBeNull();
  });

  test('a new data source shows no error before its URL field was left empty', async () => {
    const { user } = setUp();
    expect(screen.queryByRole('alert')).toBeNull();
    await user.click(url());
    await user.tab();
    expect(screen.getByRole('alert').textContent).toMatch(/Enter the URL/);
    expect(url(/Enter the URL/)).toBeTruthy();
  });

  test('an error in a saved URL is shown at once', () => {
    setUp({ access: 'direct', url: 'mqtt://broker' });
    expect(screen.getByRole('alert').textContent).toMatch(/cannot open mqtt:/);
    expect(url().getAttribute('aria-invalid')).toBe('true');
  });

  test('the answer of Save & test is next to the URL until this changes, or the page is left', async () => {
    const { user, unmount } = setUp({ access: 'direct', url: 'ws://broker:9001' });
    const answer = () => screen.queryByText(/^Save & test:/)?.textContent;
    expect(answer()).toBeUndefined();
    act(() => setTestAnswer('u', { status: 'error', message: 'Cannot reach ws://broker:9001.' }));
    expect(answer()).toBe('Save & test: Cannot reach ws://broker:9001.');
    act(() => setTestAnswer('another', { status: 'success', message: 'Connected.' }));
    expect(answer()).toBe('Save & test: Cannot reach ws://broker:9001.');
    await user.type(url(), '/mqtt');
    expect(answer()).toBeUndefined();
    act(() => setTestAnswer('u', { status: 'success', message: 'Connected to ws://broker:9001/mqtt.' }));
    expect(answer()).toBe('Save & test: Connected to ws://broker:9001/mqtt.');
    unmount();
    expect(testAnswer('u')).toBeUndefined();
    setTestAnswer('another', undefined);
  });

  test('a warning about the URL does not prevent saving', () => {
    setUp({ access: 'direct', url: 'ws://broker:1883' });
    expect(screen.queryByRole('alert')).toBeNull();
    expect(url(/1883/)).toBeTruthy();
  });

  test('says what a viewer can see', () => {
    setUp();
    expect(screen.getByRole('status', { name: 'What viewers can see' }).textContent).toMatch(/publish nothing/);
  });
});

describe('history', () => {
  test('is not asked for where the box is cleared, and its topic is not shown then', async () => {
    const { user, last } = setUp();
    await user.click(screen.getByRole('button', { name: 'History' }));
    await user.click(screen.getByRole('checkbox', { name: /^Ask a historian/ }));
    expect(last()?.jsonData).toEqual({ history: false });
    expect(screen.queryByRole('textbox', { name: 'History topic' })).toBeNull();
    await user.click(screen.getByRole('checkbox', { name: /^Ask a historian/ }));
    expect(last()?.jsonData.history).toBeUndefined();
  });

  test('a topic with a wildcard is said', async () => {
    const { user } = setUp();
    await user.click(screen.getByRole('button', { name: 'History' }));
    await user.type(number('History topic'), 'a/#');
    expect(screen.getByRole('alert').textContent).toMatch(/without \+ and #/);
  });

  test('what the browser has stored is deleted, and it says so', async () => {
    const deleted: string[] = [];
    vi.stubGlobal('indexedDB', {
      deleteDatabase(name: string) {
        deleted.push(name);
        const request = new EventTarget();
        queueMicrotask(() => request.dispatchEvent(new Event('success')));
        return request;
      },
    });
    const { user } = setUp();
    await user.click(screen.getByRole('button', { name: 'History' }));
    await user.click(screen.getByRole('button', { name: 'Delete stored messages' }));
    expect(await screen.findByText(/^Deleted\./)).toBeTruthy();
    expect(deleted).toHaveLength(1);
    vi.unstubAllGlobals();
  });

  test('why the browser stores nothing is said, with what to do', async () => {
    vi.stubGlobal('indexedDB', {
      databases: () => Promise.reject(new DOMException('The operation is insecure.', 'SecurityError')),
    });
    const { user } = setUp();
    await user.click(screen.getByRole('button', { name: 'History' }));
    expect(await screen.findByText(/this browser denies storage to this page.* Allow this site/)).toBeTruthy();
    vi.unstubAllGlobals();
  });
});

describe('settings', () => {
  test('save what is set, as numbers, and nothing for the defaults', async () => {
    const jsonData: MqttOptions = JSON.parse('{"futureSetting":"kept"}');
    const { user, last } = setUp({ jsonData });
    await user.type(number('Client ID prefix'), ' plant ');
    await user.type(number('Keepalive'), '30');
    await user.type(number('Connect timeout'), '10');
    await user.click(screen.getByRole('radio', { name: 'MQTT 5' }));
    await user.click(screen.getByRole('checkbox', { name: /^Clean start/ }));
    await user.type(number('Session expiry'), '60');
    await user.click(screen.getByRole('checkbox', { name: /^Ask Sparkplug nodes for a rebirth/ }));
    for (const name of ['Topic tree', 'Discovery', 'History', 'Limits', 'Advanced limits']) {
      await user.click(screen.getByRole('button', { name }));
    }
    await user.type(number('Linger'), '0{Enter}');
    await user.type(number('Rows per series'), '500');
    await user.type(number('Age of rows'), '3600');
    await user.type(number('Memory'), '32');
    await user.type(number('Message memory'), '8');
    await user.type(number('Store over a reload'), '0{Enter}');
    await user.type(number('History topic'), 'plant/history');
    await user.type(number('Topic tree root'), 'home/#');
    await user.type(number('Discovery prefix'), 'homeassistant');
    await user.type(number('Homie base topic'), 'homie');
    await user.type(number('Series per query'), '1000');
    await user.type(number('Fields per series'), '50');
    await user.type(number('Levels of nesting'), '3');
    await user.type(number('Items of a list'), '0');
    await user.type(number('Rows of a payload'), '20000{Enter}');
    expect(last()?.jsonData).toEqual({
      messageMemory: 8,
      restore: 0,
      historyTopic: 'plant/history',
      futureSetting: 'kept',
      clientIdPrefix: 'plant',
      keepalive: 30,
      connectTimeout: 10,
      protocol: '5',
      cleanStart: false,
      sessionExpiry: 60,
      sparkplugRebirth: true,
      linger: 0,
      maxRows: 500,
      maxAge: 3600,
      memory: 32,
      topicRoot: 'home/#',
      discovery: 'homeassistant',
      homie: 'homie',
      maxSeries: 1000,
      maxFields: 50,
      maxLevels: 3,
      maxListItems: 0,
      maxPayloadRows: 20000,
    });
    await user.click(screen.getByRole('radio', { name: 'Automatic' }));
    await user.click(screen.getByRole('checkbox', { name: /^Clean start/ }));
    await user.click(screen.getByRole('checkbox', { name: /^Ask Sparkplug nodes for a rebirth/ }));
    for (const name of [
      'Linger',
      'Rows per series',
      'Age of rows',
      'Memory',
      'Message memory',
      'Store over a reload',
      'History topic',
      'Topic tree root',
      'Discovery prefix',
      'Homie base topic',
      'Series per query',
      'Fields per series',
      'Levels of nesting',
      'Items of a list',
      'Rows of a payload',
    ]) {
      await user.clear(number(name));
    }
    await user.tab();
    await user.clear(number('Keepalive'));
    await user.tab();
    await user.clear(number('Client ID prefix'));
    await user.tab();
    expect(last()?.jsonData).toStrictEqual({ futureSetting: 'kept', connectTimeout: 10 });
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

  test.each([
    ['homeassistant/#', 'without + and #'],
    ['+', 'without + and #'],
  ])('a discovery prefix of %s is refused in words', (discovery, words) => {
    setUp({ jsonData: { discovery } });
    expect(screen.getByRole('alert').textContent).toContain(words);
  });

  test('a Homie base topic with a wildcard is refused in words', () => {
    setUp({ jsonData: { homie: 'homie/+' } });
    expect(screen.getByRole('alert').textContent).toContain('without + and #, for example homie');
  });

  test.each<[string, MqttOptions, string, string[]]>([
    ['Linger', { linger: 5 }, '5', ['Limits']],
    ['Levels of nesting', { maxLevels: 3 }, '3', ['Limits', 'Advanced limits']],
    ['Homie base topic', { homie: 'homie' }, 'homie', ['Discovery']],
    ['Topic tree root', { topicRoot: 'home/#' }, 'home/#', ['Topic tree']],
  ])('a section is open if something in it is set: %s', (name, jsonData, value, sections) => {
    setUp({ jsonData });
    expect(number(name).value).toBe(value);
    const open = ['Topic tree', 'Discovery', 'Limits', 'Advanced limits'].filter(
      (section) => screen.queryByRole('button', { name: section, expanded: true }) !== null
    );
    expect(open).toEqual(sections);
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

const radio = (name: string) => screen.getByRole<HTMLInputElement>('radio', { name: new RegExp(`^${name}`) });
const box = (name: string) => screen.getByRole<HTMLInputElement>('checkbox', { name: new RegExp(`^${name}`) });
const field = (name: string) => screen.getByLabelText<HTMLInputElement>(new RegExp(`^${name}`));

describe('authentication', () => {
  test('starts with none, and has the additions of Grafana’s server only through Grafana', async () => {
    const { user } = setUp();
    expect(radio('None').checked).toBe(true);
    expect(screen.getByRole('region', { name: 'Added by Grafana’s server' })).toBeTruthy();
    await user.click(direct());
    expect(screen.queryByRole('region', { name: 'Added by Grafana’s server' })).toBeNull();
  });

  test('shared: warns that every viewer can read them, and saves them in jsonData', async () => {
    const { user, last } = setUp({ access: 'direct' });
    await user.click(radio('Shared'));
    const warning = screen.getAllByRole('alert').find((it) => /are not secret/.test(it.textContent));
    expect(warning?.textContent).toMatch(
      /to every visitor of\s+any public dashboard.*can only read what all of them may see/s
    );
    await user.type(number('User name'), 'display');
    await user.type(field('Password'), 'open sesame');
    expect(last()?.jsonData).toEqual({ auth: 'shared', username: 'display', password: 'open sesame' });
    expect(last()?.secureJsonData).toBeUndefined();
    await user.click(radio('None'));
    expect(last()?.jsonData).toStrictEqual({});
  });

  test('shared without a user name is refused in words', async () => {
    const { user } = setUp({ access: 'direct', url: 'wss://broker' });
    await user.click(radio('Shared'));
    const problems = () => screen.getAllByRole('alert').map((it) => it.textContent);
    // Nobody has had the time to enter one.
    expect(problems()).not.toContainEqual(expect.stringMatching(/Enter the user name/));
    await user.click(number('User name'));
    await user.tab();
    expect(problems()).toContainEqual(expect.stringMatching(/Enter the user name/));
  });

  test('a provisioned user name without a method is shared', () => {
    setUp({ access: 'direct', jsonData: { username: 'u', password: 'p' } });
    expect(radio('Shared').checked).toBe(true);
  });

  test('each viewer’s own: only the prefilled name is saved, and the administrator tests with their own', async () => {
    const { user, last, onOptionsChange } = setUp({ access: 'direct', url: 'wss://broker' });
    await user.click(radio('Each viewer’s own'));
    await user.type(number('User name'), 'guest');
    expect(last()?.jsonData).toEqual({ auth: 'viewer', username: 'guest' });
    const saved = onOptionsChange.mock.calls.length;
    expect(field('Your user name').value).toBe('guest');
    await user.type(field('Your password'), 'mine{Enter}');
    expect(screen.getByText(/^Will connect as/).textContent).toMatch(/guest, until this page is closed/);
    expect(onOptionsChange).toHaveBeenCalledTimes(saved);
    expect(sessionStorage).toHaveLength(0);
    await user.click(screen.getByRole('button', { name: 'Change' }));
    await user.type(field('Your password'), 'mine');
    await user.click(box('Remember in this tab'));
    await user.click(screen.getByRole('button', { name: 'Connect' }));
    expect(Object.keys(sessionStorage)).toEqual([
      expect.stringMatching(/^mqttstream-websocket-datasource:credentials:u:/),
    ]);
    await user.click(screen.getByRole('button', { name: 'Forget' }));
    expect(sessionStorage).toHaveLength(0);
    expect(field('Your password').value).toBe('');
  });

  test('each viewer’s own: Save & test uses what is typed as soon as the fields are left', async () => {
    const { user } = setUp({ access: 'direct', url: 'wss://typed', jsonData: { auth: 'viewer' } });
    const group = screen.getByRole('group', { name: /^Credentials for/ });
    const state = () => promptFor({ ...created, access: 'direct', url: 'wss://typed', jsonData: {} }).state();
    expect(group.textContent).not.toMatch(/Will connect/);
    await user.type(field('Your user name'), 'ann');
    await user.tab();
    await user.type(field('Your password'), 'right');
    expect(group.textContent).toMatch(/Will connect as ann\./);
    // Half of it is nobody's.
    expect(state().credentials).toBeUndefined();
    await user.click(url());
    expect(state().credentials).toEqual({ username: 'ann', password: 'right' });
    // The controls below have not moved, or a click on one would miss.
    expect(field('Your password').value).toBe('right');
    await user.type(field('Your password'), '!');
    await user.click(url());
    expect(state().credentials).toEqual({ username: 'ann', password: 'right!' });
    promptFor({ ...created, access: 'direct', url: 'wss://typed', jsonData: {} }).forget();
  });

  test('token: wants a URL that a server can fetch, and offers headers but not basic auth for it directly', async () => {
    const { user, last } = setUp({ access: 'direct', url: 'wss://broker' });
    await user.click(radio('Token from a URL'));
    const problems = () => screen.queryAllByRole('alert').map((it) => it.textContent);
    expect(problems()).toEqual([]);
    await user.click(field('Token URL'));
    await user.tab();
    expect(problems()).toContainEqual(
      expect.stringMatching(/Enter the URL from which Grafana’s server fetches the token/)
    );
    await user.type(field('Token URL'), 'auth.example.com');
    expect(problems()).toContainEqual(expect.stringMatching(/http:\/\/ or https:\/\//));
    await user.clear(field('Token URL'));
    await user.type(field('Token URL'), 'https://auth.example.com/t');
    expect(last()?.jsonData).toEqual({ auth: 'token', tokenUrl: 'https://auth.example.com/t' });
    expect(screen.queryByRole('checkbox', { name: /^Basic auth/ })).toBeNull();
    expect(screen.getByRole('button', { name: 'Add header' })).toBeTruthy();
  });

  test('through Grafana: secrets go where Grafana looks for them, and nowhere else', async () => {
    const { user, last } = setUp({ url: 'https://broker' });
    await user.click(box('Basic auth'));
    await user.type(field('Basic auth user'), 'grafana');
    await user.type(field('Basic auth password'), 'pw');
    await user.click(screen.getByRole('button', { name: 'Add header' }));
    expect(screen.queryByText(/^Enter a name/)).toBeNull();
    await user.click(field('Header 1'));
    await user.tab();
    expect(screen.getByText(/^Enter a name/)).toBeTruthy();
    await user.type(field('Header 1'), 'Authorization');
    await user.type(field('Value 1'), 'Bearer x');
    await user.click(box('TLS client certificate'));
    await user.type(field('Client certificate'), 'CERT');
    await user.type(field('Client key'), 'KEY');
    await user.click(box('Custom certificate authority'));
    await user.type(field('CA certificate'), 'CA');
    await user.type(field('Server name'), 'broker.internal');
    await user.click(box('Skip certificate check'));
    await user.click(box('Forward OAuth identity'));
    expect(last()).toMatchObject({ basicAuth: true, basicAuthUser: 'grafana' });
    expect(last()?.jsonData).toEqual({
      httpHeaderName1: 'Authorization',
      tlsAuth: true,
      tlsAuthWithCACert: true,
      tlsSkipVerify: true,
      serverName: 'broker.internal',
      oauthPassThru: true,
    });
    expect(last()?.secureJsonData).toEqual({
      basicAuthPassword: 'pw',
      httpHeaderValue1: 'Bearer x',
      tlsClientCert: 'CERT',
      tlsClientKey: 'KEY',
      tlsCACert: 'CA',
    });
    // Grafana would hand the basic auth password to every browser.
    await user.click(direct());
    expect(last()).toMatchObject({ access: 'direct', basicAuth: false });
  });

  test.each([undefined, 'none', 'viewer', 'token', 'shared'] as const)(
    'basic auth of a provisioning file with direct access is reported to reach every viewer, with %s',
    (auth) => {
      const leaks = () => screen.queryByText('Grafana sends the basic auth password to every viewer') !== null;
      const jsonData: MqttOptions = { auth, username: 'u', tokenUrl: 'https://auth' };
      const { unmount } = setUp({ access: 'direct', basicAuth: true, basicAuthUser: 'ann', readOnly: true, jsonData });
      expect(leaks()).toBe(true);
      unmount();
      setUp({ access: 'proxy', basicAuth: true, basicAuthUser: 'ann', jsonData });
      expect(leaks()).toBe(false);
    }
  );

  test('a stored secret is not shown, and can be replaced', async () => {
    const { user, last } = setUp({
      basicAuth: true,
      basicAuthUser: 'grafana',
      secureJsonFields: { basicAuthPassword: true },
    });
    expect(field('Basic auth password').value).toBe('configured');
    await user.click(screen.getByRole('button', { name: 'Reset' }));
    expect(last()).toMatchObject({ secureJsonFields: { basicAuthPassword: false } });
    await user.type(field('Basic auth password'), 'new');
    expect(last()?.secureJsonData).toEqual({ basicAuthPassword: 'new' });
  });

  test('a removed header leaves no gap and no secret', async () => {
    const jsonData: MqttOptions = JSON.parse('{"httpHeaderName1":"A","httpHeaderName2":"B"}');
    const { user, last } = setUp({ jsonData, secureJsonFields: { httpHeaderValue1: true, httpHeaderValue2: true } });
    await user.click(screen.getByRole('button', { name: 'Remove header 1' }));
    expect(last()?.jsonData).toEqual({ httpHeaderName1: 'B' });
    expect(last()?.secureJsonFields).toEqual({ httpHeaderValue1: false, httpHeaderValue2: false });
    expect(last()?.secureJsonData).toEqual({ httpHeaderValue1: '', httpHeaderValue2: '' });
    await user.type(field('Header 1'), ' x:');
    expect(screen.getAllByRole('alert').map((it) => it.textContent)).toContainEqual(
      expect.stringMatching(/no spaces or colons/)
    );
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

describe('Save & test, if Grafana lets the editor refuse it', () => {
  test('marks required fields that nobody visited, after it was refused', async () => {
    const { api } = gate();
    const { user } = setUp({ access: 'direct', jsonData: { auth: 'token' } }, api);
    const marked = () => [url(), field('Token URL')].map((input) => input.getAttribute('aria-invalid') === 'true');
    await user.click(screen.getByRole('radio', { name: 'Through Grafana' }));
    await user.click(screen.getByRole('button', { name: 'Add header' }));
    expect(marked()).toEqual([false, false]);
    expect(await act(() => api.validate())).toBe(false);
    expect(marked()).toEqual([true, true]);
    const words = screen.getAllByRole('alert').map(({ textContent }) => textContent);
    expect(words).toEqual([
      expect.stringMatching(/^Enter the URL of the broker/),
      expect.stringMatching(/^Enter the URL from which/),
      expect.stringMatching(/^Enter a name/),
    ]);
    await user.type(url(), 'http://broker');
    expect(marked()).toEqual([false, true]);
  });

  test('marks the user name of shared credentials', async () => {
    const { api } = gate();
    setUp({ access: 'direct', url: 'wss://broker', jsonData: { auth: 'shared' } }, api);
    expect(number('User name').getAttribute('aria-invalid')).not.toBe('true');
    expect(await act(() => api.validate())).toBe(false);
    expect(number('User name', /Enter the user name/).getAttribute('aria-invalid')).toBe('true');
  });

  test('is not refused because of a value in a section that was closed', async () => {
    const { api, errors } = gate();
    const { user } = setUp({ access: 'direct', url: 'wss://broker' }, api);
    const limits = () => screen.getByRole('button', { name: 'Limits' });
    await user.click(limits());
    await user.type(number('Linger'), 'x');
    expect(await act(() => api.validate())).toBe(false);
    await user.click(limits());
    expect(screen.queryByRole('textbox', { name: /^Linger/ })).toBeNull();
    expect(await act(() => api.validate())).toBe(true);
    expect(errors.size).toBe(0);
  });

  test('is refused until every field is valid', async () => {
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
