// Vehicles that are not ours: recordings of a real autopilot and a real boat, replayed into a registered drone and vessel.
import type { Page } from "@playwright/test";
import { expect, freeUdpPort, Process, test, type Api } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { numberOf, recordPanel, shownPanels, type Panel } from "./panel.ts";
import { flight, inOrder, passage, replay, type Values } from "./recordings.ts";
import { expectTrackOnMap, metres } from "./track.ts";

type Shown = [label: string, member: string, halfDigit: number];
const kPosition: Shown[] = [
  ["Latitude", "latitude_deg", 5.1e-7],
  ["Longitude", "longitude_deg", 5.1e-7],
];

/** Waits until the panel has shown the values, each within half of its last digit. */
async function expectShown(page: Page, values: Values, shown: Shown[]): Promise<void> {
  await expect
    .poll(
      async () => {
        const panels = await shownPanels(page);
        const same = (panel: Panel) =>
          shown.every(([label, member, halfDigit]) => Math.abs((numberOf(panel[label]) ?? NaN) - values[member]!) <= halfDigit);
        return panels.some(same) ? "shown" : panels.at(-1);
      },
      { message: `the panel shows ${JSON.stringify(values)}` },
    )
    .toBe("shown");
}

/** The positions that the panel has shown, without repetitions, are those of the recording in its order. */
async function expectPositionsShown(page: Page, said: Values[], least: number): Promise<void> {
  const panels = await shownPanels(page);
  const positions = positionsOf(
    panels.filter((panel, i) => panel.Latitude !== panels[i - 1]?.Latitude || panel.Longitude !== panels[i - 1]?.Longitude),
  );
  const count = inOrder(positions, said, Object.fromEntries(kPosition.map(([, member, halfDigit]) => [member, halfDigit])));
  console.log(`panel: showed ${count} positions, each one of the recording's`);
  expect(count).toBeGreaterThanOrEqual(least);
}

/** All samples since `fromUs`, once the newest of `key` is the recording's last one. */
async function history(api: Api, route: string, fromUs: number, last: Values, key: string, tolerance: number): Promise<Values[]> {
  let samples: Values[] = [];
  await expect(async () => {
    const { status, body } = await api.call("GET", `${route}/telemetry?from=${fromUs}&to=${Date.now() * 1000}&limit=10000`);
    expect(status).toBe(200);
    samples = body;
    const newest = samples.filter((sample) => sample[key] !== undefined).at(-1);
    expect(Math.abs((newest?.[key] ?? NaN) - last[key]!)).toBeLessThanOrEqual(tolerance);
  }).toPass({ timeout: 120_000 });
  return samples;
}

const saying = (samples: Values[], member: string) => samples.filter((sample) => sample[member] !== undefined);

function expectTimesBetween(samples: Values[], fromUs: number, toUs: number): void {
  // The recordings are years old: what the vehicle's clock says is mapped to the time at which it was heard.
  for (const { time } of samples) expect(time! > fromUs - 1e6 && time! < toUs + 1e6, `sample of ${time}`).toBe(true);
}

const positionsOf = (panels: Panel[]) =>
  panels.map((panel) => Object.fromEntries(kPosition.map(([label, member]) => [member, numberOf(panel[label])!])));

/** Waits until the panel has shown the vehicle so far from where it first was. */
async function expectMoved(page: Page, leastM: number): Promise<void> {
  const movedM = async () => {
    const positions = positionsOf(await shownPanels(page));
    return Math.max(0, ...positions.map((position) => metres(positions[0]!, position)));
  };
  await expect.poll(movedM, { timeout: 120_000 }).toBeGreaterThan(leastM);
}

async function openOnMap(page: Page, house: { address: string; password: string }, id: string): Promise<void> {
  await recordPanel(page);
  await signIn(page, house.address, house.password);
  await openVehicle(page, id);
  await page.getByRole("button", { name: "Swap video and map" }).click();
}

test("a recorded flight of ArduPlane shows its track and attitude, and its history is what node-mavlink reads", async ({ page, house, api }) => {
  test.setTimeout(600_000);
  const recording = await flight();
  const port = await freeUdpPort();
  await api.add("drones", { id: "vtol", name: "vtol", link: { uri: `mavlink+udp://127.0.0.1:${port}`, address: "1" }, cameras: [] });
  try {
    await openOnMap(page, house, "vtol");
    await expect(page.locator(".telemetry-link strong")).toHaveText("link silent"); // it listens, and nobody has spoken
    const fromUs = Date.now() * 1000;
    const player = new Process(replay, ["tlog", recording.file, `127.0.0.1:${port}`, "--speed", "4"]);
    await expectMoved(page, 200);
    // The trail has a point a second, in which four seconds of flight go by: its chords cut the turns by up to 8 m, and by 18 m where a
    // busy machine took half a second longer over one.
    await expectTrackOnMap(page, recording.positions, 30);
    await player.line(/^replayed \d+ packets/, 300_000);
    const [position, attitude] = [recording.positions.at(-1)!, recording.motions.at(-1)!];
    await expectShown(page, { ...position, ...attitude }, [
      ...kPosition,
      ["Altitude MSL", "altitude_msl_m", 0.051],
      ["Heading", "heading_deg", 0.51],
      ["Pitch", "pitch_deg", 0.051],
      ["Roll", "roll_deg", 0.051],
    ]);
    // The panel is redrawn at most five times a second: some 220 times in these 45 s, on a machine that does nothing else.
    await expectPositionsShown(page, recording.said, 50);

    const samples = await history(api, "/api/drones/vtol", fromUs, attitude, "roll_deg", 1e-4);
    // MAVLink's steps are 1e-7 degrees and millimetres; the table keeps all but positions as 32-bit floats.
    const positions = inOrder(saying(samples, "latitude_deg"), recording.said, { latitude_deg: 1e-9, longitude_deg: 1e-9, altitude_msl_m: 1e-3 });
    const attitudes = inOrder(saying(samples, "roll_deg"), recording.motions, { roll_deg: 1e-4, pitch_deg: 1e-4, heading_deg: 1e-4 });
    console.log(`flight: ${positions} of ${recording.positions.length} positions and ${attitudes} of ${recording.motions.length} attitudes stored, each as decoded`);
    // 18 positions and as many attitudes come in a second at this speed, and a link passes on 20 of each: all, less what waits behind
    // a busy moment.
    expect(positions).toBeGreaterThan(recording.positions.length * 0.6);
    expect(attitudes).toBeGreaterThan(recording.motions.length * 0.55);
    expectTimesBetween(samples, fromUs, Date.now() * 1000);
  } finally {
    await api.call("DELETE", "/api/drones/vtol");
  }
});

test("a recorded passage of a sailing boat shows its track and course, and its history is what nmea-simple reads", async ({ page, house, api }) => {
  test.setTimeout(600_000);
  const recording = passage(3200); // about seven minutes
  const player = new Process(replay, ["nmea", recording.file, "127.0.0.1:0", "--speed", "20"]);
  const [port] = /\d+$/.exec(await player.line(/^listening on /))!;
  const fromUs = Date.now() * 1000;
  await api.add("vessels", { id: "plaka", name: "plaka", link: { uri: `nmea+tcp://127.0.0.1:${port}`, address: "own" }, cameras: [] });
  try {
    await openOnMap(page, house, "plaka");
    await expectMoved(page, 200);
    // The boat sails straight: what is left are two pixels of the map, of 1.5 m each.
    await expectTrackOnMap(page, recording.positions, 10);
    await player.line(/^replayed \d+ sentences/, 300_000);
    const [position, motion] = [recording.positions.at(-1)!, recording.motions.at(-1)!];
    const last = { ...position, course_deg: motion.course_deg!, speed_kn: (motion.ground_speed_mps! * 3600) / 1852 };
    await expectShown(page, last, [...kPosition, ["COG", "course_deg", 0.51], ["SOG", "speed_kn", 0.051]]);
    // A position comes ten times a second, and the panel is redrawn five times: some 100 of the 200.
    await expectPositionsShown(page, recording.said, 35);

    const samples = await history(api, "/api/vessels/plaka", fromUs, position, "latitude_deg", 1e-9);
    const positions = inOrder(saying(samples, "latitude_deg"), recording.said, { latitude_deg: 1e-9, longitude_deg: 1e-9 });
    const motions = inOrder(saying(samples, "course_deg"), recording.motions, { course_deg: 1e-4, ground_speed_mps: 1e-5 });
    console.log(`passage: ${positions} of ${recording.positions.length} positions and ${motions} of ${recording.motions.length} courses stored, each as decoded`);
    // Ten a second are fewer than the 20 that a link passes on: only what comes within one busy moment is merged.
    expect(positions).toBeGreaterThan(recording.positions.length * 0.8);
    expect(motions).toBeGreaterThan(recording.motions.length * 0.8);
    expectTimesBetween(samples, fromUs, Date.now() * 1000);
  } finally {
    await player.stop();
    await api.call("DELETE", "/api/vessels/plaka");
  }
});
