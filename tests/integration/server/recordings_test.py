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


def address_of(vehicle, camera, end):
    return f"/api/recordings/{vehicle}/{camera}/playlist.m3u8?from=0&to={end}"


def ffprobe(address, *options):
    """Lines of what ffprobe says of a playlist's video."""
    done = subprocess.run(["ffprobe", "-v", "error", "-headers", f"Cookie: {cookie}\r\n", *options, "-select_streams", "v", "-of", "csv=p=0",
                           f"http://127.0.0.1:{house.port}{address}"], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.split()


def played(address):
    """Frames that ffmpeg decodes."""
    return int(ffprobe(address, "-count_frames", "-show_entries", "stream=nb_read_frames")[0].strip(","))


def pictures(address):
    """Time, key flag and type of each frame, from the first one's time on."""
    frames = [line.split(",") for line in ffprobe(address, "-show_entries", "frame=key_frame,pts_time,pict_type") if line.count(",") >= 2]
    return [(key, round(float(time) - float(frames[0][1]), 3), kind) for key, time, kind, *_ in frames]


def boxes(data):
    """(type, content) of each."""
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append((data[4:8].decode(), data[8:size]))
        data = data[size:]
    return found


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
        self.assertEqual(played(address_of("kestrel", "nose", ranges("kestrel", "nose")[0]["to"])), SECONDS * RATE)

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

    def test_fragmented_mp4_has_the_same_frames_and_the_same_klv(self):
        first = ranges("kestrel", "nose")[0]
        address = f"/api/recordings/kestrel/nose/playlist.m3u8?from=0&to={first['to']}&container=fmp4"
        status, text, headers = get(address)
        self.assertEqual((status, headers["Content-Type"]), (200, "application/vnd.apple.mpegurl"))
        maps, gops = re.findall(r'#EXT-X-MAP:URI="(\S+)"', text.decode()), re.findall(r"^[^#\s]\S*gop.m4s\S+", text.decode(), re.MULTILINE)
        self.assertEqual((len(maps), len(gops)), (1, SECONDS))
        self.assertEqual([name for name, _ in boxes(get(f"/api/recordings/kestrel/nose/{maps[0]}")[1])], ["ftyp", "moov"])
        klv = b""
        for gop in gops:
            status, body, headers = get(f"/api/recordings/kestrel/nose/{gop}")
            self.assertEqual((status, headers["Content-Type"]), (200, "video/mp4"))
            found = boxes(body)
            self.assertEqual([name for name, _ in found], ["emsg"] * RATE + ["moof", "mdat"])
            klv += b"".join(event.split(b"urn:misb:KLV:bin:1910.1\0\0")[1] for name, event in found if name == "emsg")
        file = root / "kestrel/nose" / maps[0].removesuffix("/init.mp4")
        recorded = subprocess.run(["ffmpeg", "-v", "error", "-i", file, "-map", "0:d", "-c", "copy", "-f", "data", "-"], capture_output=True, check=True).stdout
        self.assertEqual(klv, recorded)
        self.assertEqual(played(address), SECONDS * RATE)
        self.assertEqual(pictures(address), pictures(address.removesuffix("&container=fmp4")))

    def test_fragments_that_are_none_are_refused(self):
        uri = parts(playlist()[1].decode())[0][0]
        place = f"/api/recordings/kestrel/nose/{uri}"
        for query, wanted in (("at=188&bytes=1880&ticks=1", 404), ("at=0&bytes=99999999&ticks=1", 400), ("at=99999999&bytes=1880&ticks=1", 404),
                              ("at=-1&bytes=1880&ticks=1", 400), ("at=0&bytes=0&ticks=1", 404), ("at=0", 400)):
            with self.subTest(query):
                self.assertEqual(get(f"{place}/gop.m4s?{query}")[0], wanted)
        for other in ("2026-01-01/none.ts/init.mp4", "..%2f/none.ts/init.mp4", "2026-01-01/none.idx/init.mp4"):
            self.assertEqual(get(f"/api/recordings/kestrel/nose/{other}")[0], 404)
        status, answer, _ = house.request("GET", "/api/recordings/kestrel/nose/playlist.m3u8?from=0&to=9&container=avi", cookie=cookie)
        self.assertEqual((status, answer["message"]), (400, "'container' must be ts or fmp4"))

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
        remove = lambda: house.request("DELETE", "/api/drones/osprey", cookie=cookie)
        self.addCleanup(remove)  # first: or it starts again
        self.assertEqual(worker.first["recordings"], str(root))
        whole = record("osprey/nose")
        name = whole.relative_to(root)
        data, lines = whole.read_bytes(), whole.with_suffix(".idx").read_text().splitlines(keepends=True)
        for gops in (2, SECONDS - 1):
            known = [number for number, line in enumerate(lines, 1) if line.startswith("G")][gops - 1]
            end = int(lines[known - 1].split()[1]) + int(lines[known - 1].split()[2])
            whole.write_bytes(data[:end])
            whole.with_suffix(".idx").write_text("".join(lines[:known]))
            worker.send(type="recording.state", vehicle="osprey", camera="nose", state="recording", file=str(name))
            wait_for(f"{gops} GOPs in the list", lambda: self.gops() == gops)
        worker.send(type="recording.state", vehicle="osprey", camera="nose", state="recording", file="kestrel/nose/2026-01-01/x.ts")
        worker.send(type="recording.state", vehicle="osprey", camera="nose", state="recording", file="osprey/nose/../../../x.ts")
        self.assertEqual(house.request("GET", "/healthz", cookie=cookie)[0], 200)
        # The last is written while the worker ends, when nobody listens to it any more.
        whole.write_bytes(data)
        whole.with_suffix(".idx").write_text("".join(lines))
        remove()
        wait_for("the last GOP in the list", lambda: self.gops() == SECONDS)

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
        house.wait_back(cookie)
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

    def test_recordings_that_overlap_are_all_there_and_it_is_said(self):
        begin = (time.time_ns() // 1000 // 1_000_000 - 3600) * 1_000_000
        # The second one's clock stepped back; the third has nothing to do with them.
        for start_s in (0, -3, 60):
            record("gannet/nose", start_us=begin + start_s * 1_000_000)
        record("gannet/tail", start_us=begin)
        house.end_server()
        house.start_server()
        house.wait_back(cookie)
        wait_for("all four", lambda: len(ranges("gannet", "nose")) == 2 and ranges("gannet", "tail"))
        self.assertEqual([one["from"] for one in ranges("gannet", "nose")], [begin - 3_000_000, begin + 60_000_000])
        wait_for("a word about it", lambda: house.said("recorded twice"))
        self.assertEqual(house.said("recorded twice"), 1)
        text = playlist("gannet", "nose", end=begin + 30_000_000)[1].decode()
        self.assertEqual((len(parts(text)), text.count("#EXT-X-DISCONTINUITY")), (2 * SECONDS, 1))
        self.assertEqual(played(address_of("gannet", "nose", begin + 30_000_000)), 2 * SECONDS * RATE)

    def test_damage_in_the_middle_of_a_file_costs_what_is_damaged_and_nothing_else(self):
        file = record("dunlin/nose")
        data = file.read_bytes()
        wounded = bytearray(data)
        middle = len(data) // 2
        wounded[middle:middle + 20_000] = bytes(20_000)
        house.end_server()
        file.write_bytes(wounded)
        house.start_server()
        house.wait_back(cookie)
        wait_for("the recording", lambda: ranges("dunlin", "nose"))
        text = playlist("dunlin", "nose")[1].decode()
        self.assertEqual(len(parts(text)), SECONDS)
        for uri, offset, length in parts(text):
            body = get(f"/api/recordings/dunlin/nose/{uri}", {"Range": f"bytes={offset}-{offset + length - 1}"})[1]
            self.assertEqual(body, bytes(wounded[offset:offset + length]))
        self.assertGreater(played(address_of("dunlin", "nose", 4_000_000_000_000_000)), (SECONDS - 2) * RATE)
        self.assertEqual(playlist("kestrel", "nose")[0], 200)


if __name__ == "__main__":
    unittest.main()
