import { expect, test } from 'vitest';

import { checksum } from './local_set';
import { st0601UniversalLabel } from '../generated/st0601';
import { frameValues } from './frame_values';

const signed = (value: number, range: number) => Math.round((value / range) * (2 ** 31 - 1));

/** A packet with 4-byte items. */
function packet(items: readonly (readonly [number, number])[]): Uint8Array {
  const body = [2, 8, 0, 6, 0x44, 0xd0, 0x5a, 0xe5, 0xc0, 0];
  for (const [tag, code] of items)
    body.push(tag, 4, ...[24, 16, 8, 0].map((shift) => (code >> shift) & 0xff));
  const head = [...st0601UniversalLabel, 0x81, body.length + 4, ...body, 1, 2];
  const sum = checksum(Uint8Array.from(head));
  return Uint8Array.from([...head, sum >> 8, sum & 0xff]);
}

const latitude = (tag: number, value: number) => [tag, signed(value, 90)] as const;
const longitude = (tag: number, value: number) => [tag, signed(value, 180)] as const;

test('positions come in pairs or not at all', () => {
  const values = frameValues(packet([latitude(13, 59.5), longitude(14, 24.75), latitude(23, 59.6)]));
  expect(values?.position?.latitude).toBeCloseTo(59.5, 6);
  expect(values?.position?.longitude).toBeCloseTo(24.75, 6);
  expect(values && 'frameCenter' in values).toBe(false);
  expect(values?.doubtful).toBe(false);
});

test('the footprint has four corners or none, and gives its width where the packet does not', () => {
  const corners = [
    latitude(82, 0.002),
    longitude(83, -0.001),
    latitude(84, 0.002),
    longitude(85, 0.001),
    latitude(86, 0),
    longitude(87, 0.001),
    latitude(88, 0),
  ];
  expect(frameValues(packet(corners))?.corners).toBeUndefined();
  const whole = frameValues(packet([...corners, longitude(89, -0.001)]));
  expect(whole?.corners).toHaveLength(4);
  expect(whole?.footprintWidth).toBeCloseTo(222.4, 1);
});

test('a packet with a wrong checksum is shown as doubtful, other bytes are no packet', () => {
  const bytes = packet([latitude(13, 1), longitude(14, 2)]);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  expect(frameValues(bytes)?.doubtful).toBe(true);
  expect(frameValues(Uint8Array.of(1, 2, 3))).toBeUndefined();
});
