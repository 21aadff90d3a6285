// Reads, in the page, the simulator's barcode out of every picture the page draws, together with the frame message
// that it draws over that very picture.
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./house.ts";

const barcode = JSON.parse(readFileSync(path.join(root, "schema/barcode.json"), "utf8"));

/** What the page says it drew (web/src/live/frame_log.ts), with what the pixels of that very picture say. */
export interface SeenFrame {
  vehicle: string;
  camera: string;
  atomic: boolean;
  late: boolean;
  rtpTimestamp?: number;
  utcUs?: number;
  seq?: number;
  timeMethod?: string;
  valueMethod?: string;
  /** Age of the newest telemetry used, at the capture time. */
  ageMs?: number;
  errors?: { timeUs: number; positionM: number; altitudeM: number; angleDeg: number; speedMps: number };
  klvHex?: string;
  /** Absent when the barcode's CRC did not hold. */
  pixels?: { frame: number; utcUs: number };
  presentedFrames: number;
  /** Of the picture, pixels. */
  width: number;
}

/** Of the barcode's bytes; a page has it as `crc16` once giveCrc16() was called before it was opened. */
function crc16(bytes: number[]): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}
export const giveCrc16 = (page: Page): Promise<unknown> => page.addInitScript({ content: `window.crc16 = ${crc16}` });

/** To be called before the page is opened. */
export async function recordFrames(page: Page): Promise<void> {
  await giveCrc16(page);
  await page.addInitScript((code) => {
    const seen: unknown[] = [];
    const width = (code.columns + 2 * code.quiet_cells) * code.cell_px;
    const height = (code.rows + 2 * code.quiet_cells) * code.cell_px;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    const cells: [number, number][] = [];
    for (let i = 0; i < code.columns * code.rows; i++) {
      const x = ((i % code.columns) + code.quiet_cells + 0.5) * code.cell_px;
      const y = (Math.floor(i / code.columns) + code.quiet_cells + 0.5) * code.cell_px;
      cells.push([Math.floor(x), Math.floor(y)]);
    }
    const readPixels = (picture: CanvasImageSource) => {
      context.drawImage(picture, 0, 0, width, height, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      const bytes: number[] = [];
      cells.forEach(([x, y], i) => {
        const bit = data[(y * width + x) * 4 + 1]! > 127 ? 1 : 0;
        bytes[i >> 3] = ((bytes[i >> 3] ?? 0) << 1) | bit;
      });
      if ((window as any).crc16(bytes.slice(0, 12)) !== ((bytes[12]! << 8) | bytes[13]!)) return undefined;
      const number = (from: number, size: number) => bytes.slice(from, from + size).reduce((n, b) => n * 256 + b, 0);
      return { frame: number(0, 4), utcUs: number(4, 8) };
    };
    (window as any).seenFrames = seen;
    (window as any).masthead = {
      onFrame(picture: CanvasImageSource, _message: unknown, record: object, metadata: VideoFrameCallbackMetadata) {
        const { width, presentedFrames } = metadata;
        seen.push({ ...record, width, pixels: readPixels(picture), presentedFrames });
      },
    };
  }, barcode);
}

/** The share of frames that must have metadata in a run of so long. A short one has too few to tell half a percent from chance. */
export const leastDescribed = (seconds: number): number => (seconds >= 60 ? 0.995 : 0.98);

export async function seenFrames(page: Page): Promise<SeenFrame[]> {
  return page.evaluate(() => (window as any).seenFrames as never);
}

/** Frames as they were finally shown: a picture whose message came late counts once, with its message. */
export function finallyShown(frames: SeenFrame[]): SeenFrame[] {
  const shown = new Map<number, SeenFrame>();
  for (const frame of frames) shown.set(frame.rtpTimestamp ?? -1, frame);
  return [...shown.values()];
}
