// Click to first frame: a signed-in page with the vehicle list on the screen, whose start is over; from the click on a vehicle to the first
// picture drawn, to the first one with metadata, and until the picture is as fresh as it stays. The floor in the same run
// is the time until the connection stands: what is beyond it is the wait for frames, the decoder and the compositor.
// No camera here can make key frames on request: RTSP cameras are passed through as they come.
import { expect, test, type Api, type House } from "../house.ts";
import { recordFrames } from "../frames.ts";
import { openVehicle, signIn } from "../page.ts";
import { startDrone } from "../vehicles.ts";
import type { Browser } from "@playwright/test";

const runs = Number(process.env.MASTHEAD_BENCH_RUNS ?? 20);
const settledMs = 3000; // longer than any catching up

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const summary = (values: number[]) => `${median(values).toFixed(0)} ms (worst ${Math.max(...values).toFixed(0)})`;

interface Run {
  connected: number;
  shown: number;
  matched: number;
  live: number;
  /** How old the first picture was beyond the latency that the stream settled at. */
  behind: number;
}

/** Until the page's start is over: the map drawn, ten times in a row nothing to do for most of a frame. */
async function idle(): Promise<void> {
  for (let times = 0; times < 10; ) {
    const deadline = await new Promise<IdleDeadline>((resolve) => requestIdleCallback(resolve));
    times = deadline.timeRemaining() > 10 ? times + 1 : 0;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/** One visit: all times in ms since the click. */
async function visit(browser: Browser, house: House, drone: string, frameMs: number): Promise<Run> {
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
  await expect(page.getByRole("button", { name: new RegExp(`^${drone}\\b`) })).toBeVisible();
  await page.evaluate(idle);
  await page.evaluate(() => {
    document.addEventListener("click", () => ((window as any).clickedAt ??= performance.now()), { capture: true });
    (window as any).seenFrames.length = 0;
  });
  await openVehicle(page, drone);
  await page.waitForFunction((settled) => {
    const frames = (window as any).seenFrames;
    return frames.length > 0 && frames.at(-1).presentedAt > frames[0].presentedAt + settled + 1000;
  }, settledMs);
  const { frames, clicked, connected, origin } = await page.evaluate(() => ({
    frames: (window as any).seenFrames as any[],
    clicked: (window as any).clickedAt as number,
    connected: (window as any).connectedAt as number,
    origin: performance.timeOrigin,
  }));
  await page.close();
  // What the pixels say is when the picture was taken, by this machine's clock.
  const pictures = frames
    .filter((frame) => frame.pixels && !frame.late)
    .map((frame) => ({ at: frame.presentedAt, latency: origin + frame.presentedAt - frame.pixels.utcUs / 1000 }));
  const first = pictures[0]!;
  const steady = median(pictures.filter(({ at }) => at > first.at + settledMs).map(({ latency }) => latency));
  const live = pictures.find((_, i) => median(pictures.slice(i, i + 5).map(({ latency }) => latency)) <= steady + frameMs)!;
  return {
    connected: connected - clicked,
    shown: frames[0].presentedAt - clicked,
    matched: frames.find((frame) => frame.klvHex).presentedAt - clicked,
    live: live.at - clicked,
    behind: first.latency - steady,
  };
}

async function report(name: string, camera: string[], browser: Browser, house: House, api: Api): Promise<void> {
  const drone = await startDrone(api, { id: "bench-drone", args: camera });
  const all: Run[] = [];
  for (let run = 0; run < runs; run++) {
    all.push(await visit(browser, house, drone.id, 1000 / 30));
    if (process.env.VERBOSE) console.log(JSON.stringify(all.at(-1)));
  }
  const each = (key: keyof Run) => all.map((run) => run[key]);
  console.log(
    `first-frame, ${name}: median of ${runs}: click to first picture ${summary(each("shown"))}, with metadata ${summary(each("matched"))}, ` +
      `live again ${summary(each("live"))}; first picture's age ${summary(each("behind"))}; floor (connection stands) ${summary(each("connected"))}; ` +
      `ratio ${(median(each("shown")) / median(each("connected"))).toFixed(2)}`,
  );
  await drone.process.stop();
  await api.call("DELETE", `/api/drones/${drone.id}`);
}

const hd = ["--size", "1280x720", "--bitrate", "2000", "--rate", "30"];

test("click to first frame, a key frame each second", async ({ browser, house, api }) => {
  await report("a key frame each second", [], browser, house, api);
});

test("click to first frame, 4 s between key frames", async ({ browser, house, api }) => {
  await report("720p, a key frame every 4 s, none on request", [...hd, "--gop", "120"], browser, house, api);
});
