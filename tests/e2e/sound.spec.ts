// A camera with sound is heard in the browser when the operator turns it on, and no picture loses its metadata by it.
import path from "node:path";
import type { Page } from "@playwright/test";
import { recordFrames, finallyShown, seenFrames } from "./frames.ts";
import { build, expect, Process, test } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { droneAt, dronePorts, flyDrone } from "./vehicles.ts";

const kHz = 440;
const camera = `( videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=25/1 !
  x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=800 ! video/x-h264,profile=constrained-baseline !
  h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96
  audiotestsrc is-live=true freq=${kHz} ! audioconvert ! audio/x-raw,rate=44100,channels=2 ! avenc_aac ! aacparse ! rtpmp4gpay name=pay1 pt=97 )`;

/** To be called before the page is opened: keeps its connections. */
async function keepPeers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const w = window as any;
    w.peers = [];
    w.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...settings: any[]) {
        super(...settings);
        w.peers.push(this);
      }
    };
  });
}

/** What comes out of the newest connection's audio, of one second: the loudest frequency; 0 in silence. */
async function heardHz(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const peer = (window as any).peers.at(-1) as RTCPeerConnection;
    const track = peer.getReceivers().find((receiver) => receiver.track.kind === "audio")?.track;
    if (!track) return 0;
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // what the analyser looks back on
    const loudness = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(loudness);
    const loudest = loudness.indexOf(Math.max(...loudness));
    const hz = loudness[loudest]! > -60 ? (loudest * context.sampleRate) / analyser.fftSize : 0;
    await context.close();
    return hz;
  });
}

/** Packets of sound that the newest connection received. */
const soundPackets = (page: Page) =>
  page.evaluate(async () => {
    let packets = 0;
    (await ((window as any).peers.at(-1) as RTCPeerConnection).getStats()).forEach((report) => {
      if (report.type === "inbound-rtp" && report.kind === "audio") packets = report.packetsReceived;
    });
    return packets;
  });

test("an operator turns a camera's sound on and off, and every picture keeps its metadata", async ({ page, house, api }) => {
  const ports = await dronePorts();
  const drone = flyDrone(ports);
  const server = new Process(path.join(build, "tests/integration/launch_lines/rtsp_camera_server"), [camera.replaceAll("\n", " ")]);
  try {
    const vehicle = droneAt(ports, "bittern", { max_wait: 60 });
    const uri = `rtsp://127.0.0.1:${await server.line(/^[0-9]+$/)}/camera`;
    await api.add("drones", { ...vehicle, cameras: vehicle.cameras.map((one) => ({ ...one, parameters: { ...one.parameters, uri } })) });
    await keepPeers(page);
    await recordFrames(page);
    await signIn(page, house.address, house.password);
    await openVehicle(page, "bittern");
    const button = page.getByRole("button", { name: "Sound" });
    await expect(button).toHaveAttribute("aria-pressed", "false");
    await expect(page.getByTestId("match-rate")).toContainText(/%/);
    expect(await heardHz(page), "it is off until it is turned on").toBe(0);
    await button.click();
    await expect(button).toHaveAttribute("aria-pressed", "true");
    await expect.poll(() => heardHz(page)).toBeGreaterThan(kHz - 10);
    expect(await heardHz(page)).toBeLessThan(kHz + 10);
    expect(await soundPackets(page)).toBeGreaterThan(50);

    await page.evaluate(() => ((window as any).seenFrames.length = 0));
    await page.waitForFunction(() => (window as any).seenFrames.length > 150);
    const shown = finallyShown((await seenFrames(page)).slice(0, -5)); // the last ones' messages may be under way
    expect(shown.filter((frame) => !frame.klvHex)).toEqual([]);

    await page.keyboard.press("m");
    await expect(button).toHaveAttribute("aria-pressed", "false");
    expect(await heardHz(page)).toBe(0);
  } finally {
    await server.stop();
    await drone.stop();
    await api.call("DELETE", "/api/drones/bittern");
  }
});

test("a camera without sound has nothing to turn on", async ({ page, house, api }) => {
  const ports = await dronePorts();
  const drone = flyDrone(ports);
  try {
    await api.add("drones", droneAt(ports, "bunting"));
    await signIn(page, house.address, house.password);
    await openVehicle(page, "bunting");
    await expect(page.getByTestId("match-rate")).toContainText(/%/);
    await expect(page.getByRole("button", { name: "Sound" })).toHaveCount(0);
  } finally {
    await drone.stop();
    await api.call("DELETE", "/api/drones/bunting");
  }
});
