import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildTime } from '../esbuild.config.mjs';
import { messageOf } from '../src/utils/errors';
import { packBroker } from './broker-package';
import { archivePlugin, buildPluginFolder, emptyFolder, isSigned } from './plugin-archive';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTDIR = join(ROOT, 'build/packages');
const PLUGIN_ID: string = 'mqttstream-websocket-datasource';

const HELP = `Builds what people install: the plugin as a ZIP file, and the broker as an npm package.

  npm run package -- [options]

  --source-maps       include source maps in the plugin
  --repository <url>  the public repository, for the links that Grafana shows
  --no-build          pack the plugin's folder as it is: after it was signed
  --help              this text

Everything is written to build/packages. SOURCE_DATE_EPOCH sets the time of the files.
`;

interface Options {
  'source-maps': boolean;
  repository?: string;
  build: boolean;
  help: boolean;
}

/** @throws Error with a message for the command line. */
function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      'source-maps': { type: 'boolean', default: false },
      repository: { type: 'string' },
      build: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  if (values.repository !== undefined && !/^https:\/\/[^/]+\/./.test(values.repository)) {
    throw new Error(`--repository must be a URL such as https://host/owner/name, got "${values.repository}"`);
  }
  return values;
}

async function packAll(options: Options): Promise<void> {
  const folders = { root: ROOT, outdir: OUTDIR };
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  if (options.build) {
    await emptyFolder(OUTDIR);
    await buildPluginFolder({ ...folders, sourceMaps: options['source-maps'], repository: options.repository });
    await packBroker(ROOT, OUTDIR);
  } else if (!(await readdir(OUTDIR).catch((): string[] => [])).includes(PLUGIN_ID)) {
    throw new Error('There is no folder of the plugin in build/packages: run npm run package first.');
  }
  const archive = await archivePlugin({ ...folders, built: buildTime() });
  const signed = (await isSigned(join(OUTDIR, PLUGIN_ID))) ? 'signed' : 'not signed';
  print(`${relative(ROOT, archive.zip)} (${Math.ceil(archive.size / 1000)} kB, ${signed})`);
  for (const path of [archive.sha1, archive.sha256, archive.billOfMaterials]) {
    print(relative(ROOT, path));
  }
  const tarballs = (await readdir(OUTDIR)).filter((name) => name.endsWith('.tgz'));
  tarballs.forEach((name) => print(join(relative(ROOT, OUTDIR), basename(name))));
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
  } else {
    await packAll(options);
  }
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
