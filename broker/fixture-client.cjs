/**
 * The fixture for CommonJS (jest): the broker runs in a process of its own, and this talks to it.
 *
 *   const { startBroker } = require('…/broker/fixture-client.cjs');
 *   const broker = await startBroker();
 *
 * The methods are those of the fixture, and all of them return promises; faults are numbers. Options are JSON, so there
 * are no hooks: use `users` and `acl`.
 */
'use strict';

const { fork } = require('node:child_process');
const path = require('node:path');

/** Starts a broker; rejects, with what it said, when it cannot. */
function startBroker(options = {}) {
  const child = fork(path.join(__dirname, 'fixture-process.ts'), [JSON.stringify(options)], {
    cwd: path.dirname(__dirname),
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const pending = new Map();
  let calls = 0;
  let said = '';
  let ended = false;
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });

  function call(method, args) {
    calls += 1;
    const id = calls;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      // With a callback: without one, a process that is gone ends this one too
      child.send({ id, method, args }, (error) => {
        if (error && pending.delete(id)) {
          reject(hasEnded());
        }
      });
    });
  }

  /** Resolves when the process is gone; calling it again, or after it is, does nothing more. */
  function close() {
    return new Promise((resolve) => {
      if (ended) {
        resolve();
      } else {
        child.once('exit', () => resolve());
        call('close', []).catch(() => {});
      }
    });
  }

  function hasEnded() {
    return new Error(`The broker has ended${said.trim() ? `: ${said.trim()}` : ''}`);
  }

  return new Promise((resolve, reject) => {
    child.on('message', ({ ready, methods, id, result, error }) => {
      if (ready) {
        const callable = methods.map((name) => [name, (...args) => call(name, args)]);
        resolve({ ...Object.fromEntries(callable), ...ready, close });
        return;
      }
      const waiting = pending.get(id);
      pending.delete(id);
      if (waiting && error !== undefined) {
        waiting.reject(new Error(error));
      } else if (waiting) {
        waiting.resolve(result);
      }
    });
    child.on('error', reject);
    child.on('exit', () => {
      ended = true;
      reject(hasEnded());
      for (const waiting of pending.values()) {
        waiting.reject(hasEnded());
      }
      pending.clear();
    });
  });
}

module.exports = { startBroker };
