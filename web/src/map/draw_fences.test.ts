import { expect, test } from 'vitest';

import type { Geofence } from '../api/types';
import { fenceLabel, fenceShape } from './draw_fences';

const fence = (changes: Partial<Geofence>): Geofence => ({
  id: 'f',
  name: 'Harbour',
  rule: 'keep_in',
  enabled: true,
  geometry: { type: 'Point', coordinates: [10.2, 54.4] },
  radius_m: 500,
  ...changes,
});

test('a fence is a circle or its corners, longitude first on the wire', () => {
  expect(fenceShape(fence({}))).toEqual({ at: { latitude: 54.4, longitude: 10.2 }, radiusM: 500 });
  const coordinates = [[10, 54], [11, 54], [11, 55], [10, 54]]; // prettier-ignore
  expect(fenceShape(fence({ geometry: { type: 'Polygon', coordinates: [coordinates] } }))).toEqual({
    corners: coordinates.map(([longitude, latitude]) => ({ latitude, longitude })),
  });
});

test('a fence is named with its altitudes and what they are measured from', () => {
  expect(fenceLabel(fence({}))).toBe('Harbour');
  expect(fenceLabel(fence({ altitude: { datum: 'agl', max_m: 120 } }))).toBe('Harbour, below 120 m AGL');
  expect(fenceLabel(fence({ altitude: { datum: 'msl', min_m: 30 } }))).toBe('Harbour, above 30 m MSL');
  expect(fenceLabel(fence({ altitude: { datum: 'hae', min_m: 30, max_m: 80 } }))).toBe(
    'Harbour, 30 to 80 m HAE',
  );
});
