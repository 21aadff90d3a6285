// Places and questions in the address and in the server's words.
import { expect, it } from 'vitest';

import { readFindQuery, readPlace, sightingsQuery, spanOf, unwrapped, writeFindQuery } from './find_query';

const corners = [
  { latitude: 54, longitude: 10 },
  { latitude: 54.5, longitude: 10 },
  { latitude: 54.5, longitude: 10.25 },
];
const view = { fromUs: 1000.4, toUs: 2000.2 };

it('keeps what is looked for in the address', () => {
  const query = {
    place: { type: 'area', corners } as const,
    text: 'buoy & co',
    vehicle: 'tern',
    during: 'view',
  } as const;
  const written = writeFindQuery(new URLSearchParams('vehicle=kestrel'), query);
  expect(written.get('vehicle')).toBe('kestrel');
  expect(readFindQuery(new URLSearchParams(written.toString()))).toEqual(query);
  const emptied = writeFindQuery(written, { place: undefined, text: '', vehicle: undefined, during: 'all' });
  expect(emptied.toString()).toBe('vehicle=kestrel');
});

it('takes no place from an address that makes no sense', () => {
  expect(readPlace('54.1,10.2,50')).toEqual({
    type: 'point',
    at: { latitude: 54.1, longitude: 10.2 },
    radiusM: 50,
  });
  for (const text of [
    '',
    '54,10',
    '91,10,50',
    '54,10,-1',
    '54,10,1e9',
    '1,2;3,4',
    '1,2;3,4;5,x',
    '1,2;3,4;5,,6',
    ',,',
  ]) {
    expect(readPlace(text), text).toBeUndefined();
  }
});

it('asks for a point with its radius, and for an area as GeoJSON whose ring is closed', () => {
  const point = { type: 'point', at: { latitude: 54.1, longitude: 10.2 }, radiusM: 0 } as const;
  expect(sightingsQuery(point, undefined, view).toString()).toBe(
    'from=1000&to=2001&limit=200&longitude=10.2&latitude=54.1&radius=0',
  );
  const asked = sightingsQuery({ type: 'area', corners }, 'tern', view);
  expect(asked.get('vehicle')).toBe('tern');
  expect(JSON.parse(asked.get('area') ?? '')).toEqual({
    type: 'Polygon',
    coordinates: [
      [
        [10, 54],
        [10, 54.5],
        [10.25, 54.5],
        [10, 54],
      ],
    ],
  });
});

it('goes the shorter way over the antimeridian', () => {
  const around = [179.5, -179.5, -179.5, 179.5].map((longitude, at) => ({
    latitude: at < 2 ? 1 : 2,
    longitude,
  }));
  expect(unwrapped(around).map(({ longitude }) => longitude)).toEqual([179.5, 180.5, 180.5, 179.5]);
});

it('looks in the time that was chosen, and asks the same within a minute', () => {
  const now = 1_795_380_030e6;
  expect(spanOf('view', view, now)).toEqual({ fromUs: 1000, toUs: 2001 });
  expect(spanOf('all', view, now).fromUs).toBe(0);
  expect(spanOf('day', view, now)).toEqual(spanOf('day', view, now + 1e6));
  expect(spanOf('week', view, now).toUs - spanOf('week', view, now).fromUs).toBe(7 * 86_400e6);
});
