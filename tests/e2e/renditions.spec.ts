// Weak links: a viewer chooses a rendition, with the same metadata on its frames.
import { recordFrames, seenFrames } from "./frames.ts";
import { expect, test } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { droneAt, dronePorts, flyDrone } from "./vehicles.ts";

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
    const seesWidth = async (width: number) => {
      await page.evaluate(() => ((window as any).seenFrames.length = 0));
      await page.waitForFunction((wanted) => (window as any).seenFrames.filter((frame: any) => frame.width === wanted).length > 30, width);
    };
    await seesWidth(1280);
    await choices.getByText("low", { exact: true }).click();
    await seesWidth(640);
    // Half the size: the barcode's cells have the size that is read. What the pixels say is the frame's own time still.
    const small = (await seenFrames(page)).filter((frame) => frame.width === 640 && frame.pixels && frame.atomic && frame.utcUs);
    expect(small.length).toBeGreaterThan(20);
    expect(small.filter((frame) => frame.utcUs !== frame.pixels!.utcUs)).toEqual([]);
    await choices.getByText("source", { exact: true }).click();
    await seesWidth(1280);
    await expect(page.locator(".camera-row")).toContainText("1 watching");
  } finally {
    await drone.stop();
    await api.call("DELETE", "/api/drones/wagtail");
  }
});
