"""Live updates, signaling and commands through the real server; the test plays the workers."""

import json
import re
import socket
import subprocess
import time
import unittest
import uuid
from pathlib import Path

from house import House, camera, drone, wait_for
from websocket import Closed

SCHEMA = Path(__file__).resolve().parents[3] / "schema"

house = None
cookies = {}
workers = {}


def setUpModule():
    global house
    house = House().start_services().start_server()
    house.wait_healthy()
    cookies["admin"] = house.sign_in()
    cookies["viewer"] = house.add_user("viktor", "viewer")
    for name in ("kestrel", "merlin"):
        add(name)


def tearDownModule():
    house.stop()


def add(name, **members):
    status, answer, _ = house.request("POST", "/api/drones", drone(name, **members), cookies["admin"])
    assert status == 201, answer
    workers[name] = house.worker()
    return workers[name]


def now_us():
    return time.time_ns() // 1000


def sample(**values):
    return {"time": now_us(), "time_source": "vehicle", **values}


def vehicle_of(name, found):
    return lambda message: name in message["vehicles"] and found(message["vehicles"][name])


class Telemetry(unittest.TestCase):
    def test_the_first_update_holds_everything_and_later_ones_what_changed(self):
        workers["kestrel"].send(type="telemetry", vehicle="kestrel", source="link", sample=sample(latitude_deg=59.4, longitude_deg=24.7))
        workers["kestrel"].send(type="telemetry", vehicle="kestrel", source="link", sample=sample(heading_deg=91.5))
        before = house.socket("/api/telemetry", cookies["viewer"])
        before.until(vehicle_of("kestrel", lambda v: v.get("telemetry", {}).get("heading_deg") == 91.5))
        live = house.socket("/api/telemetry", cookies["viewer"])
        first = live.receive()
        self.assertTrue(first["full"])
        self.assertLessEqual({"kestrel", "merlin"}, set(first["vehicles"]))
        merged = first["vehicles"]["kestrel"]["telemetry"]
        self.assertEqual((merged["latitude_deg"], merged["heading_deg"]), (59.4, 91.5))
        self.assertLess(abs(first["vehicles"]["kestrel"]["received"] - now_us()), 60_000_000)
        workers["kestrel"].send(type="camera.state", vehicle="kestrel", camera="nose", state="playing", codec="h264", width=640)
        update = live.until(vehicle_of("kestrel", lambda v: "cameras" in v))
        self.assertNotIn("full", update)
        self.assertEqual(update["vehicles"]["kestrel"], {"kind": "drone", "cameras": {"nose": {
            "state": {"state": "playing", "codec": "h264", "width": 640}}}})

    def test_camera_metadata_and_traffic_have_places_of_their_own(self):
        live = house.socket("/api/telemetry", cookies["viewer"])
        workers["merlin"].send(type="telemetry", vehicle="merlin", source="camera", camera="nose", sample=sample(slant_range_m=120))
        workers["merlin"].send(type="traffic", link=workers["merlin"].first["vehicles"][0]["link"]["uri"], address="244123456", sample=sample(name="ANNA"))
        update = live.until(vehicle_of("merlin", lambda v: "telemetry" in v.get("cameras", {}).get("nose", {})))
        self.assertEqual(update["vehicles"]["merlin"]["cameras"]["nose"]["telemetry"]["slant_range_m"], 120)
        fresh = house.socket("/api/telemetry", cookies["viewer"]).until(lambda m: "244123456" in m.get("traffic", {}))
        self.assertEqual(fresh["traffic"]["244123456"]["telemetry"]["name"], "ANNA")

    def test_a_client_that_does_not_read_gets_the_newest_state_and_no_backlog(self):
        slow = house.socket("/api/telemetry", cookies["viewer"])
        slow.receive()
        slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        quick = house.socket("/api/telemetry", cookies["viewer"])
        text = "m" * 60
        for count in range(1, 3001):
            workers["merlin"].send(type="telemetry", vehicle="merlin", source="link",
                                   sample=sample(satellites=count % 256, altitude_msl_m=count, mode=text, name=text * 2))
        quick.until(vehicle_of("merlin", lambda v: v.get("telemetry", {}).get("altitude_msl_m") == 3000))
        messages = 1
        while slow.receive()["vehicles"].get("merlin", {}).get("telemetry", {}).get("altitude_msl_m") != 3000:
            messages += 1
        self.assertLess(messages, 300)

    def test_a_removed_vehicle_is_said_to_be_removed(self):
        live = house.socket("/api/telemetry", cookies["viewer"])
        worker = add("osprey")
        live.until(vehicle_of("osprey", lambda v: v.get("name") == "Osprey"))
        self.assertEqual(house.request("DELETE", "/api/drones/osprey", cookie=cookies["admin"])[0], 204)
        update = live.until(vehicle_of("osprey", lambda v: "removed" in v))
        self.assertEqual(update["vehicles"]["osprey"], {"kind": "drone", "removed": True})
        worker.end()

    def test_a_camera_whose_pipeline_file_goes_away_is_refused_until_it_is_back(self):
        add("egret", cameras=[camera(), {"name": "mast", "pipeline": "ts-embedded", "parameters": {"uri": "udp://127.0.0.1:9"}}])
        live = house.socket("/api/telemetry", cookies["viewer"])
        states = {}

        def until(wanted):
            def found(message):
                cameras = message["vehicles"].get("egret", {}).get("cameras", {})
                states.update({name: part["state"] for name, part in cameras.items() if "state" in part})
                return wanted()
            live.until(found)

        file = house.pipelines / "ts-embedded.yaml"
        away = file.rename(file.with_suffix(".away"))
        until(lambda: states.get("mast", {}).get("state") == "refused")
        self.assertIn("camera 'mast': there is no pipeline file 'ts-embedded.yaml'; there are: file-loop, ", states["mast"]["detail"])
        again = house.worker()
        self.assertEqual([one["name"] for one in again.first["vehicles"][0]["cameras"]], ["nose"])
        # A worker that dies takes down only what it ran.
        again.end()
        until(lambda: "ended" in states.get("nose", {}).get("detail", ""))
        self.assertEqual(states["mast"]["state"], "refused")
        house.worker()
        away.rename(file)
        worker = house.worker()
        self.assertEqual([one["name"] for one in worker.first["vehicles"][0]["cameras"]], ["nose", "mast"])
        worker.send(type="camera.state", vehicle="egret", camera="mast", state="playing")
        until(lambda: states["mast"]["state"] == "playing")
        house.request("DELETE", "/api/drones/egret", None, cookies["admin"])

    def test_history_is_thinned_evenly_and_ordered(self):
        begin = now_us()
        worker = add("heron")
        self.addCleanup(house.request, "DELETE", "/api/drones/heron", None, cookies["admin"])
        for count in range(200):
            worker.send(type="telemetry", vehicle="heron", source="link", sample=sample(altitude_msl_m=count))
        wait_for("the rows", lambda: house.sql("SELECT count(*) FROM telemetry WHERE vehicle_id = 'heron'") == "200")
        path = f"/api/drones/heron/telemetry?from={begin - 1000000}&to={now_us() + 1000000}"
        everything = house.request("GET", path, cookie=cookies["viewer"])[1]
        self.assertEqual([row["altitude_msl_m"] for row in everything], list(range(200)))
        thinned = [row["altitude_msl_m"] for row in house.request("GET", path + "&limit=50", cookie=cookies["viewer"])[1]]
        self.assertEqual(len(thinned), 50)
        self.assertEqual({b - a for a, b in zip(thinned, thinned[1:])}, {4})
        for bad in ("from=x&to=2", "from=5&to=5", "from=0&to=9&limit=0", "to=9"):
            self.assertEqual(house.request("GET", f"/api/drones/heron/telemetry?{bad}", cookie=cookies["viewer"])[0], 400, bad)

    def test_telemetry_is_published_retained_for_other_systems(self):
        workers["kestrel"].send(type="telemetry", vehicle="kestrel", source="link", sample=sample(battery_percent=87))

        def retained(topic):
            done = subprocess.run(["mosquitto_sub", "-p", str(house.broker.port), "-u", "reader", "-P",
                                   house.broker.passwords["reader"], "-t", topic, "-C", "1", "-W", "5"],
                                  capture_output=True, text=True, check=False)
            return done.stdout.strip()

        wait_for("the telemetry at the broker", lambda: "87" in retained("masthead/vehicles/kestrel/telemetry"))
        self.assertEqual(json.loads(retained("masthead/vehicles/kestrel/state"))["kind"], "drone")
        self.assertEqual(retained("masthead/server/state"), "online")


class Signaling(unittest.TestCase):
    def watch(self, client, vehicle="kestrel"):
        client.send({"type": "watch", "vehicle": vehicle, "camera": "nose"})
        viewer = workers[vehicle].expect("viewer.add")
        session = client.until(lambda m: m["type"] == "session")
        self.assertEqual(session["session"], viewer["session"])
        return viewer["session"]

    def test_offer_answer_and_candidates_pass_between_browser_and_worker(self):
        client = house.socket("/api/signaling", cookies["viewer"])
        session = self.watch(client)
        workers["kestrel"].send(type="viewer.offer", session=session, sdp="v=0 offer")
        self.assertEqual(client.receive(), {"type": "offer", "session": session, "sdp": "v=0 offer"})
        client.send({"type": "answer", "session": session, "sdp": "v=0 answer"})
        self.assertEqual(workers["kestrel"].expect("viewer.answer")["sdp"], "v=0 answer")
        client.send({"type": "candidate", "session": session, "mline": 0, "candidate": "candidate:1 ..."})
        self.assertEqual(workers["kestrel"].expect("viewer.candidate")["candidate"], "candidate:1 ...")
        workers["kestrel"].send(type="viewer.candidate", session=session, mline=0, candidate="candidate:2 ...")
        self.assertEqual(client.receive()["candidate"], "candidate:2 ...")
        workers["kestrel"].send(type="viewer.state", session=session, state="connected")
        self.assertEqual(client.receive()["state"], "connected")

    def test_what_gets_through_is_told_to_the_viewer_to_admins_and_to_prometheus(self):
        client = house.socket("/api/signaling", cookies["viewer"])
        session = self.watch(client, "merlin")
        counts = {"bitrate_bps": 2_000_000, "bytes_sent": 500_000, "packets_sent": 500, "packets_resent": 2, "packets_lost": 5,
                  "key_frame_requests": 1, "resend_requests": 3, "dropped_frames": 4}
        figures = {"type": "viewer.figures", "session": session, "loss_permille": 12, "round_trip_us": 1_500,
                   "address_kind": "host", "transport": "udp", **counts}
        workers["merlin"].send(**figures)
        told = client.until(lambda m: m["type"] == "figures")
        self.assertLessEqual({**counts, "session": session, "loss": 0.012, "round_trip_ms": 1.5}.items(), told.items())

        seen = {"freezes": 2, "frozen_ms": 700, "glass_to_glass_ms": 120}
        client.send({"type": "seen", "session": session, **seen})
        for wrong in ({"freezes": -1}, {"frozen_ms": "long"}, {"glass_to_glass_ms": 1e12}):
            client.send({"type": "seen", "session": session, **seen, **wrong})
            self.assertIn(next(iter(wrong)), client.until(lambda m: m["type"] == "error")["message"])
        status, viewers, _ = house.request("GET", "/api/viewers", cookie=cookies["admin"])
        mine = [viewer for viewer in viewers if viewer["vehicle"] == "merlin"]
        self.assertEqual((status, len(mine)), (200, 1))
        self.assertEqual((mine[0]["user"], mine[0]["camera"], mine[0]["by"]), ("viktor", "nose", "page"))
        self.assertEqual(mine[0]["figures"]["packets_lost"], 5)
        self.assertEqual(mine[0]["seen"], seen)
        self.assertNotIn(session, json.dumps(viewers))

        def metrics():
            status, text, headers = house.request("GET", "/metrics", cookie=cookies["viewer"])
            self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
            self.assertNotIn("viktor", text)
            self.assertNotIn(session, text)
            return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))

        place = '{vehicle="merlin",camera="nose"}'
        before = metrics()
        self.assertEqual(before["masthead_viewers" + place], "1")
        self.assertEqual(before["masthead_viewers_worst_loss_ratio" + place], "0.012")
        self.assertEqual(before["masthead_viewers_worst_round_trip_seconds" + place], "0.0015")
        self.assertEqual(before["masthead_viewers_worst_glass_to_glass_seconds" + place], "0.12")
        self.assertEqual(before["masthead_viewers_freezes_total" + place], "2")
        self.assertGreater(float(before['masthead_resident_memory_bytes{process="server"}']), 1e6)
        lost = int(before["masthead_viewers_packets_lost_total" + place])
        workers["merlin"].send(**{**figures, "packets_lost": 9})
        client.until(lambda m: m["type"] == "figures")
        client.send({"type": "close", "session": session})
        workers["merlin"].expect("viewer.remove")
        after = metrics()
        self.assertEqual(after["masthead_viewers" + place], "0")
        self.assertEqual(int(after["masthead_viewers_packets_lost_total" + place]), lost + 4)
        self.assertEqual([v for v in house.request("GET", "/api/viewers", cookie=cookies["admin"])[1] if v["vehicle"] == "merlin"], [])

    def test_what_comes_from_a_camera_is_told_to_prometheus_while_its_worker_runs(self):
        worker = add("pipit")
        figures = {"type": "camera.figures", "vehicle": "pipit", "camera": "nose", "frames_per_1000_s": 29_970, "bitrate_bps": 2_000_000,
                   "frames": 900, "bytes": 7_500_000_000, "dropped_frames": 2, "recorded_frames": 880, "recorded_bytes": 7_600_000_000,
                   "outputs": [{"name": "record", "dropped_frames": 20}]}
        worker.send(**{**figures, "vehicle": "kestrel"})  # not its own
        worker.send(**figures)
        worker.send(type="camera.state", vehicle="pipit", camera="nose", state="playing")
        live = house.socket("/api/telemetry", cookies["viewer"])

        def until(state):
            live.until(vehicle_of("pipit", lambda v: v.get("cameras", {}).get("nose", {}).get("state", {}).get("state") == state))

        def samples(camera):
            _, text, _ = house.request("GET", "/metrics", cookie=cookies["viewer"])
            lines = text.splitlines()
            described = {line.split(" ")[2] for line in lines if line.startswith("# TYPE ")}
            contract = (SCHEMA / "openapi.yaml").read_text()
            contract = contract[contract.index("  /metrics:"):contract.index("  /api/viewers:")]
            self.assertEqual(described, set(re.findall(r"masthead_\w+", contract)))
            values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
            self.assertLessEqual({name.split("{")[0] for name in values}, described)
            return {name: value for name, value in values.items() if f"{{{camera}" in name and not name.startswith("masthead_camera_state")}

        until("playing")
        nose = 'vehicle="pipit",camera="nose"'
        self.assertEqual(samples(nose), {
            f"masthead_camera_frames_per_second{{{nose}}}": "29.97", f"masthead_camera_bitrate_bps{{{nose}}}": "2000000",
            f"masthead_camera_frames_total{{{nose}}}": "900", f"masthead_camera_bytes_total{{{nose}}}": "7500000000",
            f"masthead_camera_dropped_frames_total{{{nose}}}": "2", f"masthead_recording_frames_total{{{nose}}}": "880",
            f"masthead_recording_bytes_total{{{nose}}}": "7600000000",
            f'masthead_output_dropped_frames_total{{{nose},output="record"}}': "20"})
        self.assertFalse([name for name in samples('vehicle="kestrel"') if "frames_total" in name and "viewers" not in name])
        worker.end()
        until("down")
        self.assertEqual(samples(nose), {})
        house.worker()  # its successor

    def test_closing_the_socket_removes_its_viewers(self):
        client = house.socket("/api/signaling", cookies["viewer"])
        sessions = {self.watch(client), self.watch(client)}
        client.close()
        self.assertEqual({workers["kestrel"].expect("viewer.remove")["session"] for _ in range(2)}, sessions)

    def test_a_session_belongs_to_the_socket_that_made_it(self):
        mine = house.socket("/api/signaling", cookies["viewer"])
        session = self.watch(mine)
        other = house.socket("/api/signaling", cookies["admin"])
        for message in ({"type": "answer", "session": session, "sdp": "v=0"}, {"type": "close", "session": session}):
            other.send(message)
            self.assertEqual(other.receive()["error"], "not_found")
        other.send({"type": "watch", "vehicle": "nobody", "camera": "nose"})
        self.assertEqual(other.receive()["error"], "not_found")

    def test_bad_messages_are_answered_and_floods_and_giants_end_the_socket(self):
        client = house.socket("/api/signaling", cookies["viewer"])
        for bad in ("{", "[]", '{"type": "dance"}', '{"type": "watch"}', '{"type": "candidate", "session": 5}'):
            client.send(bad)
            self.assertEqual(client.receive()["type"], "error", bad)
        client.send("x" * (200 * 1024))
        with self.assertRaises((Closed, OSError)):
            while True:
                client.receive()
        flood = house.socket("/api/signaling", cookies["viewer"])
        with self.assertRaises((Closed, OSError)):
            for _ in range(2000):
                flood.send("{}")
            while True:
                flood.receive()

    def test_a_message_of_endless_fragments_ends_the_socket(self):
        client = house.socket("/api/signaling", cookies["viewer"])
        with self.assertRaises(ConnectionError):  # not a time-out: the client is told
            client.frame(1, b"x" * 60000, final=False)
            for _ in range(8000):  # seconds, where the server looks twenty times a second
                client.frame(0, b"x" * 60000, final=False)
            raise AssertionError("480 MB of one message were taken in")
        self.assertEqual(house.request("GET", "/api/session", cookie=cookies["viewer"])[0], 200)

    def test_one_socket_watches_at_most_sixteen_cameras(self):
        client = house.socket("/api/signaling", cookies["viewer"])
        for _ in range(16):
            self.watch(client)
        client.send({"type": "watch", "vehicle": "kestrel", "camera": "nose"})
        self.assertEqual(client.until(lambda m: m["type"] == "error")["error"], "too_large")


class Commands(unittest.TestCase):
    def ask(self, **members):
        return {"id": str(uuid.uuid4()), "vehicle": "kestrel", "command": "hold", **members}

    def test_a_command_reaches_the_vehicle_and_every_step_comes_back(self):
        client = house.socket("/api/control", cookies["admin"])
        witness = house.socket("/api/control", cookies["viewer"])
        request = self.ask(command="return")
        client.send({"type": "command", **request})
        self.assertEqual(witness.receive()["state"], "queued")
        line = workers["kestrel"].expect("command")
        while line["id"] != request["id"]:
            line = workers["kestrel"].expect("command")
        self.assertEqual(line["command"], "return")
        self.assertEqual(house.sql(f"SELECT user_name FROM commands WHERE id = '{request['id']}'"), "admin")
        for state in ("sent", "accepted", "in_progress", "completed"):
            workers["kestrel"].send(type="command.update", id=request["id"], state=state, detail=f"now {state}")
            told = witness.receive()
            self.assertEqual((told["id"], told["state"], told["detail"]), (request["id"], state, f"now {state}"))
        wait_for("the final state in the database", lambda: house.sql(
            f"SELECT state FROM commands WHERE id = '{request['id']}'") == "completed")
        listed = house.request("GET", "/api/commands", cookie=cookies["viewer"])[1]
        self.assertEqual(listed[0]["id"], request["id"])
        steps = lambda: house.sql("SELECT user_name || ' ' || message FROM events WHERE subject = 'command/kestrel' ORDER BY time")  # noqa: E731
        wait_for("each step among the events", lambda: "admin return completed: now completed" in steps())
        for step in ("queued", "sent: now sent", "accepted: now accepted", "in_progress: now in_progress"):
            self.assertIn(f"admin return {step}", steps())

    def test_the_same_id_twice_is_one_command(self):
        request = self.ask()
        first = house.request("POST", "/api/control", request, cookies["admin"])
        again = house.request("POST", "/api/control", request, cookies["admin"])
        self.assertEqual((first[0], again[0]), (202, 202))
        self.assertEqual(again[1]["created"], first[1]["created"])
        other = house.request("POST", "/api/control", {**request, "command": "return"}, cookies["admin"])
        self.assertEqual((other[0], other[1]["error"]), (409, "conflict"))
        marker = self.ask()
        house.request("POST", "/api/control", marker, cookies["admin"])
        sent = [workers["kestrel"].expect("command")["id"]]
        while sent[-1] != marker["id"]:
            sent.append(workers["kestrel"].expect("command")["id"])
        self.assertEqual(sent.count(request["id"]), 1)

    def test_a_command_that_is_never_answered_expires(self):
        request = self.ask(deadline_ms=100)
        client = house.socket("/api/control", cookies["admin"])
        client.send(request)
        workers["kestrel"].expect("command")
        told = client.until(lambda m: m["id"] == request["id"] and m["state"] != "queued")
        self.assertEqual(told["state"], "expired")
        workers["kestrel"].send(type="command.update", id=request["id"], state="accepted")
        marker = self.ask()
        client.send(marker)
        client.until(lambda m: m["id"] == marker["id"])
        self.assertEqual(house.sql(f"SELECT state FROM commands WHERE id = '{request['id']}'"), "expired")

    def test_viewers_and_wrong_requests_are_refused(self):
        viewer = house.socket("/api/control", cookies["viewer"])
        viewer.send(self.ask())
        self.assertEqual(viewer.receive()["error"], "forbidden")
        admin = house.socket("/api/control", cookies["admin"])
        for change, error in (({"vehicle": "nobody"}, "not_found"), ({"command": "explode"}, "invalid_argument"),
                              ({"id": "short"}, "invalid_argument"), ({"deadline_ms": 99}, "invalid_argument"),
                              ({"vehicle": None}, "invalid_argument"), ({"force": True}, "invalid_argument")):
            request = self.ask(**change)
            admin.send(request)
            answer = admin.receive()
            self.assertEqual((answer["type"], answer["error"], answer["id"]), ("error", error, request["id"]), change)

    def test_a_workers_end_fails_what_it_had_not_answered(self):
        worker = add("harrier")
        client = house.socket("/api/control", cookies["admin"])
        live = house.socket("/api/telemetry", cookies["viewer"])
        request = self.ask(vehicle="harrier", deadline_ms=60000)
        client.send(request)
        worker.expect("command")
        worker.end()
        told = client.until(lambda m: m["id"] == request["id"] and m["state"] != "queued")
        self.assertEqual(told["state"], "failed")
        live.until(vehicle_of("harrier", lambda v: v.get("cameras", {}).get("nose", {}).get("state", {}).get("state") == "down"))
        again = house.worker()
        again.send(type="camera.state", vehicle="harrier", camera="nose", state="playing")
        live.until(vehicle_of("harrier", lambda v: v.get("cameras", {}).get("nose", {}).get("state", {}).get("state") == "playing"))
        self.assertTrue(again.lines.empty())


class Secrets(unittest.TestCase):
    def test_only_admins_see_passwords_of_cameras(self):
        shown = house.request("GET", "/api/drones/kestrel", cookie=cookies["admin"])[1]
        hidden = house.request("GET", "/api/drones/kestrel", cookie=cookies["viewer"])[1]
        self.assertEqual(shown["cameras"], [camera()])
        self.assertEqual(hidden["cameras"][0]["parameters"]["uri"], "rtsp://me:***@127.0.0.1:9/camera")


if __name__ == "__main__":
    unittest.main()
