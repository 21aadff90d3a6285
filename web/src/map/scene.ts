// What the map draws, gathered from the stores at one instant.
import type { Encounter, Geofence, Kind, Telemetry } from '../api/types';
import type { FrameValues, Point } from '../klv/frame_values';
import { kStaleMs, oldestMs, youngTelemetry, type Heard } from '../live/freshness';
import type { LiveStore, LiveVehicleState } from '../live/live_store';
import { pointOf, type TrailPoint, type Trails } from './trails';

/** A target is lost when it was silent for so long (class A at anchor reports every three minutes). */
export const kTargetLostMs = 200_000;

export interface Velocity {
  northMps: number;
  eastMps: number;
}

export interface MapVehicle {
  id: string;
  name: string;
  kind: Kind;
  position: Point;
  heading: number | undefined;
  velocity: Velocity | undefined;
  ageMs: number;
  stale: boolean;
  selected: boolean;
  trail: readonly TrailPoint[];
}

export interface MapFootprint {
  corners: readonly Point[] | undefined;
  center: Point | undefined;
  from: Point | undefined;
  selected: boolean;
  /** True when it is that of the very frame on the screen. */
  ofShownFrame: boolean;
}

export interface MapTarget {
  mmsi: string;
  name: string | undefined;
  position: Point;
  heading: number | undefined;
  velocity: Velocity | undefined;
  speedMps: number | undefined;
  ageMs: number;
  lost: boolean;
  /** How near it comes to one of ours, if that is too near. */
  encounter: Encounter | undefined;
}

/** Where a vehicle was over a longer time, past and future of `nowUs` alike. */
export interface MapTrack {
  points: readonly TrailPoint[];
}

/** A place that somebody looks at, or is drawing. */
export type MapShape =
  | { type: 'circle'; at: Point; radiusM: number }
  /** `open`: not closed yet; its corners are handles. */
  | { type: 'area'; corners: readonly Point[]; open: boolean };

export interface MapScene {
  nowUs: number;
  fences?: readonly Geofence[];
  shapes?: MapShape[];
  tracks?: MapTrack[];
  vehicles: MapVehicle[];
  footprints: MapFootprint[];
  targets: MapTarget[];
}

export interface SceneSources {
  live: LiveStore;
  trails: Trails;
  selected: string | undefined;
  /** Names from the configuration, by vehicle. */
  names: ReadonlyMap<string, string>;
  /** Values of the frame that is on the screen, if it is this vehicle's. */
  shownValues: (vehicle: string) => FrameValues | undefined;
}

export function velocityOf(telemetry: Telemetry): Velocity | undefined {
  const { velocity_north_mps, velocity_east_mps, course_deg, ground_speed_mps } = telemetry;
  if (velocity_north_mps !== undefined && velocity_east_mps !== undefined) {
    return { northMps: velocity_north_mps, eastMps: velocity_east_mps };
  }
  if (course_deg === undefined || ground_speed_mps === undefined) return undefined;
  const course = (course_deg * Math.PI) / 180;
  return { northMps: ground_speed_mps * Math.cos(course), eastMps: ground_speed_mps * Math.sin(course) };
}

export function frameFootprint(values: FrameValues, selected: boolean): MapFootprint | undefined {
  if (!values.corners && !values.frameCenter) return undefined;
  return {
    corners: values.corners,
    center: values.frameCenter,
    from: values.position,
    selected,
    ofShownFrame: true,
  };
}

const toPoint = ([latitude, longitude]: number[]): Point => ({
  latitude: latitude ?? 0,
  longitude: longitude ?? 0,
});

function cameraFootprints(state: LiveVehicleState, nowUs: number, selected: boolean): MapFootprint[] {
  return Object.values(state.cameras).flatMap((camera) => {
    const telemetry = youngTelemetry(camera, nowUs, kStaleMs);
    const { footprint, frame_center } = telemetry ?? {};
    if (!footprint && !frame_center) return [];
    return [
      {
        corners: footprint?.map(toPoint),
        center: frame_center && toPoint(frame_center),
        from: pointOf(telemetry),
        selected,
        ofShownFrame: false,
      },
    ];
  });
}

const positionAgeMs = (heard: Heard, telemetry: Telemetry, nowUs: number) =>
  oldestMs(heard, ['latitude_deg'], nowUs) ?? (nowUs - telemetry.time) / 1000;

/** "CPA 120 m in 3:05". */
export function encounterText({ cpa_m, tcpa_s }: Encounter): string {
  const seconds = Math.round(tcpa_s);
  const until = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  return `CPA ${Math.round(cpa_m)} m ${seconds > 0 ? `in ${until}` : 'now'}`;
}

/** Of targets that come too near, the encounter that is soonest. */
function soonestByTarget(encounters: readonly Encounter[]): ReadonlyMap<string, Encounter> {
  const soonest = new Map<string, Encounter>();
  for (const each of encounters) {
    const before = soonest.get(each.target);
    if (!each.fleet && !(before && before.tcpa_s <= each.tcpa_s)) soonest.set(each.target, each);
  }
  return soonest;
}

export function gatherScene({ live, trails, selected, names, shownValues }: SceneSources): MapScene {
  const nowUs = live.clock.nowUs();
  const scene: MapScene = { nowUs, vehicles: [], footprints: [], targets: [] };
  for (const id of live.ids) {
    const state = live.vehicle(id);
    if (!state) continue;
    const isSelected = id === selected;
    const shown = shownValues(id);
    const shownFootprint = shown && frameFootprint(shown, isSelected);
    scene.footprints.push(
      ...(shownFootprint ? [shownFootprint] : cameraFootprints(state, nowUs, isSelected)),
    );
    const position = pointOf(state.telemetry);
    if (!position || !state.telemetry) continue;
    const ageMs = positionAgeMs(state, state.telemetry, nowUs);
    const stale = ageMs > kStaleMs;
    // Of a vehicle that is not heard all stands as it was; of one that is, only what is true now.
    const motion = (!stale && youngTelemetry(state, nowUs, kStaleMs)) || state.telemetry;
    scene.vehicles.push({
      id,
      name: names.get(id) ?? state.name ?? id,
      kind: state.kind,
      position,
      heading: motion.heading_deg ?? motion.course_deg,
      velocity: velocityOf(motion),
      ageMs,
      stale,
      selected: isSelected,
      trail: trails.of(id),
    });
  }
  const encounters = soonestByTarget(live.encounters);
  for (const [mmsi, target] of live.targets) {
    const { telemetry } = target;
    const position = pointOf(telemetry);
    if (!position) continue;
    const ageMs = positionAgeMs(target, telemetry, nowUs);
    scene.targets.push({
      mmsi,
      name: telemetry.name,
      position,
      heading: telemetry.heading_deg ?? telemetry.course_deg,
      velocity: velocityOf(telemetry),
      speedMps: telemetry.ground_speed_mps,
      ageMs,
      lost: ageMs > kTargetLostMs,
      encounter: encounters.get(mmsi),
    });
  }
  return scene;
}
