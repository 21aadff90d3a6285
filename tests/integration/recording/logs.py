"""Telemetry logs of one straight flight, as other programs write them. Times in seconds since its begin."""

from datetime import datetime, timezone

LATITUDE, LONGITUDE = 47.5, 8.25
NORTH = 0.001  # degrees a second


def latitude(seconds):
    return LATITUDE + NORTH * seconds


def iso(us, form="%Y-%m-%d %H:%M:%S.%f"):
    return datetime.fromtimestamp(us / 1e6, timezone.utc).strftime(form)


# --- MAVLink 1 ---

def checksum(data, extra):
    crc = 0xFFFF
    for byte in data + bytes([extra]):
        byte ^= crc & 0xFF
        byte = (byte ^ byte << 4) & 0xFF
        crc = crc >> 8 ^ byte << 8 ^ byte << 3 ^ byte >> 4
    return (crc & 0xFFFF).to_bytes(2, "little")


def mavlink(message, extra, payload):
    head = bytes([len(payload), 0, 1, 1, message])
    return b"\xfe" + head + payload + checksum(head + payload, extra)


def tlog(begin_us, seconds, rate):
    out = b""
    for i in range(int(seconds * rate) + 1):
        t = i / rate
        stamp = (begin_us + round(t * 1e6)).to_bytes(8, "big")
        if i % rate == 0:
            out += stamp + mavlink(0, 50, b"\0\0\0\0" + bytes([2, 3, 0x51, 4, 3]))  # HEARTBEAT
        # GLOBAL_POSITION_INT
        numbers = [round(1000 + t * 1000), round(latitude(t) * 1e7), round(LONGITUDE * 1e7), 450_000, 50_000]
        out += stamp + mavlink(33, 104, b"".join(n.to_bytes(4, "little", signed=True) for n in numbers) + b"\0" * 6 + b"\xff\xff")
    return out


def nmea(begin_us, seconds, rate):
    def sentence(body):
        total = 0
        for letter in body.encode():
            total ^= letter
        return f"${body}*{total:02X}\r\n"

    def angle(value, width):
        return f"{int(value):0{width}d}{(value - int(value)) * 60:09.6f}"

    return "".join(sentence(f"GPRMC,{iso(us := begin_us + round(i / rate * 1e6), '%H%M%S.%f')[:-4]},A,{angle(latitude(i / rate), 2)},N,"
                            f"{angle(LONGITUDE, 3)},E,5.0,0.0,{iso(us, '%d%m%y')},,,A") for i in range(int(seconds * rate) + 1)).encode()


def csv(begin_us, seconds, rate):
    rows = [f"{iso(begin_us + round(i / rate * 1e6))}Z,{latitude(i / rate):.9f},{LONGITUDE},450" for i in range(int(seconds * rate) + 1)]
    return "\n".join(["Timestamp,Latitude,Longitude,Altitude (m)", *rows, ""]).encode()


def srt(local_us, seconds, rate):
    def cue(t):
        return datetime.fromtimestamp(t, timezone.utc).strftime("%H:%M:%S,%f")[:-3]

    return "".join(f"{i + 1}\n{cue(i / rate)} --> {cue((i + 1) / rate)}\n<font size=\"28\">FrameCnt: {i + 1}, DiffTime: 33ms\n"
                   f"{iso(local_us + round(i / rate * 1e6))[:-3]}\n[iso: 100] [latitude: {latitude(i / rate):.9f}] "
                   f"[longitude: {LONGITUDE}] [rel_alt: 50.000 abs_alt: 450.000] </font>\n\n" for i in range(int(seconds * rate) + 1)).encode()
