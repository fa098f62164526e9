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
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('message', ({ ready, id, result, error }) => {
      if (ready) {
        resolve(proxy(ready));
        return;
      }
      const call = pending.get(id);
      pending.delete(id);
      if (call && error !== undefined) {
        call.reject(new Error(error));
      } else if (call) {
        call.resolve(result);
      }
    });
    child.on('exit', () => {
      const error = new Error(`The broker ended: ${said.trim()}`);
      reject(error);
      for (const call of pending.values()) {
        call.reject(error);
      }
      pending.clear();
    });
  });

  function call(method, args) {
    calls += 1;
    const id = calls;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      child.send({ id, method, args });
    });
  }

  function proxy({ tcp, ws }) {
    return new Proxy(
      { tcp, ws },
      {
        get: (target, name) =>
          // Not a promise, although it is awaited
          name in target || name === 'then' || typeof name === 'symbol' ? target[name] : (...args) => call(name, args),
      }
    );
  }
}

module.exports = { startBroker };
