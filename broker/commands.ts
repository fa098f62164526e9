/** Whether this is a clone, whose commands are npm scripts, or the npm package, which has programs. */
const isClone = import.meta.url.endsWith('.ts');

/** How to start the broker, for help texts and messages. */
export const BROKER_COMMAND = isClone ? 'npm run broker --' : 'npx mqttstream-broker';
/** How to start the standalone historian. */
export const HISTORIAN_COMMAND = isClone ? 'npm run historian --' : 'npx mqttstream-historian';
