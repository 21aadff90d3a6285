// Recordings for the page without a server: the clip again and again, muxed on request exactly as plugins/recording
// does it, so that days of it cost nothing. KLV item 74/7 counts the frames of a run; the clip's own number is in the
// picture's barcode (modulo its length).
import { clip, kFps, kGop } from './clip.mjs';

const kGopUs = (kGop / kFps) * 1e6;
const kGopsPerFile = 300;
const kHourUs = 3_600_000_000;
const kPacket = 188;
const units = await clip();
const gopsInClip = units.length / kGop;

const nowUs = Date.now() * 1000;
const today = nowUs - (nowUs % (24 * kHourUs));
const align = (us) => us - (us % 1_000_000);

/** Runs, oldest first. The last one ends now. */
const runsOf = {
    'kestrel/gimbal': [
        [today - 20 * kHourUs, today - 18.5 * kHourUs],
        [today - 3 * kHourUs, today - 2.2 * kHourUs],
        [align(nowUs) - 2 * kHourUs, align(nowUs) - 65 * 60e6],
        [align(nowUs) - 60 * 60e6 + 123_456, align(nowUs) - 30e6],
    ],
    'tern/mast': [
        [today - 24 * kHourUs, today - 1e6],
        [align(nowUs) - 110 * 60e6, align(nowUs) - 20 * 60e6],
    ],
};

// ── KLV ─────────────────────────────────────────────────────────────────────────────────────────────────

const scaled = (value, min, max, bytes) => {
    const out = Buffer.alloc(bytes);
    out.writeUIntBE(Math.round(((value - min) / (max - min)) * (2 ** (8 * bytes) - 1)), 0, bytes);
    return out;
};
const signed = (value, half, bytes) => {
    const out = Buffer.alloc(bytes);
    out.writeIntBE(Math.round((value / half) * (2 ** (8 * bytes - 1) - 1)), 0, bytes);
    return out;
};
const item = (tag, value) => Buffer.concat([Buffer.from([tag, value.length]), value]);

function localSet(utcUs, number, vehicle) {
    const t = utcUs / 1e6 / 40;
    const drone = vehicle === 'kestrel';
    const [latitude, longitude] = drone
        ? [54.3721 + 0.0016 * Math.cos(t), 10.1876 + 0.0028 * Math.sin(t)]
        : [54.3781 + 0.002 * Math.sin(t / 3), 10.1876 + 0.012 * Math.sin(t / 6)];
    const heading = ((((t * 180) / Math.PI + 90) % 360) + 360) % 360;
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(utcUs));
    const count = Buffer.alloc(4);
    count.writeUInt32BE(number);
    const center = [latitude - 0.001 * Math.cos(t), longitude - 0.0018 * Math.sin(t)];
    const corners = [0.0006, -0.0008, 0.0006, 0.0008, -0.0003, 0.0005, -0.0003, -0.0005];
    const body = Buffer.concat([
        item(2, time),
        item(5, scaled(heading, 0, 360, 2)),
        item(6, signed(-2 + Math.sin(t * 9), 20, 2)),
        item(7, signed(8 * Math.sin(t * 5), 50, 2)),
        item(13, signed(latitude, 90, 4)),
        item(14, signed(longitude, 180, 4)),
        item(15, scaled(drone ? 92.4 + 14 * Math.sin(t * 3) : 6, -900, 19000, 2)),
        item(16, scaled(42, 0, 180, 2)),
        item(18, scaled(12, 0, 360, 4)),
        item(19, signed(-31, 180, 4)),
        item(21, scaled(160, 0, 5e6, 4)),
        item(23, signed(center[0], 90, 4)),
        item(24, signed(center[1], 180, 4)),
        ...corners.map((offset, index) => item(26 + index, signed(offset, 0.075, 2))),
        item(56, Buffer.from([drone ? 5 : 3])),
        item(59, Buffer.from(vehicle)),
        item(65, Buffer.from([13])),
        item(74, Buffer.concat([Buffer.from([7, 4]), count])),
    ]);
    const key = Buffer.from('060e2b34020b01010e01030101000000', 'hex');
    const set = Buffer.concat([
        key,
        Buffer.from([0x82, (body.length + 4) >> 8, (body.length + 4) & 255]),
        body,
        Buffer.from([1, 2, 0, 0]),
    ]);
    let sum = 0;
    set.subarray(0, -2).forEach((byte, index) => (sum = (sum + (byte << (8 * ((index + 1) % 2)))) & 0xffff));
    set.writeUInt16BE(sum, set.length - 2);
    return set;
}

function mark(utcUs, pts, key, klvBytes, number) {
    const out = Buffer.alloc(54);
    out.set([0xdf, 52, 0x4d, 0x53, 0x54, 0x48, 1, 1, klvBytes > 0 ? 2 : 0, key ? 1 : 0]);
    out.writeUInt32BE(pts % 2 ** 32, 10);
    out.writeUInt32BE(number, 14);
    out.writeBigUInt64BE(BigInt(utcUs), 18);
    out.writeUInt32BE(500, 26);
    out.writeUInt32BE(20, 30);
    [0.3, 0.2, 0.4, 0.1].forEach((error, index) => out.writeFloatBE(error, 34 + 4 * index));
    out.writeUInt32BE(klvBytes, 50);
    return out;
}

// ── transport stream ────────────────────────────────────────────────────────────────────────────────────

function crc32(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) {
        crc ^= byte << 24;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc & 0x80000000 ? 0x04c11db7 : 0);
    }
    const out = Buffer.alloc(4);
    out.writeInt32BE(crc | 0);
    return out;
}
const section = (body) => Buffer.concat([Buffer.from([0]), body, crc32(body)]);
const pat = section(Buffer.from('00b00d0001c100000001f000', 'hex'));
const klvDescriptors = Buffer.from(
    '26090100ff4b4c564100 0f2709c00000c00000c00000'.replaceAll(' ', ''),
    'hex',
);
const streams = Buffer.concat([
    Buffer.from('1be100f00015e101f0', 'hex'),
    Buffer.from([klvDescriptors.length]),
    klvDescriptors,
]);
const pmt = section(
    Buffer.concat([
        Buffer.from([2, 0xb0, 13 + streams.length]),
        Buffer.from('0001c10000e100f000', 'hex'),
        streams,
    ]),
);

function pes(streamId, pts, payload, open) {
    const header = Buffer.from([0, 0, 1, streamId, 0, 0, 0x84, 0x80, 5, 0, 0, 0, 0, 0]);
    if (!open) header.writeUInt16BE(payload.length + 8, 4);
    const high = Math.floor(pts / 2 ** 30) & 7;
    header.set(
        [
            0x21 | (high << 1),
            (pts >>> 22) & 255,
            ((pts >>> 14) & 255) | 1,
            (pts >>> 7) & 255,
            ((pts << 1) & 255) | 1,
        ],
        9,
    );
    return Buffer.concat([header, payload]);
}

/** Cuts a unit into packets; `field`: what the adaptation field of the first one holds behind its length byte. */
function packets(pid, unit, continuity, field = Buffer.alloc(0)) {
    const out = [];
    for (let at = 0; at < unit.length;) {
        let adaptation =
            at === 0 && field.length > 0
                ? Buffer.concat([Buffer.from([field.length]), field])
                : Buffer.alloc(0);
        const room = kPacket - 4 - adaptation.length;
        const part = unit.subarray(at, at + room);
        const stuffing = room - part.length;
        if (stuffing > 0 && adaptation.length === 0)
            adaptation =
                stuffing === 1
                    ? Buffer.from([0])
                    : Buffer.concat([Buffer.from([stuffing - 1, 0]), Buffer.alloc(stuffing - 2, 255)]);
        else if (stuffing > 0)
            adaptation = Buffer.concat([
                Buffer.from([adaptation[0] + stuffing]),
                adaptation.subarray(1),
                Buffer.alloc(stuffing, 255),
            ]);
        const control =
            (adaptation.length > 0 ? 0x30 : 0x10) | (continuity[pid] = ((continuity[pid] ?? 15) + 1) & 15);
        out.push(
            Buffer.from([0x47, (at === 0 ? 0x40 : 0) | (pid >> 8), pid & 255, control]),
            adaptation,
            part,
        );
        at += part.length;
    }
    return out;
}

function gopBytes(vehicle, run, gop) {
    const out = [];
    const continuity = {};
    for (let index = 0; index < kGop; index += 1) {
        const number = gop * kGop + index;
        const utcUs = Math.round(run + (number / kFps) * 1e6);
        const pts = (900_000 + number * (90_000 / kFps)) % 2 ** 33;
        if (index === 0) out.push(...packets(0, pat, continuity), ...packets(0x1000, pmt, continuity));
        const klv = number % 997 === 996 ? Buffer.alloc(0) : localSet(utcUs, number, vehicle);
        if (klv.length > 0) {
            const cell = Buffer.concat([
                Buffer.from([0, number & 255, 0xd0, klv.length >> 8, klv.length & 255]),
                klv,
            ]);
            out.push(...packets(0x101, pes(0xfc, pts, cell, false), continuity));
        }
        const clock = Buffer.from([
            (pts / 2) >>> 24,
            ((pts / 2) >>> 16) & 255,
            ((pts / 2) >>> 8) & 255,
            (pts / 2) & 255,
            ((pts & 1) << 7) | 0x7e,
            0,
        ]);
        const flags = (index === 0 ? 0x40 : 0) | 0x12;
        const field = Buffer.concat([
            Buffer.from([flags]),
            clock,
            Buffer.from([54]),
            mark(utcUs, pts, index === 0, klv.length, number),
        ]);
        out.push(
            ...packets(
                0x100,
                pes(0xe0, pts, units[(gop % gopsInClip) * kGop + index], true),
                continuity,
                field,
            ),
        );
    }
    return Buffer.concat(out);
}

/** Sizes repeat with the clip, but for the KLV that single frames lack: those GOPs are measured. */
const sizes = new Map();
function gopSize(vehicle, gop) {
    const first = gop * kGop;
    const lacking = Math.floor((first + kGop) / 997) !== Math.floor(first / 997) ? first % 997 : -1;
    const key = `${vehicle} ${gop % gopsInClip} ${lacking}`;
    if (!sizes.has(key)) sizes.set(key, gopBytes(vehicle, 0, gop).length);
    return sizes.get(key);
}

// ── REST ────────────────────────────────────────────────────────────────────────────────────────────────

const gopCount = ([from, to]) => Math.floor((to - from) / kGopUs);

function list(from, to, resolution) {
    return Object.entries(runsOf).flatMap(([name, runs]) => {
        const ranges = [];
        for (const [start, end] of runs) {
            if (end <= from || start >= to) continue;
            const last = ranges.at(-1);
            if (last && start - last.to < resolution) last.to = end;
            else ranges.push({ from: start, to: end });
        }
        const [vehicle, camera] = name.split('/');
        return ranges.length > 0 ? [{ vehicle, camera, ranges }] : [];
    });
}

const fileOf = (run, gop) => {
    const text = new Date((run + gop * kGopUs) / 1000).toISOString();
    return `${text.slice(0, 10)}/${text.slice(11, 19).replaceAll(':', '')}-${run}-${gop}.ts`;
};

function playlist(vehicle, camera, from, to) {
    const lines = ['#EXTM3U', '#EXT-X-VERSION:4', '#EXT-X-TARGETDURATION:2', '#EXT-X-PLAYLIST-TYPE:VOD'];
    let segments = 0;
    for (const run of runsOf[`${vehicle}/${camera}`] ?? []) {
        const first = Math.max(0, Math.floor((from - run[0]) / kGopUs));
        const end = Math.min(gopCount(run), Math.ceil((to - run[0]) / kGopUs));
        if (first >= end) continue;
        if (segments > 0) lines.push('#EXT-X-DISCONTINUITY');
        lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date((run[0] + first * kGopUs) / 1000).toISOString()}`);
        let offset = 0;
        for (let gop = first - (first % kGopsPerFile); gop < end; gop += 1) {
            if (gop % kGopsPerFile === 0) offset = 0;
            const size = gopSize(vehicle, gop);
            if (gop >= first) {
                lines.push(
                    `#EXTINF:${(kGopUs / 1e6).toFixed(6)},`,
                    `#EXT-X-BYTERANGE:${size}@${offset}`,
                    fileOf(run[0], gop - (gop % kGopsPerFile)),
                );
                segments += 1;
            }
            offset += size;
        }
    }
    return segments > 0 ? [...lines, '#EXT-X-ENDLIST', ''].join('\n') : undefined;
}

/** Answers below /api/recordings; [status, content type, body]. */
export function recordings(parts, query, range) {
    const number = (name) => Number(query.get(name) ?? 0);
    if (process.env.EMPTY)
        return parts.length === 0 ? [200, 'application/json', '[]'] : error(404, 'Nothing was recorded.');
    if (parts.length === 0)
        return [
            200,
            'application/json',
            JSON.stringify(list(number('from'), number('to'), number('resolution'))),
        ];
    const [vehicle, camera, day, file] = parts;
    if (day === 'playlist.m3u8') {
        const text = playlist(vehicle, camera, number('from'), number('to'));
        return text
            ? [200, 'application/vnd.apple.mpegurl', text]
            : error(404, `Nothing of ${vehicle} ${camera} was recorded in that time.`);
    }
    const name = /-(\d+)-(\d+)\.ts$/.exec(file ?? '');
    const bytes = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    if (!name || !bytes) return error(404, `There is no recorded file ${day}/${file}.`);
    if (process.env.MISSING && Number(name[2]) % 600 === 300)
        return error(404, `The recorded file ${vehicle}/${camera}/${day}/${file} is gone from the disk.`);
    const [start, end] = [Number(bytes[1]), Number(bytes[2]) + 1];
    const found = [];
    let offset = 0;
    for (let gop = Number(name[2]); offset < end && gop < Number(name[2]) + kGopsPerFile; gop += 1) {
        const size = gopSize(vehicle, gop);
        if (offset + size > start)
            found.push(
                gopBytes(vehicle, Number(name[1]), gop).subarray(Math.max(0, start - offset), end - offset),
            );
        offset += size;
    }
    const body = Buffer.concat(found);
    if (process.env.DAMAGED && start % 5 === 0) body.fill(0x5a, body.length / 4, (body.length * 3) / 4);
    return [206, 'video/mp2t', body];
}

const error = (status, message) => [
    status,
    'application/json',
    JSON.stringify({ error: 'not_found', message }),
];
