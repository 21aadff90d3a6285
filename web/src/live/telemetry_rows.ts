// Which numbers stand beside the picture, in which order and form.
import type { Kind, Telemetry } from '../api/types';
import { bearing, coordinates, quantity, speed, type CoordinateFormat } from '../hud/format';

export interface Row {
  label: string;
  /** Undefined: the vehicle does not say. */
  value: string | undefined;
}

/** Rows that belong together. */
export type RowGroup = readonly Row[];

type Number_ = number | undefined;

const known = <T>(value: T | undefined, format: (value: T) => string) =>
  value === undefined ? undefined : format(value);

function position(telemetry: Telemetry, format: CoordinateFormat): Row[] {
  const { latitude_deg: latitude, longitude_deg: longitude } = telemetry;
  const point = latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
  const lines = coordinates(point, format);
  if (format === 'mgrs') return [{ label: 'MGRS', value: point && lines[0] }];
  return [
    { label: 'Latitude', value: point && lines[0] },
    { label: 'Longitude', value: point && lines[1] },
  ];
}

function motion(telemetry: Telemetry, kind: Kind): Row[] {
  const fast = (value: Number_) => known(value, (mps) => speed(mps, kind));
  const rows: Row[] = [
    { label: kind === 'vessel' ? 'SOG' : 'Ground speed', value: fast(telemetry.ground_speed_mps) },
    { label: kind === 'vessel' ? 'COG' : 'Course', value: known(telemetry.course_deg, bearing) },
    { label: 'Heading', value: known(telemetry.heading_deg, bearing) },
  ];
  if (kind === 'vessel') return [...rows, { label: 'Through water', value: fast(telemetry.water_speed_mps) }];
  return [
    ...rows,
    { label: 'Air speed', value: fast(telemetry.air_speed_mps) },
    { label: 'Climb', value: known(telemetry.climb_mps, (value) => quantity(value, 1, 'm/s')) },
  ];
}

export function telemetryRows(telemetry: Telemetry, kind: Kind, format: CoordinateFormat): RowGroup[] {
  const metres = (value: Number_) => known(value, (m) => quantity(m, 1, 'm'));
  const degrees = (value: Number_) => known(value, (d) => quantity(d, 1, '°'));
  const status: Row[] = [
    { label: 'Mode', value: telemetry.mode },
    { label: 'Battery', value: battery(telemetry) },
  ];
  if (kind === 'drone') {
    status.splice(1, 0, {
      label: 'Armed',
      value: known(telemetry.armed, (armed) => (armed ? 'ARMED' : 'safe')),
    });
    status.push({ label: 'Satellites', value: known(telemetry.satellites, String) });
  }
  const vertical: RowGroup =
    kind === 'drone'
      ? [
          { label: 'Altitude MSL', value: metres(telemetry.altitude_msl_m) },
          { label: 'above ground', value: metres(telemetry.altitude_agl_m) },
          { label: 'HAE', value: metres(telemetry.altitude_hae_m) },
        ]
      : [
          { label: 'Depth', value: metres(telemetry.depth_m) },
          { label: 'True wind', value: wind(telemetry) },
        ];
  const attitude: RowGroup = [
    { label: 'Pitch', value: degrees(telemetry.pitch_deg) },
    { label: 'Roll', value: degrees(telemetry.roll_deg) },
  ];
  return [status, motion(telemetry, kind), vertical, attitude, position(telemetry, format)];
}

function battery(telemetry: Telemetry): string | undefined {
  const parts = [
    known(telemetry.battery_percent, (value) => quantity(value, 0, '%')),
    known(telemetry.battery_v, (value) => quantity(value, 1, 'V')),
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(' · ') : undefined;
}

function wind(telemetry: Telemetry): string | undefined {
  if (telemetry.wind_speed_mps === undefined) return undefined;
  return `${bearing(telemetry.wind_direction_deg)} ${speed(telemetry.wind_speed_mps, 'vessel')}`;
}
