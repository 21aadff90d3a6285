import { expect, test } from 'vitest';

import { bearing, coordinates, distance, quantity, speed, utcTime } from './format';

test('missing values are dashes with their unit', () => {
  expect(quantity(undefined, 1, 'm')).toBe('--- m');
  expect(bearing(undefined)).toBe('---°');
  expect(speed(undefined, 'vessel')).toBe('--- kn');
  expect(distance(undefined)).toBe('--- m');
  expect(utcTime(undefined)).toBe('--:--:--.---');
  expect(coordinates(undefined, 'dms')).toEqual(['---', '---']);
});

test('a bearing has three figures and never reads 360', () => {
  expect(bearing(71.4)).toBe('071°');
  expect(bearing(359.7)).toBe('000°');
  expect(bearing(-90)).toBe('270°');
});

test('minus zero is zero', () => {
  expect(quantity(-0.04, 1, 'm/s')).toBe('0.0 m/s');
  expect(quantity(-3.25, 1, '°')).toBe('−3.3°');
});

test('vessels are in knots, drones in metres a second', () => {
  expect(speed(5.1444, 'vessel')).toBe('10.0 kn');
  expect(speed(5.1444, 'drone')).toBe('5.1 m/s');
});

test('coordinates name their hemisphere in each format', () => {
  const place = { latitude: -33.856784, longitude: 151.215297 };
  expect(coordinates(place, 'decimal')).toEqual(['33.856784° S', '151.215297° E']);
  expect(coordinates(place, 'dms')).toEqual(['33°51′24.4″ S', '151°12′55.1″ E']);
  expect(coordinates(place, 'mgrs')).toEqual(['56H LH 34900 52290']);
});

test('seconds that round up carry over instead of reading 60', () => {
  expect(coordinates({ latitude: 59.99999, longitude: 0 }, 'dms')[0]).toBe('60°00′00.0″ N');
});

test('near the poles, where MGRS ends, decimal degrees are shown', () => {
  expect(coordinates({ latitude: 85, longitude: 10 }, 'mgrs')).toEqual(['85.000000° N', '010.000000° E']);
});

test('a clock is cut, not rounded', () => {
  expect(utcTime(Date.UTC(2026, 10, 22, 14, 3, 22, 123) * 1000 + 999)).toBe('14:03:22.123');
});
