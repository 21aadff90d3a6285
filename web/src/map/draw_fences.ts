// Geofences on the map: hatched where vehicles must not be, inside a keep-out fence and along the outside of a keep-in one.
import type { Geofence } from '../api/types';
import type { Point } from '../klv/frame_values';
import type { MapView } from './view';

const kKeepOut = '#ff6a5e';
const kKeepIn = '#f2b04c';
const kHatchPx = 8;
const kRimPx = 14;

/** A fence's outline: corners, or a middle with a radius. */
export type FenceShape = { corners: readonly Point[] } | { at: Point; radiusM: number };

const toPoint = ([longitude = 0, latitude = 0]: readonly number[]): Point => ({ latitude, longitude });

export function fenceShape({ geometry, radius_m }: Geofence): FenceShape {
  return geometry.type === 'Point'
    ? { at: toPoint(geometry.coordinates), radiusM: radius_m ?? 0 }
    : { corners: (geometry.coordinates[0] ?? []).map(toPoint) };
}

const kDatums = { msl: 'MSL', hae: 'HAE', agl: 'AGL' } as const;

/** Its name and, if it has any, its altitudes. */
export function fenceLabel({ name, altitude }: Geofence): string {
  if (!altitude) return name;
  const { min_m: min, max_m: max, datum } = altitude;
  const band =
    min === undefined ? `below ${max} m` : max === undefined ? `above ${min} m` : `${min} to ${max} m`;
  return `${name}, ${band} ${kDatums[datum]}`;
}

function outline(view: MapView, shape: FenceShape): { path: Path2D; top: readonly [number, number] } {
  const path = new Path2D();
  if ('at' in shape) {
    const [x, y] = view.project(shape.at);
    const radius = shape.radiusM / view.metresPerPixel;
    path.arc(x, y, radius, 0, 2 * Math.PI);
    return { path, top: [x, y - radius] };
  }
  const corners = shape.corners.map((corner) => view.project(corner));
  corners.forEach(([x, y], index) => (index === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
  return { path, top: corners.reduce((a, b) => (b[1] < a[1] ? b : a)) };
}

/** Diagonals over the whole view, from the map's own corner so that they stay when a fence is redrawn. */
function hatching(view: MapView): Path2D {
  const path = new Path2D();
  for (let x = -view.height; x < view.width; x += kHatchPx) {
    path.moveTo(x, view.height);
    path.lineTo(x + view.height, 0);
  }
  return path;
}

function drawFence(context: CanvasRenderingContext2D, view: MapView, fence: Geofence, hatch: Path2D): void {
  const { path, top } = outline(view, fenceShape(fence));
  const ink = fence.rule === 'keep_out' ? kKeepOut : kKeepIn;
  context.save();
  if (fence.rule === 'keep_in') {
    const outside = new Path2D();
    outside.rect(0, 0, view.width, view.height);
    outside.addPath(path);
    context.clip(outside, 'evenodd');
    context.globalAlpha = 0.22;
    context.lineWidth = 2 * kRimPx; // half of it is clipped away
    context.strokeStyle = ink;
    context.setLineDash([2, kHatchPx - 2]);
    context.stroke(path);
  } else {
    context.clip(path);
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    context.strokeStyle = ink;
    context.stroke(hatch);
  }
  context.restore();
  context.lineWidth = 1.5;
  context.strokeStyle = ink;
  context.stroke(path);
  context.font = "12px 'Inter Variable', system-ui, sans-serif";
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 3;
  context.strokeStyle = 'rgba(8, 12, 15, 0.85)';
  const [x, y] = [top[0], top[1] - (fence.rule === 'keep_in' ? kRimPx + 8 : 10)];
  context.strokeText(fenceLabel(fence), x, y);
  context.fillStyle = ink;
  context.fillText(fenceLabel(fence), x, y);
}

/** Those that count now. */
export function drawFences(
  context: CanvasRenderingContext2D,
  view: MapView,
  fences: readonly Geofence[],
): void {
  const hatch = hatching(view);
  for (const fence of fences) if (fence.enabled) drawFence(context, view, fence, hatch);
}
