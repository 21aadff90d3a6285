// One device, two cameras: a pipeline file for a gimbal's daylight and thermal streams makes two cameras of its vehicle.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { finallyShown, recordFrames, seenFrames } from "./frames.ts";
import { expect, test } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { missingFrames, received, watchBare } from "./receiver.ts";
import { droneAt, dronePorts, flyDrone } from "./vehicles.ts";

// Slow and small, so that a busy machine makes the simulated camera leave no frame out.
const kFramesPerSecond = 5;
const kSmall = ["--size", "320x180", "--rate", String(kFramesPerSecond), "--bitrate", "300"];

test("both cameras of a device play with the vehicle's telemetry, and a change of their file starts both anew and nobody else", async ({ browser, page, house, api }) => {
  test.setTimeout(600_000);
  const [daylight, thermal, beside] = [await dronePorts(), await dronePorts(), await dronePorts()];
  const drones = [flyDrone(daylight), flyDrone(thermal, ["--size", "320x240"]), flyDrone(beside, kSmall)];
  const uri = ({ rtsp }: { rtsp: number }) => `rtsp://127.0.0.1:${rtsp}/camera`;
  const besidePage = await browser.newPage();
  try {
    const parameters = { daylight: uri(daylight), thermal: uri(thermal), max_wait: 60 };
    await api.add("drones", { ...droneAt(daylight, "pratincole"), cameras: [{ name: "gimbal", pipeline: "thermal-daylight", parameters }] });
    await api.add("drones", droneAt(beside, "ruff"));
    await recordFrames(page);
    await signIn(page, house.address, house.password);
    await openVehicle(page, "pratincole");
    const cameras = page.getByRole("radiogroup", { name: "Camera" });
    await expect(page.locator(".camera-row")).toHaveText([/gimbal-daylight.*playing/, /gimbal-thermal.*playing/]);

    const watch = async (camera: string, width: number) => {
      await cameras.getByText(camera, { exact: true }).click();
      await page.waitForFunction(() => (window as any).masthead?.frames?.length > 0);
      await page.evaluate(() => ((window as any).seenFrames.length = 0));
      await page.waitForFunction(
        ([camera, width]) => (window as any).seenFrames.filter((frame: any) => frame.camera === camera && frame.width === width && frame.klvHex).length > 40,
        [camera, width] as const,
      );
      const frames = finallyShown(await seenFrames(page)).filter((frame) => frame.camera === camera && frame.pixels && frame.utcUs && frame.atomic);
      expect(frames.filter((frame) => Math.abs(frame.utcUs! - frame.pixels!.utcUs) > 40_000)).toEqual([]);
    };
    await watch("gimbal-thermal", 320);
    await watch("gimbal-daylight", 640);
    await watchBare(besidePage, house, "ruff", "nose");
    const before = await received(besidePage);

    const file = path.join(house.pipelines, "thermal-daylight.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("latency_ms: 50", "latency_ms: 60"));
    await expect(page.locator(".notice")).toContainText("used by pratincole gimbal-daylight, pratincole gimbal-thermal");
    for (const camera of ["gimbal-daylight", "gimbal-thermal"]) {
      await expect.poll(async () => (await api.call("GET", `/api/drones/pratincole/cameras/${camera}/graph`)).body.version).toBe(2);
    }
    await expect(page.locator(".camera-row")).toHaveText([/gimbal-daylight.*playing/, /gimbal-thermal.*playing/]);
    await watch("gimbal-thermal", 320);

    const after = await received(besidePage);
    const taken = after.utcUs.slice(before.utcUs.length);
    expect(after.state).toBe("connected");
    expect(taken.length).toBeGreaterThan(3 * kFramesPerSecond);
    expect(after.packetsLost - before.packetsLost).toBe(0);
    expect(missingFrames(taken, kFramesPerSecond)).toBe(0);
    await page.getByRole("radiogroup", { name: "View" }).getByText("4", { exact: true }).click();
    await expect(page.getByRole("img", { name: /^Live picture of pratincole, camera gimbal-(daylight|thermal)$/ })).toHaveCount(2);
  } finally {
    await besidePage.close();
    for (const drone of drones) await drone.stop();
    await api.call("DELETE", "/api/drones/pratincole");
    await api.call("DELETE", "/api/drones/ruff");
  }
});
