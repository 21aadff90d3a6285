// Click to first frame: a signed-in page with the vehicle list on the screen; from the click on a vehicle to the first
// picture drawn, and to the first one with metadata. The floor in the same run is the time until the connection stands:
// what is beyond it is the wait for a key frame (one a second), the decoder and the compositor.
import { expect, test } from "../house.ts";
import { recordFrames } from "../frames.ts";
import { openVehicle, signIn } from "../page.ts";
import { startDrone } from "../vehicles.ts";

const runs = 20;

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

test("click to first frame", async ({ browser, house, api }) => {
  const drone = await startDrone(api, { id: "bench-drone" });
  const connected: number[] = [];
  const shown: number[] = [];
  const matched: number[] = [];
  for (let run = 0; run < runs; run++) {
    const page = await browser.newPage();
    await recordFrames(page);
    await page.addInitScript(() => {
      const RealPeer = RTCPeerConnection;
      (window as any).RTCPeerConnection = class extends RealPeer {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          this.addEventListener("connectionstatechange", () => {
            if (this.connectionState === "connected") (window as any).connectedAt ??= performance.now();
          });
        }
      };
    });
    await signIn(page, house.address, house.password);
    await expect(page.getByRole("button", { name: /^bench-drone\b/ })).toBeVisible();
    await page.evaluate(() => {
      document.addEventListener("click", () => ((window as any).clickedAt ??= performance.now()), { capture: true });
      (window as any).seenFrames.length = 0;
    });
    await openVehicle(page, drone.id);
    await page.waitForFunction(() => (window as any).seenFrames.some((frame: any) => frame.klvHex));
    const times = await page.evaluate(() => {
      const frames = (window as any).seenFrames;
      const w = window as any;
      return {
        connected: w.connectedAt - w.clickedAt,
        shown: frames[0].presentedAt - w.clickedAt,
        matched: frames.find((frame: any) => frame.klvHex).presentedAt - w.clickedAt,
      };
    });
    connected.push(times.connected);
    shown.push(times.shown);
    matched.push(times.matched);
    await page.close();
  }
  console.log(
    `first-frame: median of ${runs}: click to first picture ${median(shown).toFixed(0)} ms, with metadata ${median(matched).toFixed(0)} ms; ` +
      `floor (connection stands) ${median(connected).toFixed(0)} ms; ratio ${(median(shown) / median(connected)).toFixed(2)}`,
  );
  await drone.process.stop();
  await api.call("DELETE", `/api/drones/${drone.id}`);
});
