import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { messageOf } from '../utils/errors';
import { handOver, loadPart } from './load-part';

const ID = 'mqttstream-websocket-datasource';
/** A part is loaded once: each test has a file of its own. */
let FILE: string;
let files = 0;

/** The page's reaction to a script that is added to it. */
let onScript: (script: HTMLScriptElement) => void;

beforeEach(() => {
  FILE = `query-editor-ABCD123${files++}.js`;
  vi.stubGlobal('PLUGIN_ID', ID);
  vi.stubGlobal('PLUGIN_REQUIRE', (module: string) => `Grafana’s ${module}`);
  vi.stubGlobal('PLUGIN_MODULE_URI', 'https://cdn.example/plugins/1.2.3/module.js');
  // As Grafana's sandbox does: it runs the script itself, calls the property, and returns nothing.
  vi.spyOn(document.head, 'appendChild').mockImplementation((node) => {
    setTimeout(() => onScript(node as unknown as HTMLScriptElement));
    return undefined as never;
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Runs a part as its file does. */
function run(link: (require: (module: string) => unknown) => object): void {
  const registry = globalThis as Record<string, unknown>;
  registry[ID] = { ...(registry[ID] as object | undefined), 'query-editor': link };
}

test('links a part from the address of the plugin with modules of Grafana and of the plugin', async () => {
  const own = { name: 'own' };
  handOver({ 'src/viewer-data.ts': own });
  onScript = (script) => {
    expect(script.src).toBe(`https://cdn.example/plugins/1.2.3/${FILE}`);
    run((require) => ({ react: require('react'), own: require('src/viewer-data.ts') }));
    script.onload?.(new Event('load'));
  };
  const part = await loadPart<{ react: unknown; own: object }>(FILE);
  expect(part.react).toBe('Grafana’s react');
  expect(part.own).toBe(own);
});

test.each([
  { what: 'does not come', end: (script: HTMLScriptElement) => script.onerror?.(new Event('error')) },
  {
    what: 'is something else, such as a login page',
    end: (script: HTMLScriptElement) => script.onload?.(new Event('load')),
  },
])('rejects with the address if the file $what, and can be called again', async ({ end }) => {
  onScript = (script) => void end(script);
  await expect(loadPart(FILE)).rejects.toThrow(`The browser did not load https://cdn.example/plugins/1.2.3/${FILE}.`);
  onScript = (script) => {
    run(() => ({ name: 'part' }));
    script.onload?.(new Event('load'));
  };
  expect(await loadPart(FILE)).toEqual({ name: 'part' });
});

test('runs a part once for all that need it', async () => {
  let scripts = 0;
  onScript = (script) => {
    scripts++;
    run(() => ({}));
    script.onload?.(new Event('load'));
  };
  const [first, second] = await Promise.all([loadPart(FILE), loadPart(FILE)]);
  expect(second).toBe(first);
  expect(await loadPart(FILE)).toBe(first);
  expect(scripts).toBe(1);
});

test('rejects if the part throws while it is linked', async () => {
  onScript = (script) => {
    run(() => {
      throw new Error('no such module');
    });
    script.onload?.(new Event('load'));
  };
  await expect(loadPart(FILE)).rejects.toThrow('no such module');
});

test('does not wait for ever', async () => {
  vi.useFakeTimers();
  onScript = () => undefined;
  const failure = loadPart(FILE).catch(messageOf);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await failure).toMatch(/did not come within 30 s/);
});
