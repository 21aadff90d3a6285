// Who commands a vehicle: operators hand its lease to each other, a supervisor takes it, and only the holder's commands go out.
import { execFileSync } from "node:child_process";
import path from "node:path";
import type { Browser, Locator, Page } from "@playwright/test";
import { build, expect, test, type Api, type House, type Process } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { droneAt, dronePorts, flyDrone } from "./vehicles.ts";

const password = "correct horse battery";
const roles = { olga: "operator", otto: "operator", sue: "supervisor", vera: "viewer" } as const;

let drone: Process;

/** A person at a page of their own, with the drone chosen. */
async function arrive(browser: Browser, house: House, name: keyof typeof roles): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, house.address, password, name);
  await openVehicle(page, "kestrel");
  await expect(page.getByRole("region", { name: "Control of kestrel" })).toBeVisible();
  return page;
}

const lease = (page: Page, part: "vehicle" | "payload" = "vehicle"): Locator =>
  page.getByRole("region", { name: `Lease of the ${part}` });
const button = (place: Page | Locator, name: string | RegExp): Locator => place.getByRole("button", { name });

async function take(page: Page, part: "vehicle" | "payload" = "vehicle"): Promise<void> {
  await button(lease(page, part), /^Take control/).click();
  await expect(lease(page, part)).toContainText("you, since");
}

async function release(page: Page): Promise<void> {
  await button(lease(page), /^Release/).click();
  await expect(lease(page)).toContainText("free");
}

/** What the page's own session is answered. */
const post = (page: Page, route: string, body: object): Promise<{ status: number; body: any }> =>
  page.evaluate(
    async ([to, text]) => {
      const answer = await fetch(to!, { method: "POST", headers: { "Content-Type": "application/json" }, body: text! });
      return { status: answer.status, body: await answer.json() };
    },
    [route, JSON.stringify(body)],
  );

const land = { id: "00000000-land", vehicle: "kestrel", command: "land" };

async function newestCommand(api: Api): Promise<any> {
  return (await api.call("GET", "/api/commands?vehicle=kestrel")).body[0];
}

/** How far, in degrees, the camera's newest angles are from those that are wanted; they are said against the drone's own plane. */
async function awayFrom(api: Api, wanted: Record<string, number>): Promise<number> {
  const now = Date.now() * 1000;
  const { body } = await api.call("GET", `/api/drones/kestrel/telemetry?from=${now - 5_000_000}&to=${now}&limit=1000`);
  const said = body.findLast((sample: any) => sample.camera_elevation_deg !== undefined);
  return Math.max(...Object.entries(wanted).map(([field, degrees]) => Math.abs(said?.[field] - degrees)));
}

test.beforeAll(async ({ house, api }) => {
  for (const [name, role] of Object.entries(roles)) {
    const words = ["--config", path.join(house.data, "server.yaml"), "user", "add", name, role];
    execFileSync(path.join(build, "server/masthead-server"), words, { input: `${password}\n` });
  }
  const ports = await dronePorts();
  drone = flyDrone(ports);
  await api.add("drones", { ...droneAt(ports, "kestrel"), cameras: [] });
});

test.afterAll(async ({ api }) => {
  await drone.stop();
  await api.call("DELETE", "/api/drones/kestrel");
});

test("only the holder's commands go out: the others' are disabled, and refused by the server", async ({ browser, house, api }) => {
  const olga = await arrive(browser, house, "olga");
  const otto = await arrive(browser, house, "otto");
  const vera = await arrive(browser, house, "vera");
  await take(olga);

  await expect(lease(otto)).toContainText("olga, since");
  await button(otto, "Commands to the vehicle").click();
  await expect(button(otto, /^Land/)).toBeDisabled();
  await expect(otto.getByRole("dialog")).toContainText("olga holds the vehicle’s lease.");
  const refused = await post(otto, "/api/commands", land);
  expect(refused.status).toBe(409);
  expect(refused.body.message).toContain("'olga' holds the lease");

  await expect(lease(vera)).toContainText("olga, since");
  for (const name of [/^Hold/, /^Return/, "Commands to the vehicle", "Ask for it"]) {
    await expect(button(vera, name).first()).toBeDisabled();
  }
  await expect(vera.getByRole("region", { name: "Control of kestrel" })).toContainText("Needs the role operator; yours is viewer.");
  expect((await post(vera, "/api/commands", land)).status).toBe(403);

  // Who sees that a vehicle must stop may stop it.
  await button(otto, /^Hold/).click();
  await button(otto, /confirm/i).click();
  await expect.poll(async () => (await newestCommand(api))?.state).toMatch(/accepted|completed/);
  expect(await newestCommand(api)).toMatchObject({ command: "hold", user: "otto" });
  await release(olga);
  for (const page of [olga, otto, vera]) await page.context().close();
});

test("operators hand the lease to each other: asked for and granted, or offered and taken", async ({ browser, house }) => {
  const olga = await arrive(browser, house, "olga");
  const otto = await arrive(browser, house, "otto");
  await olga.keyboard.press("t");
  await expect(lease(olga)).toContainText("you, since");

  await button(lease(otto), "Ask for it").click();
  await expect(lease(otto)).toContainText("You asked olga for it.");
  await expect(lease(olga)).toContainText("otto asks");
  await button(lease(olga), "Grant").click();
  await expect(lease(otto)).toContainText("you, since");
  await expect(lease(olga)).toContainText("otto, since");

  await button(lease(otto), "Hand over…").click();
  await otto.getByRole("combobox", { name: "Name" }).fill("olga");
  await button(otto, "Hand over kestrel").click();
  await expect(lease(otto)).toContainText("waits for olga");
  await expect(lease(olga)).toContainText("otto hands it over to you");
  await take(olga);
  await expect(lease(otto)).toContainText("olga, since");
  await release(olga);
  for (const page of [olga, otto]) await page.context().close();
});

test("a supervisor takes the lease by force, with a reason that the old holder reads, and loses it by leaving", async ({ browser, house }) => {
  const olga = await arrive(browser, house, "olga");
  const sue = await arrive(browser, house, "sue");
  await take(olga);
  await button(lease(sue), "Take by force…").click();
  await sue.getByLabel("Reason").fill("the town is ahead");
  await button(sue, "Hold to confirm: take kestrel from olga").hover();
  await sue.mouse.down();
  await expect(sue.getByRole("dialog")).toBeHidden();
  await sue.mouse.up();
  await expect(lease(sue)).toContainText("you, since");
  await expect(lease(olga)).toContainText("sue, since");
  await expect(lease(olga)).toContainText("Taken by force: the town is ahead");

  await sue.context().close();
  await expect(lease(olga)).toContainText(/sue is away: free in \d+ s/);
  await expect(button(lease(olga), /^Take control/)).toBeVisible();
  await take(olga);
  await release(olga);
  await olga.context().close();
});

test("a command with parameters reaches the vehicle, and its chain says so", async ({ browser, house, api }) => {
  const olga = await arrive(browser, house, "olga");
  await take(olga, "payload");
  await button(olga, "Commands to the payload").click();
  await button(olga, /^Point the gimbal/).click();
  await olga.getByLabel("above the horizon").fill("-95");
  await olga.getByLabel("to the right of the nose").fill("20");
  await expect(olga.getByRole("dialog")).toContainText("Not within −90 … 90.");
  await olga.getByLabel("above the horizon").fill("-45");
  await button(olga, /^Send/).click();
  await expect(olga.getByTestId("command-state").first()).toContainText(/Point the gimbal (accepted|completed)/);
  expect(await newestCommand(api)).toMatchObject({
    command: "gimbal_angles",
    user: "olga",
    parameters: { pitch_deg: -45, yaw_deg: 20 },
  });
  await expect.poll(() => awayFrom(api, { camera_elevation_deg: -45, camera_azimuth_deg: 20 })).toBeLessThan(5);
  await button(olga, "Newest commands").click();
  await expect(olga.getByRole("dialog")).toContainText("above the horizon -45°, to the right of the nose 20°");
  await olga.context().close();
});

test("a place of the map is where the vehicle goes to", async ({ browser, house, api }) => {
  const olga = await arrive(browser, house, "olga");
  await take(olga);
  await expect(olga.getByText(/above ground/).locator("+ dd")).toContainText(" m");
  await olga.locator(".map-canvas").click({ button: "right", position: { x: 300, y: 80 } });
  await button(olga, "Go to here: kestrel").click();
  await button(olga, /^Confirm: go to/).click();
  await expect(olga.getByTestId("command-state").first()).toContainText(/Go to (accepted|completed)/);
  const { command, parameters } = await newestCommand(api);
  expect(command).toBe("goto");
  expect(Object.keys(parameters).sort()).toEqual(["altitude_m", "latitude_deg", "longitude_deg"]);
  await release(olga);
  await olga.context().close();
});
