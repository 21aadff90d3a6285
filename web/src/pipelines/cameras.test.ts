import { expect, test } from 'vitest';

import type { KindVehicle } from '../api/types';
import { countedCameras, restartWords } from './cameras';

const vehicles: KindVehicle[] = [{ id: 'kestrel', name: 'Kestrel', kind: 'drone' }];
const camera = (vehicle: string) => ({ vehicle, camera: 'nose' });

test('applying names every camera that starts anew, by the vehicle’s name where it is known', () => {
  expect(restartWords([], vehicles)).toContain('nothing starts anew');
  expect(restartWords([camera('kestrel')], vehicles)).toBe('Kestrel nose starts anew; all others go on.');
  expect(restartWords(['kestrel', 'a', 'b'].map(camera), vehicles)).toBe(
    'Kestrel nose, a nose and b nose start anew; all others go on.',
  );
});

test('cameras are counted in words', () => {
  expect([0, 1, 2].map(countedCameras)).toEqual(['no camera', '1 camera', '2 cameras']);
});
