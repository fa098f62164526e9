import type { BrokerKind } from '../broker-kind';
import { fetchArtifacts, startJava } from '../java';

const ARTEMIS = '2.40.0';
const ACTIVEMQ = '5.18.6';
const JETTY = '9.4.56.v20240826';
const HIVEMQ = '2025.5';
const MOQUETTE = '0.17';

const fetchHiveMq = (cache: string): Promise<string> =>
  fetchArtifacts(cache, `hivemq-${HIVEMQ}`, [`com.hivemq:hivemq-community-edition-embedded:${HIVEMQ}`]);

export const hivemq: BrokerKind = {
  name: 'hivemq',
  title: 'HiveMQ CE',
  mqtt5: true,
  fetch: async (cache) => {
    await fetchHiveMq(cache);
    return HIVEMQ;
  },
  start: async (cache, folder) => startJava('HiveMq', await fetchHiveMq(cache), folder, '/mqtt'),
};

const fetchArtemis = (cache: string): Promise<string> =>
  fetchArtifacts(cache, `artemis-${ARTEMIS}`, [
    `org.apache.activemq:artemis-server:${ARTEMIS}`,
    `org.apache.activemq:artemis-mqtt-protocol:${ARTEMIS}`,
  ]);

export const artemis: BrokerKind = {
  name: 'artemis',
  title: 'ActiveMQ Artemis',
  mqtt5: true,
  faults: {
    odd: {
      what: 'Artemis loses messages on a topic with quotes and a backslash.',
      advice: 'Publish to topics without them.',
      shows: /^topics without their message: \["odd\/\\"quoted\\"\\' \(nor has a plain client\)"\] instead of \[\]$/,
    },
  },
  fetch: async (cache) => {
    await fetchArtemis(cache);
    return ARTEMIS;
  },
  start: async (cache, folder) => startJava('Artemis', await fetchArtemis(cache), folder, '/'),
};

const fetchActiveMq = (cache: string): Promise<string> =>
  fetchArtifacts(cache, `activemq-${ACTIVEMQ}`, [
    `org.apache.activemq:activemq-broker:${ACTIVEMQ}`,
    `org.apache.activemq:activemq-mqtt:${ACTIVEMQ}`,
    `org.apache.activemq:activemq-http:${ACTIVEMQ}`,
    `org.apache.activemq:activemq-jaas:${ACTIVEMQ}`,
    // The libraries of the distribution that its WebSocket connector needs.
    `org.eclipse.jetty.websocket:websocket-server:${JETTY}`,
  ]);

export const activemq: BrokerKind = {
  name: 'activemq',
  title: 'ActiveMQ Classic',
  mqtt5: false,
  fetch: async (cache) => {
    await fetchActiveMq(cache);
    return ACTIVEMQ;
  },
  start: async (cache, folder) => startJava('ActiveMq', await fetchActiveMq(cache), folder, '/'),
};

const fetchMoquette = (cache: string): Promise<string> =>
  fetchArtifacts(cache, `moquette-${MOQUETTE}`, [`io.moquette:moquette-broker:${MOQUETTE}`]);

export const moquette: BrokerKind = {
  name: 'moquette',
  title: 'Moquette',
  mqtt5: false,
  faults: {
    qos2: {
      what: 'Moquette does not send unacknowledged messages of QoS 2 again.',
      advice: 'Use QoS 1.',
      shows: /^rows: \[6,7\] instead of /,
    },
  },
  fetch: async (cache) => {
    await fetchMoquette(cache);
    return MOQUETTE;
  },
  start: async (cache, folder) => startJava('Moquette', await fetchMoquette(cache), folder, '/mqtt'),
};
