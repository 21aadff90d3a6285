// A vehicle that speaks MAVLink 2 over UDP, encoded by node-mavlink: it flies north at a known speed.
import dgram from 'node:dgram';
import { MavLinkProtocolV2, common, minimal } from 'node-mavlink';

const START_LATITUDE = 47.0;
const LATITUDE_DEG_PER_S = 1e-4; // some 11 m/s
export const LONGITUDE = 8.5;

export class MavlinkVehicle {
    #socket = dgram.createSocket('udp4');
    #protocol = new MavLinkProtocolV2(1, 1);
    #sequence = 0;
    #start = Date.now();
    #timer;
    sent = 0;

    constructor(port) {
        this.#timer = setInterval(() => this.#speak(port), 50);
    }

    /** True latitude at a UTC in milliseconds. */
    latitudeAt(utcMs) {
        return START_LATITUDE + ((utcMs - this.#start) / 1000) * LATITUDE_DEG_PER_S;
    }

    stop() {
        clearInterval(this.#timer);
        this.#socket.close();
    }

    #send(port, message) {
        const bytes = this.#protocol.serialize(message, this.#sequence++ & 255);
        this.#socket.send(bytes, port, '127.0.0.1');
    }

    #speak(port) {
        const now = Date.now();
        if (this.sent % 20 === 0) {
            const heartbeat = new minimal.Heartbeat();
            Object.assign(heartbeat, { type: 2, autopilot: 3, baseMode: 0, customMode: 0, systemStatus: 4, mavlinkVersion: 3 });
            this.#send(port, heartbeat);
            const time = new common.SystemTime();
            Object.assign(time, { timeUnixUsec: BigInt(now) * 1000n, timeBootMs: now - this.#start });
            this.#send(port, time);
        }
        const position = new common.GlobalPositionInt();
        Object.assign(position, {
            timeBootMs: now - this.#start,
            lat: Math.round(this.latitudeAt(now) * 1e7),
            lon: Math.round(LONGITUDE * 1e7),
            alt: 500_000,
            relativeAlt: 100_000,
            vx: 1111,
            vy: 0,
            vz: 0,
            hdg: 0,
        });
        this.#send(port, position);
        this.sent += 1;
    }
}
