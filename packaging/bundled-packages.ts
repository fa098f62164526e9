import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package of which code is in the built plugin. */
export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX expression, from its package.json. */
  license: string;
  /** Text of its licence file, which its licence may ask to distribute. */
  licenseText: string | undefined;
}

/**
 * The packages whose code is in the built files, by their source maps, sorted by name.
 *
 * @param folder of the built plugin, with its source maps
 * @param root of the repository, whose `node_modules` the build has read
 * @throws Error if a package has no version or licence, or if there is no source map
 */
export async function bundledPackages(folder: string, root: string): Promise<BundledPackage[]> {
  const maps = (await readdir(folder)).filter((name) => name.endsWith('.js.map'));
  if (maps.length === 0) {
    throw new Error(`${folder} has no source map; build the plugin with source maps.`);
  }
  const paths = new Set<string>();
  for (const map of maps) {
    const { sources } = JSON.parse(await readFile(join(folder, map), 'utf8')) as { sources: string[] };
    for (const source of sources) {
      // Greedy, for a package that another package has in a folder of its own
      const path = /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1];
      if (path !== undefined) {
        paths.add(path);
      }
    }
  }
  const packages = await Promise.all([...paths].map((path) => describePackage(join(root, path))));
  return packages.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function describePackage(folder: string): Promise<BundledPackage> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    name?: string;
    version?: string;
    license?: string;
  };
  if (name === undefined || version === undefined || typeof license !== 'string') {
    throw new Error(`${folder}/package.json has no name, version or licence.`);
  }
  const file = (await readdir(folder)).find((each) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(each));
  return {
    name,
    version,
    license,
    licenseText: file !== undefined ? await readFile(join(folder, file), 'utf8') : undefined,
  };
}

/** The licences of the packages, one after the other, for a file next to the code. */
export function licenseTexts(packages: readonly BundledPackage[]): string {
  const rule = '-'.repeat(80);
  return packages
    .map(
      ({ name, version, license, licenseText }) =>
        `${rule}\n${name} ${version} (${license})\n${rule}\n\n${licenseText?.trim() ?? 'The package has no licence file.'}\n`
    )
    .join('\n');
}
