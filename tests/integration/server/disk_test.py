"""A disk for recordings that fills up: the real worker records a camera onto a small tmpfs, and the server makes room."""

import json
import os
import re
import subprocess
import sys
import unittest

if "MASTHEAD_DISK_INSIDE" not in os.environ:  # mounts are this process's own, and go with it
    os.environ["MASTHEAD_DISK_INSIDE"] = "1"
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n", "-E"]
    command = [*as_root, "unshare", "--mount", sys.executable, *sys.orig_argv[1:]]
    os.execvp(command[0], command)

from house import House, free_port, wait_for  # noqa: E402
import socket  # noqa: E402

SIZE_MB = 12
house = cookie = None
running = []

RECIPE = """title: small files
parameters:
  uri: {type: uri}
ingest: {uri: "${uri}"}
telemetry: {source: embedded}
outputs:
  record: {file_megabytes: 1, keep_days: 0}
  restream:
    watcher: {rtsp: {port: %d, path: /live}}
"""


def setUpModule():
    global house, cookie
    house = House(broker=False).start_services()
    folder = house.dir / "recordings"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", folder], check=True)
    house.rtsp = free_port()
    (house.pipelines / "small-files.yaml").write_text(RECIPE % house.rtsp)
    house.start_server(recordings=str(folder), keep_free_percent=40, worker=os.environ["MASTHEAD_WORKER"])
    house.wait_healthy()
    cookie = house.sign_in()


def tearDownModule():
    for process in running:
        process.terminate()
        process.wait(20)
    house.end_server()
    subprocess.run(["umount", house.dir / "recordings"], check=True)
    house.stop()


def run(*command, **options):
    running.append(subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL, **options))
    return running[-1]


def get(path):
    status, answer, _ = house.request("GET", path, cookie=cookie)
    assert status == 200, answer
    return answer


def files():
    return house.sql("SELECT file FROM recordings ORDER BY began").split()


def said(text):
    return [event for event in get("/api/events") if text in event["message"]]


class FullDisk(unittest.TestCase):
    def test_the_oldest_that_nobody_protected_go_and_live_video_goes_on(self):
        port = free_port(socket.SOCK_DGRAM)
        run(os.environ["MASTHEAD_SIM"], "vessel", "--ts-port", port, "--nmea-port", 0, "--bitrate", 6000, "--size", "640x360",
            stdout=subprocess.DEVNULL)
        vessel = {"id": "tern", "name": "Tern", "cameras": [{"name": "mast", "pipeline": "small-files",
                                                             "parameters": {"uri": f"udp://127.0.0.1:{port}"}}]}
        self.assertEqual(house.request("POST", "/api/vessels", vessel, cookie=cookie)[0], 201)
        wait_for("two recorded files", lambda: len(files()) >= 2, timeout_s=120)
        watcher = run("ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0",
                      f"rtsp://127.0.0.1:{house.rtsp}/live", stdout=subprocess.PIPE, text=True)
        starred = files()[0]
        began = int(house.sql(f"SELECT extract(epoch FROM began) * 1000000 FROM recordings WHERE file = '{starred}'").split(".")[0])
        status, answer, _ = house.request("POST", "/api/bookmarks", {"vehicle": "tern", "from": began, "note": "evidence", "protects": True}, cookie=cookie)
        self.assertEqual(status, 201, answer)
        second = files()[1]
        wait_for("an alarm", lambda: said("nothing is recorded") or said("was full"), timeout_s=120)
        wait_for("room again", lambda: second not in files(), timeout_s=120)
        wait_for("recording again", lambda: not get("/api/disk")["failing"], timeout_s=60)
        newest = files()[-1]
        wait_for("more of it", lambda: files()[-1] != newest, timeout_s=60)
        self.assertIn(starred, files())
        self.assertTrue((house.dir / "recordings" / starred).exists())
        self.assertFalse((house.dir / "recordings" / second).exists())
        self.assertTrue(said("the disk for recordings was full"), json.dumps(get("/api/events")))
        self.assertGreater(get("/api/disk")["free_bytes"], 0)
        watcher.terminate()
        times = [float(line) for line in re.findall(r"^\d+\.\d+", watcher.stdout.read(), re.MULTILINE)]
        self.assertGreater(len(times), 100)
        largest = max(b - a for a, b in zip(times, times[1:]))
        self.assertLess(largest, 1, "the picture stood still")


if __name__ == "__main__":
    unittest.main()
