// Movie fragments as hls.js writes them, and which frame is found at which time.
import { expect, it } from 'vitest';

import { AppendedFrames, sampleTimes } from './appended_frames';
import type { SegmentFrame } from './segment_frames';

const text = (type: string) => Array.from(type, (letter) => letter.charCodeAt(0));
const u32 = (value: number) => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const box = (type: string, ...parts: number[][]): number[] => {
  const body = parts.flat();
  return [...u32(body.length + 8), ...text(type), ...body];
};

/** Samples as [duration, composition offset] in ticks. */
function fragment(startTicks: number, samples: [number, number][]): Uint8Array {
  const run = samples.flatMap(([duration, offset]) => [
    ...u32(duration),
    ...u32(9),
    ...u32(0),
    ...u32(offset),
  ]);
  const tfdt = box('tfdt', [1, 0, 0, 0], u32(Math.floor(startTicks / 2 ** 32)), u32(startTicks % 2 ** 32));
  const trun = box('trun', [1, 0, 15, 1], u32(samples.length), u32(0), run);
  return Uint8Array.from([
    ...box('moof', box('mfhd', u32(1)), box('traf', tfdt, trun)),
    ...box('mdat', [1, 2, 3]),
  ]);
}

const frames = (...pts: number[]): SegmentFrame[] =>
  pts.map((pts) => ({ pts, keyFrame: false, message: undefined, klv: undefined }));

it('reads the times of samples, beyond 32 bits too', () => {
  expect(
    sampleTimes(
      fragment(90_000, [
        [3600, 0],
        [3600, 0],
      ]),
    ),
  ).toEqual([1, 1.04]);
  expect(sampleTimes(fragment(2 ** 33 + 90_000, [[3600, 0]]))[0]).toBeCloseTo(2 ** 33 / 90_000 + 1, 6);
  expect(
    sampleTimes(
      fragment(0, [
        [3600, 7200],
        [3600, 10_800],
        [3600, 0],
      ]),
    ),
  ).toEqual([0.08, 0.16, 0.08]);
});

it('reads nothing from what is no movie fragment', () => {
  expect(sampleTimes(new Uint8Array())).toEqual([]);
  expect(sampleTimes(Uint8Array.from([...u32(4000), ...text('moof'), 1, 2]))).toEqual([]);
  const sound = fragment(0, [
    [3600, 0],
    [3600, 0],
  ]);
  for (let at = 0; at < sound.length; at += 1) {
    for (const value of [0, 0x7f, 0xff]) {
      const damaged = sound.slice();
      damaged[at] = value;
      expect(() => sampleTimes(damaged)).not.toThrow();
    }
  }
});

it('finds a frame at its own time, with the offset of the source buffer, and nowhere else', () => {
  const appended = new AppendedFrames();
  appended.add(
    5,
    frames(90_000, 93_600, 97_200),
    fragment(90_000, [
      [3600, 0],
      [3600, 0],
      [3600, 0],
    ]),
    99,
  );
  expect(appended.at(100)).toMatchObject({ segment: 5, index: 0 });
  expect(appended.at(100.04)).toMatchObject({ segment: 5, index: 1, frame: { pts: 93_600 } });
  expect(appended.at(100.0399999)).toMatchObject({ index: 1 });
  expect(appended.at(100.02)).toBeUndefined();
  expect(appended.at(99.96)).toBeUndefined();
  expect(appended.placed(5, 2)?.timeS).toBeCloseTo(100.08, 9);
});

it('follows samples that were moved where segments meet', () => {
  const appended = new AppendedFrames();
  appended.add(
    0,
    frames(90_000, 93_600),
    fragment(90_300, [
      [3300, 0],
      [3600, 0],
    ]),
    0,
  );
  expect(appended.at(90_300 / 90_000)).toMatchObject({ index: 0, frame: { pts: 90_000 } });
  expect(appended.at(1)).toBeUndefined();
});

it('knows no frame of a segment whose samples and frames do not correspond', () => {
  const appended = new AppendedFrames();
  appended.add(
    0,
    frames(0, 3600),
    fragment(0, [
      [3600, 0],
      [3600, 0],
    ]),
    0,
  );
  appended.add(
    0,
    frames(0, 3600, 7200),
    fragment(0, [
      [3600, 0],
      [3600, 0],
    ]),
    0,
  );
  expect(appended.at(0)).toBeUndefined();
});
