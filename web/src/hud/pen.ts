// Lines and text that read on snow and on sea: everything is drawn twice, first wide and dark, then thin and light.

export const kHudFont = "'JetBrains Mono', 'DejaVu Sans Mono', monospace";
export const kInk = '#eef4ef';
export const kDimInk = '#b9c4bf';
export const kCaution = '#f2b04c';
export const kCamera = '#7cc4ff';
const kOutline = 'rgba(6, 10, 12, 0.82)';
const kPlate = 'rgba(8, 12, 15, 0.46)';

export type Align = 'left' | 'center' | 'right';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Pen {
  /** Pixels of the canvas that one line of text takes is about 1.3 `size`. */
  constructor(
    readonly context: CanvasRenderingContext2D,
    readonly size: number,
  ) {
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.lineCap = 'butt';
  }

  get lineWidth(): number {
    return Math.max(1, this.size / 9);
  }

  text(text: string, x: number, y: number, align: Align = 'left', ink = kInk, scale = 1): void {
    const { context } = this;
    context.font = `${(this.size * scale).toFixed(1)}px ${kHudFont}`;
    context.textAlign = align;
    context.lineWidth = Math.max(2, this.size * scale * 0.2);
    context.strokeStyle = kOutline;
    context.strokeText(text, x, y);
    context.fillStyle = ink;
    context.fillText(text, x, y);
  }

  /** `points` are x, y pairs. */
  line(points: readonly number[], ink = kInk, dash: readonly number[] = []): void {
    const path = new Path2D();
    for (let index = 0; index + 1 < points.length; index += 2) {
      const [x, y] = [points[index] ?? 0, points[index + 1] ?? 0];
      if (index === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    this.stroke(path, ink, dash);
  }

  stroke(path: Path2D, ink = kInk, dash: readonly number[] = []): void {
    const { context } = this;
    context.setLineDash([...dash]);
    context.lineWidth = this.lineWidth * 3;
    context.strokeStyle = kOutline;
    context.stroke(path);
    context.lineWidth = this.lineWidth;
    context.strokeStyle = ink;
    context.stroke(path);
    context.setLineDash([]);
  }

  fill(path: Path2D, ink = kInk): void {
    const { context } = this;
    context.lineWidth = this.lineWidth * 2;
    context.strokeStyle = kOutline;
    context.stroke(path);
    context.fillStyle = ink;
    context.fill(path);
  }

  /** A half-transparent ground for text. */
  plate({ x, y, width, height }: Box): void {
    this.context.fillStyle = kPlate;
    this.context.fillRect(x, y, width, height);
  }

  frame({ x, y, width, height }: Box, ink = kInk): void {
    const path = new Path2D();
    path.rect(x, y, width, height);
    this.stroke(path, ink);
  }

  /** Draws inside of `box` only. */
  clipped(box: Box, draw: () => void): void {
    this.context.save();
    this.context.beginPath();
    this.context.rect(box.x, box.y, box.width, box.height);
    this.context.clip();
    draw();
    this.context.restore();
  }
}
