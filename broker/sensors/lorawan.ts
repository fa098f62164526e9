import { outdoors } from './home';
import type { Sensor } from './sensor';
import { DAY, random, fractalNoise, gaussianNoise, HOUR, MINUTE, round, SECOND, seedFor } from './signals';
import { withFaults, type FaultRates } from './faults';
import { utcTime } from './wall-clock';

/** Identity of a device in the field. */
interface Device {
  name: string;
  eui: string;
  address: string;
}

const SOIL: Device[] = [
  { name: 'soil-north', eui: '70B3D57ED0051A2B', address: '260B1C4D' },
  { name: 'soil-south', eui: '70B3D57ED0051A2C', address: '260B7F02' },
];
const TANK: Device = { name: 'tank-1', eui: 'a84041b2c1839f55', address: '01a3f1c2' };
/** Interval of the uplinks: shorter than in the field, so that a dashboard has something to show. */
const EVERY = 10 * SECOND;
const APPLICATION = '6f1f1c62-2c56-4d6a-9c3e-0d3f6c0f9b11';
/** Fault rates of the radio link. */
const AIR: FaultRates = { dropped: 0.03, late: 0.02, duplicated: 0.01 };

interface Soil {
  temperature: number;
  moisture: number;
  battery: number;
}

/** The soil follows the air temperature after some hours, and dries until it is watered once a day. */
export function soil(seed: number, name: string, time: number): Soil {
  const own = seedFor(seed, name);
  const air = outdoors(seed, time - 3 * HOUR).temperature;
  const sinceWatering = (time - 6 * HOUR - random(own, 1) * HOUR) % DAY;
  return {
    temperature: round(9 + 0.4 * air + 0.05 * gaussianNoise(own, time, SECOND), 2),
    moisture: round(22 + 19 * Math.exp(-sinceWatering / (9 * HOUR)) + fractalNoise(own, time, HOUR), 1),
    battery: Math.round(3_610 - 60 * ((time % (300 * DAY)) / (300 * DAY)) + 4 * gaussianNoise(own, time, MINUTE)),
  };
}

/** The payload of the uplink: hundredths of °C, halves of %, millivolts; big-endian. */
function soilBytes({ temperature, moisture, battery }: Soil): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeInt16BE(Math.round(temperature * 100));
  bytes.writeUInt8(Math.round(moisture * 2), 2);
  bytes.writeUInt16BE(battery, 3);
  return bytes;
}

/** Frame counter of the uplinks: at least 16 bits in LoRaWAN, starting at 0 when the device joins. */
function frameCount(time: number): number {
  return Math.floor(time / EVERY) % 65_536;
}

function radio(seed: number, time: number): { rssi: number; snr: number } {
  const own = seedFor(seed, 'radio');
  return {
    rssi: Math.round(-97 + 9 * fractalNoise(own, time, 20 * MINUTE)),
    snr: round(6 + 5 * fractalNoise(own + 3, time, 9 * MINUTE), 1),
  };
}

/** RFC 3339 with nanoseconds, as both network servers send it. */
function nanoseconds(time: number, seed: number): string {
  const digits = String(Math.floor(random(seed, Math.floor(time)) * 1e6)).padStart(6, '0');
  return new Date(utcTime(time)).toISOString().replace('Z', `${digits}Z`);
}

/** An uplink as The Things Stack v3 publishes it. */
function thingsStack(seed: number, device: Device, time: number): string {
  const reading = soil(seed, device.name, time);
  const receivedAt = nanoseconds(time, seedFor(seed, device.name));
  return JSON.stringify({
    end_device_ids: {
      device_id: device.name,
      application_ids: { application_id: 'greenhouse' },
      dev_eui: device.eui,
      dev_addr: device.address,
    },
    received_at: receivedAt,
    uplink_message: {
      f_port: 2,
      // The Things Stack omits fields that are zero
      ...(frameCount(time) > 0 && { f_cnt: frameCount(time) }),
      frm_payload: soilBytes(reading).toString('base64'),
      decoded_payload: reading,
      rx_metadata: [{ gateway_ids: { gateway_id: 'roof' }, ...radio(seed, time) }],
      settings: { data_rate: { lora: { bandwidth: 125_000, spreading_factor: 7 } }, frequency: '868100000' },
      consumed_airtime: '0.056576s',
      received_at: receivedAt,
    },
  });
}

/** An uplink as ChirpStack v4 publishes it; without a codec, it has the bytes only and no `object`. */
function chirpStack(seed: number, time: number): string {
  const own = seedFor(seed, TANK.name);
  const level = 1_480 - 900 * ((time % (5 * HOUR)) / (5 * HOUR)) + 2 * gaussianNoise(own, time, SECOND);
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(Math.round(level));
  return JSON.stringify({
    deduplicationId: '3ac7e3c4-4401-4b8d-9386-a5c902f9202d',
    time: nanoseconds(time, own).replace('Z', '+00:00'),
    deviceInfo: { applicationName: 'water', deviceName: TANK.name, devEui: TANK.eui, tags: { site: 'hill' } },
    devAddr: TANK.address,
    adr: true,
    dr: 5,
    fCnt: frameCount(time),
    fPort: 10,
    data: bytes.toString('base64'),
    rxInfo: [{ gatewayId: '0016c001f153a14c', ...radio(seed + 1, time) }],
    txInfo: { frequency: 868_300_000 },
  });
}

/** A greenhouse on The Things Stack, and a water tank on ChirpStack without a codec. */
export function lorawanSensors(seed: number, faultRate: number): Sensor[] {
  return [
    ...SOIL.map((device) => ({
      topic: `v3/greenhouse@ttn/devices/${device.name}/up`,
      every: EVERY,
      read: (time: number) => thingsStack(seed, device, time),
    })),
    {
      topic: `application/${APPLICATION}/device/${TANK.eui}/event/up`,
      every: EVERY,
      read: (time: number) => chirpStack(seed, time),
    },
  ].map((sensor) => withFaults(sensor, seed, AIR, faultRate));
}
