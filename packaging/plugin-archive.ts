import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { buildPlugin } from '../esbuild.config.mjs';
import { billOfMaterials } from './bill-of-materials';
import { bundledPackages, licenseTexts } from './bundled-packages';
import { type ArchiveFile, zip } from './zip';

/** Licences of the packages whose code is in the plugin. */
const THIRD_PARTY_LICENSES = 'THIRD-PARTY-LICENSES.txt';
/** The file that `sign-plugin` adds. */
const SIGNATURE = 'MANIFEST.txt';
/** Source maps that the plugin's folder does not have, for whoever reads a stack trace of this version. */
const SOURCE_MAPS = 'source-maps';

interface Folders {
  /** The repository. */
  root: string;
  /** Folder for the plugin's folder, the archive and the files next to it. */
  outdir: string;
}

export interface BuildOptions extends Folders {
  /** Includes source maps. */
  sourceMaps?: boolean;
  /** URL of the public repository, for the links that Grafana shows. */
  repository?: string;
}

export interface ArchiveOptions extends Folders {
  /** Time of the files in the archive, and of the bill of materials. */
  built: Date;
}

export interface Archive {
  /** Path of the ZIP file. */
  zip: string;
  /** Paths of the SHA-1 and SHA-256 checksums and of the bill of materials. */
  sha1: string;
  sha256: string;
  billOfMaterials: string;
  /** Size in bytes. */
  size: number;
}

interface Manifest {
  id: string;
  info: { version: string; links: Array<{ name: string; url: string }> };
}

/**
 * Builds the plugin into a folder that is named by its id, as Grafana's plugin folder and `grafana cli` have it.
 *
 * @returns the path of the folder, whose files `archivePlugin` packs
 * @throws Error if the build fails
 */
export async function buildPluginFolder({
  root,
  outdir,
  sourceMaps = false,
  repository,
}: BuildOptions): Promise<string> {
  const { id } = JSON.parse(await readFile(join(root, 'plugin.json'), 'utf8')) as Manifest;
  const folder = join(outdir, id);
  await buildPlugin({ outdir: folder, production: true, sourceMaps: sourceMaps ? 'linked' : 'external' });
  await writeFile(join(folder, THIRD_PARTY_LICENSES), licenseTexts(await bundledPackages(folder, root)));
  if (!sourceMaps) {
    const maps = join(outdir, SOURCE_MAPS);
    await emptyFolder(maps);
    for (const name of (await readdir(folder)).filter((each) => each.endsWith('.map'))) {
      await rename(join(folder, name), join(maps, name));
    }
  }
  if (repository !== undefined) {
    const file = join(folder, 'plugin.json');
    const plugin = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    plugin.info.links = linksOf(repository);
    await writeFile(file, `${JSON.stringify(plugin, null, 2)}\n`);
  }
  return folder;
}

/**
 * Packs the folder that `buildPluginFolder` has built and that may have been signed since. The archive holds one folder,
 * named by the id. Next to it are its checksums, as `sha1sum --check` and `sha256sum --check` read them, and a bill of
 * materials.
 *
 * @throws Error if the folder is missing
 */
export async function archivePlugin({ root, outdir, built }: ArchiveOptions): Promise<Archive> {
  const { id } = JSON.parse(await readFile(join(root, 'plugin.json'), 'utf8')) as Manifest;
  const { license } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { license: string };
  const folder = join(outdir, id);
  const maps = join(outdir, SOURCE_MAPS);
  const packages = await bundledPackages(existsSync(maps) ? maps : folder, root);
  const files = await filesOf(folder);
  const { info } = JSON.parse(await readFile(join(folder, 'plugin.json'), 'utf8')) as Manifest;

  const archive = zip(
    files.map(({ path, content }) => ({ path: `${id}/${path}`, content })),
    built
  );
  const name = `${id}-${info.version}`;
  const path = (extension: string): string => join(outdir, `${name}.${extension}`);
  const checksum = (algorithm: string): string =>
    `${createHash(algorithm).update(archive).digest('hex')}  ${name}.zip\n`;
  const bill = billOfMaterials({ name: id, version: info.version, license, built }, files, packages);
  await writeFile(path('zip'), archive);
  await writeFile(path('zip.sha1'), checksum('sha1'));
  await writeFile(path('zip.sha256'), checksum('sha256'));
  await writeFile(path('cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
  return {
    zip: path('zip'),
    sha1: path('zip.sha1'),
    sha256: path('zip.sha256'),
    billOfMaterials: path('cdx.json'),
    size: archive.length,
  };
}

/** Empties the folder for archives, so that no earlier version stays next to the new one. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

/** Whether the folder that `buildPluginFolder` has built is signed. */
export async function isSigned(folder: string): Promise<boolean> {
  return (await readdir(folder)).includes(SIGNATURE);
}

/** The links of a plugin by the names that Grafana's catalogue knows. */
function linksOf(repository: string): Manifest['info']['links'] {
  const url = repository.replace(/\/$/, '');
  return [
    { name: 'Documentation', url: `${url}/tree/main/docs` },
    { name: 'Repository', url },
    { name: 'License', url: `${url}/blob/main/LICENSE` },
    { name: 'Raise issue', url: `${url}/issues/new` },
  ];
}

async function filesOf(folder: string): Promise<ArchiveFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path: relative(folder, path).split(sep).join('/'), content: await readFile(path) };
      })
  );
}
