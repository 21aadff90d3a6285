// Weak links: a viewer chooses a rendition, with the same metadata on its frames.
import type { Page } from "@playwright/test";
import { recordFrames, seenFrames } from "./frames.ts";
import { expect, test } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { received, watchBare } from "./receiver.ts";
import { droneAt, dronePorts, flyDrone } from "./vehicles.ts";
import { WeakLink } from "./weak_link.ts";

/** Waits until the page shows pictures of this width again and again. */
async function seesWidth(page: Page, width: number): Promise<void> {
  await page.evaluate(() => ((window as any).seenFrames.length = 0));
  await page.waitForFunction((wanted) => (window as any).seenFrames.filter((frame: any) => frame.width === wanted).length > 30, width);
}

test("a viewer changes to a smaller rendition and back, and each picture keeps its own metadata", async ({ page, house, api }) => {
  const ports = await dronePorts();
  const drone = flyDrone(ports, ["--size", "1280x720", "--cell-px", "16"]);
  const vehicle = droneAt(ports, "wagtail");
  await api.add("drones", { ...vehicle, cameras: vehicle.cameras.map((camera) => ({ ...camera, pipeline: "rtsp-ladder" })) });
  try {
    await recordFrames(page);
    await signIn(page, house.address, house.password);
    await openVehicle(page, "wagtail");
    const choices = page.getByRole("radiogroup", { name: "Rendition" });
    await expect(choices).toContainText("auto (source)");
    await seesWidth(page, 1280);
    await choices.getByText("low", { exact: true }).click();
    await seesWidth(page, 640);
    // Half the size: the barcode's cells have the size that is read. What the pixels say is the frame's own time still.
    const small = (await seenFrames(page)).filter((frame) => frame.width === 640 && frame.pixels && frame.atomic && frame.utcUs);
    expect(small.length).toBeGreaterThan(20);
    expect(small.filter((frame) => frame.utcUs !== frame.pixels!.utcUs)).toEqual([]);
    await choices.getByText("source", { exact: true }).click();
    await seesWidth(page, 1280);
    await expect(page.locator(".camera-row")).toContainText("1 watching");
  } finally {
    await drone.stop();
    await api.call("DELETE", "/api/drones/wagtail");
  }
});

test("a viewer whose link turns weak goes down to the small rendition and up again when all is well, and the one beside it loses nothing", async ({ browser, page, house, api }) => {
  test.setTimeout(600_000);
  const ports = await dronePorts();
  const drone = flyDrone(ports, ["--size", "800x450", "--rate", "10", "--bitrate", "1500", "--cell-px", "8"]);
  const vehicle = droneAt(ports, "dipper");
  await api.add("drones", { ...vehicle, cameras: vehicle.cameras.map((camera) => ({ ...camera, pipeline: "rtsp-ladder" })) });
  const beside = await browser.newPage();
  const link = new WeakLink();
  try {
    await link.between(page);
    await recordFrames(page);
    await signIn(page, house.address, house.password);
    await openVehicle(page, "dipper");
    const choices = page.getByRole("radiogroup", { name: "Rendition" });
    await seesWidth(page, 800);
    await expect(choices).toContainText("auto (source)");

    await watchBare(beside, house, "dipper", "nose");
    const before = await received(beside);

    link.kbitPerSecond = 800; // enough for the small one alone; a busy machine may stop the picture before the link drops any
    await expect(choices).toContainText("auto (low)", { timeout: 200_000 });
    await seesWidth(page, 640);
    link.kbitPerSecond = Infinity;
    await expect(choices).toContainText("auto (source)", { timeout: 200_000 });
    await seesWidth(page, 800);
    await expect(page.locator(".camera-row")).toContainText("2 watching");

    const after = await received(beside);
    expect(after.state).toBe("connected");
    expect(after.packets - before.packets).toBeGreaterThan(1000);
    expect([after.packetsLost, after.messagesLost]).toEqual([before.packetsLost, before.messagesLost]);
  } finally {
    link.close();
    await beside.close();
    await drone.stop();
    await api.call("DELETE", "/api/drones/dipper");
  }
});
