// The vectors of tests/data/klv, which the server's C++ reader is tested with as well.
import { describe, expect, it } from 'vitest';
import packetsJson from '../../../tests/data/klv/packets.json';
import textsJson from '../../../tests/data/klv/texts.json';
import valuesJson from '../../../tests/data/klv/values.json';
import { st0601Rows } from '../generated/st0601';
import { checksum, parseLocalSet, readPacket, type Flaws } from './local_set';

interface ValueVector {
  tag: number;
  hex: string;
  value?: number;
  tolerance?: number;
  special?: string;
}

interface PacketVector {
  name: string;
  hex: string;
  problem?: string;
  size?: number;
  flaws?: string[];
  items?: { tag: number; hex: string }[];
}

interface TextVector {
  name: string;
  hex: string;
  text: string | null;
}

const values = valuesJson as ValueVector[];
const packets = packetsJson as PacketVector[];
const texts: TextVector[] = textsJson;

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A packet with this one item behind its time. */
function packetWith(tag: number, value: Uint8Array): Uint8Array {
  const tagBytes = tag < 128 ? [tag] : [0x80 | (tag >> 7), tag & 0x7f];
  const items = [...fromHex('02080005d0bb2ad6f400'), ...tagBytes, value.length, ...value, 1, 2];
  const open = [...fromHex('060e2b34020b01010e01030101000000'), 0x81, items.length + 2, ...items];
  const sum = checksum(Uint8Array.from(open));
  return Uint8Array.from([...open, sum >> 8, sum & 0xff]);
}

function readItem(vector: { tag: number; hex: string }) {
  const set = parseLocalSet(packetWith(vector.tag, fromHex(vector.hex)));
  expect(set?.flaws.checksumWrong).toBe(false);
  return set?.find(vector.tag);
}

const flawNames: Record<keyof Flaws, string> = {
  checksumMissing: 'checksum_missing',
  checksumWrong: 'checksum_wrong',
  timeNotFirst: 'time_not_first',
  checksumNotLast: 'checksum_not_last',
  repeatedItem: 'repeated_item',
  cutShort: 'cut_short',
};

function raised(flaws: Flaws): string[] {
  return (Object.keys(flawNames) as (keyof Flaws)[])
    .filter((flaw) => flaws[flaw])
    .map((flaw) => flawNames[flaw])
    .sort();
}

describe('values', () => {
  const numeric = st0601Rows.filter((row) => row.wire !== 'utf8' && row.wire !== 'raw' && row.tag > 2);
  it.each(numeric.map((row) => [row.tag, row.key] as const))('item %i (%s) reads its vectors', (tag) => {
    const mine = values.filter((vector) => vector.tag === tag);
    expect(mine.length).toBeGreaterThanOrEqual(4);
    for (const vector of mine) {
      const item = readItem(vector);
      if (vector.special !== undefined) {
        expect(item, vector.hex).toMatchObject({ value: null, special: vector.special });
      } else {
        expect(item?.special, vector.hex).toBeNull();
        expect(
          Math.abs((item?.value as number) - (vector.value ?? Number.NaN)),
          vector.hex,
        ).toBeLessThanOrEqual(vector.tolerance ?? 0);
      }
    }
  });

  it('takes zero length as unknown and another length as no value', () => {
    expect(readItem({ tag: 5, hex: '' })).toMatchObject({ value: null, special: 'unknown' });
    expect(readItem({ tag: 5, hex: '010203' })).toMatchObject({ value: null, special: 'wrong_length' });
  });

  it('gives the table names of codes', () => {
    const set = parseLocalSet(packetWith(125, fromHex('07')));
    expect(set?.name(125)).toBe('auto_orbit');
    expect(set?.name(126)).toBeUndefined();
    expect(parseLocalSet(packetWith(125, fromHex('63')))?.name(125)).toBeUndefined();
  });
});

describe('texts', () => {
  it.each(texts)('$name', (vector) => {
    expect(readItem({ tag: 59, hex: vector.hex })?.value).toBe(vector.text);
  });
});

describe('packets', () => {
  it.each(packets.filter((vector) => vector.problem === undefined))('$name', (vector) => {
    const result = readPacket(fromHex(vector.hex));
    if (!result.ok) {
      throw new Error(`refused: ${result.problem}`);
    }
    expect(result.set.size).toBe(vector.size);
    expect(raised(result.set.flaws)).toEqual(vector.flaws);
    expect(result.set.items.map((item) => ({ tag: item.tag, hex: toHex(item.bytes) }))).toEqual(vector.items);
  });

  it.each(packets.filter((vector) => vector.problem !== undefined))('refuses $name', (vector) => {
    expect(readPacket(fromHex(vector.hex))).toEqual({ ok: false, problem: vector.problem });
    expect(parseLocalSet(fromHex(vector.hex))).toBeUndefined();
  });

  it('reads a view into a larger buffer', () => {
    const packet = packetWith(5, fromHex('4000'));
    const larger = new Uint8Array(packet.length + 20);
    larger.set(packet, 7);
    const set = parseLocalSet(new Uint8Array(larger.buffer, 7, packet.length));
    expect(set?.number(5)).toBeCloseTo(90, 2);
    expect(set?.doubtful).toBe(false);
  });
});
