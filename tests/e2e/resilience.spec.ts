// What breaks, and what must not: a killed worker, silent telemetry.
import { readFileSync } from "node:fs";
import { expect, test } from "./house.ts";
import { recordFrames, seenFrames } from "./frames.ts";
import { openVehicle, signIn } from "./page.ts";
import { startDrone, startVessel } from "./vehicles.ts";

/** The server's worker processes, from the kernel's own list. */
function workers(serverPid: number): number[] {
  return readFileSync(`/proc/${serverPid}/task/${serverPid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

test("a killed worker is back, its video resumes by itself, and the other vehicle never blinks", async ({ browser, house, api }) => {
  test.setTimeout(600_000);
  const before = new Set(workers(house.server_pid));
  const drone = await startDrone(api, { id: "kill-drone" });
  await expect.poll(() => workers(house.server_pid).filter((pid) => !before.has(pid)).length).toBe(1);
  const [victim] = workers(house.server_pid).filter((pid) => !before.has(pid));
  const vessel = await startVessel(api, house, { id: "kill-vessel" });
  const dronePage = await browser.newPage();
  const vesselPage = await browser.newPage();
  try {
    for (const [page, vehicle] of [[dronePage, drone], [vesselPage, vessel]] as const) {
      await recordFrames(page);
      await signIn(page, house.address, house.password);
      await openVehicle(page, vehicle.id);
      await page.waitForFunction(() => (window as any).seenFrames.length > 30);
    }
    const lastBefore = (await seenFrames(dronePage)).at(-1)!.pixels?.utcUs ?? 0;
    const vesselBefore = (await seenFrames(vesselPage)).length;
    process.kill(victim!, "SIGKILL");
    const killed = Date.now();
    await dronePage.waitForFunction(
      (until) => (window as any).seenFrames.some((frame: any) => frame.pixels && frame.pixels.utcUs > until && frame.klvHex),
      Math.max(lastBefore, killed * 1000) + 300_000,
      { timeout: 120_000 },
    );
    console.log(`killed worker: video with metadata again after ${((Date.now() - killed) / 1000).toFixed(1)} s`);
    const counters = (await seenFrames(vesselPage)).slice(vesselBefore).flatMap((frame) => frame.pixels?.frame ?? []);
    const holes = counters.slice(1).map((counter, i) => counter - counters[i]!);
    console.log(`killed worker: the other vehicle showed ${counters.length} frames, largest step ${Math.max(...holes)} frames`);
    expect(counters.length).toBeGreaterThan(10);
    expect(Math.max(...holes)).toBeLessThan(90); // 3 s: what the page itself takes for a lost stream
  } finally {
    await dronePage.close();
    await vesselPage.close();
    await drone.process.stop();
    await vessel.process.stop();
    await api.call("DELETE", `/api/drones/${drone.id}`);
    await api.call("DELETE", `/api/vessels/${vessel.id}`);
  }
});

test("when telemetry stops, the head-up display empties within max-age while the video goes on", async ({ page, house, api }) => {
  const drone = await startDrone(api, { id: "silent-drone", args: ["--telemetry-stop-after", "12"] });
  try {
    await recordFrames(page);
    await signIn(page, house.address, house.password);
    await openVehicle(page, drone.id);
    await page.waitForFunction(() => (window as any).seenFrames.some((frame: any) => frame.klvHex));
    // Thirty pictures in a row without metadata: the stream lives, the values are gone.
    await page.waitForFunction(() => {
      const last = (window as any).seenFrames.slice(-30);
      return last.length === 30 && last.every((frame: any) => frame.pixels && !frame.klvHex);
    });
    const frames = await seenFrames(page);
    const lastWith = frames.filter((frame) => frame.klvHex).at(-1)!;
    // The newest thing the drone said, as the database remembers it.
    const history = await api.call("GET", `/api/drones/${drone.id}/telemetry?from=0&to=${Date.now() * 1000}&limit=10000`);
    const newest = Math.max(...history.body.map((sample: { time: number }) => sample.time));
    const carriedMs = (lastWith.utcUs! - newest) / 1000;
    console.log(`telemetry stopped: the last frame with values is ${carriedMs.toFixed(0)} ms younger than the last sample (max-age 1000 ms)`);
    expect(carriedMs).toBeGreaterThan(500);
    expect(carriedMs).toBeLessThanOrEqual(1000);
    await expect(page.getByText(/no metadata/i).first()).toBeVisible();
  } finally {
    await drone.process.stop();
    await api.call("DELETE", `/api/drones/${drone.id}`);
  }
});
