import { expect, test } from 'vitest';

import { kTrailUs, Trails } from './trails';

const second = 1_000_000;
const place = (north: number) => ({ latitude: 54 + north / 111_195, longitude: 10 });

test('a vehicle that stands still adds nothing', () => {
  const trails = new Trails();
  for (let index = 0; index < 100; index += 1) trails.add('a', place(0), index * second);
  expect(trails.of('a')).toHaveLength(1);
});

test('points older than a quarter of an hour are dropped', () => {
  const trails = new Trails();
  for (let index = 0; index < 2000; index += 1) trails.add('a', place(index * 10), index * second);
  expect(trails.of('a')[0]?.timeUs).toBe(1999 * second - kTrailUs);
});

test('a silence is not bridged by a line', () => {
  const trails = new Trails();
  trails.add('a', place(0), 0);
  trails.add('a', place(50), 5 * second);
  trails.add('a', place(5000), 60 * second);
  expect(trails.of('a').map(({ afterGap }) => afterGap)).toEqual([false, false, true]);
});

test('history goes before what came live while it was loading', () => {
  const trails = new Trails();
  trails.add('a', place(500), 100 * second);
  const sample = (time: number, north: number) => ({
    time: time * second,
    latitude_deg: place(north).latitude,
    longitude_deg: 10,
  });
  trails.addHistory('a', [sample(80, 300), { time: 85 * second }, sample(90, 400), sample(101, 510)]);
  expect(trails.of('a').map(({ timeUs }) => timeUs / second)).toEqual([80, 90, 100]);
});
