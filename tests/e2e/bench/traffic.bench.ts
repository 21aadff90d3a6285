// 5,000 AIS targets at realistic rates and ten vessels of our own: what the server and the workers spend on them, against the
// vessels alone, and how smoothly Chromium draws the map while it is dragged. Medians of several windows.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test as anyHouse, withHouse, type House } from "../house.ts";
import { signIn } from "../page.ts";
import { Receivers } from "../ships.ts";

const targets = 5000;
const vessels = 10;
const windows = Number(process.env.MASTHEAD_BENCH_RUNS ?? 5);
const windowMs = 6000;
const ticksPerSecond = 100;

const test = anyHouse.extend({
  house: [async ({}, use) => withHouse([], use), { scope: "worker", timeout: 900_000 }],
});

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function workersOf(house: House): number[] {
  return execFileSync("pgrep", ["-P", String(house.server_pid)], { encoding: "utf8" }).trim().split("\n").map(Number);
}

/** Percent of a core, of the server and of all workers together, in each window. */
async function spent(house: House): Promise<{ server: number; workers: number }> {
  const server: number[] = [];
  const workers: number[] = [];
  for (let n = 0; n < windows; n++) {
    const all = workersOf(house);
    const sum = () => all.reduce((ticks, pid) => ticks + cpuTicks(pid), 0);
    const before = [cpuTicks(house.server_pid), sum(), performance.now()] as const;
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    const percent = (ticks: number) => (ticks / ticksPerSecond / ((performance.now() - before[2]) / 1000)) * 100;
    server.push(percent(cpuTicks(house.server_pid) - before[0]));
    workers.push(percent(sum() - before[1]));
  }
  return { server: median(server), workers: median(workers) };
}

/** Frames a second that the page presents while its map is dragged to and fro. */
async function framesWhileDragged(page: Page): Promise<number> {
  const box = (await page.locator(".map-canvas").first().boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const rates: number[] = [];
  for (let n = 0; n < windows; n++) {
    const counted = page.evaluate(
      (ms) =>
        new Promise<number>((resolve) => {
          const began = performance.now();
          let frames = 0;
          const count = () => {
            frames += 1;
            const passed = performance.now() - began;
            if (passed < ms) requestAnimationFrame(count);
            else resolve((frames * 1000) / passed);
          };
          requestAnimationFrame(count);
        }),
      4000,
    );
    await page.mouse.move(x, y);
    await page.mouse.down();
    let over = false;
    void counted.then(() => (over = true));
    for (let step = 0; !over; step++) await page.mouse.move(x + 120 * Math.sin(step / 12), y + 60 * Math.cos(step / 9));
    await page.mouse.up();
    rates.push(await counted);
  }
  return median(rates);
}

test("thousands of ships", async ({ browser, house, api }) => {
  const receivers = await new Receivers().open(vessels);
  try {
    for (const [n, port] of receivers.ports.entries()) {
      await api.add("vessels", { id: `own-${n}`, name: `own ${n}`, link: { uri: `nmea+tcp://127.0.0.1:${port}`, address: "own" }, cameras: [] });
    }
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    await signIn(page, house.address, house.password);
    await expect(page.locator(".map-canvas").first()).toBeVisible();
    const alone = await spent(house);
    const framesAlone = await framesWhileDragged(page);
    receivers.hear(targets);
    const traffic = async () => (await api.call("GET", "/api/traffic")).body;
    await expect.poll(async () => Object.keys((await traffic()).targets).length, { timeout: 120_000 }).toBe(targets);
    const { encounters } = await traffic();
    const busy = await spent(house);
    const frames = await framesWhileDragged(page);
    const line = (what: string, value: { server: number; workers: number }) =>
      `${what}: server ${value.server.toFixed(1)} %, workers ${value.workers.toFixed(1)} % of a core`;
    console.log(line(`${vessels} vessels alone, one page open`, alone));
    console.log(line(`${targets} targets and ${encounters.length} encounters beside them`, busy));
    console.log(`map of 1366x768 while dragged: ${framesAlone.toFixed(0)} frames/s alone, ${frames.toFixed(0)} with ${targets} targets`);
    await page.screenshot({ path: "../../build/traffic.png" });
  } finally {
    receivers.close();
  }
});
