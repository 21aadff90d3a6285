// Where the vehicles have been: the last quarter of an hour, from history and from what they say now.
import type { Telemetry } from '../api/types';
import type { Point } from '../klv/frame_values';
import { distanceM } from './view';

export const kTrailUs = 15 * 60 * 1_000_000;
const kSpacingUs = 1_000_000;
const kSpacingM = 3;
/** A vehicle that was silent for so long has not moved along the straight line between. */
const kGapUs = 30_000_000;

export interface TrailPoint extends Point {
  timeUs: number;
  /** Nothing is known about the way to this point. */
  afterGap: boolean;
}

export function pointOf(telemetry: Telemetry | undefined): Point | undefined {
  if (telemetry?.latitude_deg === undefined || telemetry.longitude_deg === undefined) return undefined;
  return { latitude: telemetry.latitude_deg, longitude: telemetry.longitude_deg };
}

/** The positions of stored samples (oldest first), as far apart in time as they are stored. */
export function trackOf(samples: readonly Telemetry[]): TrailPoint[] {
  const track: TrailPoint[] = [];
  const spanUs = (samples[samples.length - 1]?.time ?? 0) - (samples[0]?.time ?? 0);
  // Thinned samples of a long time are far apart without a gap between them.
  const gapUs = Math.max(kGapUs, (5 * spanUs) / Math.max(1, samples.length));
  for (const sample of samples) {
    const point = pointOf(sample);
    const last = track[track.length - 1];
    if (!point || (last && distanceM(last, point) < kSpacingM)) continue;
    track.push({
      ...point,
      timeUs: sample.time,
      afterGap: last !== undefined && sample.time - last.timeUs > gapUs,
    });
  }
  return track;
}

export class Trails {
  private readonly trails = new Map<string, TrailPoint[]>();

  of(vehicle: string): readonly TrailPoint[] {
    return this.trails.get(vehicle) ?? [];
  }

  /** `timeUs`: when it reached the server. Older than the newest point: ignored. */
  add(vehicle: string, point: Point, timeUs: number): void {
    const trail = this.trails.get(vehicle) ?? [];
    this.trails.set(vehicle, trail);
    const last = trail[trail.length - 1];
    if (last && (timeUs - last.timeUs < kSpacingUs || distanceM(last, point) < kSpacingM)) return;
    trail.push({ ...point, timeUs, afterGap: last !== undefined && timeUs - last.timeUs > kGapUs });
    while (trail[0] && timeUs - trail[0].timeUs > kTrailUs) trail.shift();
  }

  /** Puts stored samples (oldest first) before what came live. */
  addHistory(vehicle: string, samples: readonly Telemetry[]): void {
    const live = this.trails.get(vehicle) ?? [];
    const firstLiveUs = live[0]?.timeUs ?? Infinity;
    this.trails.set(vehicle, []);
    for (const sample of samples) {
      const point = pointOf(sample);
      if (point && sample.time < firstLiveUs) this.add(vehicle, point, sample.time);
    }
    this.trails.get(vehicle)?.push(...live);
  }

  forget(vehicle: string): void {
    this.trails.delete(vehicle);
  }
}
