// The heading tape on top, and the speed and altitude tapes at the sides.
import { bearing } from './format';
import { kCamera, kDimInk, type Box, type Pen } from './pen';

const kCardinals: Readonly<Record<number, string>> = { 0: 'N', 90: 'E', 180: 'S', 270: 'W' };
const kShownDegrees = 90;

/** Signed difference in degrees, -180..180. */
export function turn(from: number, to: number): number {
  return ((((to - from) % 360) + 540) % 360) - 180;
}

/** `azimuth` is the camera's, true, when it is known. */
export function drawHeading(
  pen: Pen,
  heading: number | undefined,
  azimuth: number | undefined,
  box: Box,
): void {
  const { size } = pen;
  const middle = box.x + box.width / 2;
  const bottom = box.y + box.height;
  const perDegree = box.width / kShownDegrees;
  pen.plate(box);
  pen.line([box.x, bottom, box.x + box.width, bottom]);
  if (heading !== undefined) {
    pen.clipped(box, () => {
      const first = Math.ceil((heading - kShownDegrees / 2) / 5) * 5;
      const ticks = new Path2D();
      for (let mark = first; mark <= heading + kShownDegrees / 2; mark += 5) {
        const x = middle + (mark - heading) * perDegree;
        const major = mark % 10 === 0;
        ticks.moveTo(x, bottom);
        ticks.lineTo(x, bottom - size * (major ? 0.55 : 0.3));
        if (mark % 30 !== 0) continue;
        const degrees = ((mark % 360) + 360) % 360;
        const label = kCardinals[degrees] ?? String(degrees / 10).padStart(2, '0');
        if (Math.abs(x - middle) > size * 2.6) pen.text(label, x, bottom - size * 1.15, 'center');
      }
      pen.stroke(ticks);
    });
    if (azimuth !== undefined) cameraMark(pen, turn(heading, azimuth), middle, perDegree, box);
  }
  const width = size * 3.6;
  const readout = { x: middle - width / 2, y: box.y - size * 0.15, width, height: size * 1.55 };
  pen.plate(readout);
  pen.frame(readout);
  pen.text(bearing(heading), middle, readout.y + readout.height / 2, 'center', undefined, 1.1);
}

/** A triangle under the tape; at its end, pointing outwards, when the camera looks beyond it. */
function cameraMark(pen: Pen, offset: number, middle: number, perDegree: number, box: Box): void {
  const { size } = pen;
  const edge = kShownDegrees / 2;
  const y = box.y + box.height;
  const x = middle + Math.max(-edge, Math.min(edge, offset)) * perDegree;
  const mark = new Path2D();
  if (Math.abs(offset) <= edge) {
    mark.moveTo(x, y + size * 0.15);
    mark.lineTo(x - size * 0.5, y + size * 0.95);
    mark.lineTo(x + size * 0.5, y + size * 0.95);
  } else {
    const side = Math.sign(offset);
    mark.moveTo(x, y + size * 0.6);
    mark.lineTo(x - side * size * 0.8, y + size * 0.15);
    mark.lineTo(x - side * size * 0.8, y + size * 1.05);
  }
  mark.closePath();
  pen.fill(mark, kCamera);
}

export interface Tape {
  label: string;
  unit: string;
  value: number | undefined;
  digits: number;
  /** Distance of the ticks, and of those with figures, in the tape's unit. */
  tick: number;
  figures: number;
  /** Half of the range that is seen. */
  reach: number;
  /** Lowest value that exists. */
  lowest: number;
}

/** `side`: the edge of the picture on which the tape stands; its readout points to the middle. */
export function drawTape(pen: Pen, tape: Tape, box: Box, side: 'left' | 'right'): void {
  const { size } = pen;
  const { value } = tape;
  const middle = box.y + box.height / 2;
  const inner = side === 'left' ? box.x + box.width : box.x;
  const inward = side === 'left' ? -1 : 1;
  pen.plate(box);
  pen.line([inner, box.y, inner, box.y + box.height]);
  if (value !== undefined) {
    pen.clipped(box, () => {
      const perUnit = box.height / 2 / tape.reach;
      const ticks = new Path2D();
      const first = Math.ceil(Math.max(tape.lowest, value - tape.reach) / tape.tick);
      for (let index = first; index * tape.tick <= value + tape.reach; index += 1) {
        const mark = index * tape.tick;
        const y = middle - (mark - value) * perUnit;
        const major = Math.abs(mark % tape.figures) < tape.tick / 2;
        ticks.moveTo(inner, y);
        ticks.lineTo(inner + inward * size * (major ? 0.7 : 0.35), y);
        if (!major || Math.abs(y - middle) < size * 1.5) continue;
        const align = side === 'left' ? 'right' : 'left';
        pen.text(String(mark), inner + inward * size * 0.95, y, align, kDimInk, 0.85);
      }
      pen.stroke(ticks);
    });
  }
  readout(pen, tape, box, side);
}

function readout(pen: Pen, tape: Tape, box: Box, side: 'left' | 'right'): void {
  const { size } = pen;
  const middle = box.y + box.height / 2;
  const height = size * 1.9;
  const frame = { x: box.x, y: middle - height / 2, width: box.width, height };
  pen.plate(frame);
  pen.frame(frame);
  const text = tape.value === undefined ? '---' : tape.value.toFixed(tape.digits).replace('-', '\u2212');
  const x = side === 'left' ? box.x + box.width - size * 0.5 : box.x + size * 0.5;
  pen.text(text, x, middle, side === 'left' ? 'right' : 'left', undefined, 1.2);
  const labelX = side === 'left' ? box.x + box.width : box.x;
  pen.text(`${tape.label} ${tape.unit}`, labelX, box.y - size * 0.8, side === 'left' ? 'right' : 'left');
}
