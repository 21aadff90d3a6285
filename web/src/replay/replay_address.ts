// The replay page's address: whoever opens it sees the same camera at the very same frame.
//
//   vehicle, camera   what is shown
//   with              VEHICLE/CAMERA, comma separated: what is shown beside it, in step
//   t                 UTC of the frame, ISO 8601 with microseconds (read too: whole microseconds since 1970)
//   trim              VEHICLE/CAMERA:MILLISECONDS, comma separated: added to that camera's capture times
//   loop              FROM..TO, whole microseconds since 1970
//   large=map         the map in the large place
//   side              what stands beside: values, events, find, exports; absent: charts
//
// What is looked for stands in it too: find/find_query.ts.
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

import type { Span } from './replay_state';
import { parseUtc, utcIso } from './utc_text';

export interface CameraId {
  vehicle: string;
  camera: string;
}

export const kSides = ['charts', 'values', 'events', 'find', 'exports'] as const;
export type Side = (typeof kSides)[number];

export interface Address {
  shown: CameraId | undefined;
  others: readonly CameraId[];
  utcUs: number | undefined;
  /** Milliseconds by "vehicle/camera". */
  trims: Readonly<Record<string, number>>;
  loop: Span | undefined;
  large: 'video' | 'map';
  side: Side;
}

/** So many pictures beside the first; more would be too small, and too much to decode. */
export const kMostOthers = 3;

function camerasOf(text: string | null): CameraId[] {
  const found = (text ?? '').split(',').flatMap((part) => {
    const [vehicle, camera, more] = part.split('/');
    return vehicle && camera && more === undefined ? [{ vehicle, camera }] : [];
  });
  return found.slice(0, kMostOthers);
}

const kLongestTrimMs = 3_600_000;

export function readAddress(parameters: URLSearchParams): Address {
  const [vehicle, camera] = [parameters.get('vehicle'), parameters.get('camera')];
  const trims: Record<string, number> = {};
  for (const part of (parameters.get('trim') ?? '').split(',')) {
    const [, key, ms] = /^([^:]+):(-?\d+(?:\.\d+)?)$/.exec(part) ?? [];
    if (key && Math.abs(Number(ms)) <= kLongestTrimMs && Number(ms) !== 0) trims[key] = Number(ms);
  }
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(parameters.get('loop') ?? '') ?? [];
  // Only an instant that means the same whenever and by whomever it is read.
  const utcUs = parseUtc(parameters.get('t') ?? '', NaN, NaN);
  return {
    shown: vehicle ? { vehicle, camera: camera ?? '' } : undefined,
    others: camerasOf(parameters.get('with')),
    utcUs: Number.isFinite(utcUs) ? utcUs : undefined,
    trims,
    loop: Number(from) < Number(to) ? { fromUs: Number(from), toUs: Number(to) } : undefined,
    large: parameters.get('large') === 'map' ? 'map' : 'video',
    side: kSides.find((side) => side === parameters.get('side')) ?? 'charts',
  };
}

export function writeAddress(old: URLSearchParams, change: Partial<Address>): URLSearchParams {
  const next = new URLSearchParams(old);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  };
  if ('shown' in change) {
    set('vehicle', change.shown?.vehicle);
    set('camera', change.shown?.camera);
  }
  if (change.others) set('with', change.others.map(({ vehicle, camera }) => `${vehicle}/${camera}`).join());
  if ('utcUs' in change) set('t', change.utcUs === undefined ? undefined : utcIso(change.utcUs));
  if ('loop' in change) {
    set('loop', change.loop && `${Math.round(change.loop.fromUs)}..${Math.round(change.loop.toUs)}`);
  }
  if ('large' in change) set('large', change.large === 'map' ? 'map' : undefined);
  if ('side' in change) set('side', change.side === 'charts' ? undefined : change.side);
  if (change.trims) {
    const trims = Object.entries(change.trims).filter(([, ms]) => ms !== 0);
    set('trim', trims.map(([key, ms]) => `${key}:${ms}`).join());
  }
  return next;
}

export function useAddress(): [Address, (change: Partial<Address>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const address = useMemo(() => readAddress(parameters), [parameters]);
  const change = useCallback(
    (change: Partial<Address>) => setParameters((old) => writeAddress(old, change), { replace: true }),
    [setParameters],
  );
  return [address, change];
}
