// The frames of a recorded segment: for each its PTS, the frame message header that the recorder put into the adaptation
// field of its first packet, and the KLV packet of the same PTS (plugins/recording). So replay has of each frame what
// live viewing has, from the very bytes that hold its picture.
import { decodeFrameMessage, frameMessageHeaderBytes, type FrameMessage } from '../generated/frame_message';
import { packetsOf, readPesHeader, type Packet } from './ts_packets';

const kMarkTag = 0xdf;
const kMark = [0x4d, 0x53, 0x54, 0x48]; // "MSTH"
const kPtsRange = 2 ** 33;

export interface SegmentFrame {
  /** 33 bits, 90 kHz. */
  pts: number;
  keyFrame: boolean;
  /** Undefined where the file does not say: it was not made by our recorder, or is damaged here. */
  message: FrameMessage | undefined;
  /** The frame's ST 0601 packet. */
  klv: Uint8Array | undefined;
}

/** `a - b` of two 33-bit time stamps, which are less than 13 hours apart. */
export function ptsDifference(a: number, b: number): number {
  const difference = (((a - b) % kPtsRange) + kPtsRange) % kPtsRange;
  return difference >= kPtsRange / 2 ? difference - kPtsRange : difference;
}

/** The 48 bytes of the header; undefined: none, or that of another frame. */
function markOf(privateData: Uint8Array | undefined): Uint8Array | undefined {
  for (let at = 0; privateData && at + 2 <= privateData.length; at += 2 + (privateData[at + 1] ?? 0)) {
    const field = privateData.subarray(at + 2, at + 2 + (privateData[at + 1] ?? 0));
    if (privateData[at] !== kMarkTag || !kMark.every((byte, index) => field[index] === byte)) continue;
    const header = field.subarray(kMark.length, kMark.length + frameMessageHeaderBytes);
    return header.length === frameMessageHeaderBytes ? header : undefined;
  }
  return undefined;
}

/** Header and KLV as one message; without the KLV that the header counts on, without values. */
function messageOf(header: Uint8Array, klv: Uint8Array | undefined): FrameMessage | undefined {
  const bytes = new Uint8Array(frameMessageHeaderBytes + (klv?.length ?? 0));
  bytes.set(header);
  if (klv) bytes.set(klv, frameMessageHeaderBytes);
  const klvBytes = new DataView(header.buffer, header.byteOffset).getUint32(44);
  if (klvBytes !== (klv?.length ?? 0)) {
    new DataView(bytes.buffer).setUint32(44, 0);
    const message = decodeFrameMessage(bytes.buffer);
    return message ? { ...message, valueMethod: 'none' } : undefined;
  }
  return decodeFrameMessage(bytes.buffer) ?? undefined;
}

const kProgramMapTable = 2;

/** PIDs of the programme's video and KLV, as its tables say. */
class Tables {
  private pmtPid: number | undefined;
  video: number | undefined;
  readonly klv = new Map<number, 'synchronous' | 'asynchronous'>();

  /** True when the packet was one of a table. */
  take({ pid, startsUnit, payload }: Packet): boolean {
    if (pid !== 0 && pid !== this.pmtPid) return false;
    if (!startsUnit || !payload) return true; // Our tables fit into one packet.
    const section = payload.subarray(1 + (payload[0] ?? 0));
    const end = 3 + ((((section[1] ?? 0) & 0x0f) << 8) | (section[2] ?? 0)) - 4;
    if (end > section.length || end < 8) return true;
    if (pid === 0) this.readPat(section.subarray(8, end));
    else if (section[0] === kProgramMapTable) this.readPmt(section.subarray(0, end));
    return true;
  }

  private readPat(programs: Uint8Array): void {
    for (let at = 0; at + 4 <= programs.length; at += 4) {
      const [high, low, pidHigh, pidLow] = programs.subarray(at, at + 4);
      if (high === 0 && low === 0) continue; // the network's PID
      this.pmtPid = (((pidHigh ?? 0) & 0x1f) << 8) | (pidLow ?? 0);
      return;
    }
  }

  private readPmt(section: Uint8Array): void {
    const byte = (at: number) => section[at] ?? 0;
    this.video = undefined;
    this.klv.clear();
    for (let at = 12 + (((byte(10) & 0x0f) << 8) | byte(11)); at + 5 <= section.length;) {
      const [type, pid] = [byte(at), ((byte(at + 1) & 0x1f) << 8) | byte(at + 2)];
      const descriptorsEnd = at + 5 + (((byte(at + 3) & 0x0f) << 8) | byte(at + 4));
      const descriptors = section.subarray(at + 5, descriptorsEnd);
      if (type === 0x1b || type === 0x24) this.video ??= pid;
      else if (type === 0x15) this.klv.set(pid, 'synchronous');
      else if (type === 0x06 && namesKlv(descriptors)) this.klv.set(pid, 'asynchronous');
      at = descriptorsEnd;
    }
  }
}

/** A registration descriptor (5) with the format identifier KLVA. */
function namesKlv(descriptors: Uint8Array): boolean {
  for (let at = 0; at + 2 <= descriptors.length; at += 2 + (descriptors[at + 1] ?? 0)) {
    const format = descriptors.subarray(at + 2, at + 6);
    if (descriptors[at] === 5 && String.fromCharCode(...format) === 'KLVA') return true;
  }
  return false;
}

const kCellHeader = 5;

/** The first access-unit cell (ISO/IEC 13818-1, 2.12.4); undefined when it is a fragment or not whole. */
function cellOf(payload: Uint8Array): Uint8Array | undefined {
  const [, , flags, high, low] = payload;
  if (flags === undefined || high === undefined || low === undefined || flags >> 6 !== 3) return undefined;
  const end = kCellHeader + ((high << 8) | low);
  return end <= payload.length ? payload.subarray(kCellHeader, end) : undefined;
}

/** Puts the PES packets of one KLV PID together. */
class KlvStream {
  private parts: Uint8Array[] = [];
  private bytes = 0;
  private wanted = 0;
  private continuity = -1;

  constructor(
    private readonly carriage: 'synchronous' | 'asynchronous',
    private readonly found: (pts: number, klv: Uint8Array) => void,
  ) {}

  take({ startsUnit, payload, continuity }: Packet): void {
    if (!payload) return;
    if (continuity === this.continuity) return; // a packet that was sent twice
    const isNext = this.continuity < 0 || continuity === ((this.continuity + 1) & 0x0f);
    this.continuity = continuity;
    if (startsUnit) {
      this.parts = [];
      this.bytes = 0;
      this.wanted = readPesHeader(payload)?.length ?? 0;
    } else if (!isNext) {
      this.wanted = 0;
    }
    if (this.wanted === 0) return;
    this.parts.push(payload);
    this.bytes += payload.length;
    if (this.bytes >= this.wanted) this.finish();
  }

  private finish(): void {
    const whole = new Uint8Array(this.bytes);
    let at = 0;
    for (const part of this.parts) {
      whole.set(part, at);
      at += part.length;
    }
    const header = readPesHeader(whole);
    const payload = header && whole.subarray(header.payloadAt, this.wanted);
    this.wanted = 0;
    const klv = payload && (this.carriage === 'synchronous' ? cellOf(payload) : payload);
    if (header?.pts !== undefined && klv && klv.length > 0) this.found(header.pts, klv);
  }
}

interface Seen {
  pts: number;
  keyFrame: boolean;
  mark: Uint8Array | undefined;
}

function frameOf({ pts, keyFrame, mark }: Seen, klv: Uint8Array | undefined): SegmentFrame {
  const message = mark && messageOf(mark, klv);
  // A header that names another time stamp was not written for this frame, whoever moved it here.
  const isOwn = message?.rtpTimestamp === pts % 2 ** 32;
  return { pts, keyFrame, message: isOwn ? message : undefined, klv };
}

/** The frames of a segment that begins with its tables, in the order in which they are shown. */
export function segmentFrames(bytes: Uint8Array): SegmentFrame[] {
  const tables = new Tables();
  const streams = new Map<number, KlvStream>();
  const klvByPts = new Map<number, Uint8Array | undefined>();
  const seen: Seen[] = [];
  const keep = (pts: number, klv: Uint8Array) => {
    // Two packets for one time stamp: which one is the frame's is not known.
    klvByPts.set(pts, klvByPts.has(pts) ? undefined : klv);
  };
  for (const packet of packetsOf(bytes)) {
    if (tables.take(packet)) continue;
    const { pid, startsUnit, payload, randomAccess, privateData } = packet;
    const carriage = tables.klv.get(pid);
    if (carriage) {
      const stream = streams.get(pid) ?? new KlvStream(carriage, keep);
      streams.set(pid, stream);
      stream.take(packet);
    } else if (pid === tables.video && startsUnit && payload) {
      const pts = readPesHeader(payload)?.pts;
      if (pts !== undefined) seen.push({ pts, keyFrame: randomAccess, mark: markOf(privateData) });
    }
  }
  const first = seen[0]?.pts ?? 0;
  seen.sort((a, b) => ptsDifference(a.pts, first) - ptsDifference(b.pts, first));
  return seen.map((frame) => frameOf(frame, klvByPts.get(frame.pts)));
}
