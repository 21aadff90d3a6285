// The simulated drone and vessel as the tests use them: started on free ports, registered through the API.
import path from "node:path";
import { build, freeTcpPort, freeUdpPort, Process, type Api, type House } from "./house.ts";

export const simulator = path.join(build, "simulator/masthead-sim");

export interface Simulated {
  id: string;
  camera: string;
  process: Process;
}

export interface DronePorts {
  rtsp: number;
  mavlink: number;
}

export async function dronePorts(): Promise<DronePorts> {
  return { rtsp: await freeTcpPort(), mavlink: await freeUdpPort() };
}

export function flyDrone({ rtsp, mavlink }: DronePorts, args: string[] = []): Process {
  return new Process(simulator, ["drone", "--rtsp-port", String(rtsp), "--mavlink-port", String(mavlink), ...args]);
}

/** What the API is told of a drone. */
export function droneAt({ rtsp, mavlink }: DronePorts, id: string, parameters: object = {}) {
  return {
    id,
    name: id,
    link: { uri: `mavlink+udp://127.0.0.1:${mavlink}`, address: "1" },
    cameras: [{ name: "nose", pipeline: "rtsp-link", parameters: { uri: `rtsp://127.0.0.1:${rtsp}/camera`, ...parameters } }],
  };
}

export async function startDrone(api: Api, options: { id: string; args?: string[]; parameters?: object }): Promise<Simulated> {
  const ports = await dronePorts();
  const process = flyDrone(ports, options.args);
  await api.add("drones", droneAt(ports, options.id, options.parameters));
  return { id: options.id, camera: "nose", process };
}

export async function startVessel(api: Api, house: House, options: { id: string; args?: string[]; pipeline?: string }): Promise<Simulated> {
  const nmea = await freeTcpPort();
  const ts = await freeUdpPort();
  const process = new Process(simulator, [
    "vessel", "--nmea-port", String(nmea), "--ts-port", String(ts), "--mqtt", house.tern_control, ...(options.args ?? []),
  ]);
  await api.add("vessels", {
    id: options.id,
    name: options.id,
    link: { uri: `nmea+tcp://127.0.0.1:${nmea}`, address: "own" },
    control: { uri: house.tern_control },
    cameras: [{ name: "mast", pipeline: options.pipeline ?? "ts-embedded", parameters: { uri: `udp://127.0.0.1:${ts}` } }],
  });
  return { id: options.id, camera: "mast", process };
}

/** The true pose at each instant, as the simulator states it: telemetry.schema.json objects. */
export async function truePoses(kind: "drone" | "vessel", utcUs: number[]): Promise<Record<string, any>[]> {
  const { execFileSync } = await import("node:child_process");
  const text = execFileSync(simulator, [kind, "--pose-at"], { input: utcUs.join("\n") + "\n", encoding: "utf8", maxBuffer: 2 ** 28 });
  return text.trim().split("\n").map((line) => JSON.parse(line));
}
