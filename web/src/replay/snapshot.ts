// A shown frame as a file: the server decodes that very frame, and writes what is known of it into the PNG.
import { getBlob } from '../api/client';
import type { CameraId } from './replay_address';
import { utcIso } from './utc_text';

/** `us`: the frame's own capture time. */
export const snapshotAddress = ({ vehicle, camera }: CameraId, us: number) =>
  `/api/recordings/${encodeURIComponent(vehicle)}/${encodeURIComponent(camera)}/snapshot.png?at=${us}`;

/** "kestrel-gimbal-20261122T140322.123456Z.png". */
export const snapshotName = ({ vehicle, camera }: CameraId, us: number) =>
  `${vehicle}-${camera}-${utcIso(us).replaceAll(/[-:]/g, '')}.png`;

/** Gives the file's name. Throws ApiError. */
export async function saveSnapshot(camera: CameraId, us: number): Promise<string> {
  const name = snapshotName(camera, us);
  const url = URL.createObjectURL(await getBlob(snapshotAddress(camera, us)));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // The browser reads it after the click.
  return name;
}
