// `npm run bench:broker`: the broker beside its peers.
import { brokerBench } from './broker-bench';
import { parseOptions } from './options';
import { report } from './report';

const options = parseOptions(process.argv.slice(2));
await report(await brokerBench(options), options);
