// What people get wrong and what cameras do: each is said plainly on the page, and nothing else suffers from it.
import { renameSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect, test, type House } from "./house.ts";
import { recordFrames, seenFrames } from "./frames.ts";
import { notice, openVehicle, signIn } from "./page.ts";
import { droneAt, dronePorts, flyDrone, startDrone, startVessel } from "./vehicles.ts";

async function watch(page: Page, house: House, id: string): Promise<void> {
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  await openVehicle(page, id);
}

/** Waits for a picture that the camera took later than now. */
async function newPicture(page: Page): Promise<void> {
  await page.waitForFunction(
    (since) => (window as any).seenFrames.some((frame: any) => frame.pixels?.utcUs > since),
    Date.now() * 1000,
    { timeout: 120_000 },
  );
  await expect(notice(page)).toBeHidden();
}

test("a camera that sends B-frames is named as such, and another vehicle's video goes on", async ({ browser, house, api }) => {
  const vessel = await startVessel(api, house, { id: "plain" });
  const [vesselPage, page] = [await browser.newPage(), await browser.newPage()];
  try {
    await watch(vesselPage, house, vessel.id);
    await newPicture(vesselPage);
    const before = (await seenFrames(vesselPage)).length;
    const drone = await startDrone(api, { id: "fancy", args: ["--profile", "main", "--b-frames", "2"] });
    try {
      await watch(page, house, drone.id);
      await expect(notice(page)).toContainText("Camera sends B-frames");
      await expect(notice(page)).toContainText(/browsers cannot play.*set the camera to no B-frames/);
      await expect(page.locator(".camera-row")).toContainText("sends B-frames");
      const counters = (await seenFrames(vesselPage)).slice(before).flatMap((frame) => frame.pixels?.frame ?? []);
      const steps = counters.slice(1).map((counter, i) => counter - counters[i]!);
      console.log(`B-frames beside it: the other vehicle showed ${counters.length} frames, largest step ${Math.max(...steps)} frames`);
      expect(counters.length).toBeGreaterThan(10);
      expect(Math.max(...steps)).toBeLessThan(90); // 3 s: what the page itself takes for a lost stream
    } finally {
      await drone.process.stop();
      await api.call("DELETE", `/api/drones/${drone.id}`);
    }
    await newPicture(vesselPage);
  } finally {
    await page.close();
    await vesselPage.close();
    await vessel.process.stop();
    await api.call("DELETE", `/api/vessels/${vessel.id}`);
  }
});

test("a camera that is absent, comes, dies and comes back is said to be so, and its video comes by itself", async ({ page, house, api }) => {
  const ports = await dronePorts();
  await api.add("drones", droneAt(ports, "late"));
  let drone: ReturnType<typeof flyDrone> | undefined;
  try {
    await watch(page, house, "late");
    await expect(notice(page)).toContainText("No video yet, retrying");
    await expect(notice(page)).toContainText(`rtsp://127.0.0.1:${ports.rtsp}/camera`);
    drone = flyDrone(ports);
    await newPicture(page);
    await drone.stop("SIGKILL");
    await expect(notice(page)).toContainText("Stream lost, retrying");
    drone = flyDrone(ports);
    await newPicture(page);
  } finally {
    await drone?.stop();
    await api.call("DELETE", "/api/drones/late");
  }
});

test("a wrong password is said, and the right one can be typed at once", async ({ page, house }) => {
  await page.goto(house.address);
  await expect(page.getByLabel("Name")).toBeFocused();
  await page.keyboard.type("admin");
  await page.keyboard.press("Tab");
  await page.keyboard.type("not the password");
  // With the mouse, which takes the focus away.
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("name or password is wrong");
  await expect(page.getByRole("navigation")).toBeHidden();
  await expect(page.getByRole("textbox", { name: "Password" })).toBeFocused();
  await page.keyboard.type(house.password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("navigation")).toBeVisible();
});

test("a camera's unknown pipeline file is refused with those that exist, and one that goes away is missed", async ({ page, house, api }) => {
  const ports = await dronePorts();
  const drone = droneAt(ports, "recipe");
  const [camera] = drone.cameras;
  const refused = await api.call("POST", "/api/drones", { ...drone, cameras: [{ ...camera, pipeline: "rtsp-lnik" }] });
  expect(refused.status).toBe(400);
  expect(refused.body.message).toContain("camera 'nose': there is no pipeline file 'rtsp-lnik.yaml'; there are: file-loop, ");

  const process = flyDrone(ports);
  await api.add("drones", drone);
  const file = path.join(house.pipelines, "rtsp-link.yaml");
  const away = path.join(house.pipelines, "rtsp-link.away");
  try {
    await watch(page, house, drone.id);
    await newPicture(page);
    renameSync(file, away);
    await expect(notice(page)).toContainText("Camera refused");
    await expect(notice(page)).toContainText("there is no pipeline file 'rtsp-link.yaml'; there are: file-loop, ");
    renameSync(away, file);
    await newPicture(page);
  } finally {
    await process.stop();
    await api.call("DELETE", `/api/drones/${drone.id}`);
  }
});
