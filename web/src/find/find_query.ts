// What is looked for: a place, a text, of which vehicle, in which time; in the page's address and in the server's words.
//
//   place    LATITUDE,LONGITUDE,METRES, or the corners of an area: LATITUDE,LONGITUDE;LATITUDE,LONGITUDE;...
//   q        text in bookmarks and events
//   of       a vehicle's id
//   during   view, day, week; absent: however long ago
import type { Point } from '../klv/frame_values';
import type { Span } from '../replay/replay_state';

export type Place =
  { type: 'point'; at: Point; radiusM: number } | { type: 'area'; corners: readonly Point[] };

export const kDuring = ['all', 'view', 'day', 'week'] as const;
export type During = (typeof kDuring)[number];

export interface FindQuery {
  place: Place | undefined;
  text: string;
  vehicle: string | undefined;
  during: During;
}

export const kNewRadiusM = 50;
export const kMostRadiusM = 200_000;
/** The server takes 500 positions, the first one twice. */
export const kMostCorners = 499;
export const kLeastCorners = 3;

function pointOf(latitude: number | undefined, longitude: number | undefined): Point | undefined {
  if (latitude === undefined || longitude === undefined) return undefined;
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  return isPlace ? { latitude, longitude } : undefined;
}

export function readPlace(text: string): Place | undefined {
  const corners = text
    .split(';')
    .map((corner) => corner.split(',').map((part) => (part === '' ? NaN : Number(part))));
  const [first] = corners;
  if (corners.length === 1 && first?.length === 3) {
    const [latitude, longitude, radiusM = NaN] = first;
    const at = pointOf(latitude, longitude);
    return at && radiusM >= 0 && radiusM <= kMostRadiusM ? { type: 'point', at, radiusM } : undefined;
  }
  if (corners.length < kLeastCorners || corners.length > kMostCorners) return undefined;
  const points = corners.map((corner) => (corner.length === 2 ? pointOf(corner[0], corner[1]) : undefined));
  return points.every((point) => point !== undefined) ? { type: 'area', corners: points } : undefined;
}

const pointText = ({ latitude, longitude }: Point) => `${latitude.toFixed(6)},${longitude.toFixed(6)}`;

export function placeText(place: Place): string {
  return place.type === 'point'
    ? `${pointText(place.at)},${place.radiusM}`
    : place.corners.map(pointText).join(';');
}

export function readFindQuery(parameters: URLSearchParams): FindQuery {
  return {
    place: readPlace(parameters.get('place') ?? ''),
    text: parameters.get('q') ?? '',
    vehicle: parameters.get('of') ?? undefined,
    during: kDuring.find((during) => during === parameters.get('during')) ?? 'all',
  };
}

export function writeFindQuery(old: URLSearchParams, change: Partial<FindQuery>): URLSearchParams {
  const next = new URLSearchParams(old);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  };
  if ('place' in change) set('place', change.place && placeText(change.place));
  if ('text' in change) set('q', change.text);
  if ('vehicle' in change) set('of', change.vehicle);
  if ('during' in change) set('during', change.during === 'all' ? undefined : change.during);
  return next;
}

const kDayUs = 86_400e6;
const kMinuteUs = 60e6;

/** `nowUs` is rounded up to the minute, so that the same question is asked again. */
export function spanOf(during: During, view: Span, nowUs: number): Span {
  const toUs = Math.ceil(nowUs / kMinuteUs) * kMinuteUs;
  switch (during) {
    case 'all':
      return { fromUs: 0, toUs };
    case 'view':
      return { fromUs: Math.floor(view.fromUs), toUs: Math.ceil(view.toUs) };
    case 'day':
      return { fromUs: toUs - kDayUs, toUs };
    case 'week':
      return { fromUs: toUs - 7 * kDayUs, toUs };
  }
}

/** Longitudes that go on beyond 180, so that each side takes the shorter way. */
export function unwrapped(corners: readonly Point[]): Point[] {
  const found: Point[] = [];
  for (const { latitude, longitude } of corners) {
    const before = found.at(-1)?.longitude ?? longitude;
    found.push({ latitude, longitude: longitude - 360 * Math.round((longitude - before) / 360) });
  }
  return found;
}

export const kMostSightings = 200;

/** What GET /api/recordings/sightings is asked. */
export function sightingsQuery(place: Place, vehicle: string | undefined, span: Span): URLSearchParams {
  const query = new URLSearchParams({
    from: String(Math.max(0, Math.floor(span.fromUs))),
    to: String(Math.ceil(span.toUs)),
    limit: String(kMostSightings),
  });
  if (vehicle) query.set('vehicle', vehicle);
  if (place.type === 'point') {
    query.set('longitude', String(place.at.longitude));
    query.set('latitude', String(place.at.latitude));
    query.set('radius', String(place.radiusM));
    return query;
  }
  const ring = unwrapped(place.corners).map(({ latitude, longitude }) => [longitude, latitude]);
  const [first] = ring;
  query.set('area', JSON.stringify({ type: 'Polygon', coordinates: [[...ring, ...(first ? [first] : [])]] }));
  return query;
}
