// A short clip for the mock's recordings: pictures with the simulator's barcode, encoded by ffmpeg, cut into access
// units. Made once, kept in the temporary folder.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const barcode = JSON.parse(readFileSync(new URL('../../schema/barcode.json', import.meta.url), 'utf8'));

export const kFps = 25;
export const kGop = 50;
const kFrames = 10 * kGop;
const kWidth = 960;
const kHeight = 540;

function crc16(bytes) {
    let crc = 0xffff;
    for (const byte of bytes) {
        crc ^= byte << 8;
        for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
    return crc;
}

function drawBarcode(picture, frame) {
    const bytes = Buffer.alloc(14);
    bytes.writeUInt32BE(frame, 0);
    bytes.writeBigUInt64BE(BigInt(frame * 40_000), 4);
    bytes.writeUInt16BE(crc16(bytes.subarray(0, 12)), 12);
    const { columns, rows, quiet_cells: quiet, cell_px: size } = barcode;
    for (let row = -quiet; row < rows + quiet; row += 1) {
        for (let column = -quiet; column < columns + quiet; column += 1) {
            const bit = row * columns + column;
            const inside = row >= 0 && row < rows && column >= 0 && column < columns;
            const white = inside && bytes[bit >> 3] & (0x80 >> (bit & 7));
            for (let y = 0; y < size; y += 1) {
                const at = ((row + quiet) * size + y) * kWidth + (column + quiet) * size;
                picture.fill(white ? barcode.white_luma : barcode.black_luma, at, at + size);
            }
        }
    }
}

/** Swell under a horizon that rolls a little: luma, then grey chroma. */
function drawPicture(frame) {
    const picture = Buffer.alloc((kWidth * kHeight * 3) / 2, 128);
    const t = frame / kFps;
    for (let y = 0; y < kHeight; y += 1) {
        for (let x = 0; x < kWidth; x += 1) {
            const depth = y - kHeight * 0.42 - (x - kWidth / 2) * 0.05 * Math.sin(t / 3);
            picture[y * kWidth + x] =
                depth < 0
                    ? 150 + depth / 4
                    : 78 + 16 * Math.sin(depth / 9 + Math.sin(x / 46 + t) + t * 2) + depth / 14;
        }
    }
    drawBarcode(picture, frame);
    return picture;
}

async function encode(path) {
    const size = `${kWidth}x${kHeight}`;
    const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', size, '-r', `${kFps}`, '-i', '-'];
    const x264 = `keyint=${kGop}:min-keyint=${kGop}:scenecut=0:bframes=0:aud=1:repeat-headers=1`;
    const output = [
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-crf',
        '27',
        '-x264-params',
        x264,
        '-f',
        'h264',
        '-y',
        path,
    ];
    const ffmpeg = spawn('ffmpeg', ['-v', 'error', ...input, ...output], {
        stdio: ['pipe', 'inherit', 'inherit'],
    });
    const ended = new Promise((resolve) => ffmpeg.on('exit', resolve));
    for (let frame = 0; frame < kFrames; frame += 1) {
        if (!ffmpeg.stdin.write(drawPicture(frame)))
            await new Promise((resolve) => ffmpeg.stdin.once('drain', resolve));
    }
    ffmpeg.stdin.end();
    if ((await ended) !== 0) throw new Error('ffmpeg could not encode the clip.');
}

/** Access units, each from its delimiter (NAL type 9) to the next one. */
function accessUnits(stream) {
    const starts = [];
    const delimiter = Buffer.from([0, 0, 0, 1, 9]);
    for (let at = stream.indexOf(delimiter); at >= 0; at = stream.indexOf(delimiter, at + 1)) starts.push(at);
    return starts.map((start, index) => stream.subarray(start, starts[index + 1]));
}

/** The clip's access units; a key frame every kGop. */
export async function clip() {
    const path = join(tmpdir(), 'masthead-mock-clip-1.h264');
    if (!existsSync(path)) {
        await encode(`${path}.new`);
        writeFileSync(path, readFileSync(`${path}.new`));
    }
    return accessUnits(readFileSync(path));
}
