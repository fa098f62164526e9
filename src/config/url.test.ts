import { describe, expect, test } from 'vitest';
import { checkUrl, isWebSocketUrl } from './url';

const https = { protocol: 'https:', host: 'grafana.example.com' };
const http = { protocol: 'http:', host: 'grafana.example.com:3000' };
const local = { protocol: 'http:', host: 'localhost:3000' };

describe('direct', () => {
  test.each([
    ['wss://broker.example.com:8084/mqtt', https],
    ['WSS://broker.example.com', https],
    ['  wss://broker.example.com/mqtt?token=x ', https],
    ['ws://broker.example.com:9001', http],
    ['ws://[2001:db8::1]:9001/mqtt', http],
    ['/mqtt', https],
    ['ws://localhost:9001', local],
    ['ws://127.0.0.1:9001', { protocol: 'http:', host: '[::1]:3000' }],
  ])('%s is fine', (url, page) => {
    expect(checkUrl(url, 'direct', page)).toEqual({});
  });

  test.each([
    ['', /Enter the URL.*wss:/],
    ['   ', /Enter the URL/],
    ['broker.example.com:9001', /begins with ws:\/\/ or wss:\/\/, or is a path/],
    ['//broker.example.com/mqtt', /begins with ws:\/\/ or wss:\/\/, or is a path/],
    ['http://broker:9001/mqtt', /Write ws:\/\/broker:9001\/mqtt, or choose “Through Grafana”/],
    ['https://broker/mqtt', /Write wss:\/\/broker\/mqtt/],
    ['mqtt://broker:1883', /cannot open mqtt:\/\//],
    ['tcp://broker:1883', /cannot open tcp:\/\//],
    ['wss://', /not a complete URL/],
    ['wss://broker .example.com', /not a complete URL/],
    ['wss://broker:99999', /not a complete URL/],
    ['wss://user:secret@broker', /Remove the user name and password/],
    ['wss://broker/mqtt#x', /cannot contain “#”/],
    ['/mqtt#x', /cannot contain “#”/],
  ])('%j is a problem', (url, problem) => {
    expect(checkUrl(url, 'direct', https)).toEqual({ problem: expect.stringMatching(problem) });
  });

  test.each([
    ['ws://broker.example.com:9001', https, /mixed content/],
    ['wss://localhost:9001', https, /own computer/],
    ['ws://127.0.0.1:9001', http, /own computer/],
    ['ws://[::1]:9001', http, /own computer/],
    ['ws://broker:1883', http, /1883 is usually MQTT over TCP/],
    ['wss://broker:8883/mqtt', https, /8883 is usually MQTT over TLS/],
  ])('%s on %o is worth a warning', (url, page, warning) => {
    expect(checkUrl(url, 'direct', page)).toEqual({ warning: expect.stringMatching(warning) });
  });

  test('a browser lets a secure page speak to its own computer', () => {
    expect(checkUrl('ws://localhost:9001', 'direct', { protocol: 'https:', host: 'localhost:3000' })).toEqual({});
  });
});

describe('through Grafana', () => {
  test.each(['http://broker.internal:9001/mqtt', 'https://broker', 'http://localhost:9001'])('%s is fine', (url) => {
    expect(checkUrl(url, 'proxy', https)).toEqual({});
  });

  test.each([
    ['', /Enter the URL.*http:/],
    ['ws://broker:9001/mqtt', /Write http:\/\/broker:9001\/mqtt, or choose “Direct”/],
    ['wss://broker', /Write https:\/\/broker/],
    ['/mqtt', /begins with http/],
    ['broker:9001', /begins with http/],
    ['mqtts://broker', /cannot forward mqtts/],
    ['http://u:p@broker', /Remove the user name/],
  ])('%j is a problem', (url, problem) => {
    expect(checkUrl(url, 'proxy', https)).toEqual({ problem: expect.stringMatching(problem) });
  });

  test('the port of plain MQTT is worth a warning', () => {
    expect(checkUrl('http://broker:1883', 'proxy', https)).toEqual({ warning: expect.stringMatching(/1883/) });
  });
});

test.each([
  ['ws://', true],
  [' WSS://x', true],
  ['w', false],
  ['http://ws://', false],
])('isWebSocketUrl(%j) is %s', (url, expected) => {
  expect(isWebSocketUrl(url)).toBe(expected);
});
