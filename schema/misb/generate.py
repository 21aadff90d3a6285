#!/usr/bin/env python3
"""Writes the C++ and TypeScript tables that are made from schema/misb/st0601.json and schema/frame_message.json.

    generate.py --cpp DIR          st0601_rows.hpp, st0601_rows.cpp, frame_message.hpp
    generate.py --typescript DIR   st0601.ts, frame_message.ts

The input is checked first; what breaks a rule is named and nothing is written. Standard library only.
"""

import argparse
import json
import math
import pathlib
import re
import sys

SCHEMA = pathlib.Path(__file__).resolve().parent.parent

INTEGERS = ('uint_fixed', 'sint_fixed', 'uint_var', 'sint_var')
LINEAR = ('lin_unsigned', 'lin_signed')
WIRES = INTEGERS + LINEAR + ('imapb', 'utf8', 'raw')
BLENDS = ('hold', 'linear', 'wrap_360', 'wrap_180')
SPECIALS = ('none', 'out_of_range', 'error', 'off_earth')
ROW_MEMBERS = {'tag', 'name', 'key', 'wire', 'min_length', 'max_length', 'write_length', 'min', 'max', 'unit', 'resolution',
               'special', 'blend', 'repeats', 'mandatory', 'enum', 'bits', 'layout'}
FIELD_SIZES = {'u8': 1, 'u16': 2, 'u32': 4, 'u64': 8, 'f32': 4}


class BadInput(Exception):
    """A rule of the input files is broken; the text says which and where."""


def need(condition, where, rule):
    if not condition:
        raise BadInput(f'{where}: {rule}')


def resolution(row):
    """The step between two codes at write_length, in the row's unit; 0 where there is none."""
    wire, low, high, bits = row['wire'], row.get('min'), row.get('max'), 8 * row['write_length']
    if wire in INTEGERS:
        return 1.0
    if wire == 'lin_unsigned':
        return (high - low) / (2 ** bits - 1)
    if wire == 'lin_signed':
        return high / (2 ** (bits - 1) - 1)
    if wire == 'imapb':
        return 2.0 ** (math.ceil(math.log2(high - low)) - (bits - 1))
    return 0.0


def check_range(row, where):
    if row['wire'] in ('utf8', 'raw'):
        need('min' not in row and 'max' not in row and 'resolution' not in row, where, 'text and raw rows have no range')
        return
    need(isinstance(row.get('min'), (int, float)) and isinstance(row.get('max'), (int, float)), where, 'min and max are wanted')
    need(row['min'] < row['max'], where, 'min lies below max')
    bits = 8 * row['max_length']
    if row['wire'] in INTEGERS:
        low, high = (0, 2 ** bits - 1) if row['wire'].startswith('uint') else (-2 ** (bits - 1), 2 ** (bits - 1) - 1)
        need(low <= row['min'] and row['max'] <= high, where, f'min..max does not fit {row["max_length"]} bytes')
    if row['wire'] == 'lin_signed':
        need(row['min'] == -row['max'], where, 'a lin_signed range is -R..R')
        need(row.get('special', 'none') != 'none', where, 'a lin_signed row says what its special code means')
    stated, real = row.get('resolution'), resolution(row)
    need(stated is not None and abs(stated - real) <= 1e-3 * real, where, f'resolution is {real:.4g}, not {stated}')


def check_row(row, position):
    where = f'st0601.json, row {position} (tag {row.get("tag")})'
    need(set(row) <= ROW_MEMBERS, where, f'unknown members {sorted(set(row) - ROW_MEMBERS)}')
    need(row.get('tag') == position, where, f'tags run from 1 without a hole; {position} is wanted here')
    for member in ('name', 'key', 'wire', 'min_length', 'max_length', 'write_length', 'unit', 'blend'):
        need(member in row, where, f"'{member}' is missing")
    need(re.fullmatch(r'[a-z][a-z0-9]*(_[a-z0-9]+)*', row['key']), where, f"key '{row['key']}' is not snake_case")
    need(row['wire'] in WIRES, where, f"wire is one of {', '.join(WIRES)}")
    need(row['blend'] in BLENDS, where, f"blend is one of {', '.join(BLENDS)}")
    need(row.get('special', 'none') in SPECIALS, where, f"special is one of {', '.join(SPECIALS)}")
    need(row['wire'] == 'lin_signed' or 'special' not in row, where, 'only lin_signed rows have a special code')
    need(0 <= row['min_length'] <= row['write_length'] <= row['max_length'] <= 255, where,
         'lengths run min_length <= write_length <= max_length <= 255')
    numeric = row['wire'] not in ('utf8', 'raw')
    need(not numeric or 1 <= row['min_length'] <= row['max_length'] <= 8, where, 'a numeric item has 1 to 8 bytes')
    need(row['blend'] == 'hold' or numeric, where, 'only numbers are blended')
    if row['wire'] in LINEAR or row['wire'].endswith('_fixed'):
        need(row['min_length'] == row['max_length'], where, 'a row of fixed length has one length')
    for member in ('enum', 'bits'):
        names = row.get(member, {})
        need(all(code.isdigit() for code in names), where, f'{member} maps numbers to names')
        need(len(set(names.values())) == len(names), where, f'{member} has a name twice')
    check_range(row, where)


def check_st0601(table):
    need(re.fullmatch(r'[0-9a-f]{32}', table.get('key', '')), 'st0601.json', "'key' is 16 bytes in hexadecimal")
    need(isinstance(table.get('version'), int), 'st0601.json', "'version' is a whole number")
    for position, row in enumerate(table['rows'], start=1):
        check_row(row, position)
    need(len(table['rows']) == 143, 'st0601.json', 'rows for the tags 1 to 143 are wanted')
    keys = [row['key'] for row in table['rows']]
    need(len(set(keys)) == len(keys), 'st0601.json', f'keys twice: {sorted({k for k in keys if keys.count(k) > 1})}')


def check_frame_message(message):
    offset = 0
    for field in message['fields']:
        where = f"frame_message.json, field '{field.get('name')}'"
        need(field.get('type') in FIELD_SIZES, where, f"type is one of {', '.join(FIELD_SIZES)}")
        need(field.get('offset') == offset, where, f'offset is {offset}: fields follow each other without a hole')
        need(field.get('doc'), where, "'doc' is missing")
        offset += FIELD_SIZES[field['type']]
    need(offset == message['header_bytes'], 'frame_message.json', f'header_bytes is {offset}')
    names = [field['name'] for field in message['fields']]
    need(names[0] == 'version' and 'klv_bytes' in names, 'frame_message.json', "'version' comes first and 'klv_bytes' is there")


# ---- C++ ----

def cpp_number(value):
    text = repr(float(value))
    return text if '.' in text or 'e' in text else text + '.0'


def cpp_rows_header(table):
    return f'''// Rows of ST 0601, made from schema/misb/st0601.json. Do not edit.
#pragma once

#include "plugins/klv/local_set.hpp"

#include <array>

namespace masthead::klv {{

inline constexpr std::uint8_t kSt0601Version = {table['version']};
inline constexpr std::size_t kSt0601RowCount = {len(table['rows'])};
inline constexpr std::array<std::uint8_t, 16> kSt0601Key = {{
    {', '.join('0x' + table['key'][i:i + 2] for i in range(0, 32, 2))}}};

/// Row of tag N at N - 1.
extern const std::array<Row, kSt0601RowCount> kSt0601Rows;

}} // namespace masthead::klv
'''


def cpp_rows_source(table):
    lines = []
    for row in table['rows']:
        lines.append('    {' + ', '.join([
            str(row['tag']), json.dumps(row['name']), json.dumps(row['key']), f"Wire::{row['wire']}",
            str(row['min_length']), str(row['max_length']), str(row['write_length']),
            cpp_number(row.get('min', 0)), cpp_number(row.get('max', 0)), json.dumps(row['unit']),
            cpp_number(resolution(row)), f"Blend::{row['blend']}", f"Special::{row.get('special', 'none')}",
            'true' if row.get('repeats') else 'false']) + '},')
    return '''// Rows of ST 0601, made from schema/misb/st0601.json. Do not edit.
#include "plugins/klv/st0601_rows.hpp"

namespace masthead::klv {

const std::array<Row, kSt0601RowCount> kSt0601Rows = {{
''' + '\n'.join(lines) + '''
}};

} // namespace masthead::klv
'''


def pascal(name):
    return ''.join(part.capitalize() for part in name.split('_'))


def is_bits(field):
    return field['name'] == 'flags'


CPP_TYPES = {'u8': 'std::uint8_t', 'u16': 'std::uint16_t', 'u32': 'std::uint32_t', 'u64': 'std::uint64_t', 'f32': 'float'}


def cpp_field_type(field):
    return f"Frame{pascal(field['name'])}" if 'enum' in field and not is_bits(field) else CPP_TYPES[field['type']]


def cpp_encode(field):
    name, size = f"header.{field['name']}", FIELD_SIZES[field['type']]
    if field['type'] == 'f32':
        name = f'std::bit_cast<std::uint32_t>({name})'
    elif cpp_field_type(field) != CPP_TYPES[field['type']]:
        name = f'static_cast<{CPP_TYPES[field["type"]]}>({name})'
    return f'    writer.uint_be({name}, {size});'


def cpp_decode(field):
    size, kind = FIELD_SIZES[field['type']], CPP_TYPES[field['type']]
    value = f'*reader.uint_be({size})'
    if field['type'] == 'f32':
        value = f'std::bit_cast<float>(static_cast<std::uint32_t>({value}))'
    elif field['type'] != 'u64':
        value = f'static_cast<{kind}>({value})'
    lines = []
    if cpp_field_type(field) != kind:
        limit = max(field['enum'].values())
        lines.append(f"    const {kind} {field['name']} = {value};")
        lines.append(f"    if ({field['name']} > {limit}) {{")
        lines.append(f"        return fail(Code::malformed, \"frame message: {field['name']} \" + "
                     f"std::to_string({field['name']}) + \" is not known\");")
        lines.append('    }')
        value = f"static_cast<{cpp_field_type(field)}>({field['name']})"
    lines.append(f"    header.{field['name']} = {value};")
    if field['name'] == 'version':
        lines.append('    if (header.version != kFrameMessageVersion) {')
        lines.append('        return fail(Code::malformed, "frame message: version " + std::to_string(header.version) + '
                     '" is not known");')
        lines.append('    }')
    return '\n'.join(lines)


def cpp_frame_message(message):
    fields = message['fields']
    enums, flags = [], []
    for field in fields:
        if is_bits(field):
            flags += [f'inline constexpr std::uint8_t kFrame{pascal(name)} = {value};  // bit of flags'
                      for name, value in field['enum'].items()]
        elif 'enum' in field:
            values = ', '.join(f'{name} = {value}' for name, value in field['enum'].items())
            enums.append(f'/// {field["doc"]}\nenum class {cpp_field_type(field)} : {CPP_TYPES[field["type"]]} {{ {values} }};')
    members = []
    for field in fields:
        start = 'kFrameMessageVersion' if field['name'] == 'version' else ''
        members.append(f"    {cpp_field_type(field)} {field['name']}{{{start}}};  // {field['doc']}")
    nl = '\n'
    return f'''// Header of a frame message on the data channel, made from schema/frame_message.json. Do not edit.
#pragma once

#include "plugins/bytes/bytes.hpp"

#include <bit>
#include <cstdint>

namespace masthead {{

inline constexpr std::uint8_t kFrameMessageVersion = {message['version']};
inline constexpr std::size_t kFrameMessageHeaderSize = {message['header_bytes']};

{nl.join(enums)}
{nl.join(flags)}

struct FrameMessageHeader {{
{nl.join(members)}
}};

/// The header's {message['header_bytes']} bytes; the caller appends `klv_bytes` bytes of KLV.
[[nodiscard]] inline Bytes encode_header(const FrameMessageHeader& header) {{
    ByteWriter writer;
{nl.join(cpp_encode(field) for field in fields)}
    return writer.release();
}}

/// Reads the header that `bytes` begins with. Errors: truncated (header or KLV cut short), malformed (version or a
/// method that is not known).
[[nodiscard]] inline Result<FrameMessageHeader> decode_header(ByteSpan bytes) {{
    if (bytes.size() < kFrameMessageHeaderSize) {{
        return fail(Code::truncated, "frame message: " + std::to_string(bytes.size()) + " bytes, the header has {message['header_bytes']}");
    }}
    ByteReader reader(bytes);
    FrameMessageHeader header;
{nl.join(cpp_decode(field) for field in fields)}
    if (header.klv_bytes > reader.remaining()) {{
        return fail(Code::truncated, "frame message: the KLV is cut short");
    }}
    return header;
}}

}} // namespace masthead
'''


# ---- TypeScript ----

def ts_union(names):
    return ' | '.join(f"'{name}'" for name in names)


def ts_row(row):
    parts = {'tag': row['tag'], 'name': row['name'], 'key': row['key'], 'wire': row['wire'], 'minLength': row['min_length'],
             'maxLength': row['max_length'], 'min': row.get('min', 0), 'max': row.get('max', 0), 'unit': row['unit'],
             'resolution': resolution(row), 'special': row.get('special', 'none'), 'blend': row['blend'],
             'repeats': row.get('repeats', False)}
    for member in ('enum', 'bits'):
        if member in row:
            parts['names' if member == 'enum' else 'bits'] = {int(code): name for code, name in row[member].items()}
    for bound in ('min', 'max'):
        if abs(parts[bound]) > 2 ** 53:
            parts[bound] = float(parts[bound])
    return '  ' + json.dumps(parts) + ','


def ts_st0601(table):
    rows = table['rows']
    key_bytes = ', '.join('0x' + table['key'][i:i + 2] for i in range(0, 32, 2))
    return f'''// Rows of ST 0601, made from schema/misb/st0601.json. Do not edit.

export type Wire = {ts_union(WIRES)};
export type Blend = {ts_union(BLENDS)};
export type RowSpecial = {ts_union(SPECIALS)};

export type St0601Key =
{chr(10).join(f"  | '{row['key']}'" for row in rows)};

export interface St0601Row {{
  readonly tag: number;
  readonly name: string;
  readonly key: St0601Key;
  readonly wire: Wire;
  /** Bytes. */
  readonly minLength: number;
  /** Bytes; 255: as long as BER allows. */
  readonly maxLength: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly resolution: number;
  /** What the code 0x80.. means. */
  readonly special: RowSpecial;
  readonly blend: Blend;
  /** May stand more than once in a packet. */
  readonly repeats: boolean;
  /** Names of an enumeration's codes. */
  readonly names?: Readonly<Record<number, string>>;
  /** Names of a flag item's bits, 0 the least significant. */
  readonly bits?: Readonly<Record<number, string>>;
}}

export const st0601Version = {table['version']};
export const st0601UniversalLabel: readonly number[] = [{key_bytes}];

/** Row of tag N at N - 1. */
export const st0601Rows: readonly St0601Row[] = [
{chr(10).join(ts_row(row) for row in rows)}
];
'''


TS_READ = {'u8': 'getUint8({0})', 'u16': 'getUint16({0})', 'u32': 'getUint32({0})', 'f32': 'getFloat32({0})',
           'u64': 'getBigUint64({0})'}


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(part.capitalize() for part in rest)


def ts_field_type(field):
    if 'enum' in field and not is_bits(field):
        return f"Frame{pascal(field['name'])}"
    return 'number'


def ts_frame_message(message):
    fields = message['fields']
    enums, members, reads = [], [], []
    for field in fields:
        if is_bits(field):
            enums += [f"/** Bit of `flags`. */\nexport const frame{pascal(name)} = {value};" for name, value in field['enum'].items()]
        elif 'enum' in field:
            enums.append(f"/** {field['doc']} */\nexport type {ts_field_type(field)} = {ts_union(field['enum'])};")
            names = {value: name for name, value in field['enum'].items()}
            enums.append(f"const {camel(field['name'])}s: readonly {ts_field_type(field)}[] = "
                         f"{json.dumps([names[i] for i in range(max(names) + 1)])};")
        members.append(f"  /** {field['doc']} */\n  readonly {camel(field['name'])}: {ts_field_type(field)};")
        read = 'view.' + TS_READ[field['type']].format(field['offset'])
        if field['type'] == 'u64':
            read = f'Number({read})'
        if 'enum' in field and not is_bits(field):
            read = f"{camel(field['name'])}s[{read}]"
        reads.append((field, read))
    locals_ = '\n'.join(f"  const {camel(field['name'])} = {read};" for field, read in reads)
    checks = ' || '.join(['version !== frameMessageVersion'] +
                         [f"{camel(f['name'])} === undefined" for f in fields if 'enum' in f and not is_bits(f)] +
                         ['frameMessageHeaderBytes + klvBytes > message.byteLength'])
    nl = '\n'
    return f'''// Messages of the data channel 'frames', made from schema/frame_message.json. Do not edit.

export const frameMessageVersion = {message['version']};
export const frameMessageHeaderBytes = {message['header_bytes']};

{nl.join(enums)}

export interface FrameMessage {{
{nl.join(members)}
  /** The frame's ST 0601 packet, a view into the message; empty when the frame has no metadata. */
  readonly klv: Uint8Array;
}}

/** The message, or null when it is cut short, of another version, or names a method that is not known. */
export function decodeFrameMessage(message: ArrayBuffer): FrameMessage | null {{
  if (message.byteLength < frameMessageHeaderBytes) {{
    return null;
  }}
  const view = new DataView(message);
{locals_}
  if ({checks}) {{
    return null;
  }}
  const klv = new Uint8Array(message, frameMessageHeaderBytes, klvBytes);
  return {{ {', '.join(camel(field['name']) for field in fields)}, klv }};
}}
'''


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding='utf-8') != text:
            path.write_text(text, encoding='utf-8')


def main():
    parser = argparse.ArgumentParser(description='Makes C++ and TypeScript tables from schema/.')
    parser.add_argument('--cpp', type=pathlib.Path, metavar='DIR', help='where the C++ files go')
    parser.add_argument('--typescript', type=pathlib.Path, metavar='DIR', help='where the TypeScript files go')
    parser.add_argument('--schema', type=pathlib.Path, default=SCHEMA, metavar='DIR', help='the schema folder')
    arguments = parser.parse_args()
    try:
        table = json.loads((arguments.schema / 'misb' / 'st0601.json').read_text(encoding='utf-8'))
        message = json.loads((arguments.schema / 'frame_message.json').read_text(encoding='utf-8'))
        check_st0601(table)
        check_frame_message(message)
    except (OSError, ValueError, KeyError, TypeError, BadInput) as error:
        sys.exit(f'generate.py: {type(error).__name__ if isinstance(error, (KeyError, TypeError)) else "refused"}: {error}')
    if arguments.cpp:
        write(arguments.cpp, {'st0601_rows.hpp': cpp_rows_header(table), 'st0601_rows.cpp': cpp_rows_source(table),
                              'frame_message.hpp': cpp_frame_message(message)})
    if arguments.typescript:
        write(arguments.typescript, {'st0601.ts': ts_st0601(table), 'frame_message.ts': ts_frame_message(message)})


if __name__ == '__main__':
    main()
