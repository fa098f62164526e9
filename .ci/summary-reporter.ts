import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { findProgram } from '../testing/programs';

const NEEDED = [
  { program: 'Chromium', variable: 'CHROMIUM_PATH', tests: 'browser tests' },
  { program: 'Firefox', variable: 'FIREFOX_PATH', tests: 'tests in Firefox' },
  { program: 'WebKitWebDriver', variable: 'WEBKIT_DRIVER_PATH', tests: 'tests in WebKit' },
  { program: 'Xvfb', variable: 'XVFB_PATH', tests: 'tests in WebKit' },
  { program: 'mosquitto', variable: 'MOSQUITTO_PATH', tests: 'tests against mosquitto' },
  { program: 'nginx', variable: 'NGINX_PATH', tests: 'tests through nginx' },
  { program: 'redis-server', variable: 'REDIS_PATH', tests: 'tests over Redis' },
  { program: 'influxd', variable: 'INFLUXDB_PATH', tests: 'tests of a backfill from InfluxDB' },
  { program: 'rabbitmq-server', variable: 'RABBITMQ_PATH', tests: 'tests against RabbitMQ' },
] as const;

/**
 * Ends a run with one line for all suites, `N passed, N failed, N skipped`. The lines before it name the tests that did
 * not run because a program is missing.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const { state } = test.result();
        count[state === 'pending' ? 'skipped' : state]++;
      }
      // If a file does not load or a hook fails, no test has failed, but the file has.
      if (module.state() === 'failed' && tests.every((test) => test.result().state !== 'failed')) {
        count.failed++;
      }
    }
    const notes = NEEDED.filter(({ variable }) => findProgram(variable) === undefined).map(
      ({ program, tests }) => `The ${tests} did not run: no ${program} was found on this machine.`
    );
    // The default reporter writes its own summary after this; this line must be the last.
    process.once('exit', () => {
      const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
      process.stdout.write([...notes, line, ''].join('\n'));
    });
  }
}
