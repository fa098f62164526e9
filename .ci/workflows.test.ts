import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const folder = join(root, '.github/workflows');

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}
interface Job {
  'runs-on': string;
  'timeout-minutes'?: number;
  permissions?: Record<string, string>;
  strategy?: { matrix: Record<string, string[]> };
  steps: Step[];
}
interface Workflow {
  name: string;
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const texts = await Promise.all(
  readdirSync(folder).map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') }))
);
const workflows = texts.map(({ file, text }) => ({ file, text, workflow: parse(text) as Workflow }));
const steps = (workflow: Workflow): Step[] => Object.values(workflow.jobs).flatMap((job) => job.steps);
const named = (file: string): Workflow => workflows.find((each) => each.file === file)!.workflow;
const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

describe.each(workflows)('$file', ({ workflow, text }) => {
  test('is a workflow whose jobs end', () => {
    expect(workflow.name).not.toBe('');
    expect(Object.keys(workflow.on)).not.toEqual([]);
    for (const job of Object.values(workflow.jobs)) {
      expect(job['runs-on']).toBe('ubuntu-latest');
      expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
    }
  });

  test('pins each action to a commit, and names its version for people and Dependabot', () => {
    const used = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, use]) => use);
    expect(used.length).toBeGreaterThan(0);
    for (const use of used) {
      expect(use).toMatch(/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test('has the least permissions, and leaves no token in the checkout', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const checkouts = steps(workflow).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const checkout of checkouts) {
      expect(checkout.with).toEqual({ 'persist-credentials': false });
    }
  });

  test('runs only scripts that there are, and puts no expression into a shell', () => {
    for (const { run = '' } of steps(workflow)) {
      expect(run).not.toContain('${{');
      for (const [, script] of run.matchAll(/npm run ([\w:]+)/g)) {
        expect(scripts).toHaveProperty([script]);
      }
      for (const [, path] of run.matchAll(/^(\.ci\/\S+)/g)) {
        expect(existsSync(join(root, path))).toBe(true);
      }
    }
  });
});

test('one action has one version in all workflows', () => {
  const used = new Map<string, Set<string>>();
  for (const { workflow } of workflows) {
    for (const { uses } of steps(workflow)) {
      const [action, version] = uses?.split('@') ?? [];
      if (action !== undefined) {
        used.set(action, (used.get(action) ?? new Set()).add(version));
      }
    }
  }
  expect([...used].filter(([, versions]) => versions.size > 1)).toEqual([]);
});

describe('the release', () => {
  test('attests the files that it uploads, with the permissions for that', () => {
    const { release } = named('release.yml').jobs;
    expect(release.permissions).toEqual({ contents: 'write', 'id-token': 'write', attestations: 'write' });
    const attested = String(release.steps.find(({ uses }) => uses?.includes('attest'))?.with?.['subject-path']);
    const upload = release.steps.find(({ run }) => run?.includes('gh release create'))!.run!;
    for (const path of attested.trim().split(/\s+/)) {
      expect(upload).toContain(path);
    }
    expect(upload).toContain('--draft');
  });

  test('keeps the token of Grafana to the step that signs', () => {
    const { release } = named('release.yml').jobs;
    const withToken = release.steps.filter(({ env }) => env?.['GRAFANA_ACCESS_POLICY_TOKEN'] !== undefined);
    expect(withToken.map(({ name }) => name)).toEqual(['Sign, if there is a token of Grafana']);
  });
});

test('the versions of Grafana begin with the oldest that the plugin supports, and have both versions of React', async () => {
  const { dependencies } = JSON.parse(await readFile(join(root, 'plugin.json'), 'utf8')) as {
    dependencies: { grafanaDependency: string };
  };
  const versions = named('grafana.yml').jobs['e2e'].strategy!.matrix['grafana'];
  const [oldest] = /\d+\.\d+/.exec(dependencies.grafanaDependency)!;
  expect(versions[0]).toMatch(new RegExp(`^${oldest.replace('.', '\\.')}\\.`));
  expect(versions.some((version) => version.startsWith('12.4.'))).toBe(true);
  expect(versions.some((version) => /^13\.[01]\./.test(version))).toBe(true);
  expect(versions.some((version) => /^13\.([2-9]|\d\d)\./.test(version))).toBe(true);
});

test('Dependabot looks after npm and the actions', async () => {
  const { version, updates } = parse(await readFile(join(root, '.github/dependabot.yml'), 'utf8')) as {
    version: number;
    updates: Array<Record<string, unknown>>;
  };
  expect(version).toBe(2);
  expect(updates.map((each) => each['package-ecosystem'])).toEqual(['npm', 'github-actions']);
  for (const update of updates) {
    expect(update).toMatchObject({ directory: '/', schedule: { interval: 'weekly' } });
  }
});
