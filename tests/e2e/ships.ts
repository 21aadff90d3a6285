// Ships at sea, as the receivers of our vessels hear them: own position by NMEA 0183, everyone else's by AIS (ITU-R M.1371).
import { createServer, type Server, type Socket } from "node:net";

interface Ship {
  mmsi: number;
  classB: boolean;
  periodMs: number;
  latitude: number;
  longitude: number;
  course: number;
  knots: number;
}

function sentence(body: string, start = "$"): string {
  let sum = 0;
  for (const character of body) sum ^= character.charCodeAt(0);
  return `${start}${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}\r\n`;
}

/** 168 bits of fields [value, width], in one sentence. */
function aivdm(fields: [number, number][]): string {
  let bits = "";
  for (const [value, width] of fields) bits += (value < 0 ? value + 2 ** width : value).toString(2).padStart(width, "0");
  let payload = "";
  for (let at = 0; at < bits.length; at += 6) {
    const six = parseInt(bits.slice(at, at + 6), 2);
    payload += String.fromCharCode(six + (six < 40 ? 48 : 56));
  }
  return sentence(`AIVDM,1,1,,A,${payload},0`, "!");
}

function position({ mmsi, classB, latitude, longitude, course, knots }: Ship): string {
  const motion: [number, number][] = [
    [Math.round(knots * 10), 10],
    [0, 1],
    [Math.round(longitude * 600_000), 28],
    [Math.round(latitude * 600_000), 27],
    [Math.round(course * 10) % 3600, 12],
    [Math.round(course) % 360, 9],
    [60, 6],
  ];
  if (classB) return aivdm([[18, 6], [0, 2], [mmsi, 30], [0, 8], ...motion, [0, 29]]);
  return aivdm([[1, 6], [0, 2], [mmsi, 30], [knots > 0 ? 0 : 1, 4], [-128, 8], ...motion, [0, 25]]);
}

/** Type 24, part A: letters, digits and blanks. */
function naming(mmsi: number, name: string): string {
  const letters = [...name.padEnd(20, "@")].map((letter): [number, number] => [letter.charCodeAt(0) & 0x3f, 6]);
  return aivdm([[24, 6], [0, 2], [mmsi, 30], [0, 2], ...letters, [0, 8]]);
}

function degreesMinutes(degrees: number, digits: number): string {
  const whole = Math.floor(Math.abs(degrees));
  return String(whole).padStart(digits, "0") + ((Math.abs(degrees) - whole) * 60).toFixed(4).padStart(7, "0");
}

function ownPosition(latitude: number, longitude: number, course: number, knots: number): string {
  const now = new Date().toISOString();
  const time = now.slice(11, 22).replaceAll(":", "");
  const date = now.slice(8, 10) + now.slice(5, 7) + now.slice(2, 4);
  const place = `${degreesMinutes(latitude, 2)},${latitude < 0 ? "S" : "N"},${degreesMinutes(longitude, 3)},${longitude < 0 ? "W" : "E"}`;
  return sentence(`GPRMC,${time},A,${place},${knots.toFixed(1)},${course.toFixed(1)},${date},,,A`);
}

/** Repeatable numbers from 0 to 1. */
function* shares(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

/** The receivers of `vessels` vessels at free ports; the first one hears AIS. */
export class Receivers {
  private readonly servers: Server[] = [];
  private readonly clients: Set<Socket>[] = [];
  private readonly timers: NodeJS.Timeout[] = [];
  readonly ports: number[] = [];

  async open(vessels: number): Promise<this> {
    for (let n = 0; n < vessels; n++) {
      const clients = new Set<Socket>();
      const server = createServer((socket) => {
        clients.add(socket);
        socket.on("error", () => undefined).on("close", () => clients.delete(socket));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      this.servers.push(server);
      this.clients.push(clients);
      this.ports.push((server.address() as { port: number }).port);
      let longitude = 10 + n * 0.05;
      this.timers.push(
        setInterval(() => {
          longitude += 0.00004;
          this.send(n, ownPosition(54.2, longitude, 90, 5));
        }, 1000),
      );
    }
    return this;
  }

  private send(vessel: number, text: string) {
    for (const client of this.clients[vessel]!) client.write(text);
  }

  /**
   * `count` ships within 100 km: two thirds sail with class A (a report each 10 s), others lie at anchor (3 minutes) or have
   * class B (30 s). All are heard within the first 20 s.
   */
  hear(count: number) {
    const random = shares(3);
    const share = () => random.next().value;
    const ships = Array.from({ length: count }, (_, n): Ship => {
      const kind = share();
      const sails = kind < 0.8;
      return {
        mmsi: 211_000_000 + n,
        classB: kind > 0.65 && sails,
        periodMs: kind < 0.65 ? 10_000 : sails ? 30_000 : 180_000,
        latitude: 53.4 + share() * 1.6,
        longitude: 8.6 + share() * 2.8,
        course: share() * 360,
        knots: sails ? 2 + share() * 14 : 0,
      };
    });
    const due = ships.map(() => Date.now() + share() * 20_000);
    const heard = ships.map(() => Date.now());
    const tick = () => {
      const now = Date.now();
      let text = "";
      ships.forEach((ship, n) => {
        if (due[n]! > now) return;
        const miles = (ship.knots * (now - heard[n]!)) / 3_600_000;
        ship.latitude += (miles * Math.cos((ship.course * Math.PI) / 180)) / 60;
        ship.longitude += (miles * Math.sin((ship.course * Math.PI) / 180)) / 60 / Math.cos((ship.latitude * Math.PI) / 180);
        text += position(ship);
        if (now - heard[n]! < 20_000 && share() < 0.05) text += naming(ship.mmsi, `SHIP ${n}`);
        heard[n] = now;
        due[n] = now + ship.periodMs;
      });
      if (text) this.send(0, text);
    };
    this.timers.push(setInterval(tick, 100));
  }

  close() {
    for (const timer of this.timers) clearInterval(timer);
    for (const clients of this.clients) for (const client of clients) client.destroy();
    for (const server of this.servers) server.close();
  }
}
