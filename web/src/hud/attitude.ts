// The attitude ladder with its bank arc, around the middle of the picture and open there.
import { quantity } from './format';
import type { HudModel } from './model';
import { kDimInk, type Pen } from './pen';

const kBankTicks = [-60, -45, -30, -20, -10, 0, 10, 20, 30, 45, 60];
const kShownPitch = 18; // degrees above and below the middle

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Lines inside of the circle only; below the horizon they are dashed. All of a kind are one path: strokes are dear. */
function ladder(pen: Pen, pitch: number, roll: number, x: number, y: number, radius: number): void {
  const { context, size } = pen;
  const perDegree = radius / kShownPitch;
  const gap = radius * 0.24;
  const [above, below] = [new Path2D(), new Path2D()];
  context.save();
  context.translate(x, y);
  context.rotate(radians(-roll));
  const first = Math.ceil((pitch - kShownPitch) / 5) * 5;
  for (let mark = Math.max(first, -90); mark <= Math.min(pitch + kShownPitch, 90); mark += 5) {
    const lineY = (pitch - mark) * perDegree;
    const chord = Math.sqrt(radius * radius - lineY * lineY);
    const half = Math.min(chord, radius * (mark === 0 ? 1 : mark % 10 === 0 ? 0.56 : 0.4));
    if (half < gap * 1.2) continue;
    const tip = Math.sign(mark) * size * 0.4;
    const path = mark < 0 ? below : above;
    for (const side of [-1, 1]) {
      path.moveTo(side * gap, lineY);
      path.lineTo(side * half, lineY);
      path.lineTo(side * half, lineY + tip);
    }
    if (mark % 10 !== 0 || mark === 0) continue;
    const label = String(Math.abs(mark));
    pen.text(label, -half - size * 0.3, lineY, 'right', kDimInk, 0.8);
    pen.text(label, half + size * 0.3, lineY, 'left', kDimInk, 0.8);
  }
  pen.stroke(above);
  pen.stroke(below, undefined, [size * 0.5, size * 0.35]);
  context.restore();
}

function bankArc(pen: Pen, roll: number | undefined, x: number, y: number, radius: number): void {
  const { size } = pen;
  const arc = new Path2D();
  arc.arc(x, y, radius, radians(-150), radians(-30));
  for (const tick of kBankTicks) {
    const angle = radians(tick - 90);
    const length = tick === 0 ? 0 : Math.abs(tick) % 30 === 0 ? size * 0.8 : size * 0.45;
    arc.moveTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    arc.lineTo(x + (radius + length) * Math.cos(angle), y + (radius + length) * Math.sin(angle));
  }
  pen.stroke(arc);
  const zero = new Path2D();
  zero.moveTo(x, y - radius);
  zero.lineTo(x - size * 0.4, y - radius - size * 0.7);
  zero.lineTo(x + size * 0.4, y - radius - size * 0.7);
  zero.closePath();
  pen.stroke(zero);
  if (roll === undefined) return;
  // The pointer hangs inside of the arc, on the side to which the sky leans.
  const angle = radians(Math.max(-65, Math.min(65, -roll)) - 90);
  const point = (distance: number, aside: number): [number, number] => [
    x + distance * Math.cos(angle) - aside * Math.sin(angle),
    y + distance * Math.sin(angle) + aside * Math.cos(angle),
  ];
  const pointer = new Path2D();
  pointer.moveTo(...point(radius - size * 0.1, 0));
  pointer.lineTo(...point(radius - size * 0.85, size * 0.45));
  pointer.lineTo(...point(radius - size * 0.85, -size * 0.45));
  pointer.closePath();
  pen.fill(pointer);
}

/** `radius` of the ladder; the arc lies around it. */
export function drawAttitude(pen: Pen, model: HudModel, x: number, y: number, radius: number): void {
  const { pitch, roll } = model.values ?? {};
  if (pitch !== undefined && roll !== undefined) ladder(pen, pitch, roll, x, y, radius);
  bankArc(pen, roll, x, y, radius * 1.12);
  const row = y + radius * 1.12;
  pen.text(`P ${quantity(pitch, 1, '°')}`, x - pen.size * 0.8, row, 'right', kDimInk, 0.85);
  pen.text(`R ${quantity(roll, 1, '°')}`, x + pen.size * 0.8, row, 'left', kDimInk, 0.85);
}
