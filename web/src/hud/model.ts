// What the head-up display draws, gathered from the shown frame and, marked as such, from the vehicle's link.
import type { Kind } from '../api/types';
import type { FrameTimeMethod, FrameValueMethod } from '../generated/frame_message';
import { captureUtcUs, type Frame } from '../klv/frame';
import type { FrameValues } from '../klv/frame_values';
import { kHudLinkStaleMs, kStaleMs, oldestMs, youngTelemetry, type Heard } from '../live/freshness';

/** Values of the live link: not of the frame, so they carry their age. */
export interface HudLink {
  batteryPercent?: number;
  mode?: string;
  armed?: boolean;
  /** Of the oldest of them. */
  ageMs: number;
}

export interface HudModel {
  kind: Kind;
  title: string;
  /** Empty when the frame has no metadata: everything is dashes then. */
  values: FrameValues | undefined;
  utcUs: number | undefined;
  timeMethod: FrameTimeMethod;
  valueMethod: FrameValueMethod;
  timeErrorUs: number;
  ageMs: number;
  positionErrorM: number;
  angleErrorDeg: number;
  link: HudLink | undefined;
  /** Why there is nothing to show. */
  notice: string | undefined;
}

export function hudLink(live: Heard | undefined, nowUs: number): HudLink | undefined {
  if (live?.received === undefined || (nowUs - live.received) / 1000 > kHudLinkStaleMs) return undefined;
  const telemetry = youngTelemetry(live, nowUs, kStaleMs);
  if (!telemetry) return undefined;
  const { battery_percent, mode, armed } = telemetry;
  const shown = { ...live, telemetry };
  const ageMs = oldestMs(shown, ['battery_percent', 'mode', 'armed'], nowUs);
  const link: HudLink = { ageMs: ageMs ?? (nowUs - live.received) / 1000 };
  if (battery_percent !== undefined) link.batteryPercent = battery_percent;
  if (mode !== undefined) link.mode = mode;
  if (armed !== undefined) link.armed = armed;
  return link;
}

export function hudModel(
  kind: Kind,
  title: string,
  frame: Frame | undefined,
  link: HudLink | undefined,
): HudModel {
  const values = frame?.values;
  return {
    kind,
    title,
    values,
    utcUs: frame && captureUtcUs(frame),
    timeMethod: frame?.timeMethod ?? 'none',
    valueMethod: values ? (frame?.valueMethod ?? 'none') : 'none',
    timeErrorUs: frame?.timeErrorUs ?? 0,
    ageMs: frame?.ageMs ?? 0,
    positionErrorM: frame?.positionErrorM ?? 0,
    angleErrorDeg: frame?.angleErrorDeg ?? 0,
    link,
    notice: values ? undefined : 'NO METADATA',
  };
}
