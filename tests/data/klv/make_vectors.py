#!/usr/bin/env python3
"""Makes the vectors that the C++ and the TypeScript reader of ST 0601 are both tested with: values.json and packets.json.

    tests/data/klv/make_vectors.py            writes them beside this file
    tests/data/klv/make_vectors.py --check    fails when they differ from what it would write

Values are computed in exact fractions, on purpose not the way the readers do it. PUBLISHED are examples printed with the
standard's items, typed in.
"""

import json
import pathlib
import sys
from fractions import Fraction

HERE = pathlib.Path(__file__).resolve().parent
TABLE = json.loads((HERE / '../../../schema/misb/st0601.json').read_text(encoding='utf-8'))
ROWS = {row['tag']: row for row in TABLE['rows']}
KEY = bytes.fromhex('060e2b34020b01010e01030101000000')
TIME = bytes.fromhex('02080005d0bb2ad6f400')

# tag, value, bytes: examples printed in the tables of ST 0601.
PUBLISHED = [
    (5, 159.974365, '71c2'), (6, -0.431531724, 'fd3d'), (7, 3.40586566, '08b8'), (8, 147, '93'), (9, 159, '9f'),
    (13, 60.1768229669783, '5595b66d'), (14, 128.426759042045, '5b5360c4'), (15, 14190.7195, 'c221'),
    (16, 144.571298, 'cd9c'), (17, 152.643626, 'd917'), (18, 160.719211474396, '724a0a20'),
    (19, -168.792324833941, '87f84b86'), (20, 176.865437690572, '7dc55ece'), (21, 68590.98330, '03830926'),
    (22, 722.819867, '1281'), (23, -10.5423886331461, 'f101a229'), (24, 29.157890122923, '14bc082b'),
    (25, 3216.03723, '34f3'), (35, 235.924010, 'a7c4'), (36, 69.8039216, 'b2'), (37, 3725.18502, 'beba'),
    (38, 14818.6770, 'ca35'), (39, 84, '54'), (40, -79.1638500518929, '8f695262'), (41, 166.400812960416, '765457f2'),
    (42, 18389.0471, 'f823'), (46, 608.9231, '2611'), (49, 1191.95850, '3d07'),
    (50, -8.67030854, 'c883'), (51, -61.8878750, 'd3fe'), (52, -5.08255257, 'df79'), (53, 2088.96010, '6af4'),
    (54, 8306.80552, '7670'), (55, 50.5882353, '81'), (56, 140, '8c'), (57, 3506979.0316063400, 'b38eacf1'),
    (58, 6420.53864, 'a45d'), (64, 311.868162, 'ddc5'), (67, -86.0412073489470, '85a15a39'),
    (68, 0.155527554524842, '001c501c'), (69, 9.44533455, '0bb3'), (71, 32.6024262, '172f'), (75, 14190.7195, 'c221'),
    (76, 9.44533455, '0bb3'), (78, 9.44533455, '0bb3'), (79, 25.4977569, '09fb'), (80, 12.1, '04bc'),
    (90, -0.431525102, 'ff62e2f2'), (92, -8.67017698, 'f3ab48ef'),
    (96, 13898.5463, '00d92a'), (103, 23456.24, '2f921e'), (104, 23456.24, '2f921e'), (105, 23456.24, '2f921e'),
    (109, 1.625, '0001a0'), (112, 125.0, '1f40'), (113, 2150.0, '05f500'), (114, 2154.50, '05f740'),
    (117, 1.0, '3e9000'), (118, 0.004176, '3e8011'), (119, -50.0, '3b6000'), (120, 72.0, '4800'),
    (134, 55.0, '37'),
]


def signed(data):
    return int.from_bytes(data, 'big', signed=True)


def unsigned(data):
    return int.from_bytes(data, 'big')


def power_of_two_over(span):
    """The least p with 2^p >= span, found by doubling."""
    p = 0
    while Fraction(2) ** p < span:
        p += 1
    while Fraction(2) ** (p - 1) >= span:
        p -= 1
    return p


class Map:
    """One row's mapping at one length, in exact fractions."""

    def __init__(self, row, length):
        self.wire, self.length = row['wire'], length
        self.low, self.high = Fraction(str(row['min'])), Fraction(str(row['max']))
        if self.wire == 'imapb':
            self.step = Fraction(2) ** (power_of_two_over(self.high - self.low) - (8 * length - 1))
            spans_zero = self.low < 0 < self.high
            self.offset = (self.low / self.step) - (self.low / self.step).__floor__() if spans_zero else Fraction(0)
        elif self.wire == 'lin_unsigned':
            self.step = (self.high - self.low) / (2 ** (8 * length) - 1)
        elif self.wire == 'lin_signed':
            self.step = self.high / (2 ** (8 * length - 1) - 1)
        else:
            self.step = Fraction(1)

    def encode(self, value):
        if self.wire == 'imapb':
            return ((value - self.low) / self.step + self.offset).__floor__().to_bytes(self.length, 'big')
        steps = (value - self.low) / self.step if self.wire == 'lin_unsigned' else value / self.step
        rounded = (abs(steps) + Fraction(1, 2)).__floor__() * (1 if steps >= 0 else -1)
        return rounded.to_bytes(self.length, 'big', signed=self.wire in ('lin_signed', 'sint_fixed', 'sint_var'))

    def decode(self, data):
        if self.wire == 'imapb':
            return min(max((unsigned(data) - self.offset) * self.step + self.low, self.low), self.high)
        if self.wire == 'lin_unsigned':
            return self.low + unsigned(data) * self.step
        return (unsigned(data) if self.wire.startswith('uint') else signed(data)) * self.step


def value_vectors():
    for tag, value, code in PUBLISHED:
        row = ROWS[tag]
        step = Map(row, len(code) // 2).step
        yield {'tag': tag, 'hex': code, 'value': value, 'tolerance': float(step) / 2 if row['wire'] != 'imapb' else float(step),
               'from': 'published'}
    for row in ROWS.values():
        if row['wire'] in ('utf8', 'raw') or row['tag'] == 1:
            continue
        for length in range(row['min_length'], row['max_length'] + 1):
            yield from row_vectors(row, length)


def row_vectors(row, length):
    mapping = Map(row, length)
    low, high = mapping.low, mapping.high
    if row['wire'].endswith('_var') or row['wire'].endswith('_fixed'):
        bits = 8 * length
        low, high = (0, 2 ** bits - 1) if row['wire'].startswith('uint') else (-2 ** (bits - 1), 2 ** (bits - 1) - 1)
        low, high = Fraction(low), Fraction(high)
    for share in (Fraction(0), Fraction(1, 2), Fraction(1), Fraction(3819, 10000)):
        value = low + (high - low) * share
        if mapping.step == 1 and row['wire'] != 'imapb' and value.denominator != 1:
            value = Fraction(value.__floor__())
        code = mapping.encode(value)
        decoded = mapping.decode(code)
        # A double holds 53 bits; what is wider is compared with that much slack.
        slack = max(abs(float(high)), abs(float(low)), 1.0) * 2 ** -50
        yield {'tag': row['tag'], 'hex': code.hex(), 'value': float(decoded), 'tolerance': slack,
               'encodes': float(value) if length == row['write_length'] and length < 7 else None, 'from': 'fractions'}
    if row['wire'] == 'lin_signed':
        yield {'tag': row['tag'], 'hex': '80' + '00' * (length - 1), 'special': row['special'], 'from': 'fractions'}
    if row['wire'] == 'imapb':
        yield from imapb_specials(row, length, mapping)


def imapb_specials(row, length, mapping):
    rest = '00' * (length - 1)
    for first, special in (('c8', 'positive_infinity'), ('e8', 'negative_infinity'), ('d0', 'not_a_number'),
                           ('f0', 'not_a_number'), ('d8', 'not_a_number'), ('f8', 'not_a_number'), ('c0', 'other'),
                           ('e0', 'below_minimum'), ('e1', 'above_maximum'), ('e2', 'other'), ('a0', 'other')):
        yield {'tag': row['tag'], 'hex': first + rest, 'special': special, 'from': 'fractions'}
    top = '80' + rest
    if mapping.high - mapping.low < Fraction(2) ** power_of_two_over(mapping.high - mapping.low) - 2 * mapping.step:
        yield {'tag': row['tag'], 'hex': top, 'special': 'other', 'from': 'fractions'}


# ---- packets ----

def ber(length):
    if length < 0x80:
        return bytes([length])
    size = (length.bit_length() + 7) // 8
    return bytes([0x80 | size]) + length.to_bytes(size, 'big')


def running_sum(data):
    if len(data) % 2:
        data += b'\0'
    return sum(unsigned(data[i:i + 2]) for i in range(0, len(data), 2)) % 65536


def closed(items, length=None, key=KEY):
    """Key, length and items with a right checksum at the end."""
    head = key + (length or ber(len(items) + 4)) + items + b'\x01\x02'
    return head + running_sum(head).to_bytes(2, 'big')


def entry(name, data, items, flaws=()):
    listed = []
    for tag, value in items:
        listed.append({'tag': tag, 'hex': value.hex()})
    return {'name': name, 'hex': data.hex(), 'size': len(data), 'flaws': sorted(flaws), 'items': listed}


def join(*items):
    return b''.join(bytes.fromhex(item.replace(' ', '')) for item in items)


def packet_vectors():
    heading = (5, bytes.fromhex('71c2'))
    time = (2, TIME[2:])
    flawed = closed(TIME + join('050271c2'))
    yield entry('time alone', closed(TIME), [time])
    yield entry('a drone with camera', closed(DRONE), walk(DRONE))
    yield entry('long form of a short length', closed(TIME + join('050271c2'), bytes([0x84, 0, 0, 0, 18])), [time, heading])
    yield entry('an item length in long form', closed(TIME + join('05820002 71c2')), [time, heading])
    yield entry('another registry version in the key', closed(TIME, key=KEY[:7] + b'\x0d' + KEY[8:]), [time])
    yield entry('items of zero length', closed(TIME + join('0500 0d00 3b00')), [time, (5, b''), (13, b''), (59, b'')])
    yield entry('unknown and structured items', closed(TIME + join('3003 01aabb 820502 0102 8fffffff7f01 55')),
                [time, (48, b'\x01\xaa\xbb'), (261, b'\x01\x02'), (0xFFFFFFFF, b'\x55')])
    yield entry('wrong checksum', flawed[:-1] + bytes([flawed[-1] ^ 1]), [time, heading], ['checksum_wrong'])
    yield entry('no checksum', KEY + ber(len(TIME)) + TIME, [time], ['checksum_missing'])
    yield entry('time not first', closed(join('050271c2') + TIME), [heading, time], ['time_not_first'])
    yield entry('no items', KEY + b'\0', [], ['checksum_missing', 'time_not_first'])
    yield entry('a tag twice', closed(TIME + join('05020000 050271c2')), [time, heading], ['repeated_item'])
    yield entry('tags that may repeat', closed(TIME + join('640101 640102')), [time, (100, b'\x01'), (100, b'\x02')])
    yield entry('an unknown tag twice', closed(TIME + join('81480101 81480102')), [time, (200, b'\x01'), (200, b'\x02')])
    yield entry('an item longer than the packet', closed(TIME + join('050271c2 0d7f01')), [time, heading], ['cut_short'])
    yield entry('a tag with a leading 0x80', closed(TIME + join('050271c2 800501')), [time, heading], ['cut_short'])
    yield entry('an indefinite item length', closed(TIME + join('050271c2 0d80')), [time, heading], ['cut_short'])
    not_last = KEY + bytes([18]) + TIME + b'\x01\x02'
    not_last += running_sum(not_last).to_bytes(2, 'big') + join('050271c2')
    yield entry('checksum not last', not_last, [time, heading], ['checksum_not_last'])
    yield entry('bytes after the packet', closed(TIME), [time]) | {'hex': (closed(TIME) + b'rest').hex()}
    yield from refused()


def refused():
    whole = closed(DRONE)
    for name, data, problem in (
            ('nothing', b'', 'truncated'), ('half a key', KEY[:9], 'truncated'), ('a key', KEY, 'truncated'),
            ('half a length', KEY + b'\x82\x01', 'truncated'), ('one byte short', whole[:-1], 'truncated'),
            ('no key', b'\0' * 40, 'malformed'), ('another set', KEY[:13] + b'\x01' + KEY[14:] + b'\0', 'malformed'),
            ('indefinite length', KEY + b'\x80' + TIME, 'malformed'), ('forbidden length', KEY + b'\xff' + TIME, 'malformed'),
            ('nine length bytes', KEY + b'\x89' + bytes(9), 'malformed'),
            ('64 KiB', KEY + b'\x83\x01\0\0' + TIME, 'too_large'), ('the longest length', KEY + b'\x88' + b'\xff' * 8, 'too_large')):
        yield {'name': name, 'hex': data.hex(), 'problem': problem}


def walk(items):
    found, at = [], 0
    while at < len(items):
        tag, at = items[at], at + 1
        if tag & 0x80:
            tag, at = (tag & 0x7F) << 7 | items[at], at + 1
        size = items[at]
        found.append((tag, items[at + 1:at + 1 + size]))
        at += 1 + size
    return found


DRONE = TIME + join(
    '050271c2', '0d045595b66d', '0e045b5360c4', '0f02c221', '1002cd9c', '1102d917', '1204724a0a20', '130487f84b86',
    '14047dc55ece', '150403830926', '1704f101a229', '180414bc082b', '190234f3', '3b08 4b45535452454cff', '4f0209fb', '500204bc',
    '5a04ff62e2f2', '5b0404d80cdf', '68032f921e', '70021f40', '710305f500', '7b010c', '7d0107', '81010a54415247455420373132', '810801e3',
    '410111')

TEXTS = [
    ('plain', b'KESTREL'), ('two-byte', 'caf\u00e9'.encode()), ('four-byte', '\U0001F6A2 ship'.encode()), ('nothing', b''),
    ('byte order mark', b'\xef\xbb\xbfA'), ('lone continuation', b'A\x80B'), ('cut at the end', b'A\xe2\x82'),
    ('cut inside', b'\xe2\x82A'), ('overlong', b'\xc0\xaf'), ('surrogate', b'\xed\xa0\x80'), ('past the last code', b'\xf4\x90\x80\x80'),
    ('five-byte', b'\xf8\x88\x80\x80\x80'), ('good after bad', b'\xf0\x9f\x9a\xe2\x82\xac'), ('all ones', b'\xff\xff'),
]


def text_vectors():
    for name, data in TEXTS:
        # bytes.decode replaces each maximal part, as browsers do (Unicode, chapter 3.9).
        yield {'name': name, 'hex': data.hex(), 'text': data.decode('utf-8', errors='replace') if data else None}


def write(name, vectors):
    lines = ',\n'.join('  ' + json.dumps(vector) for vector in vectors)
    return name, f'[\n{lines}\n]\n'


def main():
    files = [write('values.json', value_vectors()), write('packets.json', packet_vectors()), write('texts.json', text_vectors())]
    for name, text in files:
        path = HERE / name
        if '--check' in sys.argv[1:]:
            if path.read_text(encoding='utf-8') != text:
                sys.exit(f'{path} differs from what make_vectors.py makes; run it')
        else:
            path.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
