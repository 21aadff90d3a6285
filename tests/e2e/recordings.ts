// Recordings of real vehicles, and what other people's decoders read in them.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Readable } from "node:stream";
import { root } from "./house.ts";

const links = path.join(root, "tests/integration/links");
const decoders = createRequire(path.join(links, "package.json"));
const folder = path.join(root, "build/recordings");

/** Numbers that one message says together, by the names of telemetry.schema.json. */
export type Values = Record<string, number>;

export interface Recording {
  file: string;
  /** In the order of the recording. */
  positions: Values[];
  /** The same, with the receiver's own, which a link heeds while the autopilot's estimate is not heard. */
  said: Values[];
  /** Attitude, or course and speed. */
  motions: Values[];
}

export const replay = path.join(links, "replay");

const degrees = (radians: number) => (radians * 180) / Math.PI;
const compass = (angle: number) => ((angle % 360) + 360) % 360;

/** Of GLOBAL_POSITION_INT and GPS_RAW_INT alike. */
const placeOf = ({ lat, lon, alt }: { lat: number; lon: number; alt: number }): Values => ({
  latitude_deg: lat / 1e7,
  longitude_deg: lon / 1e7,
  altitude_msl_m: alt / 1000,
});

/** The packets of a telemetry log, which writes 8 bytes of time before each. */
function packetsOf(log: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 8; at + 2 < log.length; at += 8) {
    const [magic, payload, flags] = [log[at]!, log[at + 1]!, log[at + 2]!];
    const size = magic === 0xfe ? payload + 8 : payload + 12 + (flags & 1 ? 13 : 0);
    packets.push(log.subarray(at, at + size));
    at += size;
  }
  return packets;
}

/** A telemetry log of the packets, each at a time in milliseconds. */
function telemetryLog(packets: Buffer[], times: number[]): Buffer {
  return Buffer.concat(
    packets.flatMap((packet, i) => {
      const stamp = Buffer.alloc(8);
      stamp.writeBigUInt64BE(BigInt(times[i]!) * 1000n);
      return [stamp, packet];
    }),
  );
}

/** A flight of ArduPlane, as node-mavlink reads it. Its recorder wrote once a second; here packets have the vehicle's own times. */
export async function flight(): Promise<Recording> {
  const mavlink = decoders("node-mavlink");
  const { MavLinkPacketSplitter, MavLinkPacketParser, common } = mavlink;
  const packets = packetsOf(readFileSync(path.join(links, "node_modules/node-mavlink/examples/vtol.tlog")));
  const decoded = Readable.from([Buffer.concat(packets)]).pipe(new MavLinkPacketSplitter()).pipe(new MavLinkPacketParser());
  const file = path.join(folder, "flight.tlog");
  const found: Recording = { file, positions: [], said: [], motions: [] };
  const times: number[] = [];
  let bootMs = 0;
  for await (const { header, protocol, payload } of decoded) {
    const message = common.REGISTRY[header.msgid];
    const data = message && protocol.data(payload, message);
    if (data instanceof common.GlobalPositionInt) {
      bootMs = Math.max(bootMs, data.timeBootMs);
      found.positions.push(placeOf(data));
      found.said.push(placeOf(data));
    } else if (data instanceof common.GpsRawInt) {
      found.said.push(placeOf(data));
    } else if (data instanceof common.Attitude) {
      bootMs = Math.max(bootMs, data.timeBootMs);
      found.motions.push({ roll_deg: degrees(data.roll), pitch_deg: degrees(data.pitch), heading_deg: compass(degrees(data.yaw)) });
    }
    times.push(bootMs);
  }
  if (times.length !== packets.length) throw new Error(`node-mavlink read ${times.length} of ${packets.length} packets`);
  const first = times.find((time) => time > 0)!;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, telemetryLog(packets, times.map((time) => Math.max(time, first))));
  return found;
}

/** The first `lines` of a sailing boat's passage off Finland, as nmea-simple reads them. */
export function passage(lines: number): Recording {
  const { parseNmeaSentence } = decoders("nmea-simple");
  const log = execFileSync("/usr/bin/python3", ["-B", path.join(links, "real_log.py"), folder], { encoding: "utf8" }).trim();
  const sentences = readFileSync(log, "latin1").split("\n");
  // What precedes the first time of day is not replayed.
  const said = sentences.slice(sentences.findIndex((line) => line.startsWith("$GPZDA")), lines);
  const file = path.join(folder, "passage.nmea");
  writeFileSync(file, said.join("\n") + "\n", "latin1");
  const read = (type: string) => said.filter((line) => line.startsWith(type)).map((line) => parseNmeaSentence(line.trim()));
  const positions = read("$GPGLL").map(({ latitude, longitude }) => ({ latitude_deg: latitude, longitude_deg: longitude }));
  return {
    file,
    positions,
    said: positions,
    motions: read("$IIVTG").map(({ trackTrue, speedKnots }) => ({ course_deg: trackTrue, ground_speed_mps: (speedKnots * 1852) / 3600 })),
  };
}

/**
 * Finds each stored sample among what the recording says, in its order: a link may thin, but must not change, mix or reorder.
 * Gives the samples found, or says which one is none of the recording's.
 */
export function inOrder(stored: Values[], said: Values[], tolerance: Values): number {
  let next = 0;
  const same = (sample: Values, values: Values) => Object.keys(tolerance).every((name) => Math.abs(sample[name]! - values[name]!) <= tolerance[name]!);
  stored.forEach((sample, i) => {
    const found = said.findIndex((values, at) => at >= next && same(sample, values));
    if (found < 0) {
      const elsewhere = said.findIndex((values) => same(sample, values));
      const why = elsewhere < 0 ? "is none of the recording's" : `is number ${elsewhere} of the recording, after ${next - 1}`;
      throw new Error(`stored sample ${i} ${why}: ${JSON.stringify(sample)}`);
    }
    next = found + 1;
  });
  return stored.length;
}
