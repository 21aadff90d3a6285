// A small picture of a segment: its key frame, decoded by itself. Browsers without WebCodecs (or pages that came over
// plain HTTP, to which it is closed) have none.
import { packetsOf, readPesHeader } from './ts_packets';

/** The first frame's access unit of a segment of our recorder, as a byte stream; undefined when there is none. */
export function firstAccessUnit(bytes: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let video: number | undefined;
  for (const { pid, startsUnit, payload } of packetsOf(bytes)) {
    if (!payload) continue;
    if (startsUnit && video === undefined) {
      const header = readPesHeader(payload);
      if (!header || (header.streamId & 0xf0) !== 0xe0) continue;
      video = pid;
      parts.push(payload.subarray(header.payloadAt));
    } else if (pid === video) {
      if (startsUnit) break;
      parts.push(payload);
    }
  }
  if (parts.length === 0) return undefined;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const kSequenceParameters = 7;

/** "avc1.42E01F", from the sequence parameter set; undefined: it is no H.264. */
export function avcCodec(unit: Uint8Array): string | undefined {
  for (let at = 0; at + 7 <= unit.length; at += 1) {
    const isStart = unit[at] === 0 && unit[at + 1] === 0 && unit[at + 2] === 1;
    if (!isStart || ((unit[at + 3] ?? 0) & 0x9f) !== kSequenceParameters) continue;
    const profile = unit.subarray(at + 4, at + 7);
    return `avc1.${Array.from(profile, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }
  return undefined;
}

/** The caller closes the frame. Undefined when it cannot be decoded here. */
export async function keyFrame(bytes: Uint8Array): Promise<VideoFrame | undefined> {
  const unit = firstAccessUnit(bytes);
  const codec = unit && avcCodec(unit);
  if (!codec || typeof VideoDecoder !== 'function') return undefined;
  let found: VideoFrame | undefined;
  const decoder = new VideoDecoder({
    output: (frame) => {
      found?.close();
      found = frame;
    },
    error: () => undefined, // flush() rejects with it.
  });
  try {
    decoder.configure({ codec, optimizeForLatency: true });
    decoder.decode(new EncodedVideoChunk({ type: 'key', timestamp: 0, data: unit }));
    await decoder.flush();
  } catch {
    return undefined;
  } finally {
    if (decoder.state !== 'closed') decoder.close();
  }
  return found;
}
