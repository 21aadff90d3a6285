// Seeks on the replay page in recordings of an hour and of a day: from Enter on an instant to the picture of the frame asked for,
// known by its own pixels and metadata; and how long the server takes for the playlist of it all. The long recordings repeat a
// short one at about 100 kbit/s. Medians of several runs, the two recordings in turn.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser } from "@playwright/test";
import { recordFrames, type SeenFrame } from "../frames.ts";
import { build, expect, test as anyHouse, withHouse, type Api, type House } from "../house.ts";
import { frameNumber } from "../klv.ts";
import { signIn } from "../page.ts";
import { seek, settled, shares } from "../replay.ts";
import { simulator } from "../vehicles.ts";

const runs = Number(process.env.MASTHEAD_BENCH_RUNS ?? 5);
const seeks = Number(process.env.MASTHEAD_BENCH_SEEKS ?? 40);
const hours = { hour: 1, day: 24 };
const shortS = 60;
const periodUs = 1e6 / 30;
const shortUs = shortS * 1e6;
/** A whole second: what is shown is compared with the short recording's own times. */
const startUs = Math.floor(Date.now() / 1000 - 26 * 3600) * 1e6;
const shortStartUs = startUs - 3600e6;

type Length = keyof typeof hours;

function record(data: string): void {
  const short = mkdtempSync(path.join(tmpdir(), "mh-seek-"));
  const args = ["vessel", "--record", short, "--duration", String(shortS), "--start-utc", String(shortStartUs), "--bitrate", "100", "--gop", "60"];
  execFileSync(simulator, args, { stdio: "ignore" });
  const file = readdirSync(short, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith(".ts"))!;
  for (const [length, h] of Object.entries(hours)) {
    const began = performance.now();
    const repeat = path.join(build, "tests/bench/repeat_recording");
    execFileSync(repeat, [path.join(short, file), path.join(data, "recordings", length, "mast"), String(h * 3600), String(startUs)]);
    console.log(`${h} h recorded in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  rmSync(short, { recursive: true });
}

const test = anyHouse.extend({
  house: [async ({}, use) => withHouse([], use, record), { scope: "worker", timeout: 900_000 }],
});

const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
const at = (values: number[], share: number) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
const median = (values: number[]) => at(values, 0.5);

/** Milliseconds until the whole playlist is here, and its segments. */
async function playlist(api: Api, house: House, length: Length): Promise<{ ms: number; segments: number }> {
  const began = performance.now();
  const answer = await fetch(`${house.address}/api/recordings/${length}/mast/playlist.m3u8?from=0&to=4000000000000000`, {
    headers: { Authorization: `Bearer ${api.token}` },
  });
  const text = await answer.text();
  const ms = performance.now() - began;
  expect(answer.status).toBe(200);
  return { ms, segments: text.split("#EXTINF").length - 1 };
}

/** Whether it is the frame of that instant, by what its pixels, its header and its KLV say. */
function isRight(frame: SeenFrame, us: number): boolean {
  const { pixels, utcUs, klvHex } = frame;
  if (!pixels || !utcUs || !klvHex) return false;
  const inShort = (utcUs - startUs) % shortUs;
  return us - utcUs >= 0 && us - utcUs <= periodUs + 2 && Math.abs(pixels.utcUs - shortStartUs - inShort) <= 2 && frameNumber(klvHex) === pixels.frame;
}

/** One visit with `seeks` seeks, and of each the milliseconds. */
async function visit(browser: Browser, house: House, length: Length, run: number): Promise<{ times: number[]; wrong: number }> {
  const page = await browser.newPage();
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  const lengthUs = hours[length] * 3600e6;
  await page.goto(`${house.address}/replay?vehicle=${length}&camera=mast&t=${startUs + lengthUs / 2}`);
  await settled(page);
  const random = shares(100 + run);
  const times: number[] = [];
  let wrong = 0;
  for (let n = 0; n < seeks; n++) {
    const us = Math.floor(startUs + (random.next().value as number) * (lengthUs - 2e6));
    const { frame, ms } = await seek(page, us);
    if (isRight(frame, us)) times.push(ms);
    else wrong += 1;
  }
  await page.close();
  return { times, wrong };
}

test("seeking in an hour and in a day", async ({ browser, house, api }) => {
  test.setTimeout(3_600_000);
  const lengths = Object.keys(hours) as Length[];
  const recorded = async () => (await api.call("GET", `/api/recordings?from=0&to=${Date.now() * 1000}`)).body;
  const whole = (ranges: { from: number; to: number }[], h: number) => ranges.length === 1 && ranges[0]!.to - ranges[0]!.from > (h * 3600 - 1) * 1e6;
  const isListed = async () => {
    const cameras = await recorded();
    return lengths.every((length) => cameras.some(({ vehicle, ranges }: any) => vehicle === length && whole(ranges, hours[length])));
  };
  await expect.poll(isListed, { timeout: 300_000 }).toBe(true);

  const lists: Record<string, number[]> = { hour: [], day: [] };
  const medians: Record<string, number[]> = { hour: [], day: [] };
  const p95: Record<string, number[]> = { hour: [], day: [] };
  const wrong: Record<string, number> = { hour: 0, day: 0 };
  for (const length of lengths) {
    const first = await playlist(api, house, length);
    console.log(`playlist of the ${length} for the first time: ${first.ms.toFixed(0)} ms, ${first.segments} segments`);
  }
  for (let run = 0; run < runs; run++) {
    for (const length of lengths) lists[length]!.push((await playlist(api, house, length)).ms);
  }
  for (let run = 0; run < runs; run++) {
    for (const length of lengths) {
      const visited = await visit(browser, house, length, run);
      medians[length]!.push(median(visited.times));
      p95[length]!.push(at(visited.times, 0.95));
      wrong[length]! += visited.wrong;
    }
  }
  for (const length of lengths) {
    console.log(
      `seek, ${hours[length]} h: median ${median(medians[length]!).toFixed(0)} ms (runs ${sorted(medians[length]!).map((ms) => ms.toFixed(0)).join(" ")}), ` +
        `p95 ${median(p95[length]!).toFixed(0)} ms (runs ${sorted(p95[length]!).map((ms) => ms.toFixed(0)).join(" ")}), ` +
        `${wrong[length]} of ${runs * seeks} wrong; playlist ${median(lists[length]!).toFixed(0)} ms`,
    );
  }
  console.log(`seek, 24 h against 1 h: median ${(median(medians.day!) / median(medians.hour!)).toFixed(2)}, p95 ${(median(p95.day!) / median(p95.hour!)).toFixed(2)}`);
  expect(wrong).toEqual({ hour: 0, day: 0 });
});
