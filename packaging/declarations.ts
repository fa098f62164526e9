import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

/**
 * Writes the type declarations of some modules and of all that they import. Imports have the names of files, with
 * `.js`, as every `moduleResolution` of TypeScript needs them in a package whose type is `module`.
 *
 * @param root of the repository, whose tsconfig.json holds
 * @param modules paths in the repository
 * @param outdir folder for the declarations, with the folders of the repository
 * @throws Error with the output of tsc if there are type errors
 */
export async function writeDeclarations(root: string, modules: readonly string[], outdir: string): Promise<void> {
  // Below the repository, so that tsc finds the packages
  await mkdir(join(root, 'build'), { recursive: true });
  const folder = await mkdtemp(join(root, 'build', 'declarations-'));
  try {
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        allowJs: false,
        lib: ['ES2023', 'ESNext.Disposable'],
        rootDir: root,
        outDir: outdir,
      },
      include: [],
      files: modules.map((module) => join(root, module)),
    };
    const project = join(folder, 'tsconfig.json');
    await writeFile(project, JSON.stringify(config));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '--project', project]).catch((error: { stdout: string }) => {
      throw new Error(`The declarations cannot be written:\n${error.stdout}`);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
  const declarations = new Set(
    (await readdir(outdir, { recursive: true }))
      .filter((path) => path.endsWith('.d.ts'))
      .map((path) => path.split('\\').join('/'))
  );
  for (const path of declarations) {
    const file = join(outdir, path);
    await writeFile(file, withFileNames(await readFile(file, 'utf8'), path, declarations));
  }
}

/** Completes relative imports: `'../x'` becomes `'../x.js'`, or `'../x/index.js'` if that is what there is. */
function withFileNames(text: string, path: string, declarations: ReadonlySet<string>): string {
  return text.replaceAll(
    /(from |import\()(['"])(\.{1,2}(?:\/[^'"]*)?)\2/g,
    (_, before: string, quote: string, name: string) => {
      const target = join(dirname(path), name).split('\\').join('/');
      const found = [`${target}.d.ts`, join(target, 'index.d.ts').split('\\').join('/')].find((each) =>
        declarations.has(each)
      );
      if (found === undefined) {
        throw new Error(`${path} imports ${name}, of which there is no declaration.`);
      }
      const completed = relative(dirname(path), found)
        .split('\\')
        .join('/')
        .replace(/\.d\.ts$/, '.js');
      return `${before}${quote}${completed.startsWith('.') ? completed : `./${completed}`}${quote}`;
    }
  );
}
