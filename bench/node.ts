// `npm run bench`: what runs without a browser.
import { nodeBench } from './node-bench';
import { parseOptions } from './options';
import { report } from './report';

const options = parseOptions(process.argv.slice(2));
await report(await nodeBench(options), options);
