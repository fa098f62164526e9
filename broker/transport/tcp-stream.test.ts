import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { SlowConsumerError, type ClientStream } from './client-stream';
import { mqttTcpStream } from './tcp-stream';
import { until } from '../testing/clients';

interface Pair extends AsyncDisposable {
  stream: ClientStream;
  socket: Socket;
  peer: Socket;
  errors: Error[];
}

async function pair(limits = {}): Promise<Pair> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const stream = mqttTcpStream(socket, { packetBytes: 1_000, backlogBytes: 1 << 20, drainTimeout: 5_000, ...limits });
  const errors: Error[] = [];
  stream.on('error', (error) => errors.push(error));
  peer.on('error', () => {});
  return {
    stream,
    socket,
    peer,
    errors,
    [Symbol.asyncDispose]: async () => {
      peer.destroy();
      socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('writes of one turn go out as one piece, and write never asks to wait', async () => {
  await using both = await pair({ backlogBytes: 64 << 20 });
  const { stream, socket, peer } = both;
  let writes = 0;
  const write = socket.write.bind(socket);
  socket.write = (chunk: Uint8Array | string): boolean => {
    writes += 1;
    return write(chunk);
  };
  for (let n = 0; n < 100; n += 1) {
    expect(stream.write(Buffer.from([n]))).toBe(true);
  }
  const chunks: Buffer[] = [];
  peer.on('data', (chunk) => chunks.push(chunk));
  await until('100 bytes', () => Buffer.concat(chunks).length === 100);
  expect(writes).toBe(1);
  stream.cork();
  expect(stream.write(Buffer.alloc(8 << 20))).toBe(true);
});

test('what was sent just before the end is read, and the stream ends after it', async () => {
  await using both = await pair();
  const { stream, peer } = both;
  peer.end(Buffer.from('c000', 'hex'));
  await once(peer, 'finish');
  // Nobody has read yet; what is there must not be thrown away because the peer left.
  await until('it to be there', () => stream.readableLength === 2 || stream.readableEnded);
  const read: Buffer[] = [];
  for await (const chunk of stream) {
    read.push(chunk as Buffer);
  }
  expect(Buffer.concat(read).toString('hex')).toBe('c000');
  expect(both.errors).toEqual([]);
});

test('a timeout between a write and its flush, after a long silence, drops nobody', async () => {
  await using both = await pair();
  const { stream, socket } = both;
  stream.write('news');
  socket.emit('timeout');
  expect(stream.destroyed).toBe(false);
});

test('over backlogBytes the connection is cut, whatever is still to be sent', async () => {
  await using both = await pair();
  const { stream, socket, errors } = both;
  // More than the kernel takes of it
  stream.write(Buffer.alloc(64 << 20));
  await until('it to be cut', () => socket.destroyed);
  await until('the error', () => errors.length === 1);
  expect(errors[0]).toBeInstanceOf(SlowConsumerError);
  expect(errors[0].message).toMatch(/^Subscriber has \d+ unsent bytes; the limit is 1048576 bytes$/);
});

test('closed by the broker, what was written still arrives', async () => {
  await using both = await pair();
  const { stream, peer } = both;
  const chunks: Buffer[] = [];
  peer.on('data', (chunk) => chunks.push(chunk));
  stream.write('last words');
  stream.destroy();
  await once(peer, 'close');
  expect(Buffer.concat(chunks).toString()).toBe('last words');
});
