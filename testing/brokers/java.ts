import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../programs';
import { DENIED, PASSWORD, type RunningBroker, USER } from './broker-kind';
import { run } from './run';
import { cached, startProgram } from './running';

/** A Maven artifact: `group:artifact:version`. */
type Artifact = `${string}:${string}:${string}`;

/** Copies artifacts and what they need into the cache, with Maven. @returns the folder */
export function fetchArtifacts(cache: string, name: string, artifacts: readonly Artifact[]): Promise<string> {
  return cached(cache, name, async (folder) => {
    const dependencies = artifacts.map((artifact) => {
      const [group, id, version] = artifact.split(':');
      return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>`;
    });
    await writeFile(
      join(folder, 'pom.xml'),
      `<project><modelVersion>4.0.0</modelVersion><groupId>brokers</groupId><artifactId>brokers</artifactId>` +
        `<version>1</version><dependencies>${dependencies.join('')}</dependencies></project>\n`
    );
    const copy = ['dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime'];
    await run('mvn', ['-q', '-B', ...copy], { cwd: folder });
  });
}

/**
 * Starts a Java program of the folder `programs`, from its source. Its arguments are the port for TCP, the port for
 * WebSockets, the folder for data, the user, the password and the denied level.
 *
 * @param path of the WebSocket
 */
export async function startJava(
  program: string,
  artifacts: string,
  folder: string,
  path: string
): Promise<RunningBroker> {
  const [tcp, ws] = [await freePort(), await freePort()];
  const source = join(import.meta.dirname, 'programs', `${program}.java`);
  return startProgram(
    {
      command: 'java',
      args: [
        '-Xmx512m',
        // HiveMQ needs it.
        ...[
          'java.base/java.lang',
          'java.base/java.nio',
          'java.base/sun.nio.ch',
          'java.management/sun.management',
        ].flatMap((each) => ['--add-opens', `${each}=ALL-UNNAMED`]),
        '-cp',
        join(artifacts, 'lib', '*'),
        source,
        String(tcp),
        String(ws),
        folder,
        USER,
        PASSWORD,
        DENIED,
      ],
      cwd: folder,
      ports: [tcp, ws],
    },
    { url: `ws://127.0.0.1:${ws}${path}`, publishUrl: `mqtt://127.0.0.1:${tcp}` }
  );
}
