// Draws a scene over the basemap: a plain canvas, so that moving vehicles cost no WebGL frame, and text needs no
// glyph files.
import { formatAge } from '../live/freshness';
import type { Point } from '../klv/frame_values';
import type { MapFootprint, MapScene, MapTarget, MapVehicle, Velocity } from './scene';
import { kTrailUs } from './trails';
import { distanceM, moved, roundStep, type MapView } from './view';

const kInk = '#e3e9ec';
const kDim = '#93a1ab';
const kGrid = 'rgba(147, 161, 171, 0.16)';
const kAccent = '#6fb7f2';
const kTarget = '#9fb0a4';
const kOutline = 'rgba(8, 12, 15, 0.85)';
const kCaution = '#f2b04c';
const kVectorS = 60;
const kFont = "12px 'Inter Variable', system-ui, sans-serif";

type Context = CanvasRenderingContext2D;

function label(
  context: Context,
  text: string,
  x: number,
  y: number,
  ink: string,
  align: CanvasTextAlign = 'left',
) {
  context.font = kFont;
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = kOutline;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

function stroke(context: Context, path: Path2D, ink: string, width: number, outlined = true) {
  context.lineJoin = 'round';
  if (outlined) {
    context.lineWidth = width + 2;
    context.strokeStyle = kOutline;
    context.stroke(path);
  }
  context.lineWidth = width;
  context.strokeStyle = ink;
  context.stroke(path);
}

function polyline(view: MapView, points: readonly Point[], closed = false): Path2D {
  const path = new Path2D();
  points.forEach((point, index) => {
    const [x, y] = view.project(point);
    if (index === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  if (closed) path.closePath();
  return path;
}

const kGridSteps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

export function drawGraticule(context: Context, view: MapView): void {
  const upperLeft = view.unproject(0, 0);
  const lowerRight = view.unproject(view.width, view.height);
  const span = (view.width * 360) / (512 * 2 ** view.zoom);
  const step = kGridSteps.find((candidate) => candidate >= (span * 130) / view.width) ?? 30;
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  const lines = new Path2D();
  const texts: [string, number, number, CanvasTextAlign][] = [];
  for (let index = Math.ceil(lowerRight.latitude / step); index * step <= upperLeft.latitude; index += 1) {
    const latitude = index * step;
    const [, y] = view.project({ latitude, longitude: view.center.longitude });
    lines.moveTo(0, y);
    lines.lineTo(view.width, y);
    texts.push([`${Math.abs(latitude).toFixed(digits)}° ${latitude < 0 ? 'S' : 'N'}`, 6, y - 8, 'left']);
  }
  const firstLongitude = view.center.longitude - span / 2;
  for (let index = Math.ceil(firstLongitude / step); index * step <= firstLongitude + span; index += 1) {
    const longitude = ((index * step + 540) % 360) - 180;
    const [x] = view.project({ latitude: view.center.latitude, longitude });
    lines.moveTo(x, 0);
    lines.lineTo(x, view.height);
    texts.push([`${Math.abs(longitude).toFixed(digits)}° ${longitude < 0 ? 'W' : 'E'}`, x + 5, 10, 'left']);
  }
  stroke(context, lines, kGrid, 1, false);
  context.font = "11px 'Inter Variable', system-ui, sans-serif";
  context.fillStyle = 'rgba(147, 161, 171, 0.6)';
  context.textBaseline = 'middle';
  for (const [text, x, y, align] of texts) {
    context.textAlign = align;
    context.fillText(text, x, y);
  }
}

function drawTrail(context: Context, view: MapView, vehicle: MapVehicle, nowUs: number): void {
  const { trail } = vehicle;
  const ink = vehicle.selected ? kAccent : kInk;
  // A few bands of age, each one path: a stroke for every point would cost too much.
  const bands = 6;
  for (let band = 0; band < bands; band += 1) {
    const [youngest, oldest] = [(band / bands) * kTrailUs, ((band + 1) / bands) * kTrailUs];
    const path = new Path2D();
    trail.forEach((point, index) => {
      const age = nowUs - point.timeUs;
      const previous = trail[index - 1];
      if (!previous || point.afterGap || age < youngest || age >= oldest) return;
      path.moveTo(...view.project(previous));
      path.lineTo(...view.project(point));
    });
    if (band === 0) {
      const last = trail[trail.length - 1];
      if (last) {
        path.moveTo(...view.project(last));
        path.lineTo(...view.project(vehicle.position));
      }
    }
    context.globalAlpha = (vehicle.selected ? 0.85 : 0.5) * (1 - band / bands);
    stroke(context, path, ink, vehicle.selected ? 2 : 1.5, false);
  }
  context.globalAlpha = 1;
}

function drawFootprint(context: Context, view: MapView, footprint: MapFootprint): void {
  const ink = footprint.selected ? kAccent : kDim;
  if (footprint.corners) {
    const path = polyline(view, footprint.corners, true);
    context.fillStyle = footprint.selected ? 'rgba(111, 183, 242, 0.10)' : 'rgba(147, 161, 171, 0.06)';
    context.fill(path);
    context.setLineDash(footprint.ofShownFrame ? [] : [5, 4]);
    stroke(context, path, ink, 1.5, false);
    context.setLineDash([]);
    // The upper edge of the picture is drawn heavier: it tells which way is up.
    stroke(context, polyline(view, footprint.corners.slice(0, 2)), ink, 3, false);
  }
  if (!footprint.center) return;
  const [x, y] = view.project(footprint.center);
  if (footprint.from) {
    context.setLineDash([2, 4]);
    stroke(context, polyline(view, [footprint.from, footprint.center]), ink, 1, false);
    context.setLineDash([]);
  }
  const cross = new Path2D();
  cross.moveTo(x - 6, y);
  cross.lineTo(x + 6, y);
  cross.moveTo(x, y - 6);
  cross.lineTo(x, y + 6);
  stroke(context, cross, ink, 1.5);
}

function drawVector(
  context: Context,
  view: MapView,
  from: Point,
  velocity: Velocity | undefined,
  ink: string,
): void {
  if (!velocity || Math.hypot(velocity.northMps, velocity.eastMps) < 0.3) return;
  const end = moved(from, velocity.northMps * kVectorS, velocity.eastMps * kVectorS);
  const path = polyline(view, [from, end]);
  stroke(context, path, ink, 1.5);
}

const kDroneShape = new Path2D('M0 -13 L9 10 L0 5 L-9 10 Z');
const kVesselShape = new Path2D('M0 -14 C6 -7 7 0 7 10 L-7 10 C-7 0 -6 -7 0 -14 Z');
const kTargetShape = new Path2D('M0 -10 L6 8 L-6 8 Z');

function drawShape(
  context: Context,
  shape: Path2D,
  x: number,
  y: number,
  heading: number | undefined,
  paint: () => void,
) {
  context.save();
  context.translate(x, y);
  context.rotate(((heading ?? 0) * Math.PI) / 180);
  context.lineJoin = 'round';
  context.lineWidth = 4;
  context.strokeStyle = kOutline;
  context.stroke(shape);
  paint();
  context.restore();
}

function drawVehicle(context: Context, view: MapView, vehicle: MapVehicle): void {
  const [x, y] = view.project(vehicle.position);
  const ink = vehicle.selected ? kAccent : kInk;
  if (!vehicle.stale) drawVector(context, view, vehicle.position, vehicle.velocity, ink);
  context.globalAlpha = vehicle.stale ? 0.6 : 1;
  drawShape(context, vehicle.kind === 'vessel' ? kVesselShape : kDroneShape, x, y, vehicle.heading, () => {
    context.lineWidth = 2;
    context.strokeStyle = ink;
    context.fillStyle = vehicle.stale ? 'rgba(8, 12, 15, 0.7)' : ink;
    context.fill(vehicle.kind === 'vessel' ? kVesselShape : kDroneShape);
    context.stroke(vehicle.kind === 'vessel' ? kVesselShape : kDroneShape);
  });
  context.globalAlpha = 1;
  label(context, vehicle.name, x + 16, y - 8, ink);
  if (vehicle.stale) label(context, `no data ${formatAge(vehicle.ageMs)}`, x + 16, y + 8, kCaution);
}

/** Places that labels have taken: names of targets give way to what is there already. */
type Taken = [number, number][];

function isFree(taken: Taken, x: number, y: number): boolean {
  if (taken.some(([otherX, otherY]) => Math.abs(x - otherX) < 90 && Math.abs(y - otherY) < 15)) return false;
  taken.push([x, y]);
  return true;
}

function drawTarget(context: Context, view: MapView, target: MapTarget, taken: Taken): void {
  const [x, y] = view.project(target.position);
  if (!view.shows([x, y])) return;
  if (!target.lost) drawVector(context, view, target.position, target.velocity, kTarget);
  drawShape(context, kTargetShape, x, y, target.heading, () => {
    context.lineWidth = 1.5;
    context.strokeStyle = kTarget;
    context.stroke(kTargetShape);
  });
  if (target.lost) {
    const cross = new Path2D();
    cross.moveTo(x - 9, y - 9);
    cross.lineTo(x + 9, y + 9);
    cross.moveTo(x + 9, y - 9);
    cross.lineTo(x - 9, y + 9);
    stroke(context, cross, kCaution, 1.5);
  }
  if (isFree(taken, x + 12, y - 6)) label(context, target.name ?? target.mmsi, x + 12, y - 6, kTarget);
}

/** A bar of a round length, with its length in metres and in nautical miles. */
export function drawScale(context: Context, view: MapView): void {
  const metres = roundStep(view.metresPerPixel * 140);
  const width = metres / view.metresPerPixel;
  const [x, y] = [12, view.height - 14];
  const bar = new Path2D();
  bar.moveTo(x, y - 6);
  bar.lineTo(x, y);
  bar.lineTo(x + width, y);
  bar.lineTo(x + width, y - 6);
  stroke(context, bar, kInk, 1.5);
  const metric = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  label(context, `${metric} · ${(metres / 1852).toPrecision(2)} nm`, x + 4, y - 13, kInk);
}

export function drawScene(context: Context, view: MapView, scene: MapScene): void {
  context.clearRect(0, 0, view.width, view.height);
  drawGraticule(context, view);
  for (const vehicle of scene.vehicles) drawTrail(context, view, vehicle, scene.nowUs);
  for (const footprint of scene.footprints) drawFootprint(context, view, footprint);
  const taken: Taken = scene.vehicles.map(({ position }) => {
    const [x, y] = view.project(position);
    return [x + 16, y - 8];
  });
  for (const target of scene.targets) drawTarget(context, view, target, taken);
  for (const vehicle of scene.vehicles) drawVehicle(context, view, vehicle);
  drawScale(context, view);
}

export type MapHit = { type: 'vehicle'; vehicle: MapVehicle } | { type: 'target'; target: MapTarget };

const kHitPixels = 18;

/** What is under the pointer; vehicles before targets, the nearest first. */
export function hitTest(scene: MapScene, view: MapView, x: number, y: number): MapHit | undefined {
  const place = view.unproject(x, y);
  const reach = kHitPixels * view.metresPerPixel;
  const nearest = <T extends { position: Point }>(things: readonly T[]): T | undefined => {
    let best: T | undefined;
    let bestDistance = reach;
    for (const thing of things) {
      const distance = distanceM(thing.position, place);
      if (distance <= bestDistance) [best, bestDistance] = [thing, distance];
    }
    return best;
  };
  const vehicle = nearest(scene.vehicles);
  if (vehicle) return { type: 'vehicle', vehicle };
  const target = nearest(scene.targets);
  return target && { type: 'target', target };
}
