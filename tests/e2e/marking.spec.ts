// What an analyst makes of a recording: bookmarks, exports that verify and can be imported again, snapshots; and what is found again.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Download, Page } from "@playwright/test";
import { recordFrames, seenFrames } from "./frames.ts";
import { expect, test as anyHouse, withHouse } from "./house.ts";
import { frameNumber } from "./klv.ts";
import { signIn } from "./page.ts";
import { simulator } from "./vehicles.ts";

const id = "marked";
const recordedSeconds = 40;
const startUs = Math.floor(Date.now() / 1000 - 600) * 1e6 + 123_457;

const test = anyHouse.extend({
  house: [
    async ({}, use) =>
      withHouse([], use, (data) => {
        const folder = path.join(data, "recordings", id, "mast");
        const args = ["vessel", "--record", folder, "--duration", String(recordedSeconds), "--start-utc", String(startUs)];
        execFileSync(simulator, args, { stdio: "ignore" });
      }),
    { scope: "worker", timeout: 300_000 },
  ],
});

const settled = (page: Page) =>
  page.waitForFunction(() => {
    const view = document.querySelector(".replay-stage > .replay-video");
    return view !== null && !view.hasAttribute("data-seeking") && !view.querySelector(".stage-notice");
  });

async function seek(page: Page, us: number): Promise<void> {
  const field = page.getByLabel(/^UTC of the picture/);
  await field.fill(String(us));
  await field.press("Enter");
  await settled(page);
}

const shownFrame = async (page: Page) => (await seenFrames(page)).at(-1)!;

async function expectOwnMetadata(page: Page): Promise<void> {
  const frame = await shownFrame(page);
  expect(frame.utcUs).toBe(frame.pixels!.utcUs);
  expect(frameNumber(frame.klvHex!)).toBe(frame.pixels!.frame);
}

async function saved(download: Download, folder: string): Promise<string> {
  const file = path.join(folder, download.suggestedFilename());
  await download.saveAs(file);
  return file;
}

/** The text chunks of a PNG, by keyword. */
function pngTexts(file: string): Map<string, string> {
  const bytes = readFileSync(file);
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  const found = new Map<string, string>();
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12) {
    const type = bytes.subarray(at + 4, at + 8).toString();
    const data = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    if (type !== "tEXt" && type !== "iTXt") continue;
    const keyword = data.subarray(0, data.indexOf(0)).toString();
    found.set(keyword, data.subarray(data.lastIndexOf(0) + 1).toString());
  }
  return found;
}

let folder: string;
test.beforeAll(async ({ api }) => {
  folder = mkdtempSync("/tmp/mh-marking-");
  const listed = async () => (await api.call("GET", `/api/recordings?from=0&to=${Date.now() * 1000}`)).body.length;
  await expect.poll(listed, { timeout: 60_000 }).toBe(1);
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.beforeEach(async ({ page, house }) => {
  await recordFrames(page);
  await signIn(page, house.address, house.password);
  await page.goto(`${house.address}/replay?vehicle=${id}&camera=mast&t=${startUs + 10e6}`);
  await settled(page);
});

test("a marked range is noted, exported and verified, and its clip becomes a recording again", async ({ page }) => {
  await page.keyboard.press("i");
  await seek(page, startUs + 16e6);
  await page.keyboard.press("o");
  await page.keyboard.press("m");
  await page.getByLabel("Note").fill("Man overboard drill");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("e");
  await expect(page.getByRole("button", { name: /admin.*Man overboard drill/ })).toBeVisible();

  await page.keyboard.press("x");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const operation = page.locator(".operation").first();
  await expect(operation).toContainText("done", { timeout: 60_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), operation.getByRole("link").click()]);
  const zip = await saved(download, folder);
  const unpacked = path.join(folder, "unpacked");
  execFileSync("/usr/bin/python3", ["-m", "zipfile", "-e", zip, unpacked]);
  const sums = readdirSync(unpacked, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith("SHA256SUMS"))!;
  const verified = path.dirname(path.join(unpacked, sums));
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: verified });
  const clip = readdirSync(verified).find((name) => name.endsWith(".ts"))!;

  await page.getByRole("button", { name: "Import…" }).click();
  const dialog = page.getByRole("dialog");
  await page.locator("input[type=file]").first().setInputFiles(path.join(verified, clip));
  await dialog.getByRole("combobox", { name: "Vehicle" }).fill("elsewhere");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect(operation).toContainText("Import to elsewhere imported");
  await expect(operation).toContainText("done", { timeout: 60_000 });
  await operation.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("img", { name: /Recorded picture of elsewhere/ })).toBeVisible();
  await seek(page, startUs + 13e6);
  await expectOwnMetadata(page);
});

test("what the shown frame looks at is found by point and by area, and played from there", async ({ page }) => {
  await page.keyboard.press("/");
  await page.getByRole("button", { name: "Frame’s centre" }).click();
  const sightings = page.getByRole("region", { name: "Sightings" });
  await expect(sightings.getByRole("button", { name: /show the best picture/ }).first()).toBeVisible();
  expect(new URL(page.url()).searchParams.get("place")).toMatch(/^-?[\d.]+,-?[\d.]+,0$/);
  await seek(page, startUs + 30e6);
  await sightings.getByRole("button", { name: /show the best picture/ }).first().click();
  await settled(page);
  await expectOwnMetadata(page);

  await page.getByRole("button", { name: "Clear" }).click();
  await expect(sightings).toBeHidden();
  await page.keyboard.press("d");
  const map = page.locator(".replay-map");
  const { width, height } = (await map.boundingBox())!;
  // All of the map but its edges: the vehicle is in it.
  for (const [x, y] of [[0.1, 0.15], [0.8, 0.15], [0.8, 0.8], [0.1, 0.8]] as const) await map.click({ position: { x: width * x, y: height * y } });
  await page.keyboard.press("Enter");
  await sightings.getByRole("button", { name: /^Play marked mast/ }).first().click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
});

test("text is found in events and bookmarks, and leads to its instant", async ({ page, api }) => {
  await api.call("POST", "/api/bookmarks", { vehicle: id, from: startUs + 20e6, note: "Buoy off its place" });
  await page.keyboard.press("/");
  await page.keyboard.type("BUOY");
  const found = page.getByRole("region", { name: "Bookmarks and events" }).getByRole("button", { name: /Buoy off its place/ });
  await found.click();
  await settled(page);
  const after = startUs + 20e6 - (await shownFrame(page)).pixels!.utcUs;
  expect(after).toBeGreaterThanOrEqual(0);
  expect(after).toBeLessThanOrEqual(1e6 / 30 + 1);
  await page.getByLabel(/^Text in bookmarks/).fill("nothing says this");
  await expect(page.getByText("No bookmark and no event says")).toBeVisible();
});

test("a snapshot is the shown frame, with what is known of it", async ({ page }) => {
  const { utcUs } = await shownFrame(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("s")]);
  const texts = pngTexts(await saved(download, folder));
  expect([...texts.values()].join("\n")).toContain(String(utcUs));
});
