// What an operator does: sign in, see both vehicles, watch one, hold and return.
import path from "node:path";
import { expect, root, test } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { startDrone, startVessel } from "./vehicles.ts";

test("an operator signs in, sees both vehicles move, and sees the vehicles acknowledge hold and return", async ({ page, house, api }) => {
  test.setTimeout(180_000);
  const drone = await startDrone(api, { id: "kestrel", parameters: { max_wait: 60 } });
  const vessel = await startVessel(api, house, { id: "tern" });
  try {
    await signIn(page, house.address, house.password);
    await openVehicle(page, "tern");
    await expect(page.getByTestId("match-rate")).toContainText(/%/);
    await openVehicle(page, "kestrel");
    await expect(page.getByTestId("match-rate")).toContainText(/%/);
    await page.waitForFunction(() => (window.masthead as any)?.frames?.some((frame: any) => frame.vehicle === "kestrel" && frame.klvHex));
    await page.waitForTimeout(6000); // the picture for the README: a track behind the vehicles
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
