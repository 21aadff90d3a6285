// The main promise: the metadata drawn with a picture is that picture's own.
import { expect, test } from "./house.ts";
import { finallyShown, leastDescribed, recordFrames, seenFrames, type SeenFrame } from "./frames.ts";
import { openVehicle, signIn } from "./page.ts";
import { startDrone, startVessel, truePoses, type Simulated } from "./vehicles.ts";
import { compareWithTruth, frameNumber } from "./klv.ts";
import type { Page } from "@playwright/test";

const seconds = Number(process.env.MASTHEAD_E2E_SECONDS ?? 15);
test.setTimeout((seconds + 300) * 1000);

async function watch(page: Page, address: string, password: string, vehicle: Simulated): Promise<SeenFrame[]> {
  await recordFrames(page);
  await signIn(page, address, password);
  await openVehicle(page, vehicle.id);
  await page.waitForFunction(() => (window as any).seenFrames.some((frame: any) => frame.timeMethod && frame.timeMethod !== "none"));
  await page.evaluate(() => ((window as any).seenFrames.length = 0));
  await page.waitForFunction(
    (until) => performance.now() > until,
    await page.evaluate((length) => performance.now() + length * 1000, seconds),
    { timeout: (seconds + 120) * 1000 },
  );
  return seenFrames(page);
}

/** How many pictures a machine has time to read is its own affair: enough to judge by are wanted. */
const kEnoughPerSecond = 7;

function report(name: string, frames: SeenFrame[]) {
  const presented = frames.at(-1)!.presentedFrames - frames[0]!.presentedFrames + 1;
  const read = frames.filter((frame) => frame.pixels && frame.atomic);
  const withMetadata = read.filter((frame) => frame.klvHex);
  console.log(
    `${name}: ${presented} frames presented, ${read.length} read atomically (${((100 * read.length) / presented).toFixed(1)} %), ` +
      `${withMetadata.length} with metadata (${((100 * withMetadata.length) / read.length).toFixed(2)} %)`,
  );
  expect(read.length).toBeGreaterThanOrEqual(seconds * kEnoughPerSecond);
  expect(withMetadata.length).toBeGreaterThanOrEqual(leastDescribed(seconds) * read.length);
  return { read, withMetadata };
}

const vessels = [
  { title: "vessel", id: "exact-vessel" },
  { title: "vessel with B-frames, encoded anew", id: "anew-vessel", args: ["--b-frames", "2", "--profile", "main"], pipeline: "ts-transcode" },
];
for (const { title, ...options } of vessels) {
  test(`${title}: the frame counter in the metadata is the one in the pixels, on every frame`, async ({ page, house, api }) => {
    const vessel = await startVessel(api, house, options);
    try {
      const { withMetadata } = report(title, finallyShown(await watch(page, house.address, house.password, vessel)));
      // One whose own packet comes too late, on a machine that is too busy, has values computed for it, and says so.
      const computed = withMetadata.filter((frame) => frameNumber(frame.klvHex!) === undefined);
      expect(computed.filter((frame) => frame.valueMethod === "measured")).toEqual([]);
      expect(computed.length).toBeLessThanOrEqual((1 - leastDescribed(seconds)) * withMetadata.length);
      const own = withMetadata.filter((frame) => !computed.includes(frame));
      const wrong = own.filter((frame) => frameNumber(frame.klvHex!) !== frame.pixels!.frame);
      expect(wrong.map((frame) => ({ drawn: frameNumber(frame.klvHex!), pixels: frame.pixels }))).toEqual([]);
    } finally {
      await vessel.process.stop();
      await api.call("DELETE", `/api/vessels/${vessel.id}`);
    }
  });
}

test("drone: capture time is that of the pixels, and every drawn value lies within its stated error of the truth", async ({ page, house, api }) => {
  const drone = await startDrone(api, { id: "exact-drone", args: ["--delay-max", "150", "--seed", "7"] });
  try {
    const { read, withMetadata } = report("drone", finallyShown(await watch(page, house.address, house.password, drone)));
    const wrongTime = read.filter((frame) => frame.utcUs !== frame.pixels!.utcUs);
    expect(wrongTime.map((frame) => [frame.utcUs, frame.pixels!.utcUs])).toEqual([]);

    const truth = await truePoses("drone", withMetadata.map((frame) => frame.pixels!.utcUs));
    const worst: Record<string, number> = {};
    const outside: string[] = [];
    withMetadata.forEach((frame, i) => {
      for (const { name, error, stated } of compareWithTruth(frame, truth[i]!)) {
        worst[name] = Math.max(worst[name] ?? 0, error / stated);
        if (error > stated) outside.push(`${name} at ${frame.utcUs}: off by ${error}, stated ${stated} (${frame.valueMethod})`);
      }
    });
    console.log("drone: largest error as a share of the stated one:", JSON.stringify(worst, (_, v) => (typeof v === "number" ? +v.toFixed(3) : v)));
    expect(outside).toEqual([]);
    expect(Object.keys(worst)).toEqual(expect.arrayContaining(["position", "heading", "roll", "pitch", "altitude"]));
  } finally {
    await drone.process.stop();
    await api.call("DELETE", `/api/drones/${drone.id}`);
  }
});
