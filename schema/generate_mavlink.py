#!/usr/bin/env python3
"""Writes the C++ rows of the MAVLink codec from mavlink.json: generate_mavlink.py INPUT HEADER SOURCE."""

import json
import re
import sys

# MAVLink's type -> size in bytes, C++ type, FieldType of codec.hpp
TYPES = {
    "uint8_t": (1, "std::uint8_t", "u8"), "int8_t": (1, "std::int8_t", "i8"),
    "uint16_t": (2, "std::uint16_t", "u16"), "int16_t": (2, "std::int16_t", "i16"),
    "uint32_t": (4, "std::uint32_t", "u32"), "int32_t": (4, "std::int32_t", "i32"),
    "uint64_t": (8, "std::uint64_t", "u64"), "int64_t": (8, "std::int64_t", "i64"),
    "float": (4, "float", "f32"), "double": (8, "double", "f64"), "char": (1, "char", "text"),
}
MAX_PAYLOAD = 255


def crc_x25(data):
    crc = 0xFFFF
    for byte in data:
        byte ^= crc & 0xFF
        byte = (byte ^ (byte << 4)) & 0xFF
        crc = (crc >> 8) ^ (byte << 8) ^ (byte << 3) ^ (byte >> 4)
    return crc & 0xFFFF


def parse_field(text, where):
    match = re.fullmatch(r"(\w+) (\w+)(?:\[(\d+)\])?", text)
    if not match or match[1] not in TYPES:
        sys.exit(f"{where}: '{text}' is no field; wanted: 'TYPE NAME' or 'TYPE NAME[COUNT]'")
    return {"type": match[1], "name": match[2], "count": int(match[3] or 1), "array": match[3] is not None,
            "size": TYPES[match[1]][0]}


def lay_out(message):
    """Offsets, lengths and CRC_EXTRA of one message, as the MAVLink guide's "Serialization" page defines them."""
    where = message["name"]
    fields = [parse_field(text, where) for text in message["fields"]]
    extensions = [parse_field(text, where) for text in message.get("extensions", [])]
    if [f["size"] for f in fields] != sorted((f["size"] for f in fields), reverse=True):
        sys.exit(f"{where}: fields are not in wire order (largest element first)")
    signature = (message["name"] + " ").encode()
    for field in fields:
        signature += f"{field['type']} {field['name']} ".encode()
        signature += bytes([field["count"]]) if field["array"] else b""
    crc = crc_x25(signature)
    offset = 0
    for field in fields + extensions:
        field["offset"] = offset
        offset += field["size"] * field["count"]
    for field in extensions:
        field["extension"] = True
    if offset > MAX_PAYLOAD:
        sys.exit(f"{where}: {offset} bytes are more than a MAVLink payload holds")
    return {"id": message["id"], "name": where, "fields": fields + extensions, "length": offset,
            "base_length": sum(f["size"] * f["count"] for f in fields), "crc_extra": (crc & 0xFF) ^ (crc >> 8)}


def header(messages):
    out = ["// The MAVLink messages of schema/mavlink.json as typed fields. Generated; do not edit.", "#pragma once", "",
           '#include "plugins/links/mavlink/codec.hpp"', "", "#include <cstdint>", ""]
    for message in messages:
        out.append(f"namespace masthead::mavlink::{message['name'].lower()} {{")
        out.append(f"inline constexpr std::uint32_t kId = {message['id']};")
        for field in message["fields"]:
            cpp = TYPES[field["type"]][1]
            out.append(f"inline constexpr Field<{cpp}> {field['name']}{{kId, {field['offset']}, {field['count']}}};")
        out += ["}", ""]
    return "\n".join(out)


def source(messages):
    out = ["// The MAVLink message table of schema/mavlink.json. Generated; do not edit.",
           '#include "plugins/links/mavlink/codec.hpp"', "", "namespace masthead::mavlink {", "namespace {", ""]
    for message in messages:
        out.append(f"constexpr FieldRow k{message['id']}Fields[] = {{")
        for field in message["fields"]:
            out.append(f"    {{\"{field['name']}\", FieldType::{TYPES[field['type']][2]}, {field['count']}, {field['offset']}, "
                       f"{'true' if field.get('extension') else 'false'}}},")
        out.append("};")
    out += ["", "constexpr MessageRow kMessages[] = {"]
    for message in messages:
        out.append(f"    {{{message['id']}, \"{message['name']}\", {message['crc_extra']}, {message['base_length']}, "
                   f"{message['length']}, k{message['id']}Fields}},")
    out += ["};", "", "} // namespace", "",
            "std::span<const MessageRow> message_rows() noexcept { return kMessages; }", "",
            "} // namespace masthead::mavlink", ""]
    return "\n".join(out)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        messages = sorted((lay_out(message) for message in json.load(file)["messages"]), key=lambda m: m["id"])
    for path, text in ((sys.argv[2], header(messages)), (sys.argv[3], source(messages))):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
