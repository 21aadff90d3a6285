"""MPEG-TS and KLV by hand, sharing nothing with Masthead: reads recordings, puts KLV into other people's files."""

import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "pipeline"))
from synchronous_klv import crc32  # noqa: E402

VIDEO, KLV, PMT = 0x100, 0x101, 0x1000
KEY = bytes.fromhex("060e2b34020b01010e01030101000000")


# --- KLV ---

def packet(utc_us, latitude, longitude):
    """An ST 0601 packet: time stamp, sensor position, version, checksum."""
    items = b"\x02\x08" + utc_us.to_bytes(8, "big")
    items += b"\x0d\x04" + round(latitude / 90 * (2**31 - 1)).to_bytes(4, "big", signed=True)
    items += b"\x0e\x04" + round(longitude / 180 * (2**31 - 1)).to_bytes(4, "big", signed=True)
    items += b"\x41\x01\x11\x01\x02"
    body = KEY + bytes([len(items) + 2]) + items
    return body + (sum(byte << (8 * (1 - at % 2)) for at, byte in enumerate(body)) & 0xFFFF).to_bytes(2, "big")


def items(klv):
    """The items of a packet by tag."""
    assert klv.startswith(KEY), klv[:16].hex()
    at, found = 17 if klv[16] < 128 else 17 + (klv[16] & 0x7F), {}
    while at < len(klv):
        tag, at = klv[at], at + 1
        while tag >= 128 and klv[at] >= 128:
            tag, at = tag << 7 | (klv[at] & 0x7F), at + 1
        if tag >= 128:
            tag, at = (tag & 0x7F) << 7 | klv[at], at + 1
        size, at = klv[at], at + 1
        if size >= 128:
            size, at = int.from_bytes(klv[at:at + (size & 0x7F)], "big"), at + (size & 0x7F)
        found[tag], at = klv[at:at + size], at + size
    return found


def signed(data, half):
    return int.from_bytes(data, "big", signed=True) * half / (2**31 - 1)


def position(klv):
    found = items(klv)
    return signed(found[13], 90), signed(found[14], 180)


# --- Packets ---

def packets(data):
    """PID, whether a unit starts, adaptation field, payload."""
    for at in range(0, len(data) - 187, 188):
        p = data[at:at + 188]
        assert p[0] == 0x47, f"out of step at {at}"
        field = p[5:5 + p[4]] if p[3] & 0x20 else b""
        payload = p[4 + (1 + p[4] if p[3] & 0x20 else 0):] if p[3] & 0x10 else b""
        yield int.from_bytes(p[1:3], "big") & 0x1FFF, bool(p[1] & 0x40), field, payload


def pts_of(pes):
    return None if not pes[7] & 0x80 else (pes[9] >> 1 & 7) << 30 | (pes[10] << 7 | pes[11] >> 1) << 15 | pes[12] << 7 | pes[13] >> 1


def frames(path):
    """Of a recording: each frame's PTS, key flag, time (how it is known, and when) and KLV, in the file's order."""
    found, klv = [], {}
    open_klv = b""
    for pid, starts, field, payload in packets(Path(path).read_bytes()):
        if pid == KLV:
            open_klv = payload if starts else open_klv + payload
            if len(open_klv) >= 6 + int.from_bytes(open_klv[4:6], "big"):
                whole = open_klv[:6 + int.from_bytes(open_klv[4:6], "big")]
                klv[pts_of(whole)] = whole[9 + whole[8] + 5:]  # behind the cell's header
        elif pid == VIDEO and starts:
            mark = field[field.index(b"MSTH") + 4:]
            pts = pts_of(payload)
            found.append({"pts": pts, "key": bool(field[0] & 0x40), "method": mark[1], "time": int.from_bytes(mark[12:20], "big"),
                          "error": int.from_bytes(mark[20:24], "big"), "klv": klv.pop(pts, None)})
    assert not klv, "KLV of no frame"
    return found


# --- Other people's files ---

def with_klv(data, klv_of, with_pts=True):
    """The one programme of a file that ffmpeg muxed (video alone), with a KLV stream: `klv_of(pts)` before each frame that has one."""
    out, counters = [], {"klv": 0}
    for at in range(0, len(data) - 187, 188):
        raw = data[at:at + 188]
        pid, starts, _, payload = next(packets(raw))
        if pid == PMT and starts:
            raw = raw[:4] + table(payload).ljust(184, b"\xff")
        elif pid == VIDEO and starts and (klv := klv_of(pts_of(payload))):
            counters["klv"] = (counters["klv"] + 1) % 16
            stamp = payload[9:14] if with_pts else b""
            stamp = bytes([0x21 | stamp[0] & 0x0E]) + stamp[1:] if stamp else b""
            body = b"\x84" + (b"\x80" if with_pts else b"\x00") + bytes([len(stamp)]) + stamp + klv
            pes = b"\x00\x00\x01\xbd" + struct.pack(">H", len(body)) + body
            room = 184 - len(pes) - 1
            assert room >= 1, "one packet holds it"
            head = b"\x47" + (0x4000 | KLV).to_bytes(2, "big") + bytes([0x30 | counters["klv"], room])
            out.append(head + b"\x00" + b"\xff" * (room - 1) + pes)
        out.append(raw)
    return b"".join(out)


def table(payload):
    """The programme's map with a KLV stream at its end (asynchronous: ST 1402)."""
    section = payload[1:]
    size = int.from_bytes(section[1:3], "big") & 0x0FFF
    body = section[3:3 + size - 4] + b"\x06" + (0xE000 | KLV).to_bytes(2, "big") + b"\xf0\x06\x05\x04KLVA"
    head = section[:1] + (0xB000 | len(body) + 4).to_bytes(2, "big")
    return b"\x00" + head + body + crc32(head + body)
