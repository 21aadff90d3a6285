// Events, bookmarks, sightings, exports, imports, snapshots and the disk for the page without a server: answers in the
// shape of schema/openapi.yaml, made up. An export takes five seconds; an import of a file whose name holds "bad" fails.
import * as pipelines from './pipelines.mjs';

const nowUs = () => Date.now() * 1000;
const kHourUs = 3_600_000_000;

let next = 1;
const id = () => String(next++);

const events = [];
const say = (time, subject, message, level = 'info', user = undefined) =>
    events.push({ id: id(), time: Math.floor(time), level, subject, message, user });
{
    const now = nowUs();
    for (let minute = 118; minute > 2; minute -= 9) {
        const at = now - minute * 60e6;
        const mode = ['AUTO', 'LOITER', 'RTL', 'GUIDED'];
        say(at, 'mode/kestrel', `${mode[minute % 4]}, before ${mode[(minute + 1) % 4]}`);
        if (minute % 2 === 0) {
            say(at + 20e6, 'command/kestrel', 'hold queued', 'info', 'olga');
            say(at + 20.1e6, 'command/kestrel', 'hold sent', 'info', 'olga');
            say(at + 20.4e6, 'command/kestrel', 'hold accepted: MAV_RESULT_ACCEPTED', 'info', 'olga');
        }
        if (minute % 5 === 0) {
            say(at + 100e6, 'link/kestrel', 'link silent: nothing for 5 s', 'caution');
            say(at + 112e6, 'link/kestrel', 'link up');
        }
    }
    say(now - 70 * 60e6, 'pipeline/rtsp-link', 'rtsp-link.yaml was changed in the folder and applied');
    say(
        now - 33 * 60e6,
        'disk',
        'the disk for recordings will be full in 3 days; then the oldest that nobody protected go',
        'caution',
    );
}

const bookmarks = [
    {
        id: id(),
        from: nowUs() - 40 * 60e6,
        to: nowUs() - 36 * 60e6,
        note: 'Buoy off its place',
        user: 'admin',
        protects: true,
        created: nowUs(),
    },
];

const operations = [];
const runner = setInterval(() => {
    for (const operation of operations) {
        if (operation.state === 'queued') operation.state = 'running';
        else if (operation.state === 'running') advance(operation);
    }
}, 500);
runner.unref();

function advance(operation) {
    operation.progress = Math.min(1, operation.progress + 0.1);
    operation.detail = operation.kind === 'export' ? 'writing klv.jsonl' : 'reading the video';
    if (operation.kind === 'import' && operation.name.includes('bad') && operation.progress > 0.3) {
        operation.state = 'failed';
        operation.detail = `${operation.name} is no video: no MPEG-TS and no MP4`;
        operation.ended = nowUs();
        return;
    }
    if (operation.progress < 1) return;
    operation.state = 'done';
    operation.detail = '';
    operation.ended = nowUs();
    operation.expires = nowUs() + 7 * 24 * kHourUs;
    if (operation.kind === 'export')
        operation.files = (operation.package ? ['zip'] : operation.contents).map((kind) => ({
            name: `${operation.vehicle}-${operation.camera}.${kind}`,
            bytes: 12_345_678,
            sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        }));
    else Object.assign(operation, { from: nowUs() - kHourUs, to: nowUs() - kHourUs + 90e6 });
}

const start = (role, members) => {
    const operation = {
        id: id(),
        state: 'queued',
        progress: 0,
        detail: '',
        user: role,
        created: nowUs(),
        files: [],
        ...members,
    };
    operations.unshift(operation);
    return operation;
};

const refusal = (error, message) => ({ error, message });
const inTime = (query, from, to = from) =>
    to >= Number(query.get('from') ?? 0) && from < Number(query.get('to') ?? Infinity);
const holds = (query, ...texts) =>
    texts
        .join(' ')
        .toLowerCase()
        .includes((query.get('text') ?? '').toLowerCase());

function listEvents(query) {
    const vehicle = query.get('vehicle');
    return [...events, ...pipelines.listEvents()]
        .filter(
            ({ time, subject, message, user = '' }) =>
                inTime(query, time) && holds(query, subject, message, user),
        )
        .filter(({ subject }) => !vehicle || subject.split('/')[1] === vehicle)
        .sort((a, b) => b.time - a.time)
        .slice(0, Number(query.get('limit') ?? 100));
}

function sightings(query) {
    const vehicle = query.get('vehicle');
    if (query.get('radius') === '666')
        return [400, refusal('invalid_argument', "'radius' must be at most 665")];
    const found = [];
    for (const [of, camera, ago, length, by] of [
        ['kestrel', 'gimbal', 12, 95, 'footprint'],
        ['kestrel', 'gimbal', 26, 8, 'footprint'],
        ['kestrel', 'gimbal', 40, 41, 'vehicle'],
        ['tern', 'mast', 65, 310, 'footprint'],
        ['tern', 'mast', 900, 60, 'footprint'],
    ]) {
        const from = Math.floor(nowUs() / 60e6 - ago) * 60e6;
        const to = from + length * 1e6;
        if (inTime(query, from, to) && (!vehicle || of === vehicle))
            found.push({ vehicle: of, camera, by, from, to, best: from + length * 0.4e6 });
    }
    return [200, { sightings: found, complete: true }];
}

export const isMarking = (resource, name) =>
    ['events', 'disk', 'bookmarks', 'exports', 'imports', 'operations'].includes(resource) ||
    (resource === 'recordings' && name === 'sightings');

/** [status, JSON body] */
export function marking(method, parts, query, body, role) {
    const [resource, name] = parts;
    const mayAct = role !== 'viewer' || method === 'GET';
    if (resource === 'recordings' && name === 'sightings') return sightings(query);
    if (resource === 'events') return [200, listEvents(query)];
    if (resource === 'disk')
        return [
            200,
            {
                free_bytes: 412e9,
                total_bytes: 2e12,
                days_until_full: Number(process.env.DAYS ?? 34.2),
                failing: process.env.FAILING
                    ? [{ vehicle: 'tern', camera: 'mast', detail: 'the disk is read-only' }]
                    : [],
            },
        ];
    if (!mayAct) return [403, refusal('forbidden', 'this needs the role operator or admin')];
    if (resource === 'bookmarks') return bookmarksAnswer(method, name, query, body, role);
    if (resource === 'exports' && method === 'POST') {
        if (body.note.includes('refuse'))
            return [404, refusal('not_found', 'nothing of tern mast was recorded in that time')];
        return [202, start(role, { kind: 'export', ...body })];
    }
    if (resource === 'imports' && name === 'logs') return [201, { log: id() }];
    if (resource === 'imports')
        return [
            202,
            start(role, {
                kind: 'import',
                vehicle: query.get('vehicle'),
                camera: query.get('camera'),
                name: query.get('name'),
            }),
        ];
    const operation = operations.find((one) => one.id === name);
    if (method === 'DELETE' && operation) {
        if (['queued', 'running'].includes(operation.state))
            Object.assign(operation, { state: 'cancelled', detail: '', ended: nowUs() });
        else operations.splice(operations.indexOf(operation), 1);
        return [204];
    }
    return [200, operations];
}

function bookmarksAnswer(method, name, query, body, role) {
    if (method === 'GET')
        return [200, bookmarks.filter(({ from, to, note }) => inTime(query, from, to) && holds(query, note))];
    const at = bookmarks.findIndex((one) => one.id === name);
    if (method === 'POST') {
        bookmarks.push({ ...body, id: id(), user: role, created: nowUs() });
        return [201, bookmarks.at(-1)];
    }
    if (at < 0) return [404, refusal('not_found', `there is no bookmark '${name}'`)];
    if (method === 'DELETE') {
        bookmarks.splice(at, 1);
        return [204];
    }
    bookmarks[at] = { ...bookmarks[at], ...body };
    return [200, bookmarks[at]];
}
