// Reads ST 0601 local sets with the rows of schema/misb/st0601.json: key, BER lengths, checksum, and each item's value.
// Pure functions. The same vectors (tests/data/klv) check this reader and the server's C++ one.
import { st0601Rows, st0601UniversalLabel } from '../generated/st0601';
import type { St0601Row } from '../generated/st0601';

/** Why an item says something other than a value. */
export type Special =
  | 'unknown' // zero length: the value is not known any more
  | 'out_of_range'
  | 'error'
  | 'off_earth'
  | 'positive_infinity'
  | 'negative_infinity'
  | 'not_a_number'
  | 'below_minimum'
  | 'above_maximum'
  | 'other' // an IMAPB code that is reserved, user defined or past the maximum
  | 'wrong_length';

export interface Item {
  readonly tag: number;
  /** Undefined for a tag that the table does not have. */
  readonly row: St0601Row | undefined;
  readonly bytes: Uint8Array;
  /** In the row's unit. Null for structured and unknown items, and when `special` says why there is no value. */
  readonly value: number | string | null;
  readonly special: Special | null;
}

/** What was wrong with a packet that could still be read. */
export interface Flaws {
  readonly checksumMissing: boolean;
  readonly checksumWrong: boolean;
  readonly timeNotFirst: boolean;
  readonly checksumNotLast: boolean;
  readonly repeatedItem: boolean;
  /** A structural error inside: the items before it are here. */
  readonly cutShort: boolean;
}

export interface LocalSet {
  /** In their order, without the checksum (item 1). */
  readonly items: readonly Item[];
  readonly flaws: Flaws;
  /** Bytes of the whole packet. */
  readonly size: number;
  /** The checksum was missing or wrong, or items are lost. */
  readonly doubtful: boolean;
  find(tag: number): Item | undefined;
  /** In the row's unit; undefined when the item is absent or says no number. */
  number(tag: number): number | undefined;
  text(tag: number): string | undefined;
  /** Name of an enumeration's code ("auto_orbit"); undefined when absent or without a name. */
  name(tag: number): string | undefined;
}

export type Problem = 'malformed' | 'truncated' | 'too_large';

export type ParseResult =
  { readonly ok: true; readonly set: LocalSet } | { readonly ok: false; readonly problem: Problem };

const keySize = 16;
const registryVersionAt = 7;
const maxPacketSize = 64 * 1024;
const checksumTag = 1;
const timeTag = 2;

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** A BER length or a BER-OID tag; a string says why there is none. */
type Read = number | 'malformed' | 'truncated';

function readBerLength(cursor: Cursor): Read {
  const first = cursor.bytes[cursor.at];
  if (first === undefined) {
    return 'truncated';
  }
  cursor.at += 1;
  if (first < 0x80) {
    return first;
  }
  const count = first & 0x7f;
  if (count < 1 || count > 8) {
    return 'malformed';
  }
  if (cursor.at + count > cursor.bytes.length) {
    return 'truncated';
  }
  const length = unsignedOf(cursor.bytes.subarray(cursor.at, cursor.at + count));
  cursor.at += count;
  return length;
}

function readBerOid(cursor: Cursor): Read {
  let number = 0;
  for (let i = 0; i < 5; i += 1) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) {
      return 'truncated';
    }
    if (i === 0 && byte === 0x80) {
      return 'malformed';
    }
    cursor.at += 1;
    number = number * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      return number <= 0xffffffff ? number : 'malformed';
    }
  }
  return 'malformed';
}

/** Big-endian; exact up to 2^53, the nearest number above. */
function unsignedOf(bytes: Uint8Array): number {
  if (bytes.length <= 6) {
    return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  }
  return Number(bigOf(bytes));
}

function bigOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function signedOf(bytes: Uint8Array): number {
  return bytes.length <= 6
    ? unsignedOf(bytes) - ((bytes[0] ?? 0) >= 0x80 ? 256 ** bytes.length : 0)
    : Number(BigInt.asIntN(8 * bytes.length, bigOf(bytes)));
}

/** The 16-bit running sum of item 1: bytes at even offsets count as high bytes. */
export function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte, i) => (sum + (i % 2 === 0 ? byte * 256 : byte)) & 0xffff, 0);
}

type Value = Pick<Item, 'value' | 'special'>;

const valueOf = (value: number | string): Value => ({ value, special: null });
const noValue = (special: Special | null): Value => ({ value: null, special });

/** The code 0x80 followed by zeros. */
function isTopBitAlone(bytes: Uint8Array): boolean {
  return bytes.every((byte, i) => byte === (i === 0 ? 0x80 : 0));
}

function imapbSpecial(first: number): Special {
  switch (first >> 3) {
    case 0b11001:
      return 'positive_infinity';
    case 0b11101:
      return 'negative_infinity';
    case 0b11010:
    case 0b11110:
    case 0b11011:
    case 0b11111:
      return 'not_a_number';
    case 0b11100:
      return first === 0xe0 ? 'below_minimum' : first === 0xe1 ? 'above_maximum' : 'other';
    default:
      return 'other';
  }
}

/** ST 1201. Up to one step past the maximum is rounding. */
function decodeImapb(min: number, max: number, bytes: Uint8Array): Value {
  const first = bytes[0] ?? 0;
  if (first >= 0x80 && !isTopBitAlone(bytes)) {
    return noValue(imapbSpecial(first));
  }
  const power = Math.ceil(Math.log2(max - min)) - (8 * bytes.length - 1);
  const step = 2 ** power;
  const zeroOffset = min < 0 && max > 0 ? min / step - Math.floor(min / step) : 0;
  const value = step * (unsignedOf(bytes) - zeroOffset) + min;
  return value > max + step ? noValue('other') : valueOf(Math.min(Math.max(value, min), max));
}

function decodeValue(row: St0601Row, bytes: Uint8Array): Value {
  if (bytes.length === 0) {
    return noValue('unknown');
  }
  if (row.wire === 'utf8') {
    return valueOf(textDecoder.decode(bytes));
  }
  if (row.wire === 'raw') {
    return noValue(null);
  }
  if (bytes.length < row.minLength || bytes.length > row.maxLength) {
    return noValue('wrong_length');
  }
  const bits = 8 * bytes.length;
  switch (row.wire) {
    case 'lin_unsigned':
      return valueOf(row.min + (unsignedOf(bytes) * (row.max - row.min)) / (2 ** bits - 1));
    case 'lin_signed':
      return isTopBitAlone(bytes)
        ? noValue(row.special === 'none' ? 'error' : row.special)
        : valueOf((signedOf(bytes) * row.max) / (2 ** (bits - 1) - 1));
    case 'imapb':
      return decodeImapb(row.min, row.max, bytes);
    case 'sint_fixed':
    case 'sint_var':
      return valueOf(signedOf(bytes));
    case 'uint_fixed':
    case 'uint_var':
      return valueOf(unsignedOf(bytes));
  }
}

function isSt0601Key(bytes: Uint8Array): boolean {
  return st0601UniversalLabel.every((byte, i) => i === registryVersionAt || bytes[i] === byte);
}

interface Walk {
  readonly items: Item[];
  /** Where an item that may stand only once stands. */
  readonly positions: Map<number, number>;
  flaws: Flaws;
  checksumSeen: boolean;
}

function keep(walk: Walk, tag: number, bytes: Uint8Array): void {
  const row = st0601Rows[tag - 1];
  if (row !== undefined && !row.repeats) {
    if (walk.positions.has(tag)) {
      walk.flaws = { ...walk.flaws, repeatedItem: true };
    }
    walk.positions.set(tag, walk.items.length);
  }
  walk.items.push({ tag, row, bytes, ...(row === undefined ? noValue(null) : decodeValue(row, bytes)) });
}

function check(walk: Walk, packet: Uint8Array, valueAt: number, length: number): void {
  const stated = unsignedOf(packet.subarray(valueAt, valueAt + length));
  const wrong = length !== 2 || stated !== checksum(packet.subarray(0, valueAt));
  walk.flaws = {
    ...walk.flaws,
    checksumWrong: wrong,
    repeatedItem: walk.flaws.repeatedItem || walk.checksumSeen,
  };
  walk.checksumSeen = true;
}

function walkItems(packet: Uint8Array, valueStart: number): LocalSet {
  const cursor: Cursor = { bytes: packet, at: valueStart };
  const walk: Walk = {
    items: [],
    positions: new Map(),
    flaws: {
      checksumMissing: false,
      checksumWrong: false,
      timeNotFirst: true,
      checksumNotLast: false,
      repeatedItem: false,
      cutShort: false,
    },
    checksumSeen: false,
  };
  let first = true;
  while (cursor.at < packet.length) {
    const checksumNotLast = walk.flaws.checksumNotLast || walk.checksumSeen;
    const tag = readBerOid(cursor);
    const length = typeof tag === 'string' ? tag : readBerLength(cursor);
    if (typeof tag === 'string' || typeof length === 'string' || length > packet.length - cursor.at) {
      walk.flaws = { ...walk.flaws, checksumNotLast, cutShort: true };
      break;
    }
    walk.flaws = {
      ...walk.flaws,
      checksumNotLast,
      timeNotFirst: first ? tag !== timeTag : walk.flaws.timeNotFirst,
    };
    first = false;
    if (tag === checksumTag) {
      check(walk, packet, cursor.at, length);
    } else {
      keep(walk, tag, packet.subarray(cursor.at, cursor.at + length));
    }
    cursor.at += length;
  }
  const tail = packet.length - 4;
  if (
    walk.flaws.cutShort &&
    !walk.checksumSeen &&
    tail >= valueStart &&
    packet[tail] === 1 &&
    packet[tail + 1] === 2
  ) {
    check(walk, packet, tail + 2, 2);
  }
  const items = walk.items.filter((item, i) => (walk.positions.get(item.tag) ?? i) === i);
  return localSet(items, { ...walk.flaws, checksumMissing: !walk.checksumSeen }, packet.length);
}

function localSet(items: readonly Item[], flaws: Flaws, size: number): LocalSet {
  const find = (tag: number): Item | undefined => items.find((item) => item.tag === tag);
  return {
    items,
    flaws,
    size,
    doubtful: flaws.checksumMissing || flaws.checksumWrong || flaws.cutShort,
    find,
    number(tag) {
      const value = find(tag)?.value;
      return typeof value === 'number' ? value : undefined;
    },
    text(tag) {
      const value = find(tag)?.value;
      return typeof value === 'string' ? value : undefined;
    },
    name(tag) {
      const item = find(tag);
      return typeof item?.value === 'number' ? item.row?.names?.[item.value] : undefined;
    },
  };
}

/** The set, or undefined when `bytes` begins with no whole ST 0601 packet. */
export function parseLocalSet(bytes: Uint8Array): LocalSet | undefined {
  const result = readPacket(bytes);
  return result.ok ? result.set : undefined;
}

/** Reads the packet that `bytes` begins with; bytes after it are left alone. */
export function readPacket(bytes: Uint8Array): ParseResult {
  const prefix = Math.min(bytes.length, 4);
  if (!st0601UniversalLabel.slice(0, prefix).every((byte, i) => bytes[i] === byte)) {
    return { ok: false, problem: 'malformed' };
  }
  if (bytes.length < keySize) {
    return { ok: false, problem: 'truncated' };
  }
  const cursor: Cursor = { bytes, at: keySize };
  const length = readBerLength(cursor);
  if (typeof length === 'string') {
    return { ok: false, problem: length };
  }
  if (length > maxPacketSize - cursor.at) {
    return { ok: false, problem: 'too_large' };
  }
  if (!isSt0601Key(bytes)) {
    return { ok: false, problem: 'malformed' };
  }
  const size = cursor.at + length;
  if (size > bytes.length) {
    return { ok: false, problem: 'truncated' };
  }
  return { ok: true, set: walkItems(bytes.subarray(0, size), cursor.at) };
}
