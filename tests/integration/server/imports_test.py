"""Files that are sent to become recordings: taken to disk as they come, made by jobs, listed like any other."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "recording"))
import logs  # noqa: E402
from house import House, wait_for  # noqa: E402

BEGIN = 1_795_350_896_000_000  # 2026-11-22T12:34:56Z
SECONDS, RATE = 2, 25
house = None
cookies = {}
root = None
film = None


def setUpModule():
    global house, root, film
    house = House(broker=False).start_services()
    root = house.dir / "data/recordings"
    path = house.dir / "film.ts"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={RATE}:duration={SECONDS}", "-c:v", "libx264",
                    "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", str(RATE), path], check=True, timeout=60)
    film = path.read_bytes()
    house.start_server(recording_tool=os.environ["MASTHEAD_RECORDING"])
    house.wait_healthy()
    cookies["admin"] = house.sign_in()
    cookies["operator"] = house.add_user("olga", "operator")
    cookies["viewer"] = house.add_user("viktor", "viewer")


def tearDownModule():
    house.stop()


def send(path, body, role="operator", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
    connection.request("POST", path, body=body, headers={"Content-Type": "application/octet-stream", "Cookie": cookies[role],
                                                         "Origin": f"http://127.0.0.1:{house.port}", **(headers or {})})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text)


def order(camera="nose", **more):
    return "/api/imports?" + "&".join(f"{name}={value}" for name, value in {"vehicle": "kestrel", "camera": camera, "name": "film.ts", **more}.items())


def operation(id):
    status, answer, _ = house.request("GET", f"/api/operations/{id}", cookie=cookies["viewer"])
    assert status == 200, answer
    return answer


def ended(id):
    wait_for("the end of the import", lambda: operation(id)["state"] in ("done", "failed", "cancelled"), timeout_s=60)
    return operation(id)


def ranges(camera):
    status, answer, _ = house.request("GET", f"/api/recordings?from=0&to={BEGIN + 10**13}", cookie=cookies["viewer"])
    assert status == 200, answer
    return next((one["ranges"] for one in answer if one["camera"] == camera), [])


def left():
    """Files that wait, of whatever kind."""
    return sorted(one.name for one in (root / ".imports").iterdir())


class Imports(unittest.TestCase):
    def test_a_file_becomes_a_recording_that_is_listed_and_played(self):
        status, queued = send(order(begin=BEGIN), film)
        self.assertEqual((status, queued["kind"], queued["state"], queued["name"], queued["user"]), (202, "import", "queued", "film.ts", "olga"))
        done = ended(queued["id"])
        self.assertEqual((done["state"], done["from"], done["to"]), ("done", BEGIN, BEGIN + SECONDS * 1_000_000), done)
        self.assertIn("the start that was given", done["detail"])
        wait_for("the recording in the list", lambda: ranges("nose"))
        self.assertEqual(ranges("nose"), [{"from": BEGIN, "to": BEGIN + SECONDS * 1_000_000}])
        status, playlist, _ = house.request("GET", f"/api/recordings/kestrel/nose/playlist.m3u8?from={BEGIN}&to={BEGIN + 10**7}", cookie=cookies["viewer"])
        self.assertEqual(status, 200)
        self.assertEqual(left(), [])

    def test_a_log_that_was_sent_before_gives_its_frames_metadata(self):
        status, log = send("/api/imports/logs?name=flight.csv", logs.csv(BEGIN, SECONDS + 1, 10))
        self.assertEqual(status, 201, log)
        status, queued = send(order("belly", begin=BEGIN, log=log["log"]), film)
        self.assertEqual(status, 202, queued)
        self.assertEqual(ended(queued["id"])["state"], "done")
        wait_for("the track", lambda: house.sql("SELECT count(*) FROM recordings WHERE camera = 'belly'") == "1")
        index = next((root / "kestrel/belly").rglob("*.idx")).read_text()
        self.assertRegex(index, rf"T {BEGIN} 47\.(5|4999)")
        status, answer = send(order("belly", log=log["log"]), film)
        self.assertEqual((status, answer["error"]), (404, "not_found"), "a log is for one video")

    def test_what_cannot_become_a_recording_fails_with_the_reason_and_leaves_nothing(self):
        for name, body, says in (("text", b"I am no film.\n" * 100, "no MPEG-TS, MP4 or MOV"), ("timeless", film, "does not say when it was recorded")):
            status, queued = send(order(name), body)
            self.assertEqual(status, 202, queued)
            failed = ended(queued["id"])
            self.assertEqual(failed["state"], "failed")
            self.assertIn(says, failed["detail"])
            wait_for("its file to go", lambda: left() == [])
            self.assertFalse((root / "kestrel" / name).exists())

    def test_a_time_that_is_recorded_already_is_refused_by_name(self):
        self.assertEqual(ended(send(order("twice", begin=BEGIN), film)[1]["id"])["state"], "done")
        self.assertIn("2026-11-22/12-34-56.000Z.ts", ended(send(order("twice", begin=BEGIN + 1_000_000), film)[1]["id"])["detail"])

    def test_a_large_body_is_taken_to_disk_as_it_comes(self):
        size = 200 << 20
        before = self.resident()
        connection = socket.create_connection(("127.0.0.1", house.port), timeout=60)
        connection.sendall(self.head(order("large"), size))
        for _ in range(size >> 20):
            connection.sendall(bytes(1 << 20))
        self.assertIn(b"202", connection.recv(4096).split(b"\r\n")[0])
        connection.close()
        print(f"a body of {size >> 20} MiB: the server's largest memory grew by {(self.resident() - before) >> 20} MiB, a sanitizer's quarantine included")

    def resident(self):
        return int(next(line for line in Path(f"/proc/{house.process.pid}/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1]) << 10

    def head(self, path, size, more=""):
        return (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nOrigin: http://127.0.0.1:{house.port}\r\nCookie: {cookies['operator']}\r\n"
                f"Content-Type: application/octet-stream\r\nContent-Length: {size}\r\n{more}\r\n").encode()

    def test_an_upload_that_is_cut_off_leaves_nothing(self):
        connection = socket.create_connection(("127.0.0.1", house.port), timeout=60)
        connection.sendall(self.head(order("cut"), 100 << 20) + bytes(5 << 20))
        wait_for("the upload to begin", lambda: any(name.startswith(".upload-") for name in left()))
        connection.close()
        wait_for("the upload to go", lambda: left() == [])

    def test_refusals_come_before_the_body(self):
        for path, size, status in ((order("../nose"), 100, 400), ("/api/imports?vehicle=kestrel&camera=nose", 100, 400), (order(begin="soon"), 100, 400),
                                   (order(log="unknown"), 100, 404), (order(), 21_000_000_000, 413), ("/api/imports/logs?name=x", 600 << 20, 413)):
            connection = socket.create_connection(("127.0.0.1", house.port), timeout=60)
            connection.sendall(self.head(path, size, "Expect: 100-continue\r\n"))
            self.assertIn(str(status).encode(), connection.recv(4096).split(b"\r\n")[0], path)
            connection.close()
        self.assertEqual(left(), [])

    def test_only_operators_send_files_and_only_as_bytes(self):
        self.assertEqual(send(order(), film, role="viewer")[0], 403)
        self.assertEqual(send(order(), b"{}", headers={"Content-Type": "application/json"})[0], 415)
        self.assertEqual(send(order(), film, headers={"Origin": "http://elsewhere.example"})[0], 403)
        self.assertEqual(left(), [])

    def test_what_an_earlier_server_had_not_taken_in_whole_goes(self):
        (root / ".imports/.upload-dead00").write_bytes(b"half")
        house.end_server()
        house.start_server(recording_tool=os.environ["MASTHEAD_RECORDING"])
        house.wait_back(cookies["admin"])
        self.assertEqual(left(), [])


if __name__ == "__main__":
    unittest.main()
