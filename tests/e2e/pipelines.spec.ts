// What an engineer does: change a pipeline file in the page, be told what is wrong, apply it to the cameras that use
// it and to no other, see what runs, and go back.
import { copyFileSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./house.ts";
import { signIn } from "./page.ts";
import { missingFrames, received, watchBare } from "./receiver.ts";
import { droneAt, dronePorts, flyDrone } from "./vehicles.ts";

// Slow and small: the simulated camera leaves a frame out when it is late by as long as a frame lasts,
// which a busy machine must not bring about.
const kFramesPerSecond = 5;
const kSmall = ["--size", "320x180", "--rate", String(kFramesPerSecond), "--bitrate", "300"];

const box = (page: Page, name: string) => page.locator(".graph-box").filter({ has: page.locator(".graph-name", { hasText: new RegExp(`^${name}$`) }) });

/** A file in the list on the left. */
const listed = (page: Page, name: string) =>
  page.getByRole("region", { name: "Pipeline files" }).getByRole("button", { name: new RegExp(`^${name} (v\\d|not applied)`) });

/** Puts the cursor behind the text `after` of a line. */
async function clickBehind(page: Page, after: string): Promise<void> {
  await page.getByTestId("editor").locator(".cm-line").filter({ hasText: after }).first().click();
  await page.keyboard.press("End");
}

test("an engineer breaks, mends, applies and rolls back a pipeline file, and the vehicle beside it misses no frame", async ({ browser, house, api }) => {
  test.setTimeout(600_000);
  // The same camera with another file: applying the one must leave the other alone.
  const file = path.join(house.pipelines, "edited.yaml");
  copyFileSync(path.join(house.pipelines, "rtsp-link.yaml"), file);
  const original = readFileSync(file, "utf8");
  await expect.poll(async () => (await api.call("GET", "/api/pipelines")).body.find(({ name }: any) => name === "edited")?.version).toBe(1);

  const [editedPorts, besidePorts] = [await dronePorts(), await dronePorts()];
  const edited = droneAt(editedPorts, "edited-drone");
  const drones = [flyDrone(editedPorts, kSmall), flyDrone(besidePorts, kSmall)];
  await api.add("drones", { ...edited, cameras: [{ ...edited.cameras[0], pipeline: "edited" }] });
  await api.add("drones", droneAt(besidePorts, "beside"));
  const [page, besidePage] = [await browser.newPage(), await browser.newPage()];
  try {
    await expect.poll(async () => (await api.call("GET", "/api/drones/beside/cameras/nose/graph")).status).toBe(200);
    await watchBare(besidePage, house, "beside", "nose");
    const before = await received(besidePage);

    await signIn(page, house.address, house.password);
    await page.getByRole("link", { name: "Pipelines" }).click();
    await listed(page, "edited").click();
    await expect(page.locator(".camera-word")).toContainText("playing");
    await expect(box(page, "sync")).toContainText("klvsync");
    await expect(box(page, "embedded-klv")).toHaveCount(0);
    // Figures that move: the camera's frames pass.
    await expect(page.locator(".graph-label").filter({ hasText: /H\.264 320×180[1-9]\.\d\/s/ }).first()).toBeVisible();

    await clickBehind(page, "source: link");
    for (const _ of "link") await page.keyboard.press("Backspace");
    await page.keyboard.type("bthh");
    const verdict = page.locator(".verdict");
    await expect(verdict).toContainText("line 10, column 3: must be one of link, embedded, both, none; did you mean 'both'?");
    await expect(page.locator(".cm-lintRange-error")).toHaveText("source");
    await expect(page.getByRole("button", { name: "Apply…" })).toBeDisabled();
    expect(readFileSync(file, "utf8")).toBe(original);

    for (const _ of "bthh") await page.keyboard.press("Backspace");
    await page.keyboard.type("both");
    await expect(verdict).toContainText("no problem found");
    await page.keyboard.press("Control+s");
    await expect(page.getByTestId("difference")).toContainText("source: both");
    await page.getByRole("button", { name: "Apply to 1 camera" }).click();
    await expect(page.locator(".workbench-head")).toContainText("version 2");
    await expect(page.locator(".notice")).toContainText("edited");
    await expect(box(page, "embedded-klv")).toBeVisible();
    await expect(page.locator(".graph-running")).toHaveText("runs edited version 2");
    await expect(page.locator(".camera-word")).toContainText("playing");
    expect(readFileSync(file, "utf8")).toBe(original.replace("source: link", "source: both"));

    await page.getByRole("button", { name: "Roll back…" }).click();
    await page.getByRole("button", { name: "Roll back to version 1" }).click();
    await expect(page.locator(".workbench-head")).toContainText("version 3");
    await expect(box(page, "sync")).toContainText("klvsync");
    await expect(box(page, "embedded-klv")).toHaveCount(0);
    await expect(page.locator(".camera-word")).toContainText("playing");
    expect(readFileSync(file, "utf8")).toBe(original);
    await page.getByRole("radiogroup", { name: "View" }).getByText("History").click();
    await expect(page.locator(".history li").first()).toContainText(/v3.*admin.*restores 1.*applied/);
    await expect(page.locator(".history li").last()).toContainText(/v1.*changed in the folder/);

    const after = await received(besidePage);
    const taken = after.utcUs.slice(before.utcUs.length);
    const packetsLost = after.packetsLost - before.packetsLost;
    console.log(`two applies beside it: ${after.packets - before.packets} packets, ${packetsLost} lost; ${taken.length} frames, ${missingFrames(taken, kFramesPerSecond)} missing`);
    expect(after.state).toBe("connected");
    expect(taken.length).toBeGreaterThan(3 * kFramesPerSecond);
    expect(packetsLost).toBe(0);
    expect(after.messagesLost - before.messagesLost).toBe(0);
    expect(missingFrames(taken, kFramesPerSecond)).toBe(0);
  } finally {
    await page.close();
    await besidePage.close();
    for (const drone of drones) await drone.stop();
    await api.call("DELETE", "/api/drones/edited-drone");
    await api.call("DELETE", "/api/drones/beside");
    unlinkSync(file);
  }
});

test("a file that is spoilt in the folder is told wherever somebody is, and another's edit is not overwritten unseen", async ({ page, house, api }) => {
  // Version 0 is a file that is not written down yet, as right after the server's start.
  await expect.poll(async () => (await api.call("GET", "/api/pipelines/test-scene")).body.version).toBeGreaterThan(0);
  const { body } = await api.call("GET", "/api/pipelines/test-scene");
  await signIn(page, house.address, house.password);
  await page.goto(`${house.address}/pipelines/test-scene`);
  await clickBehind(page, "max_wait_ms: 60");
  await page.keyboard.type("0");
  const theirs = body.text.replace("Test scene without a camera", "Test scene, theirs");
  const applied = await api.call("PUT", "/api/pipelines/test-scene", { text: theirs, base: body.version });
  expect(applied.status, JSON.stringify(applied.body)).toBe(200);
  await page.getByRole("button", { name: "See the difference" }).click();
  const difference = page.getByTestId("difference");
  await expect(difference).toContainText("Test scene, theirs");
  await expect(difference).toContainText("max_wait_ms: 600");
  await page.getByRole("button", { name: /^Take version/ }).click();
  await expect(page.getByTestId("editor")).toContainText("Test scene, theirs");
  await expect(page.getByTestId("editor")).not.toContainText("max_wait_ms: 600");

  await page.getByRole("link", { name: "Live" }).click();
  const file = path.join(house.pipelines, "test-scene.yaml");
  writeFileSync(file, theirs.replace("x264enc", "x264ecn"));
  try {
    const notice = page.locator('.notice[data-level="caution"]');
    await expect(notice).toContainText(/there is no element 'x264ecn'; did you mean 'x264enc'\?/);
    await page.getByRole("link", { name: "Pipelines" }).click();
    await expect(listed(page, "test-scene")).toContainText(/line \d+, column \d+: there is no element 'x264ecn'/);
    await expect(page.locator(".events li").first()).toContainText("x264ecn");
    await notice.getByRole("button", { name: "Dismiss" }).click();
    await expect(notice).toHaveCount(0);
  } finally {
    writeFileSync(file, body.text);
  }
});
