import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';
import { isRecord } from '../../src/utils/is-object';
import { messageOf } from '../../src/utils/errors';
import { ConfigError, nearest, typeError, unknownKey } from './check';
import { describeFileError } from '../errors';
import { requireFiles, type Given } from './files';
import { BROKER_VARIABLES, flagOf, SETTINGS, variableOf, type Config, type Setting } from './settings';

/** An invalid command line; the message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Loads the broker's configuration, as {@link loadSettings} does.
 *
 * @throws ConfigError for an invalid setting, for settings that exclude each other, and for a setting without another that
 *   it needs
 * @throws UsageError for an invalid command line
 */
export async function loadConfig(args: string[], env: Environment = {}): Promise<Config> {
  return (await loadBrokerSettings(args, env)).config;
}

/**
 * Loads the broker's configuration for a start: {@link loadConfig}, with a check of the files that it names.
 *
 * @throws BrokerError `E_CONFIG` for a file that cannot be read
 */
export async function loadStartConfig(args: string[], env: Environment = {}): Promise<Config> {
  const { config, given } = await loadBrokerSettings(args, env);
  await requireFiles(given, SETTINGS);
  return config;
}

async function loadBrokerSettings(args: string[], env: Environment): Promise<{ config: Config; given: Given }> {
  const { config, given } = await loadSettings(args, env, SETTINGS, BROKER_VARIABLES);
  rejectConflicts(given);
  return { config: config as unknown as Config, given };
}

/**
 * Reads flags, environment variables, and the file that one of them names. A flag overrides a variable, and a variable
 * overrides the file.
 *
 * @param args the command line, without the program's own name
 * @param prefix of the variables
 * @throws ConfigError whose message begins with the source: `--tcp-port`, `MQTT_BROKER_HOST`,
 *   `broker.yaml: listeners[1].port`
 * @throws UsageError for an invalid command line
 */
export async function loadSettings(
  args: string[],
  env: Environment,
  all: readonly Setting[],
  prefix: string
): Promise<{ config: Record<string, unknown>; given: Given }> {
  const flags = fromFlags(args, all);
  const variables = fromEnvironment(env, all, prefix);
  const file = flags.file ?? env[`${prefix}CONFIG`];
  const fileSource = flags.file === undefined ? `${prefix}CONFIG` : '--config';
  const given: Given = new Map([...(file ? await fromFile(file, fileSource, all) : []), ...variables, ...flags.given]);
  const config: Record<string, unknown> = {};
  for (const setting of all) {
    const found = given.get(setting.path);
    if (found) {
      setPath(config, setting.path, setting.check.parse(found.value, found.source));
    } else if (setting.default !== undefined) {
      setPath(config, setting.path, setting.default);
    }
  }
  return { config, given };
}

function fromFlags(args: string[], all: readonly Setting[]): { file: string | undefined; given: Given } {
  const given: Given = new Map();
  const settings = all.filter(({ secret }) => !secret);
  const options = Object.fromEntries(
    settings.map((setting) => [
      flagOf(setting),
      { type: setting.value ? 'string' : 'boolean', multiple: setting.repeated ?? false } as const,
    ])
  );
  let values: Record<string, string | boolean | Array<string | boolean> | undefined>;
  try {
    ({ values } = parseArgs({
      args,
      options: { ...options, config: { type: 'string' } },
      allowPositionals: false,
    }));
  } catch (error) {
    // Node's message names the option; its second sentence is about the parser
    const message = messageOf(error).split('. ')[0];
    throw new UsageError(message, { cause: error });
  }
  for (const setting of settings) {
    const flag = flagOf(setting);
    const value = values[flag];
    if (value !== undefined) {
      const parsed = Array.isArray(value)
        ? value.flatMap((each) => setting.check.fromText(String(each)))
        : typeof value === 'string'
          ? setting.check.fromText(value)
          : value;
      given.set(setting.path, { value: parsed, source: `--${flag}` });
    }
  }
  return { file: values['config'] as string | undefined, given };
}

function fromEnvironment(env: Environment, all: readonly Setting[], prefix: string): Given {
  const given: Given = new Map();
  const known = new Map(all.map((setting) => [variableOf(setting, prefix), setting]));
  for (const [name, value] of Object.entries(env)) {
    const setting = known.get(name);
    if (setting && value !== undefined && value !== '') {
      given.set(setting.path, { value: setting.check.fromText(value), source: name });
    } else if (name.startsWith(prefix) && !setting && name !== `${prefix}CONFIG`) {
      // Other programs' variables may have the same prefix; one that is almost ours is a typing error
      const near = nearest(name, [...known.keys()]);
      if (near) {
        throw new ConfigError(name, `Unknown variable; did you mean ${near}?`);
      }
    }
  }
  return given;
}

async function fromFile(path: string, source: string, all: readonly Setting[]): Promise<Given> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError(source, describeFileError(path, error));
  }
  // JSON is valid YAML, as far as configurations go
  const document = parseDocument(content);
  if (document.errors.length > 0) {
    throw new ConfigError(path, document.errors[0].message.split('\n')[0]);
  }
  const given: Given = new Map();
  const root: unknown = document.toJS();
  if (root === null || root === undefined) {
    return given;
  }
  if (!isRecord(root)) {
    throw typeError(path, 'settings by name', root);
  }
  forEachSetting(
    root,
    '',
    (setting, value) => {
      const where = setting.isPath
        ? relativeTo(path, value)
        : setting.path === 'listeners'
          ? filesOf(path, value)
          : value;
      given.set(setting.path, { value: where, source: `${path}: ${setting.path}` });
    },
    path,
    all
  );
  return given;
}

/** Calls back for each setting of an object and of its groups. */
function forEachSetting(
  values: Record<string, unknown>,
  group: string,
  take: (setting: Setting, value: unknown) => void,
  file: string,
  all: readonly Setting[]
): void {
  for (const [key, value] of Object.entries(values)) {
    const path = group === '' ? key : `${group}.${key}`;
    const setting = all.find((each) => each.path === path);
    const isGroup = all.some((each) => each.path.startsWith(`${path}.`));
    if (setting) {
      take(setting, value);
    } else if (isGroup && isRecord(value)) {
      forEachSetting(value, path, take, file, all);
    } else if (isGroup) {
      throw typeError(`${file}: ${path}`, 'settings by name', value);
    } else {
      const siblings = all
        .map((each) => each.path)
        .filter((each) => each.startsWith(group === '' ? '' : `${group}.`))
        .map((each) => each.slice(group === '' ? 0 : group.length + 1).split('.')[0]);
      throw unknownKey(`${file}: ${path}`, key, [...new Set(siblings)]);
    }
  }
}

/** Resolves a path relative to the folder of the configuration file. */
function relativeTo(file: string, value: unknown): unknown {
  return typeof value === 'string' && !/^https?:/.test(value) ? resolve(dirname(file), value) : value;
}

function filesOf(file: string, listeners: unknown): unknown {
  if (!Array.isArray(listeners)) {
    return listeners;
  }
  return listeners.map((listener: unknown) => {
    if (!isRecord(listener)) {
      return listener;
    }
    const files = Object.fromEntries(
      ['cert', 'key', 'ca'].filter((key) => key in listener).map((key) => [key, relativeTo(file, listener[key])])
    );
    return { ...listener, ...files };
  });
}

/** @throws ConfigError for settings that exclude each other, and for a setting without another that it needs */
function rejectConflicts(given: Given): void {
  const listeners = given.get('listeners');
  for (const path of ['host', 'tcpPort', 'wsPort']) {
    const other = given.get(path);
    if (listeners && other) {
      throw new ConfigError(
        other.source,
        `This setting is for the two default listeners, which ${listeners.source} replaces: remove one of the two`
      );
    }
  }
  const data = given.get('data');
  const cluster = given.get('cluster');
  if (data && cluster) {
    throw new ConfigError(
      data.source,
      `A cluster stores everything in Redis: remove this setting or ${cluster.source}`
    );
  }
  const past = given.get('sensorPast');
  if (past && past.value !== 0 && !given.has('history.filters')) {
    throw new ConfigError(past.source, "This setting needs a history: add --history '#'");
  }
}

function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const [group, name] = path.split('.');
  if (name === undefined) {
    target[group] = value;
  } else {
    target[group] = { ...(target[group] as object | undefined), [name]: value };
  }
}
