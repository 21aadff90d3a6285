import { expect, test } from 'vitest';

import { prefillAt } from './place_actions';

const place = { latitude: 54.37211234, longitude: -10.5 };

test('a drone keeps its height above home, and looks at the ground below it', () => {
  expect(prefillAt(place, 'drone', { time: 0, altitude_agl_m: 80.12, altitude_msl_m: 92.4 })).toEqual({
    latitude_deg: '54.372112',
    longitude_deg: '-10.500000',
    altitude_m: '80.1',
    altitude_msl_m: '12.3',
  });
});

test('what is not known is left to be typed', () => {
  expect(prefillAt(place, 'drone')).toMatchObject({ altitude_m: '', altitude_msl_m: '' });
  expect(prefillAt(place, 'vessel')).toMatchObject({ altitude_m: '', altitude_msl_m: '0.0' });
});
