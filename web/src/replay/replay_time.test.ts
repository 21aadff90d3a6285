// Instants as text and in the address, coverage, the timeline's scale, and which segment and frame an instant means.
import { expect, it } from 'vitest';

import { gapAt, merged, nextStart, previousStart, rangeAt } from './coverage';
import { endsBefore, frameAt, segmentAt, type RecordedSegment } from './recorded_segments';
import { readAddress, writeAddress } from './replay_address';
import type { SegmentFrame } from './segment_frames';
import { keptInView, ticks, usAt, xOf, zoomed } from './timeline_scale';
import { durationText, parseUtc, utcIso } from './utc_text';

const kNoon = Date.UTC(2026, 10, 22, 12) * 1000;
const kSecond = 1_000_000;
const parse = (text: string) => parseUtc(text, kNoon, kNoon + 7);

it('writes and reads an instant to the microsecond', () => {
  expect(utcIso(kNoon + 123_456)).toBe('2026-11-22T12:00:00.123456Z');
  expect(utcIso(kNoon - 1)).toBe('2026-11-22T11:59:59.999999Z');
  for (const us of [kNoon, kNoon + 1, kNoon - 1, 0]) expect(parse(utcIso(us))).toBe(us);
});

it('understands instants as people write them', () => {
  expect(parse('2026-11-22')).toBe(kNoon - 12 * 3600 * kSecond);
  expect(parse('2026-11-22 12:00')).toBe(kNoon);
  expect(parse('2026-11-22 13:00:00.5+01:00')).toBe(kNoon + kSecond / 2);
  expect(parse('12:00:01.25')).toBe(kNoon + 1.25 * kSecond);
  expect(parse(' 9:30 Z ')).toBe(kNoon - 2.5 * 3600 * kSecond);
  expect(parse('221200ZNOV26')).toBe(kNoon);
  expect(parse('+5m')).toBe(kNoon + 300 * kSecond);
  expect(parse('\u22121.5 s')).toBe(kNoon - 1.5 * kSecond);
  expect(parse('now')).toBe(kNoon + 7);
  expect(parse(String(kNoon))).toBe(kNoon);
  expect(parse(String(kNoon / 1000))).toBe(kNoon);
  expect(parse(String(kNoon / kSecond))).toBe(kNoon);
});

it('does not guess at what is no instant', () => {
  for (const text of [
    '',
    'noon',
    '2026-13-01',
    '2026-02-30',
    '25:00',
    '12:60',
    '12:00:61',
    '321200ZNOV26',
    '221200ZNOX26',
    '123',
  ]) {
    expect(parse(text), text).toBeUndefined();
  }
});

it('says a length of time in two figures', () => {
  expect([4e5, 12e6, 200e6, 7500e6, 100 * 3600e6].map(durationText)).toEqual([
    '400 ms',
    '12 s',
    '3 min 20 s',
    '2 h 05 min',
    '4 d 4 h',
  ]);
});

it('keeps camera, instant, trims, loop and what stands beside in the address', () => {
  const address = {
    shown: { vehicle: 'kestrel', camera: 'nose' },
    others: [
      { vehicle: 'tern', camera: 'mast' },
      { vehicle: 'kestrel', camera: 'tail' },
    ],
    utcUs: kNoon + 40_001,
    trims: { 'tern/mast': -120 },
    loop: { fromUs: kNoon, toUs: kNoon + kSecond },
    large: 'map' as const,
    side: 'events' as const,
  };
  const written = writeAddress(new URLSearchParams('other=1'), address);
  expect(readAddress(new URLSearchParams(written.toString()))).toEqual(address);
  expect(written.get('other')).toBe('1');
  const cleared = writeAddress(written, {
    others: [],
    loop: undefined,
    trims: {},
    large: 'video',
    side: 'charts',
  });
  expect([...cleared.keys()].sort()).toEqual(['camera', 'other', 't', 'vehicle']);
});

it('takes nothing from an address that makes no sense', () => {
  const text = 't=yesterday&with=a/b/c,,a&trim=x:9999999999,y:abc,z:0&loop=9..3&large=none&side=none';
  expect(readAddress(new URLSearchParams(text))).toEqual({
    shown: undefined,
    others: [],
    utcUs: undefined,
    trims: {},
    loop: undefined,
    large: 'video',
    side: 'charts',
  });
  for (const text of ['now', '-5m', '12:00']) {
    expect(readAddress(new URLSearchParams({ t: text })).utcUs, text).toBeUndefined();
  }
});

it('knows ranges, gaps, and where the next coverage begins', () => {
  const ranges = merged(
    [{ fromUs: 50e6, toUs: 60e6 }],
    [
      { fromUs: 0, toUs: 10e6 },
      { fromUs: 10e6, toUs: 20e6 },
    ],
  );
  expect(ranges).toEqual([
    { fromUs: 0, toUs: 20e6 },
    { fromUs: 50e6, toUs: 60e6 },
  ]);
  expect(rangeAt(ranges, 20e6)).toBeUndefined();
  expect(gapAt(ranges, 30e6)).toEqual({ fromUs: 20e6, toUs: 50e6 });
  expect(gapAt(ranges, 70e6)).toEqual({ fromUs: 60e6 });
  expect(nextStart(ranges, 5e6)).toBe(50e6);
  expect(nextStart(ranges, 55e6)).toBeUndefined();
  expect(previousStart(ranges, 55e6)).toBe(50e6);
  expect(previousStart(ranges, 50.1e6)).toBe(0);
});

it('zooms around an instant and keeps the playhead in view', () => {
  const view = { fromUs: 0, toUs: 100e6 };
  const closer = zoomed(view, 0.5, 25e6);
  expect(closer).toEqual({ fromUs: 12.5e6, toUs: 62.5e6 });
  expect(usAt(closer, 1000, xOf(closer, 1000, 25e6))).toBeCloseTo(25e6, 3);
  expect(keptInView(view, 50e6)).toBe(view);
  const turned = keptInView(view, 101e6);
  expect(turned.fromUs).toBeLessThan(101e6);
  expect(turned.toUs - turned.fromUs).toBe(100e6);
});

it('has readable lines at every zoom', () => {
  for (let length = 200_000; length < 400 * 86_400e6; length *= 3) {
    const found = ticks({ fromUs: kNoon, toUs: kNoon + length }, 1200);
    expect(found.length).toBeLessThanOrEqual(14);
    expect(found.length).toBeGreaterThanOrEqual(3);
  }
});

const segment = (utcUs: number, run = 0): RecordedSegment => ({
  place: { url: 'a', start: 0, end: 1 },
  utcUs,
  durationUs: 2e6,
  run,
});

it('finds the newest segment that may hold an instant', () => {
  const segments = [segment(10e6), segment(12e6), segment(30e6, 1)];
  expect(segmentAt(segments, 9e6)).toBe(-1);
  expect(segmentAt(segments, 10e6 - 1500)).toBe(0);
  expect(segmentAt(segments, 13e6)).toBe(1);
  expect(segmentAt(segments, 20e6)).toBe(1);
  expect(endsBefore(segments[1] ?? segment(0), 20e6)).toBe(true);
  expect(endsBefore(segments[1] ?? segment(0), 14.1e6)).toBe(false);
  // A clock that stepped back: the later run holds the earlier time.
  expect(segmentAt([segment(10e6), segment(12e6), segment(5e6, 1)], 6e6)).toBe(2);
});

it('finds the newest frame at an instant or before', () => {
  const frames = [10, 50, 90].map((ms): SegmentFrame => {
    const message = { utcUs: ms * 1000, timeMethod: 'sei' } as SegmentFrame['message'];
    return { pts: ms * 90, keyFrame: false, message, klv: undefined };
  });
  expect([9, 10, 49, 50, 1000].map((ms) => frameAt(frames, ms * 1000))).toEqual([-1, 0, 0, 1, 2]);
  expect(frameAt([{ pts: 0, keyFrame: true, message: undefined, klv: undefined }], 5)).toBe(-1);
});
