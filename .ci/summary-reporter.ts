import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`, over all suites, and before it says what did
 * not run for want of a program.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const notes = new Set<string>();
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0) {
        count.failed++; // the file itself did not load, or a hook failed
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') {
          count[state]++;
        } else {
          count.skipped++;
        }
        const note = test.meta();
        if ('needs' in note && typeof note.needs === 'string') {
          notes.add(note.needs);
        }
      }
    }
    count.failed += errors.length;
    const missing = [
      ['browser', 'REQUIRE_BROWSER', 'Chromium'],
      ['mosquitto', 'REQUIRE_MOSQUITTO', 'mosquitto'],
    ] as const;
    for (const [what, , program] of missing) {
      if (process.env[`MQTTSTREAM_NO_${what.toUpperCase()}`] !== undefined) {
        notes.add(`No ${program} was found on this machine, so the tests that need it did not run.`);
      }
    }
    // The default reporter's own summary comes first; this must be the last line.
    process.once('exit', () => {
      for (const note of notes) {
        process.stdout.write(`${note}\n`);
      }
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
    });
  }
}
