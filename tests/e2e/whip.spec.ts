// A camera that sends by itself: a publisher that is not ours, on a page of another origin, with a token.
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { recordRequests, serveElsewhere, source, type Elsewhere } from "./elsewhere.ts";
import { finallyShown, giveCrc16, recordFrames, seenFrames } from "./frames.ts";
import { expect, root, test } from "./house.ts";
import { notice, openVehicle, signIn } from "./page.ts";
import { dronePorts, flyDrone } from "./vehicles.ts";

const barcode = JSON.parse(readFileSync(path.join(root, "schema/barcode.json"), "utf8"));
const place = "/api/drones/wheatear/cameras/nose/whip";
const frames = 100;

let drone: ReturnType<typeof flyDrone>;
let elsewhere: Elsewhere;

test.beforeAll(async ({ api }) => {
  const ports = await dronePorts();
  drone = flyDrone(ports); // for its telemetry; its own camera is not used
  await api.add("drones", {
    id: "wheatear",
    name: "wheatear",
    link: { uri: `mavlink+udp://127.0.0.1:${ports.mavlink}`, address: "1" },
    cameras: [{ name: "nose", pipeline: "whip-link", parameters: { max_wait: 200 } }],
  });
  elsewhere = await serveElsewhere("<canvas width=640 height=360></canvas>", { "/whip.js": source("whip-whep/whip.js") });
});

test.afterAll(async ({ api }) => {
  elsewhere.close();
  await drone.stop();
  await api.call("DELETE", "/api/drones/wheatear");
});

/** Draws each picture's number and time into it, as the simulator's camera does, and sends it. */
async function publish(page: Page, url: string, token: string): Promise<void> {
  await giveCrc16(page);
  await page.goto(elsewhere.address);
  await page.evaluate(
    async ([url, token, code]) => {
      const canvas = document.querySelector("canvas")!;
      const context = canvas.getContext("2d")!;
      const stream = canvas.captureStream(0);
      const track = stream.getVideoTracks()[0]! as MediaStreamTrack & { requestFrame(): void };
      track.contentHint = "detail"; // a smaller picture could not be read
      let frame = 0;
      const draw = () => {
        const utcUs = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000));
        const bytes = [...Array(4).keys()].map((i) => (frame >>> (24 - 8 * i)) & 255);
        for (let i = 7n; i >= 0n; i--) bytes.push(Number((utcUs >> (8n * i)) & 255n));
        const crc = (window as any).crc16(bytes);
        bytes.push(crc >> 8, crc & 255);
        context.fillStyle = "black";
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.fillStyle = "white";
        for (let i = 0; i < code.columns * code.rows; i++) {
          if (!((bytes[i >> 3]! >> (7 - (i & 7))) & 1)) continue;
          const x = ((i % code.columns) + code.quiet_cells) * code.cell_px;
          const y = (Math.floor(i / code.columns) + code.quiet_cells) * code.cell_px;
          context.fillRect(x, y, code.cell_px, code.cell_px);
        }
        frame++;
        track.requestFrame();
      };
      setInterval(draw, 1000 / 30);
      const { WHIPClient } = await import("/whip.js" as string);
      const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
      peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
      (window as any).client = new WHIPClient();
      await (window as any).client.publish(peer, url, token);
    },
    [url, token, barcode] as const,
  );
}

test("what a browser publishes is seen with each frame's metadata, at the time it was drawn", async ({ page, browser, house, api }) => {
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  await openVehicle(page, "wheatear");
  await expect(notice(page)).toContainText("nobody sends this camera's video yet");
  const camera = await browser.newPage();
  const requests = recordRequests(camera, house.address);
  await publish(camera, house.address + place, api.token);
  expect(requests).toContainEqual(`POST ${place} 201`);
  await page.waitForFunction(() => (window as any).seenFrames.some((frame: any) => frame.pixels && frame.timeMethod === "rtcp"));
  await page.evaluate(() => ((window as any).seenFrames.length = 0));
  await page.waitForFunction((count) => (window as any).seenFrames.filter((frame: any) => frame.pixels).length > count, frames);
  const read = finallyShown(await seenFrames(page)).filter((frame) => frame.pixels && frame.atomic);
  const described = read.filter((frame) => frame.klvHex);
  const late = described.map((frame) => (frame.utcUs! - frame.pixels!.utcUs) / 1000).sort((a, b) => a - b);
  console.log(
    `WHIP: ${read.length} frames read, ${described.length} with metadata; stated time minus drawn time: ` +
      `median ${late[late.length >> 1]?.toFixed(1)} ms, from ${late[0]?.toFixed(1)} to ${late.at(-1)?.toFixed(1)} ms`,
  );
  expect(read.length).toBeGreaterThan(0.9 * frames);
  expect(described.length).toBeGreaterThanOrEqual(0.95 * read.length);
  expect(Math.abs(late[late.length >> 1]!)).toBeLessThan(150);

  const second = await camera.evaluate(
    async ([url, token]) => {
      const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` };
      const answer = await fetch(url, { method: "POST", body: (window as any).client.pc.localDescription.sdp, headers });
      return (await answer.json()).message;
    },
    [house.address + place, api.token] as const,
  );
  expect(second).toBe("somebody sends this camera's video already");
  await camera.evaluate(() => (window as any).client.stop());
  await expect.poll(() => requests).toContainEqual(expect.stringMatching(/^DELETE \/api\/whip\/\S+ 200$/));
  await expect(notice(page)).toContainText("the publisher left; waiting for it to send anew");
  await camera.close();
});

test("one that vanishes makes room for the next, whose video goes on at the same viewer", async ({ page, browser, house, api }) => {
  const first = await browser.newPage();
  await publish(first, house.address + place, api.token);
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  await openVehicle(page, "wheatear");
  await page.waitForFunction(() => (window as any).seenFrames.length > 10);
  await first.close();
  await expect(notice(page)).toContainText("waiting for it to send anew");
  const second = await browser.newPage();
  await publish(second, house.address + place, api.token);
  await page.evaluate(() => ((window as any).seenFrames.length = 0));
  await page.waitForFunction(() => (window as any).seenFrames.length > 10);
  await expect(notice(page)).toBeHidden();
  await second.close();
});
