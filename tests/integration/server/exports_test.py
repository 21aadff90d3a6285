"""Exports as jobs, read by programs that are not ours; snapshots; and what happens when things go wrong in between."""

import csv
import hashlib
import http.client
import io
import json
import os
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as xml
import zipfile
import zlib

from house import House, drone, wait_for

SECONDS, RATE = 6, 30
TOOL = os.environ["MASTHEAD_RECORDING"]
KML, GX, GPX = "{http://www.opengis.net/kml/2.2}", "{http://www.google.com/kml/ext/2.2}", "{http://www.topografix.com/GPX/1/1}"
house = None
cookies = {}
root = None
begins = []  # of the two recordings of kestrel/nose, microseconds


def record(camera, start_us, seconds=SECONDS):
    """A recording of its own run, with a key frame each second and metadata on each frame."""
    subprocess.run([os.environ["MASTHEAD_SIM"], "drone", "--record", root / camera, "--duration", str(seconds), "--rate", str(RATE), "--start-utc",
                    str(start_us)], check=True, timeout=120, stderr=subprocess.DEVNULL)
    return sorted((root / camera).rglob("*.ts"))[-1]


def setUpModule():
    global house, root
    house = House(broker=False).start_services()
    root = house.dir / "data/recordings"
    (house.dir / "data").mkdir(mode=0o700)
    for ago_s in (120, 60):
        begins.append(time.time_ns() // 1000 - ago_s * 1_000_000)
        record("kestrel/nose", begins[-1])
    house.start_server()
    house.wait_healthy()
    cookies["admin"] = house.sign_in()
    cookies["operator"] = house.add_user("olga", "operator")
    cookies["viewer"] = house.add_user("viktor", "viewer")
    wait_for("the recordings in the list", lambda: house.sql("SELECT count(*) FROM recordings") == "2")


def tearDownModule():
    house.stop()


def ask(method, path, body=None, role="operator"):
    status, answer, _ = house.request(method, path, body, cookie=cookies[role])
    return status, answer


def wish(**changes):
    return {"vehicle": "kestrel", "camera": "nose", "from": begins[0], "to": begins[1] + SECONDS * 1_000_000, "contents": ["ts"], **changes}


def begin(**changes):
    status, answer = ask("POST", "/api/exports", wish(**changes))
    assert status == 202, answer
    return answer["id"]


def operation(one):
    status, answer = ask("GET", f"/api/operations/{one}", role="viewer")
    return answer if status == 200 else None


def ended(one):
    wait_for(f"the end of {one}", lambda: operation(one)["state"] not in ("queued", "running"), timeout_s=60)
    return operation(one)


def download(one, name, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
    connection.request("GET", f"/api/exports/{one}/{name}", headers={**(headers or {}), "Cookie": cookies["viewer"]})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, answer.headers


def streams(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=codec_name,codec_type,nb_read_packets", "-of", "json", path],
                          capture_output=True, text=True, check=True, timeout=60)
    return {one.get("codec_name"): int(one["nb_read_packets"]) for one in json.loads(done.stdout)["streams"]}


def idle(tool):
    """A program in the tool's place that works until it is ended."""
    script = house.dir / tool
    script.write_text('#!/bin/sh\necho \'{"progress":0.25,"detail":"at it"}\'\nexec sleep 600\n')
    script.chmod(0o755)
    return script


class Contents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.id = begin(contents=["ts", "mp4", "klv_json", "klv_csv", "kml", "gpx", "geojson", "events"])
        cls.done = ended(cls.id)
        assert cls.done["state"] == "done", cls.done
        cls.files = {}
        for one in cls.done["files"]:
            status, body, _ = download(cls.id, one["name"])
            assert status == 200 and len(body) == one["bytes"] and hashlib.sha256(body).hexdigest() == one["sha256"], one
            cls.files[one["name"]] = body

    def file(self, ending):
        names = [name for name in self.files if name.endswith(ending)]
        self.assertEqual(len(names), 1, names)
        return self.files[names[0]]

    def test_the_clip_is_the_recorded_bytes_one_file_behind_the_other(self):
        recorded = b"".join(path.read_bytes() for path in sorted((root / "kestrel/nose").rglob("*.ts")))
        self.assertEqual(self.file(".ts"), recorded)
        path = house.dir / "clip.ts"
        path.write_bytes(recorded)
        self.assertEqual(streams(path), {"h264": 2 * SECONDS * RATE, "klv": 2 * SECONDS * RATE})

    def test_each_stretch_of_video_is_an_mp4_with_every_frame(self):
        names = sorted(name for name in self.files if name.endswith(".mp4"))
        self.assertEqual(len(names), 2, "a gap begins another")
        for name in names:
            path = house.dir / name
            path.write_bytes(self.files[name])
            self.assertEqual(streams(path), {"h264": SECONDS * RATE})
            decoded = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "null", "-"], capture_output=True, text=True, check=True, timeout=60)
            self.assertEqual(decoded.stderr, "")

    def test_metadata_is_a_line_for_each_frame_by_name(self):
        lines = [json.loads(line) for line in self.file(".klv.jsonl").splitlines()]
        self.assertEqual([line["frame"] for line in lines], list(range(2 * SECONDS * RATE)))
        self.assertEqual(lines[0]["time"], begins[0])
        for line in lines:
            self.assertEqual(line["items"]["precision_time_stamp"], line["time"])
            self.assertGreater(abs(line["items"]["sensor_latitude"]), 1)
        rows = list(csv.DictReader(io.StringIO(self.file(".klv.csv").decode(), newline="")))
        self.assertEqual(len(rows), len(lines))
        for row, line in zip(rows, lines):
            self.assertEqual((int(row["time_us"]), int(row["pts"])), (line["time"], line["pts"]))
            self.assertEqual(float(row["sensor_latitude [deg]"]), line["items"]["sensor_latitude"])

    def test_the_track_is_what_maps_read(self):
        for ending in (".kml", ".gpx"):
            path = house.dir / f"track{ending}"
            path.write_bytes(self.file(ending))
            subprocess.run(["xmllint", "--noout", "--nonet", path], check=True)
        kml = xml.fromstring(self.file(".kml"))
        tracks = kml.findall(f".//{GX}Track")
        self.assertEqual(len(tracks), 4, "the vehicle's and the camera's, each in two parts")
        for track in tracks:
            self.assertEqual(len(track.findall(f"{KML}when")), len(track.findall(f"{GX}coord")))
        self.assertEqual(len(kml.findall(f".//{KML}Polygon")), len(kml.findall(f".//{KML}TimeSpan")))
        gpx = xml.fromstring(self.file(".gpx"))
        self.assertEqual([len(part.findall(f"{GPX}trkpt")) in (SECONDS, SECONDS + 1) for part in gpx.findall(f".//{GPX}trkseg")], [True, True])
        self.assertTrue(all(point.find(f"{GPX}time") is not None and point.find(f"{GPX}ele") is not None for point in gpx.iter(f"{GPX}trkpt")))
        geojson = json.loads(self.file(".geojson"))
        kinds = [(one["properties"]["kind"], one["geometry"]["type"]) for one in geojson["features"]]
        self.assertEqual(kinds.count(("track", "LineString")), 2)
        self.assertIn(("footprint", "Polygon"), kinds)
        for one in geojson["features"]:
            if one["geometry"]["type"] == "Polygon":
                ring = one["geometry"]["coordinates"][0]
                self.assertEqual(ring[0], ring[-1])
                self.assertGreater(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:])), 0, "counterclockwise")

    def test_downloads_come_in_parts_and_not_twice(self):
        name = next(name for name in self.files if name.endswith(".ts"))
        status, body, headers = download(self.id, name, {"Range": "bytes=188-375"})
        self.assertEqual((status, body), (206, self.files[name][188:376]))
        self.assertIn("attachment", headers["Content-Disposition"])
        self.assertEqual(download(self.id, name, {"If-None-Match": headers["ETag"]})[0], 304)
        for place in ("nothing.ts", "..%2F" + name, ".%2F" + name):
            self.assertEqual(download(self.id, place)[0], 404, place)


class Packages(unittest.TestCase):
    def test_a_package_verifies_by_itself(self):
        bookmark = {"vehicle": "kestrel", "from": begins[0] + 1_500_000, "note": "smoke, \"white\""}
        self.assertEqual(ask("POST", "/api/bookmarks", bookmark)[0], 201)
        one = begin(contents=["ts", "gpx", "events"], package=True, note="for the board of inquiry", to=begins[0] + 2_500_000, **{"from": begins[0] + 1_200_000})
        done = ended(one)
        self.assertEqual((done["state"], len(done["files"])), ("done", 1), done)
        status, body, headers = download(one, done["files"][0]["name"])
        self.assertEqual((status, headers["Content-Type"]), (200, "application/zip"))
        folder = house.dir / "package"
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            self.assertIsNone(archive.testzip())
            archive.extractall(folder)
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
        manifest = json.loads((folder / "manifest.json").read_text())
        self.assertEqual((manifest["user"], manifest["note"], manifest["vehicle"]), ("olga", "for the board of inquiry", "kestrel"))
        self.assertEqual({file["name"]: file["sha256"] for file in manifest["files"]},
                         {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()
                          if path.name not in ("manifest.json", "SHA256SUMS")})
        part = manifest["recorded_files"][0]
        recorded = (root / "kestrel/nose" / part["file"]).read_bytes()[part["offset"]:part["offset"] + part["bytes"]]
        self.assertEqual(next(folder.glob("*.ts")).read_bytes(), recorded)
        self.assertEqual(manifest["frames"], 2 * RATE, "the two GOPs that the range touches")
        self.assertEqual([row["note"] for row in json.loads(next(folder.glob("*.events.json")).read_text())["bookmarks"]], [bookmark["note"]])

    def test_the_program_makes_one_without_a_server(self):
        out = house.dir / "by-hand"
        command = [TOOL, "export", root / "kestrel/nose", "--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z", "--out", out, "--package", "--contents", "ts,kml"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        with zipfile.ZipFile(next(out.glob("*.zip"))) as archive:
            self.assertEqual(len(archive.namelist()), 4)
        again = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        self.assertEqual((again.returncode, "is not empty" in again.stderr), (1, True), again.stderr)
        info = subprocess.run([TOOL, "info", "--json", next((root / "kestrel/nose").rglob("*.ts"))], check=True, capture_output=True, text=True, timeout=60)
        self.assertEqual(json.loads(info.stdout)["frames"], SECONDS * RATE)
        for wrong, code in ((["export", root / "kestrel/nose", "--from", "0", "--to", "9", "--out", house.dir / "x"], 3), (["export", root / "kestrel/nose"], 2),
                            (["dance"], 2), (["info", house.dir / "missing.ts"], 3)):
            self.assertEqual(subprocess.run([TOOL, *wrong], check=False, capture_output=True, timeout=60).returncode, code, wrong)


class Snapshots(unittest.TestCase):
    def test_a_snapshot_is_the_very_frame_with_what_it_says(self):
        at = begins[0] + 2_000_000
        status, frame = ask("GET", f"/api/recordings/kestrel/nose/snapshot.json?at={at + 40_000}", role="viewer")
        self.assertEqual(status, 200, frame)
        self.assertEqual((frame["vehicle"], frame["camera"], frame["time"]), ("kestrel", "nose", frame["items"]["precision_time_stamp"]))
        self.assertLessEqual(abs(frame["time"] - (at + 1e6 / RATE)), 2)
        connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
        connection.request("GET", f"/api/recordings/kestrel/nose/snapshot.png?at={frame['time']}", headers={"Cookie": cookies["viewer"]})
        answer = connection.getresponse()
        png = answer.read()
        connection.close()
        self.assertEqual((answer.status, answer.getheader("Content-Type")), (200, "image/png"), png[:300])
        self.assertEqual(json.loads(texts(png)["Masthead frame"]), frame)
        seen, number = pixels("-i", "-", stdin=png), 2 * RATE + 1
        recorded = {n: pixels("-i", sorted((root / "kestrel/nose").rglob("*.ts"))[0], "-vf", f"select=eq(n\\,{n})") for n in (number - 1, number, number + 1)}
        apart = {n: sum(abs(a - b) for a, b in zip(seen, picture)) / len(seen) for n, picture in recorded.items()}
        self.assertLess(apart[number], 8, "another range of values, and no other difference")
        self.assertEqual(min(apart, key=apart.get), number, apart)

    def test_where_nothing_was_recorded_there_is_none(self):
        for place, status in ((f"at={begins[0] + 30_000_000}", 404), ("at=x", 400), ("at=-5", 400)):
            self.assertEqual(ask("GET", f"/api/recordings/kestrel/nose/snapshot.png?{place}")[0], status, place)
        self.assertEqual(ask("GET", "/api/recordings/nobody/nose/snapshot.json?at=5")[0], 404)


def texts(png):
    """Keyword -> text of a PNG's iTXt chunks, whose CRCs are looked at."""
    found, at = {}, 8
    while at < len(png):
        size = int.from_bytes(png[at:at + 4], "big")
        chunk = png[at + 4:at + 8 + size]
        assert zlib.crc32(chunk) == int.from_bytes(png[at + 8 + size:at + 12 + size], "big")
        if chunk[:4] == b"iTXt":
            keyword, rest = chunk[4:].split(b"\0", 1)
            found[keyword.decode()] = rest[2:].split(b"\0", 2)[2].decode()
        at += 12 + size
    return found


def pixels(*arguments, stdin=None):
    """The first picture, as ffmpeg sees it: grey, small."""
    done = subprocess.run(["ffmpeg", "-v", "error", *arguments, "-frames:v", "1", "-vf" if "-vf" not in arguments else "-an", *(["null"] if "-vf" not in arguments else []),
                           "-pix_fmt", "gray", "-f", "rawvideo", "-"], input=stdin, capture_output=True, check=True, timeout=60)
    return done.stdout


class Trouble(unittest.TestCase):
    def test_what_cannot_be_exported_is_said_at_once(self):
        nothing = "nothing was recorded by this camera in this time"
        for change, status, word in (({"from": 5, "to": 3}, 400, "'from' must be before 'to'"), ({"contents": []}, 400, "one at least"), ({"contents": ["avi"]}, 400, "each must be one of"),
                                     ({"to": begins[0] + 90_000_000_000}, 400, "24 hours"), ({"vehicle": "../x"}, 400, "ids"), ({"camera": "tail"}, 404, nothing),
                                     ({"from": begins[0] + 20_000_000, "to": begins[0] + 21_000_000}, 404, nothing), ({"note": "x" * 4001}, 400, "'note'")):
            status_seen, answer = ask("POST", "/api/exports", wish(**change))
            self.assertEqual((status_seen, word in answer["message"]), (status, True), (change, answer))
        self.assertEqual(ask("POST", "/api/exports", wish(), role="viewer")[0], 403)
        self.assertEqual(ask("DELETE", "/api/operations/nothing")[0], 404)
        self.assertEqual(house.sql("SELECT count(*) FROM operations WHERE state = 'queued'"), "0")

    def test_a_missing_or_damaged_file_fails_the_export_and_nothing_else(self):
        path = record("plover/nose", begins[0])
        house.end_server()
        house.start_server()
        house.wait_back(cookies["admin"])
        wait_for("the recording", lambda: house.sql("SELECT count(*) FROM recordings WHERE vehicle_id = 'plover'") == "1")
        whole = path.read_bytes()
        path.write_bytes(whole[:-100_000])
        failed = ended(begin(vehicle="plover"))
        self.assertEqual(failed["state"], "failed")
        self.assertIn("cannot be read to the end that its index names", failed["detail"])
        self.assertIn(f"export/{failed['id']}", [event["subject"] for event in ask("GET", "/api/events")[1]])
        path.write_bytes(whole[:200_000] + os.urandom(5000) + whole[205_000:])
        done = ended(begin(vehicle="plover", contents=["ts", "mp4", "klv_json"]))
        self.assertEqual(done["state"], "done", done)
        path.unlink()
        status, answer = ask("POST", "/api/exports", wish(vehicle="plover"))
        self.assertEqual((status, "is not there (any more)" in answer["message"]), (404, True), answer)
        self.assertFalse(list((root / ".exports").glob(f"{failed['id']}*")))

    def test_a_job_can_be_cancelled_and_its_result_removed(self):
        one = begin()
        done = ended(one)
        name = done["files"][0]["name"]
        self.assertEqual(ask("DELETE", f"/api/operations/{one}", role="viewer")[0], 403)
        self.assertEqual(ask("DELETE", f"/api/operations/{one}")[0], 204)
        self.assertEqual((operation(one), download(one, name)[0]), (None, 404))
        self.assertFalse((root / ".exports" / one).exists())
        house.end_server()
        house.start_server(recording_tool=str(idle("slow")))
        house.wait_back(cookies["admin"])
        jobs = [begin() for _ in range(3)]
        wait_for("two at work", lambda: [operation(job)["progress"] for job in jobs] == [0.25, 0.25, 0])
        self.assertEqual([operation(job)["state"] for job in jobs], ["running", "running", "queued"])
        for job in reversed(jobs):
            self.assertEqual(ask("DELETE", f"/api/operations/{job}")[0], 204)
        self.assertEqual([ended(job)["state"] for job in jobs], ["cancelled"] * 3)

    def test_a_job_survives_the_server_and_its_recordings_stay_meanwhile(self):
        old_us = time.time_ns() // 1000 - 99 * 86_400_000_000
        wanted, other = record("swift/nose", old_us), record("swift/tail", old_us)
        house.end_server()
        house.start_server(recording_tool=str(idle("slow")))
        house.wait_back(cookies["admin"])
        wait_for("the recordings", lambda: house.sql("SELECT count(*) FROM recordings WHERE vehicle_id = 'swift'") == "2")
        one = begin(**{"vehicle": "swift", "from": old_us, "to": old_us + SECONDS * 1_000_000})
        wait_for("the work", lambda: operation(one)["state"] == "running")
        house.sql("UPDATE recordings SET grown = now() - interval '1 hour' WHERE vehicle_id = 'swift'")
        self.assertEqual(ask("POST", "/api/drones", drone("swift"), role="admin")[0], 201)
        worker = house.worker()
        worker.send(type="recording.state", vehicle="swift", camera="nose", state="failing", file="", detail="no room")  # makes the server tidy up
        wait_for("the removal of what nobody wants", lambda: not other.exists())
        self.assertTrue(wanted.exists())
        worker.end()
        (root / ".exports" / f"{one}.part").mkdir()
        (root / ".exports" / f"{one}.part/half.ts").write_bytes(b"G")
        house.end_server(signal.SIGKILL)
        house.start_server()
        house.worker().end()
        done = ended(one)
        self.assertEqual((done["state"], done["detail"]), ("done", ""))
        self.assertEqual([file.name for file in (root / ".exports" / one).iterdir()], [done["files"][0]["name"]])
        self.assertEqual(download(one, done["files"][0]["name"])[1], wanted.read_bytes())
        self.assertEqual(ask("DELETE", "/api/drones/swift", role="admin")[0], 204)  # nobody plays its worker: no server would be healthy again

    def test_a_crash_of_the_program_is_said_plainly_and_old_results_go(self):
        house.end_server()
        script = house.dir / "crashing"
        script.write_text("#!/bin/sh\nkill -SEGV $$\n")
        script.chmod(0o755)
        house.start_server(recording_tool=str(script))
        house.wait_back(cookies["admin"])
        one = begin()
        failed = ended(one)
        self.assertEqual((failed["state"], failed["detail"]), ("failed", "masthead-recording was ended by signal 11"))
        house.end_server()
        house.sql(f"UPDATE operations SET ended = ended - interval '8 days' WHERE id = '{one}'")
        house.start_server()
        house.wait_back(cookies["admin"])
        wait_for("its removal", lambda: operation(one) is None)


if __name__ == "__main__":
    unittest.main()
