// What the page draws from a frame's packet (by the page's own reader), and how far that is from the truth.
import { frameValues } from "../../web/src/klv/frame_values";
import { parseLocalSet } from "../../web/src/klv/local_set";
import type { SeenFrame } from "./frames.ts";

const metresPerDegree = 111_320;

export interface Comparison {
  name: string;
  error: number;
  /** What the frame states that matching in time can add, and the steps in which the vehicle's link tells the value. */
  stated: number;
}

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** ST 0903 item 7 (frame number) inside item 74; undefined when the packet has none. */
export function frameNumber(klvHex: string): number | undefined {
  const vmti = parseLocalSet(bytesOf(klvHex))?.find(74)?.bytes;
  for (let at = 0; vmti && at + 2 <= vmti.length; at += 2 + vmti[at + 1]!) {
    if (vmti[at] === 7) return vmti.slice(at + 2, at + 2 + vmti[at + 1]!).reduce((n, byte) => n * 256 + byte, 0);
  }
  return undefined;
}

const turn = (a: number, b: number) => Math.abs(((((a - b) % 360) + 540) % 360) - 180);

function metres(a: { latitude: number; longitude: number }, [latitude, longitude]: [number, number]): number {
  const north = (a.latitude - latitude) * metresPerDegree;
  const east = (a.longitude - longitude) * metresPerDegree * Math.cos((latitude * Math.PI) / 180);
  return Math.hypot(north, east);
}

/** Each drawn value against the true pose (telemetry.schema.json) of the same instant. */
export function compareWithTruth(frame: SeenFrame, truth: Record<string, any>): Comparison[] {
  const drawn = frameValues(bytesOf(frame.klvHex!))!;
  const { positionM, altitudeM, angleDeg, speedMps } = frame.errors!;
  const found: Comparison[] = [];
  const add = (name: string, error: number | undefined, stated: number) => {
    if (error !== undefined) found.push({ name, error, stated });
  };
  // MAVLink's own steps: 1e-7 degree, 1 mm, 1 cm/s, 0.01 degree in GLOBAL_POSITION_INT's heading.
  if (drawn.position) add("position", metres(drawn.position, [truth.latitude_deg, truth.longitude_deg]), positionM + 0.02);
  if (drawn.altitudeMsl !== undefined) add("altitude", Math.abs(drawn.altitudeMsl - truth.altitude_msl_m), altitudeM + 0.002);
  for (const [name, value, key] of [
    ["heading", drawn.heading, "heading_deg"],
    ["pitch", drawn.pitch, "pitch_deg"],
    ["roll", drawn.roll, "roll_deg"],
    ["camera azimuth", drawn.cameraAzimuth, "camera_azimuth_deg"],
    ["camera elevation", drawn.cameraElevation, "camera_elevation_deg"],
  ] as const) {
    if (value !== undefined) add(name, turn(value, truth[key]), angleDeg + 0.01);
  }
  if (drawn.groundSpeed !== undefined) add("speed", Math.abs(drawn.groundSpeed - truth.ground_speed_mps), speedMps + 0.02);
  if (drawn.frameCenter && truth.frame_center && drawn.slantRange && drawn.altitudeAgl) {
    // Five angles add up along the ray; on the ground they are stretched by its slope.
    const slope = drawn.altitudeAgl / drawn.slantRange;
    const bound = positionM + altitudeM / slope + (5 * angleDeg * (Math.PI / 180) * drawn.slantRange) / slope + 0.5;
    add("frame centre", metres(drawn.frameCenter, truth.frame_center), bound);
  }
  return found;
}
