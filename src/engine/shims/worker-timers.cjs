// In place of the package `worker-timers`, which starts a Worker from a blob: a policy may block that without a word,
// and keepalive with it. The engine asks for native timers; in its own Worker they are not throttled.
exports.setInterval = (action, ms) => setInterval(action, ms);
exports.clearInterval = (timer) => clearInterval(timer);
