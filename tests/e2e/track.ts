// A vehicle's track as the map shows it: which pixels are drawn in the selected vehicle's colour, and where on the earth they are.
import { expect, type Page } from "@playwright/test";
import type { Values } from "./recordings.ts";

const metresPerDegree = 111_320;

interface Drawn {
  /** Pixels of the trail, which is translucent. */
  trail: [number, number][];
  /** The middle of the vehicle's symbol, which is filled. */
  symbol: [number, number] | undefined;
}

async function drawn(page: Page): Promise<Drawn> {
  return page.locator(".map-overlay").evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
    const near = (at: number) => [111, 183, 242].every((wanted, i) => Math.abs(data[at + i]! - wanted) <= 4);
    const solid = (x: number, y: number) => near(4 * (y * width + x)) && data[4 * (y * width + x) + 3] === 255;
    const trail: [number, number][] = [];
    const filled: [number, number][] = [];
    for (let y = 3; y < height - 3; y++) {
      for (let x = 3; x < width - 3; x++) {
        const at = 4 * (y * width + x);
        const alpha = data[at + 3]!;
        if (alpha > 60 && alpha < 230 && near(at)) trail.push([x, y]);
        // Text and lines are thinner than this.
        if ([-3, 0, 3].every((dy) => [-3, 0, 3].every((dx) => solid(x + dx, y + dy)))) filled.push([x, y]);
      }
    }
    const mean = (i: 0 | 1) => filled.reduce((sum, pixel) => sum + pixel[i], 0) / filled.length;
    const symbol = filled.length > 0 ? [mean(0), mean(1)] : undefined;
    return { trail, symbol } as Drawn;
  });
}

/** What the map says lies under the pointer. */
async function placeAt(page: Page, [x, y]: [number, number]): Promise<Values> {
  const box = (await page.locator(".map-overlay").boundingBox())!;
  await page.mouse.move(box.x + x + 1, box.y + y);
  await page.mouse.move(box.x + x, box.y + y);
  const text = await page.locator(".map-cursor").textContent();
  const match = /([\d.]+)° ([NS])\s+([\d.]+)° ([EW])/.exec(text ?? "");
  if (!match) throw new Error(`the map says '${text}' under the pointer`);
  return {
    latitude_deg: Number(match[1]) * (match[2] === "S" ? -1 : 1),
    longitude_deg: Number(match[3]) * (match[4] === "W" ? -1 : 1),
  };
}

function offset(from: Values, to: Values): [number, number] {
  const east = (to.longitude_deg! - from.longitude_deg!) * metresPerDegree * Math.cos((from.latitude_deg! * Math.PI) / 180);
  return [east, (to.latitude_deg! - from.latitude_deg!) * metresPerDegree];
}

export const metres = (from: Values, to: Values) => Math.hypot(...offset(from, to));

/** From the place to the nearest point of the line through all positions. */
function metresFromTrack(place: Values, track: Values[]): number {
  return Math.min(
    ...track.slice(1).map((end, i) => {
      const [ax, ay] = offset(place, track[i]!);
      const [bx, by] = offset(place, end);
      const [dx, dy] = [bx - ax, by - ay];
      const along = dx === 0 && dy === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
      return Math.hypot(ax + along * dx, ay + along * dy);
    }),
  );
}

/** The map shows the vehicle, and a line behind it, along the recorded positions. */
export async function expectTrackOnMap(page: Page, track: Values[], toleranceM: number): Promise<void> {
  // The map must stand still under the pointer.
  await page.getByRole("button", { name: "Follow the selected vehicle" }).click();
  const { trail, symbol } = await drawn(page);
  expect(symbol, "the vehicle's symbol").toBeDefined();
  expect(trail.length, "pixels of the trail").toBeGreaterThan(100);
  const symbolM = metresFromTrack(await placeAt(page, symbol!), track);
  const places: Values[] = [];
  for (let i = 0; i < 20; i++) places.push(await placeAt(page, trail[Math.floor((i * trail.length) / 20)]!));
  const errorsM = places.map((place) => metresFromTrack(place, track));
  const lengthM = Math.max(...places.flatMap((a) => places.map((b) => metres(a, b))));
  console.log(
    `map: symbol ${symbolM.toFixed(0)} m, 20 of the trail's ${trail.length} pixels up to ` +
      `${Math.max(...errorsM).toFixed(0)} m from the recorded track; those are as far as ${lengthM.toFixed(0)} m apart`,
  );
  expect(symbolM).toBeLessThan(toleranceM);
  expect(Math.max(...errorsM)).toBeLessThan(toleranceM);
  expect(lengthM).toBeGreaterThan(3 * toleranceM);
}
