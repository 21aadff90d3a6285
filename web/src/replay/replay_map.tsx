// The map of a recording: the vehicle where the shown frame says it is, what the frame sees, and the track of the range.
import { useCallback, useMemo, useRef, type RefObject } from 'react';

import type { Telemetry } from '../api/types';
import type { Place } from '../find/find_query';
import { clicked, type Drawing } from '../find/place_drawing';
import type { FrameValues, Point } from '../klv/frame_values';
import { MapSurface } from '../map/map_surface';
import { frameFootprint, velocityOf, type MapScene, type MapShape, type MapVehicle } from '../map/scene';
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
  /** What is looked for, and what is being drawn for it. */
  place: Place | undefined;
  drawing: Drawing | undefined;
  onDrawing: (drawing: Drawing | undefined) => void;
  onPlace: (place: Place) => void;
  seen: RefObject<(() => Point[]) | undefined>;
}

/** `pointer`: where the next corner would be. */
function shapesOf(
  place: Place | undefined,
  drawing: Drawing | undefined,
  pointer: Point | undefined,
): MapShape[] {
  if (drawing?.type === 'area') {
    return [{ type: 'area', corners: [...drawing.corners, ...(pointer ? [pointer] : [])], open: true }];
  }
  if (!place || drawing) return [];
  return [place.type === 'area' ? { ...place, open: false } : { ...place, type: 'circle' }];
}

export function ReplayMap(props: ReplayMapProps) {
  const { session, lanes, history, follow, onFollow, onSeek, place, drawing, seen } = props;
  const pointer = useRef<Point>(undefined);
  const points = useMemo(() => trackOf(history), [history]);
  const subscribe = useCallback((changed: () => void) => session.onTime(changed), [session]);
  const gather = (): MapScene => {
    const nowUs = session.utcUs ?? 0;
    const scene: MapScene = {
      nowUs,
      shapes: shapesOf(place, drawing, pointer.current),
      tracks: [{ points }],
      vehicles: [],
      footprints: [],
      targets: [],
    };
    const drawn = new Set([session.first?.vehicle]);
    for (const player of [...session.others, session.first]) {
      const lane = player && lanes.find((other) => laneKey(other) === laneKey(player));
      if (!player || !lane) continue;
      const isFirst = player === session.first;
      const values = player.shown?.frame?.values;
      const footprint = values && frameFootprint(values, isFirst);
      if (footprint) scene.footprints.push(footprint);
      const vehicle = vehicleOf(lane, player, isFirst ? history : [], isFirst);
      if (vehicle && (isFirst || !drawn.has(lane.vehicle))) {
        drawn.add(lane.vehicle);
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
      follow={follow && !drawing} // The map stands still while somebody draws on it.
      onFollow={onFollow}
      onHit={(hit) => hit?.type === 'track' && onSeek(hit.point.timeUs)}
      allLabel="The whole track"
      seen={seen}
      drawing={drawing !== undefined}
      onPointer={(at) => (pointer.current = at)}
      onPlace={(at, isNear) => {
        if (!drawing) return;
        const next = clicked(drawing, at, isNear);
        props.onDrawing(next.drawing);
        if (next.place) props.onPlace(next.place);
      }}
    />
  );
}

function pastOf(points: readonly TrailPoint[], nowUs: number): TrailPoint[] {
  const end = points.findIndex(({ timeUs }) => timeUs > nowUs);
  return points.slice(0, end < 0 ? undefined : end);
}
