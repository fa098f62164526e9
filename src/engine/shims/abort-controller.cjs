// readable-stream brings this for platforms without one; every browser that Grafana runs in has it.
exports.AbortController = globalThis.AbortController;
exports.AbortSignal = globalThis.AbortSignal;
