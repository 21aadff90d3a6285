// The cameras that use a pipeline file.
import type { CameraName, KindVehicle } from '../api/types';

export const cameraKey = ({ vehicle, camera }: CameraName) => `${vehicle}/${camera}`;

/** "Kestrel gimbal" */
export function cameraTitle({ vehicle, camera }: CameraName, vehicles: readonly KindVehicle[]): string {
  return `${vehicles.find(({ id }) => id === vehicle)?.name ?? vehicle} ${camera}`;
}

export const countedCameras = (count: number) =>
  count === 0 ? 'no camera' : count === 1 ? '1 camera' : `${count} cameras`;

/** What applying does to them: "Kestrel gimbal and Heron gimbal start anew." */
export function restartWords(cameras: readonly CameraName[], vehicles: readonly KindVehicle[]): string {
  const titles = cameras.map((camera) => cameraTitle(camera, vehicles));
  const last = titles.pop();
  if (last === undefined) return 'No camera uses this file: nothing starts anew.';
  if (titles.length === 0) return `${last} starts anew; all others go on.`;
  return `${titles.join(', ')} and ${last} start anew; all others go on.`;
}
