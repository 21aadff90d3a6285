import { expect, test } from 'vitest';

import { distanceM, MapView, moved, roundStep } from './view';

const view = new MapView({ latitude: 54.37, longitude: 10.19 }, 14, 800, 600);

test('the centre is in the middle, and places come back from their pixels', () => {
  expect(view.project(view.center)).toEqual([400, 300]);
  const place = { latitude: 54.38, longitude: 10.21 };
  const [x, y] = view.project(place);
  expect(x).toBeGreaterThan(400);
  expect(y).toBeLessThan(300);
  const back = view.unproject(x, y);
  expect(back.latitude).toBeCloseTo(place.latitude, 9);
  expect(back.longitude).toBeCloseTo(place.longitude, 9);
});

test('metres a pixel agree with the projection', () => {
  const east = moved(view.center, 0, 1000);
  const [x] = view.project(east);
  expect((x - 400) * view.metresPerPixel).toBeCloseTo(1000, 0);
  expect(distanceM(view.center, east)).toBeCloseTo(1000, 3);
});

test('across the date line the near copy of the world is taken', () => {
  const pacific = new MapView({ latitude: 0, longitude: 179.99 }, 12, 800, 600);
  const [x] = pacific.project({ latitude: 0, longitude: -179.99 });
  expect(x).toBeGreaterThan(400);
  expect(x).toBeLessThan(800);
  expect(pacific.unproject(x, 300).longitude).toBeCloseTo(-179.99, 6);
});

test('steps are 1, 2 or 5 times a power of ten', () => {
  expect([7, 19, 20, 99, 0.3].map(roundStep)).toEqual([5, 10, 20, 50, 0.2]);
});
