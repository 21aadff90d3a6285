// What was recorded is found again to the frame: at random instants, step by step, at play, and by whoever opens the address.
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { leastDescribed, recordFrames, seenFrames, type SeenFrame } from "./frames.ts";
import { expect, root, test as anyHouse, withHouse, type Api } from "./house.ts";
import { frameNumber } from "./klv.ts";
import { signIn } from "./page.ts";
import { seek, settled, shares } from "./replay.ts";
import { simulator, startVessel } from "./vehicles.ts";

const seeks = Number(process.env.MASTHEAD_E2E_SEEKS ?? 20);
const recordedSeconds = Number(process.env.MASTHEAD_E2E_RECORDED_SECONDS ?? 600);
const playedSeconds = Number(process.env.MASTHEAD_E2E_SECONDS ?? 10);
const periodUs = 1e6 / 30;
const id = "replayed";

/** As fast as the machine makes it, an hour ago. */
function record(data: string): void {
  const folder = path.join(data, "recordings", id, "mast");
  const startUs = Math.floor(Date.now() / 1000 - 3600) * 1e6 + 123_457;
  const args = ["vessel", "--record", folder, "--duration", String(recordedSeconds), "--record-file", "100", "--start-utc", String(startUs)];
  execFileSync(simulator, args, { stdio: "ignore" });
}

const test = anyHouse.extend({
  house: [async ({}, use) => withHouse([], use, record), { scope: "worker", timeout: 900_000 }],
});

interface Range {
  from: number;
  to: number;
}

async function recordedRanges(api: Api, vehicle: string): Promise<Range[]> {
  const { body } = await api.call("GET", `/api/recordings?from=0&to=${Date.now() * 1000 + 1e9}`);
  return body.find((camera: { vehicle: string }) => camera.vehicle === vehicle)?.ranges ?? [];
}

const isOwn = (frame: SeenFrame) => frame.utcUs === frame.pixels!.utcUs && frameNumber(frame.klvHex!) === frame.pixels!.frame;

let range: Range;

test.beforeAll(async ({ api }) => {
  const length = async () => (await recordedRanges(api, id)).reduce((sum, { from, to }) => sum + to - from, 0);
  await expect.poll(length, { timeout: 120_000 }).toBeGreaterThan((recordedSeconds - 1) * 1e6);
  const ranges = await recordedRanges(api, id);
  expect(ranges).toHaveLength(1);
  range = ranges[0]!;
});

test("at random instants the frame shown is the one asked for, with its own metadata", async ({ page, house }) => {
  test.setTimeout((seeks * 10 + 300) * 1000);
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  await page.goto(`${house.address}/replay?vehicle=${id}&camera=mast&t=${range.from + 2_000_000}`);
  await settled(page);
  const times: number[] = [];
  const wrong: unknown[] = [];
  const random = shares(20);
  for (let n = 0; n < seeks; n++) {
    const us = Math.floor(range.from + (random.next().value as number) * (range.to - range.from - 1e6));
    const { frame, ms } = await seek(page, us);
    const after = us - frame.pixels!.utcUs;
    if (after < 0 || after > periodUs + 1 || !isOwn(frame)) wrong.push({ us, after, drawn: frame.utcUs, number: frameNumber(frame.klvHex!), pixels: frame.pixels });
    times.push(ms);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(0);
  console.log(`replay: ${seeks - wrong.length} of ${seeks} random seeks show the frame asked for with its own metadata; ${at(0.5)} ms in the median, ${at(0.95)} ms at p95`);
  expect(wrong).toEqual([]);
});

test("at normal speed every frame shows its own metadata or none, and hardly any none", async ({ page, house }) => {
  test.setTimeout((playedSeconds + 300) * 1000);
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  await page.goto(`${house.address}/replay?vehicle=${id}&camera=mast&t=${range.from + 1_000_000}`);
  await settled(page);
  await page.evaluate(() => ((window as any).seenFrames.length = 0));
  await page.keyboard.press("Space");
  const enough = playedSeconds * 1e6;
  await page.waitForFunction((us) => {
    const seen = (window as any).seenFrames;
    return seen.length > 1 && seen.at(-1).pixels?.utcUs - seen[0].pixels?.utcUs > us;
  }, Math.min(enough, range.to - range.from - 3_000_000), { timeout: (playedSeconds + 180) * 1000 });
  await page.keyboard.press("Space");
  const read = (await seenFrames(page)).filter((frame) => frame.pixels);
  const withMetadata = read.filter((frame) => frame.klvHex);
  const wrong = withMetadata.filter((frame) => !isOwn(frame));
  console.log(
    `replay at 1x: ${read.length} frames read, ${withMetadata.length} with metadata (${((100 * withMetadata.length) / read.length).toFixed(2)} %), ` +
      `${withMetadata.length - wrong.length} of them with their own`,
  );
  expect(wrong).toEqual([]);
  expect(withMetadata.length).toBeGreaterThanOrEqual(leastDescribed(playedSeconds) * read.length);
  expect(read.length).toBeGreaterThanOrEqual(7 * Math.min(playedSeconds, (range.to - range.from) / 1e6 - 3));
});

test("a step is one frame, and a colleague who opens the address sees the same one", async ({ page, house }) => {
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  await page.goto(`${house.address}/replay?vehicle=${id}&camera=mast&t=${Math.floor(range.from + (range.to - range.from) * 0.6)}`);
  await settled(page);
  const shown = async () => {
    await settled(page);
    return (await seenFrames(page)).at(-1)!.pixels!.frame;
  };
  const first = await shown();
  for (const [key, steps] of [[".", 1], [".", 2], [",", 1], [",", 0], [",", -1]] as const) {
    await page.keyboard.press(key);
    expect(await shown()).toBe(first + steps);
  }
  const { utcUs } = (await seenFrames(page)).at(-1)!;
  const iso = new Date(Math.floor(utcUs! / 1000)).toISOString().slice(0, -1) + String(utcUs! % 1000).padStart(3, "0") + "Z";
  await expect.poll(() => new URL(page.url()).searchParams.get("t")).toBe(iso);

  const colleague = await page.context().newPage();
  await recordFrames(colleague);
  await colleague.goto(page.url());
  await settled(colleague);
  expect((await seenFrames(colleague)).at(-1)!.pixels!.frame).toBe(first - 1);
});

test("a player that is not ours plays it as fragmented MP4 and finds each frame's KLV", async ({ page, house }) => {
  await signIn(page, house.address, house.password);
  await page.route("**/other-player", (route) => route.fulfill({ contentType: "text/html", body: "<video muted></video>" }));
  await page.goto(`${house.address}/other-player`);
  await page.addScriptTag({ path: path.join(root, "web/node_modules/hls.js/dist/hls.min.js") });
  const url = `/api/recordings/${id}/mast/playlist.m3u8?container=fmp4&from=${range.from}&to=${range.from + 10e6}`;
  const seen = await page.evaluate(async (source) => {
    const { Hls } = window as any;
    const video = document.querySelector("video")!;
    const hls = new Hls({ enableEmsgKLVMetadata: true });
    const found = { samples: [] as { pts: number; type: string; hex: string }[], errors: [] as string[], frames: 0 };
    hls.on(Hls.Events.FRAG_PARSING_METADATA, (_event: string, { samples }: any) => {
      for (const { pts, type, data } of samples) {
        found.samples.push({ pts, type, hex: Array.from(data as Uint8Array, (byte) => byte.toString(16).padStart(2, "0")).join("") });
      }
    });
    hls.on(Hls.Events.ERROR, (_event: string, { details }: any) => found.errors.push(details));
    hls.loadSource(source);
    hls.attachMedia(video);
    await new Promise<void>((resolve) => {
      video.addEventListener("ended", () => resolve());
      video.addEventListener("canplay", () => void video.play(), { once: true });
    });
    found.frames = video.getVideoPlaybackQuality().totalVideoFrames;
    return found;
  }, url);
  console.log(`fragmented MP4 in hls.js: ${seen.frames} frames decoded, ${seen.samples.length} KLV packets`);
  expect(seen.errors).toEqual([]);
  expect(seen.samples.length).toBeGreaterThanOrEqual(300);
  expect(new Set(seen.samples.map(({ type }) => type))).toEqual(new Set(["urn:misb:KLV:bin:1910.1"]));
  const first = frameNumber(seen.samples[0]!.hex)!;
  expect(seen.samples.map(({ hex }) => frameNumber(hex))).toEqual(seen.samples.map((_, i) => first + i));
  const offS = seen.samples.map(({ pts }, i) => Math.abs(pts - seen.samples[0]!.pts - i / 30));
  expect(Math.max(...offS)).toBeLessThan(0.001);
});

test("an instant at which nothing was recorded says so and leads to the next recording", async ({ page, house }) => {
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  await page.goto(`${house.address}/replay?vehicle=${id}&camera=mast&t=${range.from - 600_000_000}`);
  await expect(page.getByText("Nothing was recorded here")).toBeVisible();
  await page.getByRole("button", { name: /^Next recording, \d/ }).click();
  await settled(page);
  const frame = (await seenFrames(page)).at(-1)!;
  expect(frame.pixels!.utcUs - range.from).toBeLessThan(1_000_000);
  expect(isOwn(frame)).toBe(true);
});

test("a recorded file that is gone is named, and when it is back one tries again", async ({ page, house }) => {
  const folder = path.join(house.data, "recordings", id, "mast");
  const files = () => readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  const gone = files().map((name) => path.join(folder, name));
  for (const file of gone) renameSync(file, `${file}.gone`);
  await page.goto(`${house.address}/replay?vehicle=${id}&camera=mast&t=${range.from + 5_000_000}`);
  const alert = page.getByRole("alert").filter({ hasText: "A recorded file cannot be shown" });
  await expect(alert).toContainText(gone.map((file) => path.basename(file)).sort()[0]!);
  for (const file of gone) renameSync(`${file}.gone`, file);
  await alert.getByRole("button", { name: "Try again" }).click();
  await settled(page);
  expect(isOwn((await seenFrames(page)).at(-1)!)).toBe(true);
});

/** Spoils one GOP of a recorded file. Gives its capture time in microseconds, that of the next one, and what undoes it. */
function spoil(file: string, gop: number, damage: (packet: Buffer) => void): { fromUs: number; toUs: number; mend: () => void } {
  const lines = readFileSync(file.replace(/ts$/, "idx"), "utf8").split("\n");
  const gops = lines.filter((line) => line.startsWith("G ")).map((line) => line.split(" ").map(Number));
  const [, offset, bytes, , , fromUs] = gops[gop]! as [number, number, number, number, number, number];
  const sound = readFileSync(file).subarray(offset, offset + bytes);
  const spoilt = Buffer.from(sound);
  for (let at = 0; at < bytes; at += 188) damage(spoilt.subarray(at, at + 188));
  const write = (what: Buffer) => {
    const opened = openSync(file, "r+");
    writeSync(opened, what, 0, bytes, offset);
    closeSync(opened);
  };
  write(spoilt);
  return { fromUs, toUs: gops[gop + 1]![5]!, mend: () => write(sound) };
}

const damages: [string, (packet: Buffer) => void][] = [
  ["is no transport stream any more", (packet) => packet.fill(0xee)],
  ["has nothing of its pictures left", (packet) => void (packet[1]! & 0x40 || packet.fill(0xee, 8))],
];
for (const [index, [title, damage]] of damages.entries()) {
  test(`a place in a file that ${title} is named, and one goes on behind it`, async ({ page, house }) => {
    const folder = path.join(house.data, "recordings", id, "mast");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const file = path.join(folder, files.sort()[0]!);
    const { fromUs, toUs, mend } = spoil(file, 20 + 10 * index, damage);
    try {
      await recordFrames(page);
      await signIn(page, house.address, house.password);
      await page.goto(`${house.address}/replay?vehicle=${id}&camera=mast&t=${fromUs + 500_000}`);
      const alert = page.getByRole("alert").filter({ hasText: "A recorded file cannot be shown" });
      await expect(alert).toContainText(path.basename(file));
      await expect(alert).toContainText("damaged here");
      await alert.getByRole("button", { name: "Go on behind it" }).click();
      await settled(page);
      const frame = (await seenFrames(page)).at(-1)!;
      expect(isOwn(frame)).toBe(true);
      expect(frame.utcUs).toBeGreaterThanOrEqual(toUs);
      expect(frame.utcUs).toBeLessThan(toUs + 1_000_000);
    } finally {
      mend();
    }
  });
}

test("what is recorded just now can be replayed", async ({ page, house, api }) => {
  const vessel = await startVessel(api, house, { id: "recorded-now" });
  try {
    await expect.poll(async () => (await recordedRanges(api, vessel.id)).some(({ from, to }) => to - from > 6e6), { timeout: 120_000 }).toBe(true);
    const [now] = (await recordedRanges(api, vessel.id)).filter(({ from, to }) => to - from > 6e6);
    await recordFrames(page);
    await signIn(page, house.address, house.password);
    await page.goto(`${house.address}/replay?vehicle=${vessel.id}&camera=mast&t=${now!.from + 1_000_000}`);
    await settled(page);
    for (const second of [1.5, 5, 3]) {
      const { frame } = await seek(page, now!.from + second * 1e6);
      expect(now!.from + second * 1e6 - frame.pixels!.utcUs).toBeGreaterThanOrEqual(0);
      expect(now!.from + second * 1e6 - frame.pixels!.utcUs).toBeLessThanOrEqual(periodUs + 1);
      expect(isOwn(frame)).toBe(true);
    }
  } finally {
    await vessel.process.stop();
    await api.call("DELETE", `/api/vessels/${vessel.id}`);
  }
});
