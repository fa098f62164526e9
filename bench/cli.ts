// `npm run bench`, `npm run bench:browser`, `npm run bench:broker`: measures one suite next to its peers.
import { inspect } from 'node:util';
import { brokerSuite } from './broker/suite';
import { browserSuite } from './browser/suite';
import { nodeSuite } from './node/suite';
import { parseCommand } from './options';
import { report } from './report';

const SUITES = { node: nodeSuite, browser: browserSuite, broker: brokerSuite } as const;

try {
  const { suite, options } = parseCommand(process.argv.slice(2), Object.keys(SUITES) as Array<keyof typeof SUITES>);
  await report(await SUITES[suite](options), options);
} catch (error) {
  // A wrong argument needs no stack
  process.stderr.write(`${error instanceof TypeError ? error.message : inspect(error)}\n`);
  process.exitCode = 1;
}
