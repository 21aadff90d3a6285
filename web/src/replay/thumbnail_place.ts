// Where the bytes of an instant are, of cameras that are not played: asked of the server, a playlist of one GOP.
import { getText } from '../api/client';
import type { CameraId } from './replay_address';
import type { SegmentPlace } from './segment_store';

/** The first segment of a playlist of byte ranges; undefined when it has none. */
export function firstPlace(playlist: string, address: string): SegmentPlace | undefined {
  const lines = playlist.split(/\r?\n/);
  const at = lines.findIndex((line) => line !== '' && !line.startsWith('#'));
  if (at < 0) return undefined;
  const range = lines.slice(0, at).findLast((line) => line.startsWith('#EXT-X-BYTERANGE:'));
  const [, length, start] = /^#EXT-X-BYTERANGE:(\d+)@(\d+)$/.exec(range ?? '') ?? [];
  if (length === undefined || start === undefined) return undefined;
  return {
    url: new URL(lines[at] ?? '', address).href,
    start: Number(start),
    end: Number(start) + Number(length),
  };
}

/** An instant `us` (the camera's own capture time) is inside of a recording, or at most this far from one. */
const kReachUs = 1_000_000;

/** Throws ApiError, also when nothing was recorded. */
export async function placeAt(
  { vehicle, camera }: CameraId,
  us: number,
  signal: AbortSignal,
): Promise<SegmentPlace | undefined> {
  const base = `/api/recordings/${encodeURIComponent(vehicle)}/${encodeURIComponent(camera)}/playlist.m3u8`;
  const from = Math.max(0, Math.floor(us));
  const path = `${base}?from=${from}&to=${from + kReachUs}`;
  return firstPlace(await getText(path, signal), new URL(path, window.location.href).href);
}
