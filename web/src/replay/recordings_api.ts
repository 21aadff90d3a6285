// What was recorded, and what else is known of a time: queries.
import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { get } from '../api/client';
import type { Kind, KindVehicle, RecordedCamera, Telemetry } from '../api/types';
import { telemetryHistory } from '../api/vehicles';
import { merged } from './coverage';
import { lastUpTo } from './ordered';
import type { Span } from './replay_state';

/** A camera that has recordings, and where. */
export interface Lane {
  vehicle: string;
  camera: string;
  /** Of the vehicle, as it is called now; its id when it was removed. */
  name: string;
  kind: Kind;
  ranges: Span[];
}

export const laneKey = ({ vehicle, camera }: Pick<Lane, 'vehicle' | 'camera'>) => `${vehicle}/${camera}`;

export const kRefreshMs = 10_000;
const kOverviewMs = 60_000;
const kOverviewResolutionUs = 60e6;
export const whole = ({ fromUs, toUs }: Span): Span => ({
  fromUs: Math.floor(fromUs),
  toUs: Math.ceil(toUs),
});

function recorded(span: Span, resolutionUs: number, signal: AbortSignal): Promise<RecordedCamera[]> {
  const { fromUs, toUs } = whole(span);
  return get(
    `/api/recordings?from=${Math.max(0, fromUs)}&to=${toUs}&resolution=${Math.round(resolutionUs)}`,
    signal,
  );
}

/** All that there is, coarsely: which lanes, and where the next coverage begins. */
export function useOverview() {
  return useQuery({
    queryKey: ['recordings', 'overview'],
    queryFn: ({ signal }) =>
      recorded({ fromUs: 0, toUs: Date.now() * 1000 + 86_400e6 }, kOverviewResolutionUs, signal),
    // It is all of the archive; what is looked at comes in useCoverage().
    refetchInterval: ({ state }) => (state.data?.length ? kOverviewMs : kRefreshMs),
  });
}

/** What the timeline shows, as finely as it can: `span` and `resolutionUs` should be round, so that answers are used again. */
export function useCoverage(span: Span, resolutionUs: number) {
  const { fromUs, toUs } = span;
  return useQuery({
    queryKey: ['recordings', fromUs, toUs, resolutionUs],
    queryFn: ({ signal }) => recorded(span, resolutionUs, signal),
    placeholderData: keepPreviousData,
    staleTime: kRefreshMs,
    refetchInterval: toUs > Date.now() * 1000 ? kRefreshMs : false,
    gcTime: 60_000,
  });
}

const spans = (recorded: RecordedCamera | undefined): Span[] =>
  (recorded?.ranges ?? []).map(({ from, to }) => ({ fromUs: from, toUs: to }));

/** A lane for each camera, in the vehicles' order, then those of vehicles that were removed. */
export function lanesOf(
  cameras: readonly RecordedCamera[],
  fine: readonly RecordedCamera[],
  fineSpan: Span,
  vehicles: readonly KindVehicle[],
): Lane[] {
  const place = new Map(vehicles.map(({ id }, index) => [id, index]));
  const known = new Set(cameras.map(laneKey));
  // A camera that has just begun to record is in the younger answer only.
  const begun = fine
    .filter((camera) => !known.has(laneKey(camera)))
    .map((camera) => ({ ...camera, ranges: [] }));
  const lanes = [...cameras, ...begun].map((camera) => {
    const vehicle = vehicles.find(({ id }) => id === camera.vehicle);
    const detail = fine.find((other) => other.vehicle === camera.vehicle && other.camera === camera.camera);
    // Inside of what was asked for finely only that counts: the coarse answer has closed its small gaps.
    const outside = spans(camera).flatMap(({ fromUs, toUs }) => [
      { fromUs, toUs: Math.min(toUs, fineSpan.fromUs) },
      { fromUs: Math.max(fromUs, fineSpan.toUs), toUs },
    ]);
    const inside = spans(detail);
    return {
      vehicle: camera.vehicle,
      camera: camera.camera,
      name: vehicle?.name ?? camera.vehicle,
      kind: vehicle?.kind ?? 'drone',
      ranges: merged(
        outside.filter(({ fromUs, toUs }) => fromUs < toUs),
        inside,
      ),
    } satisfies Lane;
  });
  const rank = ({ vehicle }: Lane) => place.get(vehicle) ?? vehicles.length;
  return lanes.sort((a, b) => rank(a) - rank(b) || laneKey(a).localeCompare(laneKey(b)));
}

/** What the vehicle said over its link, oldest first, thinned evenly to `limit`. */
export function useHistory(vehicle: Pick<Lane, 'kind' | 'vehicle'> | undefined, span: Span, limit: number) {
  const { fromUs, toUs } = whole(span);
  return useQuery({
    queryKey: ['replay-history', vehicle?.vehicle, fromUs, toUs, limit],
    queryFn: ({ signal }): Promise<Telemetry[]> =>
      telemetryHistory(
        vehicle?.kind ?? 'drone',
        vehicle?.vehicle ?? '',
        Math.max(0, fromUs),
        toUs,
        limit,
        signal,
      ),
    enabled: vehicle !== undefined,
    // Another vehicle's numbers must not stand in for this one's.
    placeholderData: (previous, query) => (query?.queryKey[1] === vehicle?.vehicle ? previous : undefined),
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
}

/** The newest sample at the instant or before. */
export function sampleAt(samples: readonly Telemetry[], us: number): Telemetry | undefined {
  return samples[lastUpTo(samples, ({ time }) => time, us)];
}
