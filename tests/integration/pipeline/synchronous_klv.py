"""Makes the asynchronous KLV of mpegtsmux synchronous (MISB ST 1402: stream type 0x15, stream id 0xFC, AU cell headers), which neither
GStreamer nor ffmpeg can write. Shares nothing with Masthead. By hand: synchronous_klv.py IN.ts OUT.ts [PACKETS A PID]; with a number, the KLV goes to
a second PID after as many packets, and back, and a third PID stays empty."""

import sys

DESCRIPTORS = bytes.fromhex("26090100ff4b4c5641000f" "2709c00000c00000c00000")  # metadata, metadata_std: ISO/IEC 13818-1, 2.6.60 and 2.6.62
KLVA = bytes.fromhex("05044b4c5641")


def crc32(data):
    """CRC-32/MPEG-2, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc.to_bytes(4, "big")


class Synchronous:
    """Whole 188-byte packets in, whole packets out."""

    def __init__(self, turn=0):
        self.turn = turn  # packets a PID; 0: one PID
        self.pmt = self.klv = None
        self.pes = b""
        self.number = 0
        self.counters = {}

    def feed(self, data):
        return b"".join(self.take(data[at:at + 188]) for at in range(0, len(data) - 187, 188))

    def take(self, packet):
        pid, starts = int.from_bytes(packet[1:3], "big") & 0x1FFF, packet[1] & 0x40
        payload = packet[4 + (1 + packet[4] if packet[3] & 0x20 else 0):] if packet[3] & 0x10 else b""
        if pid == 0 and starts:
            self.pmt = int.from_bytes(payload[11:13], "big") & 0x1FFF
        elif pid == self.pmt and starts:
            return self.cut(pid, self.tables(payload[1:]))
        elif pid == self.klv:
            self.pes = payload if starts else self.pes + payload
            if self.pes and len(self.pes) >= 6 + int.from_bytes(self.pes[4:6], "big"):
                whole, self.pes = self.pes, b""
                return self.cell(whole)
            return b""
        return packet

    def tables(self, section):
        """The section behind its pointer byte, filled up to whole packets."""
        end = 3 + (int.from_bytes(section[1:3], "big") & 0x0FFF) - 4
        at = 12 + (int.from_bytes(section[10:12], "big") & 0x0FFF)
        body = section[3:at]
        while at < end:
            size = int.from_bytes(section[at + 3:at + 5], "big") & 0x0FFF
            entry = section[at:at + 5 + size]
            if entry[0] == 0x06 and KLVA in entry:
                self.klv = int.from_bytes(entry[1:3], "big") & 0x1FFF
                pids = [self.klv, self.klv + 0x100, self.klv + 0x101] if self.turn else [self.klv]
                entry = b"".join(b"\x15" + (0xE000 | pid).to_bytes(2, "big") + (0xF000 | len(DESCRIPTORS)).to_bytes(2, "big") + DESCRIPTORS
                                 for pid in pids)
            body += entry
            at += 5 + size
        made = b"\x02" + (0xB000 | len(body) + 4).to_bytes(2, "big") + body
        made = b"\x00" + made + crc32(made)
        return made + b"\xff" * (-len(made) % 184)

    def cell(self, pes):
        head, klv = 9 + pes[8], pes[9 + pes[8]:]
        pid = self.klv + (0x100 if self.turn and self.number // self.turn % 2 else 0)
        body = pes[6:head] + bytes([0, self.number & 0xFF, 0xDF]) + len(klv).to_bytes(2, "big") + klv
        self.number += 1
        return self.cut(pid, b"\x00\x00\x01\xfc" + len(body).to_bytes(2, "big") + body)

    def cut(self, pid, unit):
        packets = []
        for at in range(0, len(unit), 184):
            part, self.counters[pid] = unit[at:at + 184], (self.counters.get(pid, -1) + 1) % 16
            spare = 184 - len(part)
            field = b"" if not spare else bytes([spare - 1]) + (b"\x00" + b"\xff" * (spare - 2) if spare > 1 else b"")
            packets.append(b"\x47" + (pid | (0 if at else 0x4000)).to_bytes(2, "big") + bytes([(0x30 if spare else 0x10) | self.counters[pid]])
                           + field + part)
        return b"".join(packets)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
        target.write(Synchronous(int(sys.argv[3]) if len(sys.argv) > 3 else 0).feed(source.read()))
