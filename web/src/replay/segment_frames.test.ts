// Segments made by hand, packet by packet as ISO/IEC 13818-1 has them, and bytes that mean no good.
import { expect, it } from 'vitest';

import { segmentFrames, ptsDifference } from './segment_frames';

const kPacket = 188;

function packet(
  pid: number,
  payload: number[],
  options: { starts?: boolean; cc?: number; field?: number[] } = {},
) {
  const { starts = true, cc = 0, field = [] } = options;
  const room = kPacket - 4 - payload.length;
  const stuffing = room > 0 && field.length + 1 < room ? room - field.length - 1 : 0;
  const adaptation = room > 0 ? [room - 1, ...(field.length > 0 || room === 1 ? field : [0])] : [];
  const filled = [...adaptation, ...Array.from<number>({ length: stuffing }).fill(0xff)].slice(0, room);
  const head = [0x47, (starts ? 0x40 : 0) | (pid >> 8), pid & 255, (room > 0 ? 0x30 : 0x10) | cc];
  return [...head, ...filled, ...payload];
}

/** Without a right CRC: nobody looks at it here. */
const pat = (pmt: number) =>
  packet(0, [0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | (pmt >> 8), pmt & 255, 0, 0, 0, 0]);

type Stream = [type: number, pid: number, descriptors?: number[]];
function pmt(pid: number, streams: Stream[]) {
  const entries = streams.flatMap(([type, pid, descriptors = []]) => [
    type,
    0xe0 | (pid >> 8),
    pid & 255,
    0xf0,
    descriptors.length,
    ...descriptors,
  ]);
  const body = [0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, ...entries, 0, 0, 0, 0];
  return packet(pid, [0, 2, 0xb0, body.length, ...body]);
}

function time(pts: number): number[] {
  const high = Math.floor(pts / 2 ** 30);
  return [
    0x21 | (high << 1),
    (pts >>> 22) & 255,
    ((pts >>> 14) & 255) | 1,
    (pts >>> 7) & 255,
    ((pts << 1) & 255) | 1,
  ];
}

function pes(streamId: number, pts: number, payload: number[], open = false) {
  const length = open ? 0 : payload.length + 8;
  return [0, 0, 1, streamId, length >> 8, length & 255, 0x84, 0x80, 5, ...time(pts), ...payload];
}

function mark(pts: number, utcUs: number, klvBytes: number): number[] {
  const view = new DataView(new ArrayBuffer(48));
  view.setUint8(0, 1);
  view.setUint8(1, 1);
  view.setUint8(2, klvBytes > 0 ? 1 : 0);
  view.setUint32(4, pts % 2 ** 32);
  view.setBigUint64(12, BigInt(utcUs));
  view.setUint32(44, klvBytes);
  return [0xdf, 52, 0x4d, 0x53, 0x54, 0x48, ...new Uint8Array(view.buffer)];
}

const kUtc = 1_795_380_785_963_456;

/** A video packet with a clock and, if given, private data. */
function video(pts: number, privateData: number[] = [], cc = 0) {
  const field = [0x52, 0, 0, 0, 0, 0x7e, 0, privateData.length, ...privateData];
  return packet(0x100, pes(0xe0, pts, [0, 0, 1, 9], true), { field, cc });
}

const cell = (klv: number[]) => [0, 0, 0xd0, klv.length >> 8, klv.length & 255, ...klv];
const klvPacket = (pts: number, klv: number[], cc = 0) => packet(0x101, pes(0xfc, pts, cell(klv)), { cc });
const tables = [
  ...pat(0x1000),
  ...pmt(0x1000, [
    [0x1b, 0x100],
    [0x15, 0x101],
  ]),
];
const bytes = (...parts: number[][]) => Uint8Array.from(parts.flat());

it('reads header and KLV of each frame', () => {
  const frames = segmentFrames(
    bytes(
      tables,
      klvPacket(9000, [1, 2, 3]),
      video(9000, mark(9000, kUtc, 3)),
      klvPacket(12_600, [4, 5], 1),
      video(12_600, mark(12_600, kUtc + 40_000, 2), 1),
    ),
  );
  expect(frames.map(({ pts, message }) => [pts, message?.utcUs, message?.valueMethod])).toEqual([
    [9000, kUtc, 'measured'],
    [12_600, kUtc + 40_000, 'measured'],
  ]);
  expect(frames.map(({ message }) => Array.from(message?.klv ?? []))).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(frames[0]?.keyFrame).toBe(true);
});

it('reads time stamps of all 33 bits, and a KLV packet that is longer than a transport packet', () => {
  const pts = 2 ** 33 - 1;
  const klv = Array.from({ length: 300 }, (_, index) => index & 255);
  const whole = pes(0xfc, pts, cell(klv));
  const frames = segmentFrames(
    bytes(
      tables,
      packet(0x101, whole.slice(0, 184)),
      packet(0x101, whole.slice(184), { starts: false, cc: 1 }),
      video(pts, mark(pts, kUtc, 300)),
    ),
  );
  expect(frames[0]?.pts).toBe(pts);
  expect(Array.from(frames[0]?.message?.klv ?? [])).toEqual(klv);
});

it('gives a frame without KLV its header alone', () => {
  const [frame] = segmentFrames(bytes(tables, video(9000, mark(9000, kUtc, 0))));
  expect(frame?.message).toMatchObject({ utcUs: kUtc, valueMethod: 'none' });
  expect(frame?.message?.klv.length).toBe(0);
});

it('gives no frame the KLV of another one', () => {
  const frames = segmentFrames(
    bytes(
      tables,
      klvPacket(9001, [1, 2, 3]),
      video(9000, mark(9000, kUtc, 3)),
      klvPacket(12_600, [1, 2, 3, 4], 1),
      video(12_600, mark(12_600, kUtc, 3), 1),
      klvPacket(16_200, [1, 2, 3], 2),
      klvPacket(16_200, [7, 8, 9], 3),
      video(16_200, mark(16_200, kUtc, 3), 2),
    ),
  );
  expect(frames.map(({ message }) => [message?.valueMethod, message?.klv.length])).toEqual([
    ['none', 0],
    ['none', 0],
    ['none', 0],
  ]);
});

it('takes no header that names another time stamp', () => {
  const [frame] = segmentFrames(bytes(tables, klvPacket(9000, [1]), video(9000, mark(9001, kUtc, 1))));
  expect(frame?.message).toBeUndefined();
});

it('leaves out KLV of which a packet is missing', () => {
  const whole = pes(0xfc, 9000, cell(Array.from({ length: 500 }, () => 7)));
  const frames = segmentFrames(
    bytes(
      tables,
      packet(0x101, whole.slice(0, 184)),
      packet(0x101, whole.slice(368), { starts: false, cc: 2 }),
      video(9000, mark(9000, kUtc, 500)),
    ),
  );
  expect(frames[0]?.message?.valueMethod).toBe('none');
});

it('reads asynchronous KLV of a file that is not ours, which has no headers', () => {
  const klva = [5, 4, 0x4b, 0x4c, 0x56, 0x41];
  const [frame] = segmentFrames(
    bytes(
      pat(0x20),
      pmt(0x20, [
        [0x24, 0x41],
        [0x06, 0x42, klva],
      ]),
      packet(0x42, pes(0xbd, 9000, [1, 2, 3])),
      packet(0x41, pes(0xe0, 9000, [0, 0, 1], true)),
    ),
  );
  expect(frame?.message).toBeUndefined();
  expect(Array.from(frame?.klv ?? [])).toEqual([1, 2, 3]);
});

it('puts frames into the order in which they are shown, over a wrap of the clock too', () => {
  const order = [2 ** 33 - 3600, 3600, 0];
  const frames = segmentFrames(bytes(tables, ...order.map((pts, cc) => video(pts, [], cc))));
  expect(frames.map(({ pts }) => pts)).toEqual([2 ** 33 - 3600, 0, 3600]);
  expect(ptsDifference(3600, 2 ** 33 - 3600)).toBe(7200);
});

it('goes on behind bytes that are no packets', () => {
  const frames = segmentFrames(
    bytes([1, 2, 3], tables, video(9000), [0x47, 9, 9], video(12_600), video(16_200), video(19_800)),
  );
  expect(frames.map(({ pts }) => pts)).toEqual([9000, 12_600, 16_200, 19_800]);
});

/** The same numbers each time: a failure can be looked at again. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state >>> 8;
  }
}

it('survives any damage, and shows no KLV that was not written for the frame', () => {
  const sound = bytes(
    tables,
    ...Array.from({ length: 12 }, (_, index) => {
      const pts = 9000 + index * 3600;
      return [
        ...klvPacket(pts, [index, index, index], index),
        ...video(pts, mark(pts, kUtc + index, 3), index),
      ];
    }),
  );
  const random = numbers(7);
  const next = (below: number) => (random.next().value as number) % below;
  for (let round = 0; round < 3000; round += 1) {
    const damaged = sound.slice(0, round % 3 === 0 ? next(sound.length) : sound.length);
    for (let hits = 1 + next(6); hits > 0; hits -= 1) damaged[next(damaged.length || 1)] = next(256);
    expect(() => segmentFrames(damaged)).not.toThrow();
  }
  expect(segmentFrames(new Uint8Array())).toEqual([]);
  for (let cut = 0; cut < sound.length; cut += 13) {
    for (const { pts, message } of segmentFrames(sound.slice(cut))) {
      if (message && message.klv.length > 0) expect(message.klv[0]).toBe((pts - 9000) / 3600);
    }
  }
});
