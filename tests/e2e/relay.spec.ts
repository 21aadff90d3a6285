// A viewer in a network that cannot reach the workers: coturn relays its video.
import { chromium, expect, test as base, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import path from "node:path";
import { Api, freeUdpPort, Process, withHouse } from "./house.ts";
import { openVehicle, signIn } from "./page.ts";
import { startVessel } from "./vehicles.ts";

const kHost = "10.213.77.1";
const kViewer = "10.213.77.2";
const kSecret = "known to coturn and to the server";

function asRoot(...command: string[]): void {
  const [program, ...args] = process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
  execFileSync(program!, args, { stdio: "pipe" });
}

/** A network namespace with one wire to this machine, on which nothing but what listens at kHost is to be reached. */
async function inNamespace(use: (name: string) => Promise<void>): Promise<void> {
  const name = `mh-${process.pid}`;
  const [here, there] = [`mh${process.pid % 100_000}a`, `mh${process.pid % 100_000}b`];
  asRoot("ip", "netns", "add", name);
  asRoot("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
  try {
    asRoot("ip", "address", "add", `${kHost}/30`, "dev", here);
    asRoot("ip", "link", "set", here, "up");
    for (const command of [["address", "add", `${kViewer}/30`, "dev", there], ["link", "set", there, "up"], ["link", "set", "lo", "up"]]) {
      asRoot("ip", "-n", name, ...command);
    }
    await use(name);
  } finally {
    asRoot("ip", "link", "delete", here); // a process that is slow to end would keep it beyond the namespace's name
    asRoot("ip", "netns", "delete", name);
  }
}

/** Takes TCP connections at kHost to the server, which listens on 127.0.0.1 only. */
async function forward(address: string): Promise<{ address: string; server: Server }> {
  const target = Number(new URL(address).port);
  const server = createServer((viewer) => {
    const onward = connect(target, "127.0.0.1");
    viewer.pipe(onward).pipe(viewer);
    for (const socket of [viewer, onward]) {
      socket.on("error", () => {
        viewer.destroy();
        onward.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, kHost, resolve));
  return { address: `http://${kHost}:${(server.address() as AddressInfo).port}`, server };
}

function coturn(folder: string, port: number): Process {
  return new Process("/usr/bin/turnserver", [
    "-n", "--listening-ip", kHost, "--listening-port", String(port), "--relay-ip", "127.0.0.1", "--allow-loopback-peers",
    "--use-auth-secret", "--static-auth-secret", kSecret, "--realm", "masthead.test", "--no-tls", "--no-dtls", "--no-cli",
    "--log-file", "stdout", "--simple-log", "--pidfile", path.join(folder, "pid"), "--userdb", path.join(folder, "db"),
  ]);
}

/** The kinds of this page's candidates that carry video: of each connected peer connection the chosen pair's own one. */
async function roads(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const found: string[] = [];
    for (const connection of (window as any).connections as RTCPeerConnection[]) {
      const stats = (await connection.getStats()) as unknown as Map<string, any>;
      stats.forEach((transport) => {
        const pair = transport.type === "transport" && stats.get(transport.selectedCandidatePairId);
        if (pair) found.push(stats.get(pair.localCandidateId).candidateType);
      });
    }
    return found;
  });
}

base("a viewer without a direct path sees the video with its metadata through coturn", async () => {
  base.setTimeout(600_000);
  const folder = mkdtempSync("/tmp/mh-relay-");
  const secretFile = path.join(folder, "secret");
  writeFileSync(secretFile, kSecret + "\n");
  const port = await freeUdpPort();
  const settings = { ice_servers: [{ urls: [`turn:${kHost}:${port}?transport=udp`], secret_file: secretFile }] };
  await inNamespace(async (namespace) => {
    const relay = coturn(folder, port);
    await relay.line(/SQLite DB connection success/); // the last it says before it serves
    const browserInside = path.join(folder, "chromium");
    writeFileSync(browserInside, `#!/bin/sh\nexec ip netns exec ${namespace} /usr/bin/chromium "$@"\n`);
    chmodSync(browserInside, 0o755);
    try {
      await withHouse(["--settings", JSON.stringify(settings)], async (house) => {
        const api = await new Api(house).signIn();
        const vessel = await startVessel(api, house, { id: "far" });
        const way = await forward(house.address);
        const browser = await chromium.launch({
          executablePath: browserInside,
          args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--autoplay-policy=no-user-gesture-required"],
        });
        try {
          const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
          await page.addInitScript(() => {
            const connections: RTCPeerConnection[] = ((window as any).connections = []);
            const Plain = window.RTCPeerConnection;
            window.RTCPeerConnection = class extends Plain {
              constructor(configuration?: RTCConfiguration) {
                super(configuration);
                connections.push(this);
              }
            };
          });
          await signIn(page, way.address, house.password);
          await openVehicle(page, vessel.id);
          await page.waitForFunction(() => (window as any).masthead?.frames?.some((frame: any) => frame.klvHex), undefined, { timeout: 120_000 });
          expect(await roads(page)).toEqual(["relay"]);
        } finally {
          await browser.close();
          way.server.close();
          await vessel.process.stop();
        }
      });
    } finally {
      await relay.stop();
    }
  });
  rmSync(folder, { recursive: true });
});
