// MPEG-TS packets and PES packets as a recording has them (ISO/IEC 13818-1). Whatever the bytes are, nothing is read
// beyond them, and what does not hold together is left out.

export const kPacketBytes = 188;
const kSync = 0x47;

export interface Packet {
  pid: number;
  /** A PES packet or a section begins in it. */
  startsUnit: boolean;
  continuity: number;
  /** The adaptation field says: decoding may begin here. */
  randomAccess: boolean;
  /** Transport private data of the adaptation field. */
  privateData: Uint8Array | undefined;
  payload: Uint8Array | undefined;
}

/** Where three packets in a row begin, or as many as there are; -1: nowhere. */
function firstPacket(bytes: Uint8Array): number {
  for (let at = 0; at < Math.min(bytes.length, kPacketBytes); at += 1) {
    const looked = [0, 1, 2].map((n) => bytes[at + n * kPacketBytes]);
    if (looked.every((byte) => byte === kSync || byte === undefined)) return at;
  }
  return -1;
}

interface Adaptation {
  randomAccess: boolean;
  privateData: Uint8Array | undefined;
}

/** 2.4.3.5; `field` without its length byte. */
function readAdaptation(field: Uint8Array): Adaptation {
  const flags = field[0] ?? 0;
  const randomAccess = (flags & 0x40) !== 0;
  let at = 1;
  if (flags & 0x10) at += 6; // PCR
  if (flags & 0x08) at += 6; // OPCR
  if (flags & 0x04) at += 1; // splice countdown
  const length = field[at];
  const isWhole = (flags & 0x02) !== 0 && length !== undefined && at + 1 + length <= field.length;
  return { randomAccess, privateData: isWhole ? field.subarray(at + 1, at + 1 + length) : undefined };
}

/** Undefined: damaged, scrambled, or no packet. */
export function readPacket(bytes: Uint8Array, at: number): Packet | undefined {
  const [sync, second, third, fourth] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  if (sync !== kSync || second === undefined || third === undefined || fourth === undefined) return undefined;
  const end = at + kPacketBytes;
  if (end > bytes.length || (second & 0x80) !== 0 || (fourth & 0xc0) !== 0) return undefined;
  const packet: Packet = {
    pid: ((second & 0x1f) << 8) | third,
    startsUnit: (second & 0x40) !== 0,
    continuity: fourth & 0x0f,
    randomAccess: false,
    privateData: undefined,
    payload: undefined,
  };
  let payloadAt = at + 4;
  if (fourth & 0x20) {
    const length = bytes[payloadAt] ?? 0;
    if (payloadAt + 1 + length > end) return undefined;
    if (length > 0)
      Object.assign(packet, readAdaptation(bytes.subarray(payloadAt + 1, payloadAt + 1 + length)));
    payloadAt += 1 + length;
  }
  if ((fourth & 0x10) !== 0 && payloadAt < end) packet.payload = bytes.subarray(payloadAt, end);
  return packet;
}

/** One that is not followed by another one, nor by that after it, is none. */
function isPacket(bytes: Uint8Array, at: number): boolean {
  const followers = [1, 2].map((n) => bytes[at + n * kPacketBytes]);
  return bytes[at] === kSync && followers.some((byte) => byte === kSync || byte === undefined);
}

/** The packets of a segment in their order; after damage it goes on where packets begin again. */
export function* packetsOf(bytes: Uint8Array): Generator<Packet> {
  let at = firstPacket(bytes);
  while (at >= 0 && at + kPacketBytes <= bytes.length) {
    if (!isPacket(bytes, at)) {
      const next = firstPacket(bytes.subarray(at + 1));
      at += next < 0 ? kPacketBytes : next + 1;
      continue;
    }
    const packet = readPacket(bytes, at);
    if (packet) yield packet;
    at += kPacketBytes;
  }
}

export interface PesHeader {
  streamId: number;
  /** 33 bits, 90 kHz. */
  pts: number | undefined;
  /** Where the payload begins. */
  payloadAt: number;
  /** Bytes of the whole PES packet; undefined: open, as video may have it. */
  length: number | undefined;
}

/** Undefined: no PES packet begins here, or its header is not whole. */
export function readPesHeader(bytes: Uint8Array): PesHeader | undefined {
  if (bytes.length < 9 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 1) return undefined;
  const byte = (at: number) => bytes[at] ?? 0;
  const length = (byte(4) << 8) | byte(5);
  const payloadAt = 9 + byte(8);
  if ((byte(6) & 0xc0) !== 0x80 || payloadAt > bytes.length) return undefined;
  const hasPts = (byte(7) & 0x80) !== 0 && byte(8) >= 5;
  const pts = hasPts
    ? ((byte(9) & 0x0e) >> 1) * 2 ** 30 +
      ((byte(10) << 22) | ((byte(11) & 0xfe) << 14) | (byte(12) << 7) | (byte(13) >> 1))
    : undefined;
  return { streamId: byte(3), pts, payloadAt, length: length > 0 ? 6 + length : undefined };
}
