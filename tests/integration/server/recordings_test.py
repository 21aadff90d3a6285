"""Recordings as the server lists, plays and serves them: files that the simulator recorded, read by ffmpeg."""

import http.client
import os
import re
import shutil
import subprocess
import time
import unittest

from house import House, camera, drone, wait_for

SECONDS, RATE = 6, 30
house = None
cookie = None
root = None


def record(camera, seconds=SECONDS, start_us=None):
    """A recording of its own run, with a key frame each second and metadata on each frame."""
    subprocess.run([os.environ["MASTHEAD_SIM"], "vessel", "--record", root / camera, "--duration", str(seconds), "--rate", str(RATE), "--start-utc",
                    str(start_us or time.time_ns() // 1000)], check=True, timeout=120, stderr=subprocess.DEVNULL)
    return sorted((root / camera).rglob("*.ts"))[-1]


def setUpModule():
    global house, cookie, root
    house = House(broker=False).start_services()
    root = house.dir / "data/recordings"
    (house.dir / "data").mkdir(mode=0o700)
    for start_s in (120, 60):
        record("kestrel/nose", start_us=time.time_ns() // 1000 - start_s * 1_000_000)
    house.start_server()
    house.wait_healthy()
    cookie = house.sign_in()
    wait_for("the recordings in the list", lambda: len(ranges("kestrel", "nose")) == 2)


def tearDownModule():
    house.stop()


def get(path, headers=None, session=True):
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
    connection.request("GET", path, headers={**(headers or {}), **({"Cookie": cookie} if session else {})})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, answer.headers


def listed(resolution=0):
    far = int((time.time() + 3600) * 1e6)
    status, answer, _ = house.request("GET", f"/api/recordings?from=0&to={far}&resolution={resolution}", cookie=cookie)
    assert status == 200, answer
    return {(one["vehicle"], one["camera"]): one["ranges"] for one in answer}


def ranges(vehicle, camera, resolution=0):
    return listed(resolution).get((vehicle, camera), [])


def playlist(vehicle="kestrel", camera="nose", start=0, end=4_000_000_000_000_000):
    return get(f"/api/recordings/{vehicle}/{camera}/playlist.m3u8?from={start}&to={end}")


def parts(text):
    """(uri, offset, length) of each segment."""
    return [(uri, int(offset), int(length)) for length, offset, uri in
            re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)", text)]


class Recordings(unittest.TestCase):
    def test_what_was_recorded_before_the_server_started_is_listed(self):
        first, second = ranges("kestrel", "nose")
        self.assertAlmostEqual((first["to"] - first["from"]) / 1e6, SECONDS, delta=0.2)
        self.assertLess(first["to"], second["from"])
        self.assertEqual(len(ranges("kestrel", "nose", resolution=3_600_000_000)), 1)
        self.assertEqual(house.request("GET", f"/api/recordings?from={first['to'] + 1}&to={second['from']}", cookie=cookie)[1], [])

    def test_a_playlist_names_the_very_bytes_of_the_files(self):
        status, text, headers = playlist()
        self.assertEqual((status, headers["Content-Type"]), (200, "application/vnd.apple.mpegurl"))
        segments = parts(text.decode())
        self.assertEqual(len(segments), 2 * SECONDS)
        self.assertEqual(text.count(b"#EXT-X-DISCONTINUITY"), 1)
        for uri, offset, length in segments:
            file = (root / "kestrel/nose" / uri).read_bytes()
            status, body, headers = get(f"/api/recordings/kestrel/nose/{uri}", {"Range": f"bytes={offset}-{offset + length - 1}"})
            self.assertEqual((status, headers["Content-Range"]), (206, f"bytes {offset}-{offset + length - 1}/{len(file)}"))
            self.assertEqual(body, file[offset:offset + length])
            self.assertEqual(body[:1], b"G")

    def test_a_range_has_the_gops_it_touches(self):
        first = ranges("kestrel", "nose")[0]
        text = playlist(start=first["from"] + 1_500_000, end=first["from"] + 2_500_000)[1].decode()
        self.assertEqual(len(parts(text)), 2)

    def test_ffmpeg_plays_a_whole_playlist(self):
        first = ranges("kestrel", "nose")[0]
        url = f"http://127.0.0.1:{house.port}/api/recordings/kestrel/nose/playlist.m3u8?from=0&to={first['to']}"
        done = subprocess.run(["ffprobe", "-v", "error", "-headers", f"Cookie: {cookie}\r\n", "-count_frames", "-select_streams", "v",
                               "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", url],
                              capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(done.stdout.split()[0].strip(","), str(SECONDS * RATE), done.stderr)

    def test_the_live_playlist_is_a_bounded_window_whose_numbers_go_on(self):
        status, answer, _ = house.request("GET", "/api/recordings/kestrel/nose/live.m3u8", cookie=cookie)
        self.assertEqual((status, answer["message"]), (404, "this camera has no live playlist: its pipeline file has no output 'hls'"))
        file = house.pipelines / "short-hls.yaml"
        file.write_text((house.pipelines / "rtsp-link.yaml").read_text().replace("hls: {}", "hls: {window_seconds: 10}"))
        wait_for("the new pipeline file", lambda: any(one["name"] == "short-hls" and one["title"] for one in house.request("GET", "/api/pipelines", cookie=cookie)[1]))
        vehicle = drone("kestrel", cameras=[{**camera(), "pipeline": "short-hls"}])
        status, answer, _ = house.request("POST", "/api/drones", vehicle, cookie=cookie)
        self.assertEqual(status, 201, answer)
        self.addCleanup(house.worker().end)
        text = get("/api/recordings/kestrel/nose/live.m3u8")[1].decode()
        self.assertEqual(len(parts(text)), 10)
        self.assertIn("#EXT-X-MEDIA-SEQUENCE:2\n", text)
        self.assertNotIn("ENDLIST", text)

    def test_a_whole_file_can_be_had_and_is_not_sent_twice(self):
        uri = parts(playlist()[1].decode())[0][0]
        status, body, headers = get(f"/api/recordings/kestrel/nose/{uri}")
        self.assertEqual((status, body), (200, (root / "kestrel/nose" / uri).read_bytes()))
        self.assertEqual(get(f"/api/recordings/kestrel/nose/{uri}", {"If-None-Match": headers["ETag"]})[0], 304)
        self.assertEqual(get(f"/api/recordings/kestrel/nose/{uri}", {"Range": "bytes=99999999-"})[0], 416)

    def test_a_range_with_nothing_in_it_says_so(self):
        for vehicle, camera in (("kestrel", "tail"), ("nobody", "nose")):
            status, answer, _ = house.request("GET", f"/api/recordings/{vehicle}/{camera}/playlist.m3u8?from=0&to=9", cookie=cookie)
            self.assertEqual((status, answer["message"]), (404, "nothing was recorded by this camera in this time"))
        self.assertEqual(playlist(start=9, end=3)[0], 400)

    def test_nobody_gets_out_of_the_folder_or_in_without_a_session(self):
        uri = parts(playlist()[1].decode())[0][0]
        self.assertEqual(get(f"/api/recordings/kestrel/nose/{uri}", session=False)[0], 401)
        for place in ("kestrel/nose/2026-01-01/..%2F..%2F..%2Fsecret.ts", "kestrel/nose/../../../secret.txt", "../x/y/z.ts", "kestrel/nose/..",
                      "kestrel/nose/2026-01-01/x.idx", "kestrel/nose/%2e%2e/x.ts"):
            self.assertIn(get(f"/api/recordings/{place}")[0], (400, 404), place)


class Changes(unittest.TestCase):
    def test_what_a_worker_records_is_listed_as_it_grows(self):
        vehicle = drone("osprey")
        self.assertEqual(house.request("POST", "/api/drones", vehicle, cookie=cookie)[0], 201)
        worker = house.worker()
        self.addCleanup(worker.end)
        self.assertEqual(worker.first["recordings"], str(root))
        whole = record("osprey/nose")
        name = whole.relative_to(root)
        data, lines = whole.read_bytes(), whole.with_suffix(".idx").read_text().splitlines(keepends=True)
        for gops in (2, SECONDS):
            known = [number for number, line in enumerate(lines, 1) if line.startswith("G")][gops - 1]
            end = int(lines[known - 1].split()[1]) + int(lines[known - 1].split()[2])
            whole.write_bytes(data[:end])
            whole.with_suffix(".idx").write_text("".join(lines[:known]))
            worker.send(type="recording.state", vehicle="osprey", camera="nose", state="recording", file=str(name))
            wait_for(f"{gops} GOPs in the list", lambda: self.gops() == gops)
        worker.send(type="recording.state", vehicle="osprey", camera="nose", state="recording", file="kestrel/nose/2026-01-01/x.ts")
        worker.send(type="recording.state", vehicle="osprey", camera="nose", state="recording", file="osprey/nose/../../../x.ts")
        self.assertEqual(house.request("GET", "/healthz", cookie=cookie)[0], 200)

    @staticmethod
    def gops():
        return int(house.sql("SELECT coalesce(sum(gops), 0) FROM recordings WHERE vehicle_id = 'osprey'"))

    def test_bad_files_in_the_archive_disturb_nothing(self):
        folder = root / "plover/nose/2026-01-01"
        folder.mkdir(parents=True)
        (folder / "01-00-00.000Z.ts").write_bytes(b"no video at all" * 1000)
        good = record("plover/tail")
        cut = good.read_bytes()[:-700]
        lost = record("plover/wing")
        house.end_server()
        good.write_bytes(cut)  # as a crash leaves it
        good.with_suffix(".idx").write_text("masthead-index 1 h264\nG 0 broken\n")
        house.start_server()
        house.wait_healthy()
        wait_for("the good ones", lambda: ranges("plover", "tail") and ranges("plover", "wing"))
        self.assertNotIn(("plover", "nose"), listed())
        wait_for("a word about the bad one", lambda: house.said("has no video that can be played"))
        self.assertTrue((folder / "01-00-00.000Z.ts").exists())
        self.assertEqual(sum(length for _, _, length in parts(playlist("plover", "tail")[1].decode())), good.stat().st_size)
        shutil.move(lost, house.dir / "elsewhere.ts")
        text = playlist("plover", "wing")[1].decode()
        self.assertEqual(text.count("#EXT-X-GAP"), len(parts(text)))
        status, answer, _ = house.request("GET", f"/api/recordings/plover/wing/{parts(text)[0][0]}", cookie=cookie)
        self.assertEqual(status, 404)
        self.assertIn("is not there (any more)", answer["message"])


if __name__ == "__main__":
    unittest.main()
