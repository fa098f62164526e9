/** The broker that `restart.test.ts` kills: `node history-kill-child.mjs DIRECTORY`; sends its URL, and a message for each write, over IPC. */
import { ClassicLevel } from 'classic-level';
import { startBroker } from '../broker';

const [directory] = process.argv.slice(2);

const broker = await startBroker({ history: { filters: ['#'], directory }, tcp: { port: 0 }, ws: false });
const { prototype } = ClassicLevel;
const batch = Reflect.get(prototype, 'batch') as (...args: unknown[]) => Promise<void>;
Object.assign(prototype, {
  async batch(this: ClassicLevel, ...args: unknown[]) {
    await batch.apply(this, args);
    process.send?.({ written: true });
  },
});
process.send?.({ url: broker.tcp?.url });
