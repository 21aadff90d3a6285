// WHEP players that are not ours, on a page of another origin, with a token instead of a cookie.
import type { Page } from "@playwright/test";
import { recordRequests, serveElsewhere, source, type Elsewhere } from "./elsewhere.ts";
import { expect, test } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { startDrone, type Simulated } from "./vehicles.ts";

// The player is CommonJS; what it requires for advertisements and another protocol is not needed to watch.
const player = `const load = (code) => { const module = { exports: {} }; code(module, module.exports); return module.exports; };
const events = load((module, exports) => {${source("events/events.js")}});
const require = (name) => (name === "events" ? events : {});
export const { WebRTCPlayer } = load((module, exports) => {${source("@eyevinn/webrtc-player/dist/main.js")}});`;

let drone: Simulated;
let elsewhere: Elsewhere;

test.beforeAll(async ({ api, house, browser }) => {
  drone = await startDrone(api, { id: "whimbrel", args: ["--gop", "120"] });
  elsewhere = await serveElsewhere("<video muted autoplay playsinline></video>", {
    "/whep.js": source("whip-whep/whep.js"),
    "/player.js": player,
  });
  // These players give up when there is no video yet.
  const page = await browser.newPage();
  await signIn(page, house.address, house.password);
  await openVehicle(page, "whimbrel");
  await expect(page.locator(".camera-row")).toContainText("playing");
  await page.close();
});

test.afterAll(async ({ api }) => {
  elsewhere.close();
  await drone.process.stop();
  await api.call("DELETE", "/api/drones/whimbrel");
});

async function countFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const video = document.querySelector("video")!;
    const w = window as any;
    w.shown = [];
    const take = (_now: number, metadata: any) => {
      w.shown.push(metadata.rtpTimestamp);
      video.requestVideoFrameCallback(take);
    };
    video.requestVideoFrameCallback(take);
  });
}

test("a player from npm plays a camera from another origin", async ({ page, house, api }) => {
  const requests = recordRequests(page, house.address);
  await page.goto(elsewhere.address);
  await countFrames(page);
  await page.evaluate(async ([url, token]) => {
    const { WebRTCPlayer } = await import("/player.js" as string);
    const player = new WebRTCPlayer({ video: document.querySelector("video"), type: "whep", iceServers: [] });
    (window as any).player = player;
    await player.load(new URL(url!), `Bearer ${token}`);
  }, [`${house.address}/api/drones/whimbrel/cameras/nose/whep`, api.token]);
  await page.waitForFunction(() => (window as any).shown.length > 60);
  const size = await page.evaluate(() => [document.querySelector("video")!.videoWidth, document.querySelector("video")!.videoHeight]);
  expect(size).toEqual([640, 360]);
  await page.evaluate(() => (window as any).player.unload());
  await expect.poll(() => requests.filter((line) => line.startsWith("DELETE /api/whep/"))).toEqual([expect.stringMatching(/ 200$/)]);
});

test("a client that offers a data channel trickles its candidates and gets each frame's metadata", async ({ page, house, api }) => {
  const requests = recordRequests(page, house.address);
  await page.goto(elsewhere.address);
  await countFrames(page);
  await page.evaluate(async ([url, token]) => {
    const { WHEPClient } = await import("/whep.js" as string);
    const w = window as any;
    w.described = [];
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    peer.addTransceiver("audio", { direction: "recvonly" });
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.createDataChannel("player");
    peer.ontrack = ({ track, streams }) => {
      if (track.kind === "video") document.querySelector("video")!.srcObject = streams[0] ?? new MediaStream([track]);
    };
    peer.ondatachannel = ({ channel }) => {
      channel.binaryType = "arraybuffer";
      channel.onmessage = ({ data }) => w.described.push(new DataView(data).getUint32(4));
    };
    w.client = new WHEPClient();
    await w.client.view(peer, url, token);
  }, [`${house.address}/api/drones/whimbrel/cameras/nose/whep`, api.token]);
  await page.waitForFunction(() => (window as any).shown.length > 60);
  const without = () =>
    page.evaluate(() => {
      const w = window as any;
      return w.shown.slice(0, 60).filter((timestamp: number) => !w.described.includes(timestamp)).length;
    });
  await expect.poll(without).toBeLessThanOrEqual(1); // a message may be under way, or be lost
  expect(requests).toContainEqual(expect.stringMatching(/^PATCH \/api\/whep\/\S+ 204$/));
  await page.evaluate(() => (window as any).client.stop());
  await expect.poll(() => requests).toContainEqual(expect.stringMatching(/^DELETE \/api\/whep\/\S+ 200$/));
});
