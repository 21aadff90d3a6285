"""Publishers and receivers made from GStreamer's and ffmpeg's own programs, which share nothing with Masthead."""

import contextlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

from synchronous_klv import Synchronous

ROOT = Path(__file__).resolve().parents[3]
READER = ROOT / "tests/integration/launch_lines/st0601_reader.mjs"
PATIENCE = int(os.environ.get('PATIENCE', 60))  # seconds; sanitized programs on a busy machine
RATE = 25

# Stock elements only: the sanitized plugin cannot be loaded into their programs.
STOCK = {name: value for name, value in os.environ.items() if name not in ("GST_PLUGIN_PATH", "GST_REGISTRY_FORK")}
STOCK["GST_REGISTRY"] = os.environ.get("GST_REGISTRY", "/tmp/registry.bin") + ".stock"


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def klv_packet(number, utc_us):
    """Items 2, 13, 14, 65 and the checksum: written by ST 0601's own rules. The latitude says which packet it is."""
    items = struct.pack(">BBQ", 2, 8, utc_us) + struct.pack(">BBi", 13, 4, number) + struct.pack(">BBi", 14, 4, 1 << 28) + b"\x41\x01\x11"
    packet = bytes.fromhex("060e2b34020b01010e01030101000000") + bytes([len(items) + 4]) + items + b"\x01\x02"
    total = sum(byte << 8 if at % 2 == 0 else byte for at, byte in enumerate(packet))
    return packet + struct.pack(">H", total & 0xFFFF)


@contextlib.contextmanager
def klv_sender():
    """A packet for each frame's time, as a datagram; yields the element that takes them."""
    port = free_port()
    stopped = threading.Event()

    def send():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to:
            number = 0
            while not stopped.wait(1 / RATE):
                to.sendto(klv_packet(number, time.time_ns() // 1000), ("127.0.0.1", port))
                number += 1

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield f"udpsrc address=127.0.0.1 port={port} caps=meta/x-klv,parsed=true"
    finally:
        stopped.set()
        sender.join()


def picture(encoder):
    return f"videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate={RATE}/1 ! {encoder}"


H264 = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! video/x-h264,profile=constrained-baseline ! h264parse config-interval=-1"
H264_B = "x264enc speed-preset=ultrafast key-int-max=24 bframes=2 b-adapt=false ! video/x-h264,profile=main ! h264parse config-interval=-1"
H265 = "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! h265parse config-interval=-1"


TONE = "audiotestsrc is-live=true freq=440 ! audioconvert ! audio/x-raw,rate=44100,channels=2"
AAC = f"{TONE} ! avenc_aac ! aacparse"


@contextlib.contextmanager
def ts(encoder, then, sound=None):
    """MPEG-TS with KLV in whole datagrams, and what `then` does with it."""
    beside = f"{sound} ! queue ! mux." if sound else ""
    with klv_sender() as klv, running(
            gst(f"{picture(encoder)} ! queue ! mpegtsmux name=mux alignment=7 {klv} ! queue ! mux. {beside} mux. ! {then}")) as publisher:
        yield publisher


@contextlib.contextmanager
def made_synchronous(source, target, turn=0):
    """Sends the MPEG-TS that arrives at UDP port `source` on to `target`, its KLV made synchronous."""
    stopped = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", source))
        taken.settimeout(0.2)

        def forward():
            maker = Synchronous(turn)
            while not stopped.is_set():
                with contextlib.suppress(TimeoutError):
                    if made := maker.feed(taken.recv(65536)):
                        taken.sendto(made, ("127.0.0.1", target))

        forwarder = threading.Thread(target=forward)
        forwarder.start()
        try:
            yield
        finally:
            stopped.set()
            forwarder.join()


class Program:
    """Runs from construction to stop(); what it prints is kept."""

    def __init__(self, command, env=None, stdin=None):
        self.lines = []
        self.news = threading.Condition()
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        stdin=stdin, text=True, errors="replace", env=env or STOCK)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.lines.append("(ended)")
            self.news.notify_all()

    def until(self, pattern, good=lambda match: True, patience=PATIENCE):
        """The first match of a line that is good; fails when the program ends or nothing comes."""
        def found():
            matches = (re.search(pattern, line) for line in self.lines)
            return next((match for match in matches if match and good(match)), None)
        with self.news:
            self.news.wait_for(lambda: found() or "(ended)" in self.lines, patience)
            if match := found():
                return match
            raise AssertionError(f"no line with '{pattern}' came; it said:\n" + "\n".join(self.lines[-30:]))

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        if self.process.stdin:
            self.process.stdin.close()
        self.process.stdout.close()
        return self.process.returncode


@contextlib.contextmanager
def running(command, env=None, stdin=None):
    program = Program(command, env, stdin)
    try:
        yield program
    finally:
        program.stop()


def gst(launch):
    return ["gst-launch-1.0", "-q", "-e", *launch.split()]


@contextlib.contextmanager
def rtsp_camera(launch):
    """libgstrtspserver; yields the URI."""
    with running([os.environ["RTSP_CAMERA_SERVER"], launch], stdin=subprocess.PIPE) as server:
        yield f"rtsp://127.0.0.1:{server.until(r'^([0-9]+)$')[1]}/camera"


def received(command, file, frames, klv):
    """Runs a receiver until it has `frames` frames and `klv` packets in `file` (MPEG-TS), once and again: it may come too early."""
    end = time.monotonic() + PATIENCE
    while True:
        file.unlink(missing_ok=True)
        done = subprocess.run([str(part) for part in command], env=STOCK, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if file.exists() and file.stat().st_size > 0:
            seen = look_into(file)
            if seen["frames"] >= frames and len(seen["klv"]) >= klv:
                return seen
        else:
            seen = None
        if time.monotonic() > end:
            raise AssertionError(f"{' '.join(map(str, command))}: {done.stderr[-2000:]}; in the file: {seen}")


def look_into(file):
    """Codec and frames by ffprobe, KLV packets by a reader of its own."""
    text = subprocess.run(["ffprobe", "-v", "fatal", "-count_packets", "-show_entries", "stream=codec_type,codec_name,nb_read_packets",
                           "-of", "json", file], capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
    streams = json.loads(text or "{}").get("streams", [])
    video = next((stream for stream in streams if stream["codec_type"] == "video"), {})
    has_klv = any(stream.get("codec_name") == "klv" for stream in streams)
    return {"codec": video.get("codec_name"), "frames": int(video.get("nb_read_packets", 0)), "klv": klv_of(file) if has_klv else []}


def klv_of(file):
    """Every packet, checked; the last one may be cut by the end of the recording, as ffmpeg then gives what there is of it."""
    klv = subprocess.run(["ffmpeg", "-v", "fatal", "-i", file, "-map", "0:d", "-c", "copy", "-f", "data", "-"], capture_output=True,
                         timeout=PATIENCE, check=False).stdout
    script = (f"import {{ readPackets }} from '{READER}'; const all = []; process.stdin.on('data', (part) => all.push(part));"
              "process.stdin.on('end', () => console.log(JSON.stringify(readPackets(Buffer.concat(all)))));")
    done = subprocess.run(["node", "--input-type=module", "-e", script], input=klv, capture_output=True, timeout=PATIENCE, check=False)
    if done.returncode != 0:
        raise AssertionError(f"the KLV of {file} is no ST 0601: {done.stderr.decode()[-500:]}")
    return json.loads(done.stdout)


class RtspClient:
    """Speaks RTSP over TCP as far as PLAY, with the stream in the same connection, and then reads only when told to."""

    def __init__(self, port, path):
        self.uri = f"rtsp://127.0.0.1:{port}{path}"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.number = 0
        self.session = None

    def ask(self, method, uri=None, **headers):
        self.number += 1
        lines = [f"{method} {uri or self.uri} RTSP/1.0", f"CSeq: {self.number}"]
        lines += [f"Session: {self.session}"] if self.session else []
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.exactly(1)
            if answer == b"$":  # the stream may begin before the answer to PLAY
                self.exactly(int.from_bytes(self.exactly(3)[1:], "big"))
                answer = b""
        if length := re.search(rb"Content-Length: (\d+)", answer):
            self.exactly(int(length[1]))
        if session := re.search(rb"Session: ([^;\r]+)", answer):
            self.session = session[1].decode()
        return int(answer.split()[1])

    def exactly(self, size):
        data = self.socket.recv(size, socket.MSG_WAITALL)
        if len(data) < size:
            raise ConnectionError("the server closed the connection")
        return data

    def play(self):
        """The last status: 200 when the stream comes."""
        return next((status for status in (
            self.ask("DESCRIBE", Accept="application/sdp"),
            self.ask("SETUP", self.uri + "/stream=0", Transport="RTP/AVP/TCP;unicast;interleaved=0-1"),
            self.ask("PLAY")) if status != 200), 200)

    def is_cut_off(self):
        """Reads until the server has closed the connection."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    def close(self):
        self.socket.close()
