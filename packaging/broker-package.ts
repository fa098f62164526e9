import { execFile } from 'node:child_process';
import { builtinModules } from 'node:module';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { writeDeclarations } from './declarations';
import { emptyFolder } from './plugin-archive';

export const BROKER_PACKAGE = 'mqttstream-broker';

/** Modules that can be imported, by their path in the package. */
const MODULES = {
  index: 'broker/index.ts',
  fixture: 'broker/fixture/index.ts',
  sensors: 'broker/sensors/index.ts',
  historian: 'broker/history/standalone.ts',
  disk: 'broker/storage/disk/disk.ts',
  cluster: 'broker/storage/redis/cluster.ts',
} as const;

/** Modules that are run, by their path in the package. */
const PROGRAMS = {
  'cli/broker': 'broker/cli/broker.ts',
  'cli/historian': 'broker/cli/historian.ts',
  'fixture-process': 'broker/fixture/process.ts',
} as const;

/** Programs by their names. */
const BIN = {
  [BROKER_PACKAGE]: 'cli/broker',
  'mqttstream-historian': 'cli/historian',
  'mqttstream-fixture': 'fixture-process',
} as const satisfies Record<string, keyof typeof PROGRAMS>;

/** Packages that `./cluster` loads by `require`, which the build does not see. */
const REQUIRED = ['aedes-persistence-redis', 'mqemitter-redis'];

interface Manifest {
  version: string;
  license: string;
  engines: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/**
 * Builds the npm package of the broker, its fixture, the demo sensors and the historian: JavaScript modules with type
 * declarations, and programs. Packages of others are dependencies, in the versions that are tested here.
 *
 * @param root of the repository
 * @param outdir where the tarball and, next to it, its content go
 * @returns the path of the tarball, and the folder with its content
 * @throws Error if the build fails, or if it imports a package that package.json does not have
 */
export async function packBroker(root: string, outdir: string): Promise<{ tarball: string; folder: string }> {
  const folder = join(outdir, BROKER_PACKAGE);
  await emptyFolder(folder);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ...MODULES, ...PROGRAMS },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    chunkNames: 'chunks/[name]-[hash]',
    metafile: true,
    logLevel: 'warning',
  });
  await writeDeclarations(root, Object.values(MODULES), join(folder, 'types'));
  const source = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest(source, metafile), null, 2)}\n`);
  await copyFile(join(root, 'broker/fixture/client.cjs'), join(folder, 'fixture.cjs'));
  await copyFile(join(root, 'broker/fixture/client.d.cts'), join(folder, 'fixture.d.cts'));
  await copyFile(join(root, 'packaging/broker-readme.md'), join(folder, 'README.md'));
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  await mkdir(join(folder, 'bin'));
  for (const [name, program] of Object.entries(BIN)) {
    const file = join(folder, 'bin', `${name}.js`);
    await writeFile(file, `#!/usr/bin/env node\nimport '../${program}.js';\n`);
    await chmod(file, 0o755);
  }
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', outdir], {
    cwd: folder,
  });
  const [{ filename }] = JSON.parse(stdout) as Array<{ filename: string }>;
  return { tarball: join(outdir, filename), folder };
}

function manifest({ version, license, engines, ...installed }: Manifest, metafile: Metafile): object {
  const versions = { ...installed.devDependencies, ...installed.dependencies };
  const dependencies = Object.fromEntries(
    // The declarations name types of Node.
    [...importedPackages(metafile), ...REQUIRED, '@types/node'].toSorted().map((name) => {
      if (versions[name] === undefined) {
        throw new Error(`The broker imports ${name}, which package.json does not have.`);
      }
      return [name, versions[name]];
    })
  );
  const entries = Object.entries(MODULES).map(([name, module]) => {
    const here = { types: `./types/${module.replace(/\.ts$/, '.d.ts')}`, default: `./${name}.js` };
    // CommonJS, such as jest, cannot import Aedes: there the fixture is a client of another process.
    const there = { types: './fixture.d.cts', default: './fixture.cjs' };
    return [name === 'index' ? '.' : `./${name}`, name === 'fixture' ? { import: here, require: there } : here];
  });
  return {
    name: BROKER_PACKAGE,
    version,
    description:
      'An MQTT 3.1.1 broker (Aedes) for tests, demos and small installations: command, library, test fixture',
    keywords: ['mqtt', 'broker', 'aedes', 'test', 'fixture', 'websocket', 'sensors'],
    license,
    type: 'module',
    engines,
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
    bin: Object.fromEntries(Object.keys(BIN).map((name) => [name, `./bin/${name}.js`])),
    sideEffects: ['./cli/*', './bin/*', './fixture-process.js'],
    dependencies,
  };
}

/** The names of the packages that the built files import. */
function importedPackages({ outputs }: Metafile): string[] {
  const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
  const paths = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  const packages = paths
    .map(({ path }) => path)
    .filter((path) => !builtin.has(path))
    .map((path) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
  return [...new Set(packages)];
}
