// The map of a recording: the vehicle where the shown frame says it is, what the frame sees, and the track of the range.
import { useCallback, useMemo } from 'react';

import type { Telemetry } from '../api/types';
import type { FrameValues } from '../klv/frame_values';
import { MapSurface } from '../map/map_surface';
import { frameFootprint, velocityOf, type MapScene, type MapVehicle } from '../map/scene';
import { pointOf, trackOf, type TrailPoint } from '../map/trails';
import { laneKey, sampleAt, type Lane } from './recordings_api';
import type { ReplayPlayer } from './replay_player';
import type { ReplaySession } from './replay_session';

/** A place from the link counts for the shown frame if it is not older. */
const kLinkPlaceUs = 10_000_000;

function velocityOfFrame({ course, groundSpeed }: FrameValues): MapVehicle['velocity'] {
  return course === undefined || groundSpeed === undefined
    ? undefined
    : velocityOf({ time: 0, course_deg: course, ground_speed_mps: groundSpeed });
}

function vehicleOf(lane: Lane, player: ReplayPlayer, history: readonly Telemetry[], selected: boolean) {
  const values = player.shown?.frame?.values;
  const { utcUs } = player;
  const sample = utcUs === undefined ? undefined : sampleAt(history, utcUs);
  const young = sample && utcUs !== undefined && utcUs - sample.time < kLinkPlaceUs ? sample : undefined;
  const position = values?.position ?? pointOf(young);
  if (!position) return undefined;
  return {
    id: lane.vehicle,
    name: lane.name,
    kind: lane.kind,
    position,
    heading: values ? (values.heading ?? values.course) : (young?.heading_deg ?? young?.course_deg),
    velocity: (values && velocityOfFrame(values)) ?? (young && velocityOf(young)),
    ageMs: 0,
    stale: false,
    selected,
    trail: [],
  } satisfies MapVehicle;
}

export interface ReplayMapProps {
  session: ReplaySession;
  lanes: readonly Lane[];
  /** Of the shown vehicle, oldest first. */
  history: readonly Telemetry[];
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onSeek: (us: number) => void;
}

export function ReplayMap({ session, lanes, history, follow, onFollow, onSeek }: ReplayMapProps) {
  const points = useMemo(() => trackOf(history), [history]);
  const subscribe = useCallback((changed: () => void) => session.onTime(changed), [session]);
  const gather = (): MapScene => {
    const nowUs = session.utcUs ?? 0;
    const scene: MapScene = { nowUs, tracks: [{ points }], vehicles: [], footprints: [], targets: [] };
    for (const player of [session.second, session.first]) {
      const lane = player && lanes.find((other) => laneKey(other) === laneKey(player));
      if (!player || !lane) continue;
      const isFirst = player === session.first;
      const values = player.shown?.frame?.values;
      const footprint = values && frameFootprint(values, isFirst);
      if (footprint) scene.footprints.push(footprint);
      const vehicle = vehicleOf(lane, player, isFirst ? history : [], isFirst);
      if (vehicle && !(player === session.second && lane.vehicle === session.first?.vehicle)) {
        scene.vehicles.push(isFirst ? { ...vehicle, trail: pastOf(points, nowUs) } : vehicle);
      }
    }
    return scene;
  };
  return (
    <MapSurface
      gather={gather}
      subscribe={subscribe}
      selected={session.first?.vehicle}
      follow={follow}
      onFollow={onFollow}
      onHit={(hit) => hit?.type === 'track' && onSeek(hit.point.timeUs)}
      allLabel="The whole track"
    />
  );
}

function pastOf(points: readonly TrailPoint[], nowUs: number): TrailPoint[] {
  const end = points.findIndex(({ timeUs }) => timeUs > nowUs);
  return points.slice(0, end < 0 ? undefined : end);
}
