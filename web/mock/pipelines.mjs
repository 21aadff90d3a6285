// The pipelines' part of the mock: files with versions, a check that knows a few mistakes, graphs whose figures move.
import { readFileSync, readdirSync } from 'node:fs';

const folder = new URL('../../pipelines/', import.meta.url);
const nowUs = () => Date.now() * 1000;
const files = new Map();
const events = [];
const restarted = new Map();
const began = Date.now();
const keys = ['title', 'parameters', 'ingest', 'telemetry', 'renditions', 'outputs'];
let fresh = [];
let newest = 0;

function version(file, text, user, restores) {
    const made = { version: file.versions.length + 1, applied: nowUs(), user, text };
    if (restores) made.restores = restores;
    file.versions.unshift(made);
    file.text = text;
    delete file.problem;
}

for (const entry of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const file = { name: entry.slice(0, -5), versions: [] };
    version(file, readFileSync(new URL(entry, folder), 'utf8'), '');
    files.set(file.name, file);
}
const link = files.get('rtsp-link');
version(link, link.text.replace('latency_ms: 50', 'latency_ms: 80'), 'admin');
version(link, link.text.replace('max_age_ms: 1000', 'max_age_ms: 800'), 'ada');
const scene = files.get('test-scene');
scene.text = scene.text.replace('x264enc', 'x264ecn');
scene.problem = check(scene.text)[0];

export function tell(subject, message, level = 'info', user) {
    const event = {
        id: String((newest += 1)),
        time: nowUs(),
        level,
        subject,
        message,
        ...(user ? { user } : {}),
    };
    events.unshift(event);
    fresh.push(event);
}
tell('pipeline/rtsp-link', 'Version 3 is applied: kestrel gimbal, heron gimbal start anew.', 'info', 'ada');
tell(
    'pipeline/test-scene',
    'test-scene.yaml:14:5: there is no element ‘x264ecn’; did you mean ‘x264enc’? Version 1 stays applied.',
    'caution',
);
fresh = [];

/** Events since the last call, for /api/telemetry. */
export function newEvents() {
    const told = fresh;
    fresh = [];
    return told;
}

function check(text) {
    const problems = [];
    text.split('\n').forEach((line, index) => {
        const found = (column, message) => problems.push({ line: index + 1, column: column + 1, message });
        const key = /^(\w+):/.exec(line)?.[1];
        if (key && !keys.includes(key)) found(0, `there is no key '${key}' here`);
        if (line.includes('\t')) found(line.indexOf('\t'), 'a tab cannot indent; use spaces');
        const element = /\b(x264ecn|videotestscr|h264prase)\b/.exec(line);
        if (element)
            found(
                element.index,
                `there is no element '${element[1]}'; did you mean '${element[1].replace('ecn', 'enc').replace('scr', 'src').replace('pra', 'par')}'?`,
            );
        const source = /source: (\w+)/.exec(line);
        if (source && !['link', 'embedded', 'both', 'none'].includes(source[1]))
            found(line.indexOf(source[1]), `'${source[1]}' is none of: link, embedded, both, none`);
    });
    if (!/^ingest:/m.test(text)) problems.push({ message: "the key 'ingest' is missing" });
    return problems;
}

const launch = `gst-launch-1.0 \\
    vehiclesrc name=source uri=rtsp://192.0.2.7/camera latency=50 \\
    queue name=video-in max-size-buffers=0 max-size-bytes=0 max-size-time=2000000000 leaky=downstream \\
    klvsync name=sync latency=150 \\
    queue name=video-out max-size-buffers=0 max-size-bytes=0 max-size-time=2000000000 leaky=downstream \\
    viewersink name=viewers sync=false async=false \\
    video-in.src ! sync.sink \\
    sync.src ! video-out.sink \\
    video-out.src ! viewers.sink \\
    source.video ! video-in.sink
`;

function usedBy(name, vehicles) {
    return [...vehicles.drones.values(), ...vehicles.vessels.values()].flatMap(({ id, cameras }) =>
        (cameras ?? [])
            .filter(({ pipeline }) => pipeline === name)
            .map((camera) => ({ vehicle: id, camera: camera.name })),
    );
}

const described = (file, vehicles) => ({
    name: file.name,
    version: file.versions[0]?.version ?? 0,
    text: file.text,
    ...(file.problem ? { problem: file.problem } : {}),
    used_by: usedBy(file.name, vehicles),
});

export const listed = (vehicles) =>
    [...files.values()].map((file) => {
        const { text, ...rest } = described(file, vehicles);
        const parameters = [...text.matchAll(/^ {2}(\w+): \{type: (\w+)/gm)].map(([, name, type]) => ({
            name,
            type,
        }));
        return { ...rest, title: /^title: (.*)$/m.exec(file.versions[0]?.text ?? '')?.[1] ?? '', parameters };
    });

function apply(file, text, user, vehicles, restores) {
    version(file, text, user, restores);
    const cameras = usedBy(file.name, vehicles);
    for (const { vehicle } of cameras) restarted.set(vehicle, Date.now());
    const whom = cameras.map(({ vehicle, camera }) => `${vehicle} ${camera}`).join(', ');
    tell(
        `pipeline/${file.name}`,
        `Version ${file.versions[0].version} is applied${whom ? `: ${whom} start anew` : ''}.`,
        'info',
        user,
    );
    return [200, described(file, vehicles)];
}

const conflict = (file) => [
    409,
    {
        error: 'conflict',
        message: `Version ${file.versions[0].version} is applied by now. Look at it first.`,
    },
];

/** Answers /api/pipelines/NAME...: [status, body]. */
export function answer(method, name, part, body, user, vehicles) {
    const file = files.get(name);
    if (part === 'check') {
        const problems = check(body.text);
        return [200, { problems, ...(problems.length > 0 ? {} : { launch }) }];
    }
    if (method === 'PUT') {
        const target = file ?? { name, versions: [] };
        if (body.base !== (target.versions[0]?.version ?? 0)) return conflict(target);
        const problems = check(body.text);
        if (problems.length > 0)
            return [400, { error: 'bad_pipeline', message: problems[0].message, problems }];
        files.set(name, target);
        return apply(target, body.text, user, vehicles);
    }
    if (!file) return [404, { error: 'not_found', message: `There is no pipeline file '${name}'.` }];
    if (part === 'versions') return [200, file.versions];
    if (part === 'rollback') {
        if (body.base !== file.versions[0].version) return conflict(file);
        const old = file.versions.find(({ version: number }) => number === body.version);
        return apply(file, old.text, user, vehicles, body.version);
    }
    return [200, described(file, vehicles)];
}

export const listEvents = () => events;

const wave = (base, spread) => base + spread * Math.sin(Date.now() / 1700 + base);
const flow = (perSecond, kbit) => ({
    buffers_per_s: wave(perSecond, perSecond / 50),
    kbit_per_s: wave(kbit, kbit / 12),
    buffers: Math.round(((Date.now() - began) / 1000) * perSecond),
    gap_ms: wave(1000 / perSecond, 6),
});
const queue = (name, fill) => ({
    name,
    factory: 'queue',
    state: 'playing',
    level: { buffers: Math.round(fill * 60), bytes: Math.round(fill * 900000), time_ms: fill * 2000, fill },
    latency_ms: fill * 2000,
});
const video =
    'video/x-h264, stream-format=(string)byte-stream, alignment=(string)au, width=(int)1280, height=(int)720, framerate=(fraction)25/1, profile=(string)constrained-baseline';
const klv = 'meta/x-klv, parsed=(boolean)true';
const rtp =
    'application/x-rtp, media=(string)video, encoding-name=(string)H264, payload=(int)96, clock-rate=(int)90000';

/** A camera's graph: [status, body]. Its worker starts anew for two seconds after a change. */
export function graph(vehicle, camera) {
    if (Date.now() - (restarted.get(vehicle.id) ?? 0) < 2000)
        return [503, { error: 'unavailable', message: `The worker of ${vehicle.id} is starting.` }];
    if (vehicle.id === 'heron')
        return [
            503,
            { error: 'unavailable', message: 'The camera’s pipeline does not run: the stream has B-frames.' },
        ];
    const pipeline = vehicle.cameras.find(({ name }) => name === camera).pipeline;
    const full = Math.floor(Date.now() / 20000) % 2 === 0;
    const element = (name, factory, more = {}) => ({
        name,
        factory,
        state: 'playing',
        latency_ms: wave(0.4, 0.3),
        ...more,
    });
    const pads = (from, to, caps, told, from_pad = 'src', to_pad = 'sink') => ({
        from,
        from_pad,
        to,
        to_pad,
        caps,
        flow: told,
    });
    return [
        200,
        {
            pipeline,
            version: files.get(pipeline).versions[0].version,
            elements: [
                element('source', 'vehiclesrc'),
                element('source/rtspsrc0', 'rtspsrc', {
                    latency_ms: undefined,
                    figures: { 'packets-lost': 3 },
                }),
                element('source/depay', 'rtph264depay'),
                element('source/parse', 'h264parse'),
                queue('video-in', wave(0.05, 0.03)),
                element('link-klv', 'appsrc', { figures: { queued: 1 } }),
                element('sync', 'klvsync', {
                    latency_ms: wave(31, 4),
                    figures: {
                        'frames-with-klv': Math.round((Date.now() - began) / 40),
                        'frames-without': 12,
                    },
                }),
                queue('video-out', full ? 0.96 : wave(0.1, 0.05)),
                queue('klv-out', 0.01),
                element('viewers', 'viewersink', {
                    figures: {
                        viewers: 2,
                        'dropped-frames': full ? Math.round((Date.now() - began) / 900) : 7,
                    },
                }),
                element('frames', 'appsink', { figures: { dropped: 0 } }),
            ],
            links: [
                pads('source/rtspsrc0', 'source/depay', rtp, flow(180, 2100), 'recv_rtp_src_0'),
                pads('source/depay', 'source/parse', video, flow(25, 2000)),
                pads('source/parse', 'video-in', video, flow(25, 2000)),
                pads('video-in', 'sync', video, flow(25, 2000)),
                pads('link-klv', 'sync', klv, flow(10, 14), 'src', 'klv_sink'),
                pads('sync', 'video-out', video, flow(25, 2000)),
                pads(
                    'sync',
                    'klv-out',
                    klv,
                    full ? { ...flow(25, 30), buffers_per_s: 0, kbit_per_s: 0, buffers: 1200 } : flow(25, 30),
                    'klv_src',
                ),
                pads('video-out', 'viewers', video, flow(25, 2000)),
                pads('klv-out', 'frames', klv, flow(25, 30)),
            ],
        },
    ];
}

export function log(id) {
    return Array.from({ length: 40 + Math.floor((Date.now() - began) / 3000) }, (_, index) => {
        const time = new Date(began + (index - 40) * 3000).toISOString().slice(11, 23);
        return index % 9 === 4
            ? `${time} warning vehicle=${id} camera=gimbal retransmission asked for 2 packets`
            : `${time} info vehicle=${id} camera=gimbal frames=${index * 75} with_klv=${index * 74}`;
    });
}
