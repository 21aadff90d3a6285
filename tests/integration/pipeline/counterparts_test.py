"""Each recipe that ships, run by masthead-pipeline against a real counterpart: a publisher and, where it has an output
for other systems, a receiver. The table in pipelines/README.md is CASES; --write renews it."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import counterparts as with_
from counterparts import AAC, H264, H264_B, H265, ROOT, free_port, gst, made_synchronous, running, ts

PROGRAM = os.environ.get("MASTHEAD_PIPELINE", "masthead-pipeline")
README = ROOT / "pipelines/README.md"
GROUP = "239.255.77.7"
FRAMES = 30


@contextlib.contextmanager
def udp(folder, encoder=H264, sound=None):
    port = free_port()
    with ts(encoder, f"udpsink host=127.0.0.1 port={port} sync=false", sound):
        yield {"uri": f"udp://127.0.0.1:{port}"}


def synchronous(turn=0):
    """`ts` with its KLV made synchronous on the way."""
    @contextlib.contextmanager
    def serve(folder):
        port, between = free_port(), free_port()
        with made_synchronous(between, port, turn), ts(H264, f"udpsink host=127.0.0.1 port={between} sync=false"):
            yield {"uri": f"udp://127.0.0.1:{port}"}
    return serve


@contextlib.contextmanager
def rtp(folder):
    port = free_port()
    with ts(H264, f"rtpmp2tpay ! udpsink host=127.0.0.1 port={port} sync=false"):
        yield {"uri": f"rtp://127.0.0.1:{port}"}


@contextlib.contextmanager
def srt(folder):
    port = free_port()
    with ts(H264, f"srtsink uri=srt://127.0.0.1:{port}?mode=listener wait-for-connection=false sync=false"):
        yield {"uri": f"srt://127.0.0.1:{port}"}


@contextlib.contextmanager
def ffmpeg_udp(folder):
    port = free_port()
    with running(["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-c:v", "libx264", "-bf", "2",
                  "-g", "25", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-f", "mpegts", f"udp://127.0.0.1:{port}?pkt_size=1316"]):
        yield {"uri": f"udp://127.0.0.1:{port}"}


@contextlib.contextmanager
def ffmpeg_http(folder):
    uri = f"http://127.0.0.1:{free_port(with_.socket.SOCK_STREAM)}/camera"
    with running(["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-c:v", "mjpeg", "-f", "mpjpeg",
                  "-listen", "1", uri]):
        yield {"uri": uri}


@contextlib.contextmanager
def rtsp_pair(folder):
    with with_.rtsp_camera(RTSP_H264) as daylight, with_.rtsp_camera(RTSP_H264.replace("320", "160")) as thermal:
        yield {"daylight": daylight, "thermal": thermal}


def rtsp(launch):
    @contextlib.contextmanager
    def serve(folder):
        with with_.rtsp_camera(launch) as uri:
            yield {"uri": uri}
    return serve


@contextlib.contextmanager
def recording(folder):
    file = folder / "flight.ts"
    with ts(H264, f"identity eos-after=250 ! filesink location={file}") as made:
        made.process.wait(with_.PATIENCE)
    yield {"uri": f"file://{file}"}


@contextlib.contextmanager
def nothing(folder):
    yield {}


def by_ffmpeg(*arguments, streams="0", seconds=2):
    """`streams`: of those that never send anything ffmpeg waits for ever."""
    return lambda uri, file: ["ffmpeg", "-v", "error", "-nostdin", "-analyzeduration", "1500000", *arguments, "-i", uri, "-map", streams,
                              "-c", "copy", "-t", str(seconds), "-f", "mpegts", file]


def by_gst(source):
    return lambda uri, file: gst(f"{source.format(uri=uri)} ! filesink location={file}")


@dataclass
class Case:
    recipe: str
    publisher: str  # for people
    publish: Callable
    codec: str = "H.264"  # of the camera
    klv: bool = True
    sound: bool = False
    receiver: str = "-"
    cameras: tuple = ("",)  # what masthead says before what it says of each
    where: Callable = None  # parameters of the output, and the URI of the receiver
    receive: Callable = None


def to_udp():
    port = free_port()
    return {"to": f"udp://127.0.0.1:{port}"}, f"udp://127.0.0.1:{port}?timeout=3000000"


def to_group():
    port = free_port()
    return {"to": f"udp://{GROUP}:{port}?interface=lo"}, f"udp://{GROUP}:{port}?localaddr=127.0.0.1&timeout=3000000"


def to_listening_srt():
    port = free_port()
    return {"to": f"srt://127.0.0.1:{port}?latency=60"}, f"srt://127.0.0.1:{port}?mode=listener"


def from_listening_srt():
    port = free_port()
    return {"to": f"srt://127.0.0.1:{port}?mode=listener"}, f"srt://127.0.0.1:{port}?mode=caller"


def from_rtsp():
    port = free_port(with_.socket.SOCK_STREAM)
    return {"port": port}, f"rtsp://127.0.0.1:{port}/live"


TEST_SIZE = "video/x-raw,width=320,height=240,framerate=25/1"
RTSP_H264 = f"( videotestsrc is-live=true ! {TEST_SIZE} ! {H264} ! rtph264pay name=pay0 pt=96 )"
RTSP_H265 = f"( videotestsrc is-live=true ! {TEST_SIZE} ! {H265} ! rtph265pay name=pay0 pt=96 )"
RTSP_AAC = f"( videotestsrc is-live=true ! {TEST_SIZE} ! {H264} ! rtph264pay name=pay0 pt=96 {AAC} ! rtpmp4gpay name=pay1 pt=97 )"
RTSP_PCMU = (f"( videotestsrc is-live=true ! {TEST_SIZE} ! {H264} ! rtph264pay name=pay0 pt=96 "
             "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay1 pt=0 )")
GST_RTSP = "rtspsrc location={uri} protocols=%s latency=0 ! rtpmp2tdepay ! identity eos-after=80"

CASES = [
    Case("test-scene", "none: a picture of its own", nothing, klv=False),
    Case("rtsp-link", "GStreamer RTSP server, H.264", rtsp(RTSP_H264), klv=False),
    Case("rtsp-link", "GStreamer RTSP server, H.264 and AAC", rtsp(RTSP_AAC), klv=False, sound=True),
    Case("rtsp-link", "GStreamer RTSP server, H.264 and G.711", rtsp(RTSP_PCMU), klv=False, sound=True),
    Case("thermal-daylight", "two GStreamer RTSP servers, H.264", rtsp_pair, klv=False, cameras=("daylight: ", "thermal: ")),
    Case("rtsp-ladder", "GStreamer RTSP server, H.264", rtsp(RTSP_H264), klv=False),
    Case("rtsp-transcode", "GStreamer RTSP server, H.265", rtsp(RTSP_H265), codec="H.265", klv=False),
    Case("ts-embedded", "GStreamer `udpsink`, H.264 and KLV", udp),
    Case("ts-embedded", "GStreamer `udpsink`, H.264 and synchronous KLV", synchronous()),
    Case("ts-embedded", "GStreamer `udpsink`, H.264, AAC and KLV", lambda folder: udp(folder, sound=AAC), sound=True),
    Case("ts-transcode", "ffmpeg by UDP, H.264 with B-frames", ffmpeg_udp, klv=False),
    Case("srt-embedded", "GStreamer `srtsink`, H.264 and KLV", srt),
    Case("rtp-embedded", "GStreamer `rtpmp2tpay`, H.264 and KLV", rtp),
    Case("file-loop", "a file by GStreamer `mpegtsmux`, H.264 and KLV", recording),
    Case("mjpeg-http", "ffmpeg by HTTP, `multipart/x-mixed-replace`", ffmpeg_http, klv=False),
    Case("restream-udp", "GStreamer `udpsink`, H.264 and KLV", udp, receiver="ffmpeg by UDP", where=to_udp, receive=by_ffmpeg()),
    Case("restream-udp", "GStreamer `udpsink`, H.265 and KLV", lambda folder: udp(folder, H265), codec="H.265",
         receiver="ffmpeg, in the group", where=to_group, receive=by_ffmpeg()),
    Case("restream-srt", "GStreamer `rtpmp2tpay`, H.264 and KLV", rtp, receiver="ffmpeg listening by SRT", where=to_listening_srt,
         receive=by_ffmpeg()),
    Case("restream-srt", "GStreamer `udpsink`, H.264 and KLV", udp, receiver="GStreamer `srtsrc`", where=from_listening_srt,
         receive=by_gst("srtsrc uri={uri} latency=20 num-buffers=80")),
    Case("restream-rtsp", "GStreamer `srtsink`, H.264 and KLV", srt, receiver="ffmpeg by RTSP over TCP", where=from_rtsp,
         receive=by_ffmpeg("-rtsp_transport", "tcp")),
    Case("restream-rtsp", "GStreamer `udpsink`, H.264 with B-frames and KLV", lambda folder: udp(folder, H264_B),
         receiver="GStreamer `rtspsrc` over UDP", where=from_rtsp, receive=by_gst(GST_RTSP % "udp")),
]

# With a server and a browser: what proves them is elsewhere.
ELSEWHERE = [
    ("whip-link", "Chromium by WHIP, H.264; GStreamer `webrtcbin`", "Chromium", ["tests/e2e/whip.spec.ts", "tests/unit/elements_whip_test.cpp"]),
    ("rtsp-link", "`masthead-sim`, H.264", "players by WHEP", ["tests/e2e/whep.spec.ts"]),
]

NOISE = """\
title: A picture that takes many bits
ingest:
  launch: |
    videotestsrc is-live=true pattern=snow ! video/x-raw,width=640,height=360,framerate=25/1 !
    x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=16000 ! h264parse name=video
telemetry: {source: none}
outputs:
  restream:
    live: {rtsp: {port: PORT, path: /noise, max_clients: 2}}
"""

FIGURES = r"(\d+) frames, (\d+) with metadata"
SOUND = r"(\d+) packets of sound"


# Recipes for devices, of which the machines that run this have none: what stands there instead of the device's own line.
DEVICES = {
    "v4l2-raw": "videotestsrc is-live=true",
    "v4l2-mjpeg": "videotestsrc is-live=true ! jpegenc",
}
NO_DEVICE = "never run on a device: a test pattern in place of `v4l2src`"


def table():
    rows = [f"| `{case.recipe}` | {case.publisher} | {case.receiver} |" for case in CASES]
    rows += [f"| `{recipe}` | {NO_DEVICE} | - |" for recipe in DEVICES]
    rows += [f"| `{recipe}` | {publisher} | {receiver} ({', '.join(f'`{file}`' for file in files)}) |" for recipe, publisher, receiver, files in ELSEWHERE]
    return "\n".join(["| recipe | fed by | received by |", "|---|---|---|", *rows])


def with_table(text):
    begin, end = "<!-- proven: written by counterparts_test.py --write -->\n", "\n<!-- /proven -->"
    before, _, rest = text.partition(begin)
    return before + begin + table() + end + rest.partition(end)[2]


class Counterparts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def prove(self, case):
        parameters, uri = case.where() if case.where else ({}, None)
        with case.publish(self.folder) as camera:
            command = [PROGRAM, "run", ROOT / f"pipelines/{case.recipe}.yaml"]
            for name, value in {**camera, **parameters}.items():
                command += ["--set", f"{name}={value}"]
            with running(command, env=os.environ) as masthead:
                enough = FRAMES if case.klv else 0
                for each in case.cameras:
                    masthead.until(rf"^{each}camera playing, {re.escape(case.codec)} ")
                    masthead.until(rf"^{each}\d+ frames/s, {FIGURES}", lambda seen: int(seen[1]) > FRAMES and int(seen[2]) >= enough)
                if case.sound:
                    masthead.until("^camera playing, .*, sound")
                    masthead.until(SOUND, lambda seen: int(seen[1]) > 100)
                if case.receive:
                    file = self.folder / "received.ts"
                    seen = with_.received(case.receive(uri, file), file, FRAMES, FRAMES)
                    self.assertEqual(seen["codec"], {"H.264": "h264", "H.265": "hevc"}[case.codec])
                    packets = len(seen["klv"])
                    self.assertAlmostEqual(packets, seen["frames"], delta=15, msg="a packet for each frame")
                    self.assertTrue(all("latitude" in packet for packet in seen["klv"]))
                    print(f"{case.recipe}: {case.receiver}: {seen['codec']}, {seen['frames']} frames, {packets} KLV packets")
                self.assertEqual(masthead.stop(), 0, masthead.lines[-30:])

    def test_each_recipe_that_ships_is_proven(self):
        shipped = {file.stem for file in (ROOT / "pipelines").glob("*.yaml")}
        self.assertEqual(shipped, {case.recipe for case in CASES} | {recipe for recipe, *_ in ELSEWHERE} | set(DEVICES))

    def test_what_proves_the_others_is_there(self):
        for *_, files in ELSEWHERE:
            for file in files:
                self.assertTrue((ROOT / file).is_file(), file)

    def test_the_table_in_the_readme_is_this_one(self):
        text = README.read_text()
        self.assertEqual(text, with_table(text), "stale: run counterparts_test.py --write")


class Devices(unittest.TestCase):
    def test_all_behind_the_device_works(self):
        for recipe, instead in DEVICES.items():
            with self.subTest(recipe), tempfile.TemporaryDirectory() as folder:
                text = (ROOT / f"pipelines/{recipe}.yaml").read_text()
                self.assertEqual(text.count("v4l2src device=${device} "), 1)
                file = Path(folder) / "camera.yaml"
                # The text overlay keeps the parameter in use.
                file.write_text(text.replace("v4l2src device=${device} ", f"{instead} ").replace("x264enc", "textoverlay text=${device} ! x264enc"))
                sizes = ["--set", "width=320", "--set", "height=180", "--set", "rate=25"]
                with running([PROGRAM, "run", file, *sizes], env=os.environ) as masthead:
                    masthead.until(r"^camera playing, H\.264 .*320x180")
                    masthead.until(FIGURES, lambda seen: int(seen[1]) > FRAMES)
                    self.assertEqual(masthead.stop(), 0, masthead.lines[-30:])

    def test_a_device_that_is_not_there_is_said(self):
        for recipe in DEVICES:
            with self.subTest(recipe), running([PROGRAM, "run", ROOT / f"pipelines/{recipe}.yaml", "--set", "device=/dev/no-such-camera"],
                                               env=os.environ) as masthead:
                masthead.until("camera refused.*/dev/no-such-camera.*plugged in")


class Probe(unittest.TestCase):
    def test_each_klv_pid_is_named_with_what_came_of_it(self):
        with synchronous(turn=5)(None) as camera:
            done = subprocess.run([PROGRAM, "probe", camera["uri"], "--duration", "3"], capture_output=True, text=True, timeout=with_.PATIENCE,
                                  check=True)
        self.assertRegex(done.stdout, r"KLV +\d+\.\d packets/s, 0 with flaws, 4 different items\n")
        for pid, health in ((0x42, r"\d+ packets"), (0x142, r"\d+ packets"), (0x143, "nothing came")):
            self.assertRegex(done.stdout, rf"(?m)^KLV PID +0x{pid:04x} synchronous: {health}$")
        self.assertIn("recipe    ts-embedded", done.stdout)


SEALED = """\
title: Sealed
ingest:
  launch: |
    videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=25/1 !
    x264enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! h264parse name=video
telemetry: {source: none}
outputs:
  restream:
    sealed: {uri: "srt://127.0.0.1:PORT?mode=listener", passphrase_file: FILE}
"""


class Passphrase(unittest.TestCase):
    def test_only_who_knows_it_receives(self):
        with tempfile.TemporaryDirectory() as name:
            folder, port = Path(name), free_port()
            (folder / "passphrase").write_text("open-sesame-2\n")
            (folder / "sealed.yaml").write_text(SEALED.replace("PORT", str(port)).replace("FILE", f"{folder}/passphrase"))
            uri, file = f"srt://127.0.0.1:{port}?mode=caller", folder / "received.ts"
            with running([PROGRAM, "run", folder / "sealed.yaml"], env=os.environ) as masthead:
                masthead.until("^camera playing")
                self.assertEqual(with_.received(by_ffmpeg("-passphrase", "open-sesame-2", streams="0:v")(uri, file), file, 30, 0)["codec"], "h264")
                for wrong in ([], ["-passphrase", "open-sesame-3"]):
                    done = subprocess.run(by_ffmpeg(*wrong)(uri, folder / "none.ts"), capture_output=True, timeout=with_.PATIENCE, check=False)
                    self.assertNotEqual(done.returncode, 0)
                self.assertNotIn("sesame", "\n".join(masthead.lines))
            shown = subprocess.run([PROGRAM, "explain", folder / "sealed.yaml"], capture_output=True, text=True, check=True).stdout
            self.assertIn("srtsink", shown)
            self.assertNotIn("sesame", shown)


class RtspClients(unittest.TestCase):
    """What clients of an RTSP output can and cannot do to each other."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.port = free_port(with_.socket.SOCK_STREAM)
        self.file = Path(folder.name) / "received.ts"
        recipe = Path(folder.name) / "noise.yaml"
        recipe.write_text(NOISE.replace("PORT", str(self.port)))
        self.masthead = self.enterContext(running([PROGRAM, "run", recipe], env=os.environ))
        self.masthead.until("^camera playing")

    def client(self):
        client = with_.RtspClient(self.port, "/noise")
        self.addCleanup(client.close)
        return client

    def test_one_that_does_not_read_is_cut_off_and_the_others_miss_nothing(self):
        slow = self.client()
        self.assertEqual(slow.play(), 200)
        uri = f"rtsp://127.0.0.1:{self.port}/noise"
        receive = by_ffmpeg("-rtsp_transport", "tcp", streams="0:v", seconds=15)
        with running(receive(uri, self.file)) as other:
            self.masthead.until("an RTSP client that does not read is cut off")
            self.assertTrue(slow.is_cut_off())
            self.assertEqual(other.process.wait(with_.PATIENCE), 0)
        text = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", self.file],
                              capture_output=True, text=True, check=True).stdout
        times = sorted(float(line.split(",")[0]) for line in text.split())
        self.assertGreater(len(times), 340)
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        self.assertLess(max(gaps), 0.06, "a frame is missing")

    def test_more_than_the_recipe_allows_are_sent_away(self):
        first, second = self.client(), self.client()
        self.assertEqual((first.play(), second.play()), (200, 200))
        third = self.client()
        self.assertTrue(third.is_cut_off())
        self.masthead.until("an RTSP client is sent away")
        self.assertTrue(second.socket.recv(1000), "the others stay")


def add(number, case):
    title = re.sub(r"\W+", "_", f"{case.recipe} {case.publisher} {case.receiver}").strip("_").lower()
    setattr(Counterparts, f"test_{number:02}_{title}", lambda self: self.prove(case))


for each in enumerate(CASES):
    add(*each)

if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        README.write_text(with_table(README.read_text()))
    else:
        unittest.main(verbosity=2)
