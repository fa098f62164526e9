// `npm run bench:browser`: what needs Chromium, and mosquitto where it is to be had.
import { browserBench } from './browser-bench';
import { parseOptions } from './options';
import { report } from './report';

const options = parseOptions(process.argv.slice(2));
await report(await browserBench(options), options);
