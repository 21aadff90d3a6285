# bench: record          CPU and memory of recording 1, 4 and 16 passed-through 720p30 streams, beside ffmpeg's segment muxer in the same run
# packages: ffmpeg gstreamer1.0-tools
"""One camera (masthead-sim, RTSP over UDP, 720p30, 2 Mbit/s) is recorded N times at once: by N ffmpeg processes
(-c copy -f segment), by N gst-launch-1.0 with GStreamer's own RTSP source and mpegtsmux, by N workers with one camera each,
as the server runs them for N vehicles, and by one worker with N cameras. Workers keep capture times and KLV, write an index
and wait for the disk (fdatasync) after each GOP; the others do not, and gst-launch-1.0 starts no new files either.

CPU is user + system time in % of one core for each stream, median of 5 windows in which the programs are measured in turn.
Memory is what is a process's own with its share of what it has in common (PSS), for each stream."""

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BUILD = Path(os.environ.get("MASTHEAD_BUILD", "build/run"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy"))
from services import free_port, wait_for  # noqa: E402

WINDOWS, WINDOW_S, SETTLE_S = 5, 5, 3


class Others:
    """`count` processes of a program that is not ours, each into a folder of its own."""

    def __init__(self, folder, count, line):
        self.folder = folder
        self.processes = []
        for number in range(count):
            place = folder / f"{number}"
            place.mkdir(parents=True)
            self.processes.append(subprocess.Popen(line(place), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)


def ffmpeg(camera):
    return lambda place: ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", camera, "-c", "copy", "-f", "segment", "-segment_time", "600",
                          "-segment_format", "mpegts", place / "%d.ts"]


def gstreamer(camera):
    return lambda place: ["gst-launch-1.0", "-q", "rtspsrc", f"location={camera}", "latency=200", "!", "rtph264depay", "!", "h264parse", "!", "mpegtsmux",
                          "!", "filesink", f"location={place / '0.ts'}"]


class Workers:
    """This process plays their server."""

    def __init__(self, camera, folder, vehicles):
        self.folder = folder
        self.channels, self.processes = [], []
        recipe = {"title": "bench", "ingest": {"uri": camera}, "telemetry": {"source": "none"}, "outputs": {"record": {}}}
        for number, cameras in enumerate(vehicles):
            near, far = socket.socketpair()
            self.processes.append(subprocess.Popen([BUILD / "server/worker/masthead-worker"], pass_fds=(3,), preexec_fn=lambda far=far: os.dup2(far.fileno(), 3),
                                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            far.close()
            self.channels.append(near)
            threading.Thread(target=self._read, args=(near,), daemon=True).start()
            vehicle = {"id": f"v{number}", "kind": "drone", "cameras": [{"name": f"c{one}", "recipe": recipe} for one in range(cameras)]}
            near.sendall(json.dumps({"type": "configure", "ice_addresses": ["127.0.0.1"], "recordings": str(folder), "vehicles": [vehicle]}).encode() + b"\n")

    @staticmethod
    def _read(channel):
        with contextlib.suppress(OSError):
            while channel.recv(65536):
                pass

    def end(self):
        for channel in self.channels:
            channel.shutdown(socket.SHUT_RDWR)
        for process in self.processes:
            process.wait(20)


def cpu_s(processes):
    total = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory_mb(processes):
    lines = [line for process in processes for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def written(recorder):
    return {file: file.stat().st_size for file in recorder.folder.rglob("*.ts")}


def measure(recorders, count):
    """CPU % of each window, MB, least and most kbit/s of a stream, all by name."""
    for name, recorder in recorders.items():
        wait_for(f"{count} files of {name}", lambda recorder=recorder: len([size for size in written(recorder).values() if size > 0]) == count, timeout_s=60)
    time.sleep(SETTLE_S)
    used = {name: [] for name in recorders}
    before = {name: (written(recorder), time.monotonic()) for name, recorder in recorders.items()}
    for _ in range(WINDOWS):
        began = {name: (cpu_s(recorder.processes), time.monotonic()) for name, recorder in recorders.items()}
        time.sleep(WINDOW_S)
        for name, recorder in recorders.items():
            cpu, since = began[name]
            used[name].append(100 * (cpu_s(recorder.processes) - cpu) / (time.monotonic() - since) / count)
    rows = {}
    for name, recorder in recorders.items():
        sizes, since = before[name]
        rates = [8 * (size - sizes[file]) / (time.monotonic() - since) / 1000 for file, size in written(recorder).items()]
        rows[name] = {"cpu": used[name], "mb": memory_mb(recorder.processes) / count, "least": min(rates), "most": max(rates)}
    return rows


def main():
    parser = argparse.ArgumentParser(prog="./dev bench record", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", default="1,4,16", help="how many, comma separated")
    counts = [int(text) for text in parser.parse_args().streams.split(",")]
    folder = Path(tempfile.mkdtemp(prefix="mh-record-"))
    port = free_port()
    sim = subprocess.Popen([BUILD / "simulator/masthead-sim", "drone", "--rtsp-port", str(port), "--size", "1280x720", "--bitrate", "2000", "--rate", "30",
                            "--no-telemetry"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    camera = f"rtsp://127.0.0.1:{port}/camera"
    try:
        wait_for("the camera", lambda: subprocess.run(["ffprobe", "-loglevel", "quiet", camera], check=False).returncode == 0, process=sim)
        print(f"{'recorder':22} {'streams':>7} {'CPU % each':>10} {'windows':>34} {'ratio':>6} {'MB each':>8} {'kbit/s, least and most':>23}")
        for count in counts:
            recorders = {}
            try:
                recorders["ffmpeg, each a process"] = Others(folder / f"ffmpeg{count}", count, ffmpeg(camera))
                recorders["gst-launch-1.0, each"] = Others(folder / f"gstreamer{count}", count, gstreamer(camera))
                recorders["workers of one camera"] = Workers(camera, folder / f"workers{count}", [1] * count)
                recorders["one worker"] = Workers(camera, folder / f"worker{count}", [count])
                rows = measure(recorders, count)
            finally:
                for recorder in recorders.values():
                    recorder.end()
            floor = statistics.median(rows["ffmpeg, each a process"]["cpu"])
            for name, row in rows.items():
                windows = " ".join(f"{value:.2f}" for value in row["cpu"])
                cpu = statistics.median(row["cpu"])
                print(f"{name:22} {count:7} {cpu:10.2f} {windows:>34} {cpu / floor:6.2f} {row['mb']:8.1f} {row['least']:13.0f} {row['most']:9.0f}", flush=True)
    finally:
        sim.terminate()
        sim.wait(20)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
