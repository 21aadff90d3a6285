// Draws a scene over the basemap: a plain canvas, so that moving vehicles cost no WebGL frame, and text needs no
// glyph files.
import { formatAge } from '../live/freshness';
import type { Point } from '../klv/frame_values';
import { drawFences } from './draw_fences';
import { encounterText } from './scene';
import type { MapFootprint, MapScene, MapShape, MapTarget, MapTrack, MapVehicle, Velocity } from './scene';
import { kTrailUs, type TrailPoint } from './trails';
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

function drawTrack(context: Context, view: MapView, { points }: MapTrack): void {
  const path = new Path2D();
  points.forEach((point, index) => {
    const [x, y] = view.project(point);
    if (index === 0 || point.afterGap) path.moveTo(x, y);
    else path.lineTo(x, y);
  });
  context.globalAlpha = 0.4;
  stroke(context, path, kDim, 1.5, false);
  context.globalAlpha = 1;
}

const kLeastCirclePx = 5;

function drawShape(context: Context, view: MapView, shape: MapShape): void {
  let path: Path2D;
  if (shape.type === 'circle') {
    path = new Path2D();
    const [x, y] = view.project(shape.at);
    path.arc(x, y, Math.max(kLeastCirclePx, shape.radiusM / view.metresPerPixel), 0, 2 * Math.PI);
  } else path = polyline(view, shape.corners, !shape.open);
  const isOpen = shape.type === 'area' && shape.open;
  context.fillStyle = 'rgba(242, 176, 76, 0.10)';
  if (!isOpen) context.fill(path);
  stroke(context, path, kCaution, 2);
  if (!isOpen) return;
  for (const corner of shape.corners) {
    const [x, y] = view.project(corner);
    context.fillStyle = kCaution;
    context.fillRect(x - 3.5, y - 3.5, 7, 7);
  }
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

const isMoving = ({ northMps, eastMps }: Velocity) => Math.hypot(northMps, eastMps) >= 0.3;

function vectorEnd(from: Point, { northMps, eastMps }: Velocity): Point {
  return moved(from, northMps * kVectorS, eastMps * kVectorS);
}

const kDroneShape = new Path2D('M0 -13 L9 10 L0 5 L-9 10 Z');
const kVesselShape = new Path2D('M0 -14 C6 -7 7 0 7 10 L-7 10 C-7 0 -6 -7 0 -14 Z');

function drawVehicle(context: Context, view: MapView, vehicle: MapVehicle): void {
  const [x, y] = view.project(vehicle.position);
  const ink = vehicle.selected ? kAccent : kInk;
  if (!vehicle.stale && vehicle.velocity && isMoving(vehicle.velocity)) {
    const end = vectorEnd(vehicle.position, vehicle.velocity);
    stroke(context, polyline(view, [vehicle.position, end]), ink, 1.5);
  }
  const shape = vehicle.kind === 'vessel' ? kVesselShape : kDroneShape;
  context.save();
  context.globalAlpha = vehicle.stale ? 0.6 : 1;
  context.translate(x, y);
  context.rotate(((vehicle.heading ?? 0) * Math.PI) / 180);
  stroke(context, shape, ink, 2);
  context.fillStyle = vehicle.stale ? 'rgba(8, 12, 15, 0.7)' : ink;
  context.fill(shape);
  context.restore();
  label(context, vehicle.name, x + 16, y - 8, ink);
  if (vehicle.stale) label(context, `no data ${formatAge(vehicle.ageMs)}`, x + 16, y + 8, kCaution);
}

/** Places that labels have taken: names of targets give way to what is there already. */
type Taken = [number, number][];
const kMostNames = 60;

function isFree(taken: Taken, x: number, y: number): boolean {
  if (taken.some(([otherX, otherY]) => Math.abs(x - otherX) < 90 && Math.abs(y - otherY) < 15)) return false;
  taken.push([x, y]);
  return true;
}

const kTargetOutline: readonly (readonly [number, number])[] = [
  [0, -10],
  [6, 8],
  [-6, 8],
];

const kDangerPx = 15;

/** All triangles, vectors and crosses are one path each: thousands of targets cost a few strokes. */
function drawTargets(context: Context, view: MapView, targets: readonly MapTarget[], taken: Taken): void {
  const [triangles, vectors, crosses, dangers] = [new Path2D(), new Path2D(), new Path2D(), new Path2D()];
  const names: [string, number, number][] = [];
  const warnings: [string, number, number][] = [];
  for (const target of targets) {
    const [x, y] = view.project(target.position);
    if (!view.shows([x, y])) continue;
    const heading = ((target.heading ?? 0) * Math.PI) / 180;
    const [sine, cosine] = [Math.sin(heading), Math.cos(heading)];
    kTargetOutline.forEach(([right, down], index) => {
      const corner = [x + right * cosine - down * sine, y + right * sine + down * cosine] as const;
      if (index === 0) triangles.moveTo(...corner);
      else triangles.lineTo(...corner);
    });
    triangles.closePath();
    if (target.lost) {
      crosses.moveTo(x - 9, y - 9);
      crosses.lineTo(x + 9, y + 9);
      crosses.moveTo(x + 9, y - 9);
      crosses.lineTo(x - 9, y + 9);
    } else if (target.velocity && isMoving(target.velocity)) {
      vectors.moveTo(x, y);
      vectors.lineTo(...view.project(vectorEnd(target.position, target.velocity)));
    }
    if (target.encounter) {
      dangers.moveTo(x + kDangerPx, y);
      dangers.arc(x, y, kDangerPx, 0, 2 * Math.PI);
      warnings.push([encounterText(target.encounter), x + kDangerPx + 4, y + 9]);
    }
    if (names.length < kMostNames && isFree(taken, x + 12, y - 6)) {
      names.push([target.name ?? target.mmsi, x + 12, y - 6]);
    }
  }
  stroke(context, vectors, kTarget, 1.5);
  stroke(context, triangles, kTarget, 1.5);
  stroke(context, crosses, kCaution, 1.5);
  stroke(context, dangers, kCaution, 2);
  for (const [name, x, y] of names) label(context, name, x, y, kTarget);
  for (const [warning, x, y] of warnings) label(context, warning, x, y, kCaution);
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
  drawFences(context, view, scene.fences ?? []);
  for (const shape of scene.shapes ?? []) drawShape(context, view, shape);
  for (const track of scene.tracks ?? []) drawTrack(context, view, track);
  for (const vehicle of scene.vehicles) drawTrail(context, view, vehicle, scene.nowUs);
  for (const footprint of scene.footprints) drawFootprint(context, view, footprint);
  const taken: Taken = scene.vehicles.map(({ position }) => {
    const [x, y] = view.project(position);
    return [x + 16, y - 8];
  });
  drawTargets(context, view, scene.targets, taken);
  for (const vehicle of scene.vehicles) drawVehicle(context, view, vehicle);
  drawScale(context, view);
}

export type MapHit =
  | { type: 'vehicle'; vehicle: MapVehicle }
  | { type: 'target'; target: MapTarget }
  | { type: 'track'; point: TrailPoint };

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
  if (target) return { type: 'target', target };
  const point = nearest(
    (scene.tracks ?? []).flatMap(({ points }) => points.map((point) => ({ position: point, point }))),
  )?.point;
  return point && { type: 'track', point };
}
