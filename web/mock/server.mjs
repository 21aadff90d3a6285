// A stand-in for masthead-server while working on the page: `npm run build && npm run mock`, then
// http://127.0.0.1:8099 with any name that is a role (viewer, operator, supervisor, admin) and any password. It has no video: cameras report states.
// Pipeline files are those of ../pipelines; nothing is written. Recordings are a clip again and again (needs ffmpeg).
// EMPTY=1 begins without vehicles and recordings; TARGETS=5000 gives so many AIS targets; MISSING=1 lacks some files.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';

import * as alerts from './alerts.mjs';
import * as control from './control.mjs';
import { isMarking, marking } from './marking.mjs';
import * as pipelines from './pipelines.mjs';
import { recordings } from './recordings.mjs';

const port = Number(process.env.PORT ?? 8099);
const dist = new URL('../dist', import.meta.url).pathname;
const types = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.mjs': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
    '.json': 'application/json',
    '.woff2': 'font/woff2',
};

const nowUs = () => Date.now() * 1000;
const vehicles = { drones: new Map(), vessels: new Map() };
let role = null;

if (!process.env.EMPTY) {
    const rtsp = {
        name: 'gimbal',
        pipeline: 'rtsp-link',
        parameters: { uri: 'rtsp://127.0.0.1:8554/gimbal' },
    };
    vehicles.drones.set('heron', {
        id: 'heron',
        name: 'Heron',
        link: { uri: 'mavlink+udp://127.0.0.1:14551' },
        cameras: [rtsp],
    });
    vehicles.drones.set('kestrel', {
        id: 'kestrel',
        name: 'Kestrel',
        link: { uri: 'mavlink+udp://127.0.0.1:14550' },
        cameras: [rtsp],
    });
    vehicles.vessels.set('tern', {
        id: 'tern',
        name: 'Tern',
        link: { uri: 'nmea+tcp://127.0.0.1:10110' },
        cameras: [{ name: 'mast', pipeline: 'ts-embedded', parameters: { uri: 'udp://127.0.0.1:5600' } }],
    });
}

const home = { latitude: 54.3721, longitude: 10.1876 };
function kestrel(us) {
    const t = us / 1e6 / 40;
    const [north, east] = [180 * Math.cos(t), 180 * Math.sin(t)];
    const course = ((t * 180) / Math.PI + 90) % 360;
    const at = (n, e) => [home.latitude + n / 111320, home.longitude + e / 64900];
    const [latitude_deg, longitude_deg] = at(north, east);
    const aim = [north * 0.35, east * 0.35];
    return {
        time: us,
        latitude_deg,
        longitude_deg,
        altitude_msl_m: 92.4 + 4 * Math.sin(t * 3),
        altitude_agl_m: 80.1 + 4 * Math.sin(t * 3),
        heading_deg: course,
        course_deg: course,
        pitch_deg: -3 + 2 * Math.sin(t * 9),
        roll_deg: 11 + 2 * Math.sin(t * 5),
        ground_speed_mps: 4.5,
        velocity_north_mps: -4.5 * Math.sin(t),
        velocity_east_mps: 4.5 * Math.cos(t),
        climb_mps: 0.3,
        battery_percent: 87,
        battery_v: 15.8,
        satellites: 17,
        armed: true,
        mode: 'AUTO',
        frame_center: at(...aim),
        footprint: [
            at(aim[0] + 60, aim[1] - 50),
            at(aim[0] + 60, aim[1] + 50),
            at(aim[0] - 30, aim[1] + 34),
            at(aim[0] - 30, aim[1] - 34),
        ],
    };
}

function tern(us) {
    const t = us / 1e6 / 120;
    return {
        time: us,
        latitude_deg: home.latitude + 0.006 + 0.002 * Math.sin(t),
        longitude_deg: home.longitude + 0.012 * Math.sin(t / 2),
        heading_deg: 71 + 4 * Math.sin(t * 20),
        course_deg: 72,
        ground_speed_mps: 3.2,
        depth_m: 14.2,
        wind_speed_mps: 6.1,
        wind_direction_deg: 265,
        mode: 'under way using engine',
    };
}

function live(full) {
    const us = nowUs();
    const all = {};
    if (vehicles.drones.has('kestrel'))
        all.kestrel = {
            kind: 'drone',
            name: 'Kestrel',
            received: us - 40_000,
            telemetry: kestrel(us - 60_000),
            link: { state: 'up' },
            cameras: {
                gimbal: {
                    state: {
                        state: 'connecting',
                        detail: 'rtsp://127.0.0.1:8554/gimbal: waiting for the first picture',
                    },
                    received: us,
                    telemetry: kestrel(us),
                },
            },
        };
    if (vehicles.drones.has('heron'))
        all.heron = {
            kind: 'drone',
            name: 'Heron',
            link: {
                state: 'down',
                detail: 'Nothing was heard on mavlink+udp://127.0.0.1:14551 for 40 s. Check the radio and the port.',
            },
            cameras: {
                gimbal: {
                    state: {
                        state: 'refused',
                        detail: 'The stream has B-frames: a viewer would see it stutter. Set the encoder to 0 B-frames (Main or Baseline profile).',
                    },
                },
            },
        };
    if (vehicles.vessels.has('tern'))
        all.tern = {
            kind: 'vessel',
            name: 'Tern',
            received: us - 300_000,
            telemetry: tern(us),
            link: { state: 'up' },
            cameras: {
                mast: {
                    state: {
                        state: 'retrying',
                        detail: 'No packet on udp://127.0.0.1:5600 for 5 s. Check that the camera sends to this address.',
                    },
                },
            },
        };
    const traffic = {};
    for (let index = 0; index < Number(process.env.TARGETS ?? 40); index += 1) {
        const a = index * 2.4;
        traffic[`${211010000 + index}`] = {
            received: us - (index % 9 === 0 ? 300e6 : 2e6),
            telemetry: {
                time: us,
                name: index % 5 ? `CARGO ${index}` : undefined,
                latitude_deg: home.latitude + 0.002 * index ** 0.8 * Math.cos(a),
                longitude_deg: home.longitude + 0.004 * index ** 0.8 * Math.sin(a),
                course_deg: (index * 37) % 360,
                ground_speed_mps: index % 4,
            },
        };
    }
    return {
        type: 'live',
        now: us,
        full,
        vehicles: all,
        alerts: alerts.open(),
        ...(full ? { traffic } : {}),
    };
}

function send(response, status, body) {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
}

async function bodyOf(request) {
    let text = '';
    for await (const part of request) text += part;
    return text ? JSON.parse(text) : undefined;
}

async function api(request, response, url) {
    const [, , resource, id, part, camera] = url.pathname.split('/');
    if (resource === 'session') {
        if (request.method === 'POST') {
            const { name } = await bodyOf(request);
            if (!['viewer', 'operator', 'supervisor', 'admin'].includes(name))
                return send(response, 401, {
                    error: 'bad_credentials',
                    message: 'Name or password is wrong.',
                });
            role = name;
        }
        if (request.method === 'DELETE') {
            role = null;
            return send(response, 204);
        }
        return role
            ? send(response, 200, { name: role, role })
            : send(response, 401, { error: 'no_session', message: 'Sign in first.' });
    }
    if (!role) return send(response, 401, { error: 'no_session', message: 'Sign in first.' });
    if (resource === 'pipelines' && id) {
        const body = await bodyOf(request);
        return send(response, ...pipelines.answer(request.method, id, part, body, role, vehicles));
    }
    if (resource === 'pipelines') return send(response, 200, pipelines.listed(vehicles));
    if (isMarking(resource, id)) {
        const isJson = request.method !== 'GET' && resource !== 'imports';
        const body = isJson ? await bodyOf(request) : request.resume() && undefined;
        const parts = url.pathname.split('/').slice(2).filter(Boolean);
        return send(response, ...marking(request.method, parts, url.searchParams, body, role));
    }
    if (resource === 'recordings') {
        const parts = url.pathname.split('/').slice(3).filter(Boolean);
        const [status, type, body] = recordings(parts, url.searchParams, request.headers.range);
        response.writeHead(status, { 'content-type': type });
        return response.end(body);
    }
    if (resource === 'commands') return send(response, 200, control.commands);
    if (resource === 'geofences' && id)
        return send(response, ...alerts.changeFence(id, request.method, await bodyOf(request)));
    if (resource === 'geofences') return send(response, 200, alerts.geofences());
    if (resource === 'alerts' && id)
        return send(response, ...alerts.change(id, part, await bodyOf(request), role));
    if (resource === 'alerts') return send(response, 200, alerts.open());
    if (resource === 'leases') return send(response, 200, control.listed());
    const collection = vehicles[resource];
    if (!collection) return send(response, 404, { error: 'not_found', message: 'No such route.' });
    if (part === 'cameras') return send(response, ...pipelines.graph(collection.get(id), camera));
    if (part === 'log') return send(response, 200, pipelines.log(id));
    if (part === 'telemetry') {
        const model = id === 'kestrel' ? kestrel : tern;
        const [from, to] = ['from', 'to'].map((name) => Number(url.searchParams.get(name)));
        return send(
            response,
            200,
            Array.from({ length: 400 }, (_, index) => model(from + ((to - from) * index) / 400)),
        );
    }
    if (request.method === 'GET') return send(response, 200, [...collection.values()]);
    if (request.method === 'DELETE') return send(response, collection.delete(id) ? 204 : 404);
    const vehicle = await bodyOf(request);
    collection.set(vehicle.id, vehicle);
    return send(response, request.method === 'POST' ? 201 : 200, vehicle);
}

const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://mock');
    if (url.pathname.startsWith('/api/')) {
        api(request, response, url).catch((error) =>
            send(response, 400, { error: 'bad', message: String(error) }),
        );
        return;
    }
    const path = join(dist, normalize(url.pathname));
    const file = existsSync(path) && extname(path) ? path : join(dist, 'index.html');
    response.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-security-policy':
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; media-src 'self' blob:",
    });
    createReadStream(file).pipe(response);
});

const clients = new Set();
const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
    if (!role) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (client) => connected(client, request.url));
});

function connected(client, path) {
    if (path === '/api/telemetry') {
        client.send(JSON.stringify(live(true)));
        const timer = setInterval(() => {
            const events = pipelines.newEvents();
            if (events.length > 0)
                clients.forEach((other) => other.send(JSON.stringify({ ...live(false), events })));
            else client.send(JSON.stringify(live(false)));
        }, 100);
        clients.add(client);
        client.on('close', () => clients.delete(client));
        client.on('close', () => clearInterval(timer));
    }
    if (path === '/api/control') control.joined(client);
    client.on('message', (data) => {
        const message = JSON.parse(data);
        if (message.type === 'watch') {
            client.send(
                JSON.stringify({
                    type: 'error',
                    vehicle: message.vehicle,
                    camera: message.camera,
                    error: 'no_video',
                    message: 'The camera has no picture yet.',
                }),
            );
        }
        control.received(client, message, role);
    });
}

server.listen(port, '127.0.0.1', () => process.stdout.write(`mock server on http://127.0.0.1:${port}\n`));
