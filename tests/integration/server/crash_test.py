"""Workers killed in the middle of writing: what the server lists and plays of their recordings. MASTHEAD_KILLS=N for more than 3."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request
from pathlib import Path

from house import House, free_port, wait_for

KILLS = int(os.environ.get("MASTHEAD_KILLS", "3"))
RECIPE = """title: recorded
parameters:
  uri: {type: uri}
ingest: {uri: "${uri}"}
telemetry: {source: embedded}
outputs:
  record: {}
"""
house = cookie = root = sim = None


def setUpModule():
    global house, cookie, root, sim
    house = House(broker=False).start_services()
    root = house.dir / "data/recordings"
    (house.pipelines / "recorded.yaml").write_text(RECIPE)
    house.start_server(worker=os.environ["MASTHEAD_WORKER"])
    house.wait_healthy()
    cookie = house.sign_in()
    port = free_port(socket.SOCK_DGRAM)
    sim = subprocess.Popen([os.environ["MASTHEAD_SIM"], "vessel", "--ts-port", str(port), "--nmea-port", "0", "--bitrate", "3000", "--gop", "60"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    vessel = {"id": "tern", "name": "Tern", "cameras": [{"name": "mast", "pipeline": "recorded", "parameters": {"uri": f"udp://127.0.0.1:{port}"}}]}
    status, answer, _ = house.request("POST", "/api/vessels", vessel, cookie=cookie)
    assert status == 201, answer


def tearDownModule():
    sim.terminate()
    sim.wait(20)
    house.stop()


def worker():
    """The pid of the server's worker; nothing while there is none."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            text = status.read_text()
            if f"PPid:\t{house.process.pid}\n" in text and text.startswith("Name:\tmasthead-worker"):
                return int(status.parent.name)
    return None


def files():
    return sorted(root.rglob("*.ts"))


def lines(file, kind):
    with contextlib.suppress(OSError):
        return [line.split() for line in file.with_suffix(".idx").read_text().splitlines() if line[0] == kind]
    return []


def rows():
    text = house.sql("SELECT json_agg(json_build_object('file', file, 'bytes', bytes, 'gops', gops, 'frames', frames, 'index_bytes', index_bytes, 'track', "
                     "(SELECT count(*) FROM recording_track t WHERE t.file = r.file)) ORDER BY began) FROM recordings r")
    return json.loads(text) if text else []


def expected(file):
    gops = lines(file, "G")
    return {"file": str(file.relative_to(root)), "bytes": file.stat().st_size, "gops": len(gops), "frames": sum(int(gop[6]) for gop in gops),
            "index_bytes": file.with_suffix(".idx").stat().st_size, "track": len(lines(file, "T"))}


def frames_of(source, *options):
    """As ffmpeg decodes them, from the first to the last."""
    done = subprocess.run(["ffprobe", "-v", "error", *options, "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", source],
                          capture_output=True, text=True, check=True, timeout=240)
    return int(done.stdout.split()[0].strip(","))


def begins_of(data):
    """Where GOPs begin: at packets of the program association table, which stand before each key frame."""
    return [at for at in range(0, len(data) - 187, 188) if data[at + 1] & 0x5F == 0x40 and data[at + 2] == 0]


def kill_in_the_middle(chance):
    """The file that it wrote, and what the file and its index held at that instant."""
    wait_for("a file with two GOPs", lambda: files() and len(lines(files()[-1], "G")) >= 2, timeout_s=120)
    time.sleep(chance.uniform(0, 2))  # anywhere in a GOP
    victim, file = worker(), files()[-1]
    os.kill(victim, signal.SIGSTOP)
    wait_for("the worker to stand still", lambda: f" T {house.process.pid} " in Path(f"/proc/{victim}/stat").read_text())
    held = file.read_bytes(), lines(file, "G")
    os.kill(victim, signal.SIGKILL)
    wait_for("another file", lambda: files()[-1] != file, timeout_s=120)
    return file, *held


class Killed(unittest.TestCase):
    def test_a_worker_that_is_killed_loses_nothing_before_the_last_gop_and_replay_goes_on_over_the_gap(self):
        chance = random.Random(4711)
        killed = [kill_in_the_middle(chance) for _ in range(KILLS)]
        wait_for("more after the last kill", lambda: len(lines(files()[-1], "G")) >= 2, timeout_s=120)
        self.assertEqual(house.request("DELETE", "/api/vessels/tern", cookie=cookie)[0], 204)
        wait_for("the worker's end", lambda: worker() is None)
        wait_for("rows as the killed files are", lambda: rows()[:KILLS] == [expected(file) for file, _, _ in killed])

        for file, data, gops in killed:
            kept = file.read_bytes()
            self.assertEqual(kept, data[:len(kept)], "bytes were changed")
            self.assertEqual(lines(file, "G")[:len(gops)], gops)
            begins = begins_of(data)
            indexed = [int(gop[1]) for gop in lines(file, "G")]
            self.assertIn(indexed, (begins, begins[:-1]), "a GOP is missing")
            print(f"{file.name}: {len(data)} bytes held, {len(kept)} kept; {len(gops)} GOPs known at the kill, {len(indexed)} kept", file=sys.stderr)

        indexes = {file: file.with_suffix(".idx").read_text() for file in files()}
        house.end_server()
        for file in files():
            file.with_suffix(".idx").unlink()
        house.start_server(worker=os.environ["MASTHEAD_WORKER"])
        house.wait_back(cookie)
        wait_for("the indexes out of the bytes", lambda: all(file.with_suffix(".idx").exists() for file in indexes))
        self.assertEqual({file: file.with_suffix(".idx").read_text() for file in indexes}, indexes)
        wait_for("rows as all files are", lambda: rows() == [expected(file) for file in files()])

        url = f"http://127.0.0.1:{house.port}/api/recordings/tern/mast/playlist.m3u8?from=0&to=4000000000000000"
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookie})) as answer:
            text = answer.read().decode()
        self.assertEqual(text.count("#EXT-X-DISCONTINUITY\n"), KILLS)
        self.assertEqual(frames_of(url, "-headers", f"Cookie: {cookie}\r\n"), sum(row["frames"] for row in rows()))


if __name__ == "__main__":
    unittest.main()
