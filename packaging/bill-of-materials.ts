import { createHash } from 'node:crypto';
import type { BundledPackage } from './bundled-packages';
import type { ArchiveFile } from './zip';

export interface Subject {
  /** Id of the plugin. */
  name: string;
  version: string;
  /** SPDX expression. */
  license: string;
  /** When the plugin was built. */
  built: Date;
}

/**
 * The software bill of materials of a plugin in CycloneDX 1.6: its files with their hashes, and the packages whose code
 * they hold. Packages that only build or test the plugin are not in it, nor those that Grafana provides at run time.
 */
export function billOfMaterials(
  { name, version, license, built }: Subject,
  files: readonly ArchiveFile[],
  packages: readonly BundledPackage[]
): object {
  const plugin = `${name}@${version}`;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: built.toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': plugin,
        name,
        version,
        licenses: [{ expression: license }],
        components: files
          .toSorted((a, b) => (a.path < b.path ? -1 : 1))
          .map(({ path, content }) => ({
            type: 'file',
            name: path,
            hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(content).digest('hex') }],
          })),
      },
    },
    components: packages.map((each) => ({
      type: 'library',
      'bom-ref': packageUrl(each),
      name: each.name,
      version: each.version,
      licenses: [{ expression: each.license }],
      purl: packageUrl(each),
    })),
    dependencies: [{ ref: plugin, dependsOn: packages.map(packageUrl) }],
  };
}

/** A package URL, in which the `@` of a scope is escaped. */
function packageUrl({ name, version }: Pick<BundledPackage, 'name' | 'version'>): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
