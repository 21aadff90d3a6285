// The numbers of a shown frame's own metadata, in the form of the panel's rows.
import type { Kind } from '../api/types';
import { bearing, coordinates, distance, quantity, speed, type CoordinateFormat } from '../hud/format';
import { captureUtcUs, type Frame } from '../klv/frame';
import type { Point } from '../klv/frame_values';
import type { Row, RowGroup } from '../live/telemetry_rows';

const row = <T>(label: string, value: T | undefined, write: (value: T) => string | undefined): Row => ({
  label,
  value: value === undefined ? undefined : write(value),
  ageMs: undefined,
  freshness: 'fresh',
});

function place(label: string, point: Point | undefined, format: CoordinateFormat): Row[] {
  const lines = point ? coordinates(point, format) : [];
  const names = format === 'mgrs' ? [label] : [`${label} lat.`, `${label} lon.`];
  return names.map((name, index) => row(name, lines[index], String));
}

export function frameRows(frame: Frame | undefined, kind: Kind, format: CoordinateFormat): RowGroup[] {
  const { values = undefined } = frame ?? {};
  const metres = (m: number) => quantity(m, 1, 'm');
  const degrees = (d: number) => quantity(d, 1, '°');
  const motion = [
    row(kind === 'vessel' ? 'SOG' : 'Ground speed', values?.groundSpeed, (mps) => speed(mps, kind)),
    row(kind === 'vessel' ? 'COG' : 'Course', values?.course, bearing),
    row('Heading', values?.heading, bearing),
    row('Pitch', values?.pitch, degrees),
    row('Roll', values?.roll, degrees),
  ];
  const heights = [
    row('Altitude MSL', values?.altitudeMsl, metres),
    row('above ground', values?.altitudeAgl, metres),
    row('HAE', values?.altitudeHae, metres),
  ];
  const camera = [
    row('Azimuth', values?.cameraAzimuth, degrees),
    row('Elevation', values?.cameraElevation, degrees),
    row('Field of view', values?.horizontalFov, degrees),
    row('Slant range', values?.slantRange, distance),
    row('Width seen', values?.footprintWidth, distance),
  ];
  const known = frame && captureUtcUs(frame) !== undefined;
  const certainty = [
    row('Time ±', known ? frame.timeErrorUs : undefined, (us) => quantity(us / 1000, 1, 'ms')),
    row('Position ±', values && frame?.positionErrorM, metres),
    row('Angles ±', values && frame?.angleErrorDeg, degrees),
    row(
      'Source',
      values && [values.platform, values.sensor].filter(Boolean).join(' · '),
      (text) => text || undefined,
    ),
  ];
  const places = [
    ...place('Vehicle', values?.position, format),
    ...place('Frame', values?.frameCenter, format),
  ];
  return [motion, kind === 'drone' ? heights : [], camera, places, certainty].filter(
    ({ length }) => length > 0,
  );
}
