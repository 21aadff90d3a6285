// What an operator does: sign in, see both vehicles, watch one, hold and return.
import path from "node:path";
import { expect, root, test, type Api } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { metres } from "./track.ts";
import { startDrone, startVessel } from "./vehicles.ts";

/** From the first position that is remembered of a vehicle to the last one. */
async function cameFarM(api: Api, route: string): Promise<number> {
  const { body } = await api.call("GET", `${route}/telemetry?from=0&to=${Date.now() * 1000}&limit=1000`);
  const positions = body.filter((sample: { latitude_deg?: number }) => sample.latitude_deg !== undefined);
  return positions.length > 0 ? metres(positions[0], positions.at(-1)) : 0;
}

test("an operator signs in, sees both vehicles move, and sees the vehicles acknowledge hold and return", async ({ page, house, api }) => {
  test.setTimeout(600_000);
  const drone = await startDrone(api, { id: "kestrel", parameters: { max_wait: 60 } });
  const vessel = await startVessel(api, house, { id: "tern" });
  try {
    await signIn(page, house.address, house.password);
    await openVehicle(page, "tern");
    await expect(page.getByTestId("match-rate")).toContainText(/%/);
    await openVehicle(page, "kestrel");
    await expect(page.getByTestId("match-rate")).toContainText(/%/);
    await page.waitForFunction(() => (window as any).masthead?.frames?.some((frame: any) => frame.vehicle === "kestrel" && frame.klvHex));
    // The picture for the README shows a track behind each vehicle: several of the trail's points, one a second.
    for (const [route, leastM] of [["/api/drones/kestrel", 40], ["/api/vessels/tern", 20]] as const) {
      await expect.poll(() => cameFarM(api, route)).toBeGreaterThan(leastM);
    }
    await page.screenshot({ path: path.join(root, "build/live.png") });

    for (const [vehicle, command] of [["kestrel", "Hold"], ["kestrel", "Return"], ["tern", "Hold"], ["tern", "Return"]] as const) {
      await openVehicle(page, vehicle);
      await page.getByRole("button", { name: new RegExp(`^${command}\\b`) }).click();
      await page.getByRole("button", { name: /confirm/i }).click();
      await expect(page.getByTestId("command-state").first()).toContainText(/accepted|completed/i);
      await expect.poll(async () => {
        const { body } = await api.call("GET", "/api/commands");
        const newest = body.find((entry: any) => entry.vehicle === vehicle);
        return `${newest?.command} ${newest?.state}`;
      }).toMatch(new RegExp(`^${command.toLowerCase()} (accepted|completed)$`));
    }
  } finally {
    await drone.process.stop();
    await vessel.process.stop();
    await api.call("DELETE", "/api/drones/kestrel");
    await api.call("DELETE", "/api/vessels/tern");
  }
});

test("an operator sees what gets through to the page", async ({ page, house, api }) => {
  const drone = await startDrone(api, { id: "kestrel", parameters: { max_wait: 60 } });
  try {
    await signIn(page, house.address, house.password);
    await openVehicle(page, "kestrel");
    await expect(page.getByTestId("match-rate")).toContainText(/%/);
    await page.getByRole("button", { name: "What gets through" }).click();
    const value = (label: string) =>
      page.locator(".stream-figures tr", { has: page.getByText(label, { exact: true }) }).locator("td").nth(1);
    await expect(value("Sent")).toHaveText(/^[0-9.]+ Mbit\/s$/);
    await expect(value("Round trip")).toHaveText(/ ms$/);
    await expect(value("Path")).toHaveText(/^(host|prflx), udp$/);
    await expect(value("Glass to glass")).toHaveText(/^\d+ ms ±\d+$/);
    await expect(value("Frames decoded")).toHaveText(/^[1-9]\d*$/);
    await page.screenshot({ path: path.join(root, "build/figures.png") });
    const { body } = await api.call("GET", "/api/viewers");
    expect(body).toMatchObject([{ vehicle: "kestrel", by: "page", figures: { transport: "udp" } }]);
    const seen = async () => (await api.call("GET", "/api/viewers")).body[0].seen;
    await expect.poll(async () => (await seen())?.glass_to_glass_ms).toBeGreaterThan(0);
    expect((await seen()).glass_to_glass_ms).toBeLessThan(10_000);
  } finally {
    await drone.process.stop();
    await api.call("DELETE", "/api/drones/kestrel");
  }
});
