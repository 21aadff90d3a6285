"""C++ from the checked tables: rows for plugins/klv and the frame message's header."""

import json

from rules import FIELD_SIZES, is_bits, pascal, resolution


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
