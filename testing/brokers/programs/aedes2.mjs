// Aedes 2 behind ws: cache folder, TCP port, WebSocket port, user, password, denied level.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, tcpPort, wsPort, user, secret, denied] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const { Aedes } = await import(pathToFileURL(require.resolve('aedes')));
const { WebSocketServer, createWebSocketStream } = require('ws');

const broker = await Aedes.createBroker({
  authenticate: (_client, username, password, done) => {
    const accepted = username === user && password?.toString() === secret;
    done(accepted ? null : Object.assign(new Error('Bad user name or password'), { returnCode: 4 }), accepted);
  },
  authorizeSubscribe: (_client, subscription, done) =>
    done(null, subscription.topic.startsWith(`${denied}/`) ? null : subscription),
});
createTcpServer(broker.handle).listen(Number(tcpPort), '127.0.0.1');
const server = createServer();
new WebSocketServer({ server }).on('connection', (socket, request) =>
  broker.handle(createWebSocketStream(socket), request)
);
server.listen(Number(wsPort), '127.0.0.1');
