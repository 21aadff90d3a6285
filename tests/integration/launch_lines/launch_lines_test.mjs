// Runs the launch lines of plugins/README.md as they stand there, with only addresses and file names put in, and reads what they
// wrote with programs that are not ours.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LONGITUDE, MavlinkVehicle } from './mavlink_vehicle.mjs';
import { readPackets } from './st0601_reader.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const rtspServer = process.argv[2];
const METRES_PER_DEGREE = 111_200;
const PATIENCE_MS = 60_000;
let folder;

before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'launch-lines-'));
});
after(() => rmSync(folder, { recursive: true }));

/** The fenced line of plugins/README.md whose first line is `# name`. */
function lineOf(name) {
    const text = readFileSync(path.join(here, '../../../plugins/README.md'), 'utf8');
    const block = text.match(new RegExp('```sh\n# ' + name + '\n([^`]+)```'));
    assert.ok(block, `plugins/README.md has no line named ${name}`);
    return block[1].trim();
}

/** `line` with each text replaced, which must be there. */
function adapted(line, replacements) {
    for (const [from, to] of Object.entries(replacements)) {
        assert.ok(line.includes(from), `the line has no '${from}' to replace`);
        line = line.replaceAll(from, to);
    }
    return line;
}

async function freeUdpPort() {
    const socket = dgram.createSocket('udp4');
    await new Promise((done) => socket.bind(0, '127.0.0.1', done));
    const { port } = socket.address();
    await new Promise((done) => socket.close(done));
    return port;
}

/** Starts a shell line; the sanitizer that the plugin needs is loaded into gst-launch-1.0 alone. */
function start(line) {
    const preload = process.env.MASTHEAD_PRELOAD;
    const command = preload ? line.replace('gst-launch-1.0', `LD_PRELOAD='${preload}' exec gst-launch-1.0`) : `exec ${line}`;
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (child.output += data));
    child.ended = new Promise((done) => child.on('exit', (code, signal) => done(code ?? signal)));
    return child;
}

/** Its exit code; fails, with what it said, when it does not end in time. */
async function end(child) {
    let timer;
    const late = new Promise((_, fail) => {
        timer = setTimeout(() => {
            child.kill('SIGKILL');
            fail(new Error(`hung:\n${child.output}`));
        }, PATIENCE_MS);
    });
    try {
        return await Promise.race([child.ended, late]);
    } finally {
        clearTimeout(timer);
    }
}

/** Checks twice a second until it is so. */
async function until(what, isSo) {
    const deadline = Date.now() + PATIENCE_MS;
    while (!isSo()) {
        assert.ok(Date.now() < deadline, `waited too long for ${what}`);
        await new Promise((done) => setTimeout(done, 500));
    }
}

const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function streamsOf(file) {
    const text = execFileSync('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', file], { stdio: ['ignore', 'pipe', 'ignore'] });
    return JSON.parse(text).streams;
}

function frameCount(file) {
    const text = execFileSync('ffprobe', ['-v', 'error', '-count_packets', '-select_streams', 'v:0', '-show_entries',
        'stream=nb_read_packets', '-of', 'csv=p=0', file],
        { stdio: ['ignore', 'pipe', 'ignore'] });
    return parseInt(text.toString(), 10);
}

const rawKlvOf = (file) => execFileSync('ffmpeg', ['-v', 'fatal', '-i', file, '-map', '0:d', '-c', 'copy', '-f', 'data', '-'],
    { maxBuffer: 1 << 28 });
const klvOf = (file) => readPackets(rawKlvOf(file));

/** The file names its KLV stream; a reader of its own finds the vehicle where it was at the packets' times. */
function checkFlight(file, vehicle) {
    const streams = streamsOf(file);
    assert.deepEqual(streams.map((stream) => stream.codec_name).sort(), ['h264', 'klv']);
    const positions = klvOf(file).filter((packet) => packet.latitude !== undefined);
    assert.ok(positions.length >= 0.6 * frameCount(file), `${positions.length} positions in ${frameCount(file)} frames`);
    let last = 0;
    for (const { utcUs, latitude, longitude } of positions) {
        const away = Math.abs(latitude - vehicle.latitudeAt(utcUs / 1000)) * METRES_PER_DEGREE;
        assert.ok(away < 2, `${away} m off at ${utcUs}`);
        assert.ok(Math.abs(longitude - LONGITUDE) < 1e-6);
        last = Math.max(last, utcUs);
    }
    assert.ok(Math.abs(last / 1000 - Date.now()) < PATIENCE_MS);
}

/** Runs a live line until it has written for some seconds, and ends it with Ctrl-C. */
async function fly(line, file) {
    const vehicle = new MavlinkVehicle(line.port);
    const child = start(line.text);
    try {
        await until('the file to grow', () => sizeOf(file) > 0 || child.exitCode !== null);
        const begun = vehicle.sent;
        await until('100 more messages', () => vehicle.sent > begun + 100 || child.exitCode !== null);
        assert.equal(child.exitCode, null, child.output);
        child.kill('SIGINT');
        assert.equal(await end(child), 0, child.output);
    } finally {
        child.kill('SIGKILL');
        vehicle.stop();
    }
    return vehicle;
}

/** The recording line over `file`: ends by itself, and each frame keeps its own values. */
async function reread(file) {
    const copy = `${file}.copy.ts`;
    const line = adapted(lineOf('recording'), { '/srv/flight.ts': file, 'copy.ts': copy });
    const child = start(line);
    assert.equal(await end(child), 0, child.output);
    const before = new Map(klvOf(file).map((packet) => [packet.utcUs, packet]));
    const after = klvOf(copy);
    const same = after.filter((packet) => before.has(packet.utcUs));
    assert.ok(same.length >= 0.9 * before.size, `${same.length} of ${before.size} packets came back`);
    for (const packet of same) {
        // Reordered frames meet a later packet before their own, so a value may be interpolated: one step of item 13 at most.
        const own = before.get(packet.utcUs);
        assert.equal(packet.latitude === undefined, own.latitude === undefined);
        if (own.latitude !== undefined) assert.ok(Math.abs(packet.latitude - own.latitude) < 1e-7);
    }
    assert.equal(frameCount(copy), frameCount(file));
}

/** The KLV of `file`, made synchronous and spread over two PIDs, is what it was, byte for byte. */
async function extractSynchronous(file) {
    const [synchronous, klv] = [`${file}.synchronous.ts`, `${file}.klv`];
    execFileSync('python3', [path.join(here, '../pipeline/synchronous_klv.py'), file, synchronous, '7']);
    const child = start(adapted(lineOf('klv-of-a-stream'), { '/srv/flight.ts': synchronous, 'flight.klv': klv }));
    assert.equal(await end(child), 0, child.output);
    assert.deepEqual(readFileSync(klv), rawKlvOf(file));
}

for (const [name, encoder] of [['without', 'tune=zerolatency'], ['with', 'bframes=2 b-adapt=false rc-lookahead=0 sync-lookahead=0']]) {
    test(`the test pattern ${name} B-frames carries the vehicle's telemetry, and a recording of it reads the same`,
        async () => {
            const file = path.join(folder, `pattern-${name}.ts`);
            const port = await freeUdpPort();
            const text = adapted(lineOf('test-pattern'), { 14550: port, 'flight.ts': file, 'tune=zerolatency': encoder });
            const vehicle = await fly({ text, port }, file);
            checkFlight(file, vehicle);
            await reread(file);
            await extractSynchronous(file);
        });

    test(`a test pattern ${name} B-frames that is not live ends, with telemetry running or silent`, async () => {
        for (const silent of [true, false]) {
            const file = path.join(folder, `burst-${name}-${silent}.ts`);
            const port = await freeUdpPort();
            const vehicle = silent ? undefined : new MavlinkVehicle(port);
            const line = adapted(lineOf('test-pattern'), {
                14550: port, 'flight.ts': file, 'tune=zerolatency': encoder,
                'is-live=true': 'num-buffers=100',
            });
            const child = start(line);
            assert.equal(await end(child), 0, child.output);
            vehicle?.stop();
            assert.equal(frameCount(file), 100);
        }
    });

    test(`an RTSP camera ${name} B-frames is passed through with the vehicle's telemetry`, async () => {
        const server = spawn(rtspServer, [`speed-preset=superfast ${encoder}`], { stdio: ['pipe', 'pipe', 'inherit'] });
        try {
            const rtspPort = await new Promise((done) => server.stdout.once('data', (data) => done(parseInt(data, 10))));
            const file = path.join(folder, `camera-${name}.ts`);
            const port = await freeUdpPort();
            const text = adapted(lineOf('rtsp-camera'), {
                14550: port, 'flight.ts': file, '127.0.0.1:8554/camera': `127.0.0.1:${rtspPort}/camera`,
            });
            checkFlight(file, await fly({ text, port }, file));
        } finally {
            server.kill();
        }
    });
}
