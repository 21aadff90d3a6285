// Draws a shown frame and its head-up display into one canvas: one commit, so that they cannot part.
import { drawHud } from '../hud/hud';
import { hudModel, type HudLink } from '../hud/model';
import { hudSettings } from '../hud/settings';
import type { Box } from '../hud/pen';
import type { Kind } from '../api/types';
import type { ShownFrame } from './frame_pump';

/** A picture that stands still for so long shows no values any more: they would be those of a moment that is over. */
export const kFrozenMs = 1000;

function contained(width: number, height: number, aspect: number): Box {
  const fitted = Math.min(width, height * aspect);
  const box = { width: fitted, height: fitted / aspect };
  return { ...box, x: (width - box.width) / 2, y: (height - box.height) / 2 };
}

export class Picture {
  private readonly context: CanvasRenderingContext2D | null;

  /** `link`: what the vehicle's link says at the time of the picture. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly kind: Kind,
    private readonly title: string,
    private readonly link: () => HudLink | undefined,
  ) {
    this.context = canvas.getContext('2d', { alpha: true });
  }

  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
  }

  clear(): void {
    this.context?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** `withHud` false: the picture alone, because its values are over. */
  draw(shown: ShownFrame, withHud: boolean): void {
    const { context, canvas } = this;
    if (!context || shown.width === 0 || shown.height === 0) return;
    const box = contained(canvas.width, canvas.height, shown.width / shown.height);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (shown.picture) context.drawImage(shown.picture, box.x, box.y, box.width, box.height);
    if (!withHud) return;
    drawHud(context, box, hudModel(this.kind, this.title, shown.frame, this.link()), hudSettings());
  }
}
