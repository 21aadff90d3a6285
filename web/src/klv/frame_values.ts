// The values of an ST 0601 packet that the picture and the map show. Every one is optional: absent means not known.
import { parseLocalSet } from './local_set';

/** Latitude and longitude in degrees, WGS 84. */
export interface Point {
  latitude: number;
  longitude: number;
}

/** Degrees, metres, metres per second. */
export interface FrameValues {
  heading?: number;
  course?: number;
  pitch?: number;
  roll?: number;
  groundSpeed?: number;
  airSpeed?: number;
  climb?: number;
  position?: Point;
  altitudeMsl?: number;
  altitudeHae?: number;
  altitudeAgl?: number;
  /** Relative to the platform's nose, 0..360 clockwise. */
  cameraAzimuth?: number;
  /** Relative to the platform's plane, up positive. */
  cameraElevation?: number;
  horizontalFov?: number;
  verticalFov?: number;
  slantRange?: number;
  footprintWidth?: number;
  frameCenter?: Point;
  frameCenterElevation?: number;
  /** Upper left, upper right, lower right, lower left; all four or none. */
  corners?: readonly [Point, Point, Point, Point];
  platform?: string;
  sensor?: string;
  missionId?: string;
  /** The packet's checksum was missing or wrong. */
  doubtful: boolean;
}

type Read = (tag: number) => number | undefined;

function point(latitude: number | undefined, longitude: number | undefined): Point | undefined {
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

/** Items 82-89 where they are, else the offsets 26-33 from the frame centre. */
function corners(read: Read, center: Point | undefined): FrameValues['corners'] {
  const corner = (index: number): Point | undefined => {
    const full = point(read(82 + 2 * index), read(83 + 2 * index));
    if (full || !center) return full;
    const offset = point(read(26 + 2 * index), read(27 + 2 * index));
    return (
      offset && {
        latitude: center.latitude + offset.latitude,
        longitude: center.longitude + offset.longitude,
      }
    );
  };
  const [a, b, c, d] = [corner(0), corner(1), corner(2), corner(3)];
  return a && b && c && d ? [a, b, c, d] : undefined;
}

/** Item 56 has whole metres a second only; the velocities 79 and 80 say it finer. */
function groundSpeed(read: Read): number | undefined {
  const [north, east] = [read(79), read(80)];
  return north !== undefined && east !== undefined ? Math.hypot(north, east) : read(56);
}

function course(read: Read): number | undefined {
  const direct = read(112);
  const [north, east] = [read(79), read(80)];
  if (direct !== undefined || north === undefined || east === undefined) return direct;
  return Math.hypot(north, east) < 0.2 ? undefined : ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

const kMetresPerDegree = 111_195;

/** From the middle of the left edge to the middle of the right one; for what a camera sees, the earth is flat. */
function widthBetween(corners: NonNullable<FrameValues['corners']>): number {
  const [upperLeft, upperRight, lowerRight, lowerLeft] = corners;
  const north = upperRight.latitude + lowerRight.latitude - upperLeft.latitude - lowerLeft.latitude;
  const east = upperRight.longitude + lowerRight.longitude - upperLeft.longitude - lowerLeft.longitude;
  const shrink = Math.cos((upperLeft.latitude * Math.PI) / 180);
  return (Math.hypot(north, east * shrink) * kMetresPerDegree) / 2;
}

/** Leaves out what is undefined, so that "absent" has one form. */
function present(values: { [K in keyof FrameValues]: FrameValues[K] | undefined }): FrameValues {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as unknown as FrameValues;
}

/** Undefined when the bytes are not an ST 0601 packet. */
export function frameValues(klv: Uint8Array): FrameValues | undefined {
  const set = parseLocalSet(klv);
  if (!set) return undefined;
  const read: Read = (tag) => set.number(tag);
  const center = point(read(23), read(24));
  const seen = corners(read, center);
  return present({
    heading: read(5),
    course: course(read),
    pitch: read(90) ?? read(6),
    roll: read(91) ?? read(7),
    groundSpeed: groundSpeed(read),
    airSpeed: read(8),
    climb: read(51),
    position: point(read(13), read(14)),
    altitudeMsl: read(15),
    altitudeHae: read(104) ?? read(75),
    altitudeAgl: read(113),
    cameraAzimuth: read(18),
    cameraElevation: read(19),
    horizontalFov: read(16),
    verticalFov: read(17),
    slantRange: read(21),
    footprintWidth: read(96) ?? read(22) ?? (seen && widthBetween(seen)),
    frameCenter: center,
    frameCenterElevation: read(25),
    corners: seen,
    platform: set.text(59) ?? set.text(10),
    sensor: set.text(11),
    missionId: set.text(3),
    doubtful: set.doubtful,
  });
}
