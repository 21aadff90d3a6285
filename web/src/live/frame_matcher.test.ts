import { expect, test } from 'vitest';

import type { Frame } from '../klv/frame';
import { FrameMatcher, kKeptUs, MatchRate } from './frame_matcher';

const frame = (rtpTimestamp: number, seq = 0) => ({ rtpTimestamp, seq }) as Frame;

test('a frame gets the message of its own timestamp and no other', () => {
  const matcher = new FrameMatcher();
  matcher.add(frame(3000, 1), 0);
  matcher.add(frame(6000, 2), 33_000);
  expect(matcher.find(6000)?.seq).toBe(2);
  expect(matcher.find(3000)?.seq).toBe(1);
  expect(matcher.find(4500)).toBeUndefined();
});

test('messages out of order and around the wrap of the timestamp are found', () => {
  const matcher = new FrameMatcher();
  matcher.add(frame(500, 3), 0);
  matcher.add(frame(4_294_965_000, 2), 1000);
  expect(matcher.find(4_294_965_000)?.seq).toBe(2);
  expect(matcher.find(500)?.seq).toBe(3);
});

test('messages older than four seconds are dropped, so that the map stays small', () => {
  const matcher = new FrameMatcher();
  for (let index = 0; index < 1000; index += 1) matcher.add(frame(index * 3000), index * 33_333);
  expect(matcher.size).toBeLessThanOrEqual(Math.ceil(kKeptUs / 33_333) + 1);
  expect(matcher.find(0)).toBeUndefined();
  expect(matcher.find(999 * 3000)).toBeDefined();
});

test('the match rate counts the frames of the last ten seconds only', () => {
  const rate = new MatchRate();
  expect(rate.rate(0)).toBeUndefined();
  rate.shown(false, 0);
  rate.shown(true, 1000);
  expect(rate.rate(1000)).toBe(0.5);
  expect(rate.rate(10_500)).toBe(1);
  expect(rate.rate(60_000)).toBeUndefined();
});

test('a message that comes after its frame was drawn counts as a match', () => {
  const rate = new MatchRate();
  rate.shown(true, 0);
  rate.shown(false, 33);
  rate.lateMatch();
  expect(rate.rate(40)).toBe(1);
});
