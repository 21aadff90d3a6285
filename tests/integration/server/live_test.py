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
    cookies["olga"] = house.add_user("olga", "operator")
    cookies["paul"] = house.add_user("paul", "operator")
    cookies["sue"] = house.add_user("sue", "supervisor")
    for name in ("kestrel", "merlin"):
        add(name)


def tearDownModule():
    house.stop()


def add(name, **members):
    status, answer, _ = house.request("POST", "/api/drones", drone(name, **members), cookies["admin"])
    assert status == 201, answer
    workers[name] = house.worker(vehicle=name)
    return workers[name]


def now_us():
    return time.time_ns() // 1000


def sample(**values):
    return {"time": now_us(), "time_source": "vehicle", **values}


def say(name, worker, **values):
    """Lets a vehicle say that it flies, and waits until the server has heard it."""
    values = {"armed": True, "altitude_agl_m": 50, "latitude_deg": 59.44, "longitude_deg": 24.75, **values}
    worker.send(type="telemetry", vehicle=name, source="link", sample=sample(**values))
    live = house.socket("/api/telemetry", cookies["viewer"])
    live.until(vehicle_of(name, lambda v: all(v.get("telemetry", {}).get(key) == value for key, value in values.items())))


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
        again = house.worker(vehicle="egret")
        self.assertEqual([one["name"] for one in again.first["vehicles"][0]["cameras"]], ["nose"])
        # A worker that dies takes down only what it ran.
        again.end()
        until(lambda: "ended" in states.get("nose", {}).get("detail", ""))
        self.assertEqual(states["mast"]["state"], "refused")
        house.worker(vehicle="egret")
        away.rename(file)
        worker = house.worker(vehicle="egret")
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
    def setUp(self):
        # A vehicle of its own: what one test leaves open holds nothing of another up.
        self.vehicle = "v" + self.id().rsplit("_", 1)[-1][:8] + uuid.uuid4().hex[:6]
        self.worker = add(self.vehicle)
        status, answer, _ = house.request("POST", "/api/leases", {"vehicle": self.vehicle, "action": "take"}, cookies["admin"])
        self.assertEqual((status, answer["holder"]), (200, "admin"))
        self.say()

    def say(self, **values):
        say(self.vehicle, self.worker, **values)

    def ask(self, **members):
        return {"id": str(uuid.uuid4()), "vehicle": self.vehicle, "command": "hold", **members}

    def post(self, request, user="admin", path="/api/commands"):
        return house.request("POST", path, request, cookies[user])[:2]

    def answer(self, request, state, **members):
        self.worker.send(type="command.update", id=request["id"], state=state, **members)

    def state_of(self, request):
        return house.sql(f"SELECT state FROM commands WHERE id = '{request['id']}'")

    def test_a_command_reaches_the_vehicle_and_every_step_comes_back(self):
        client = house.socket("/api/control", cookies["admin"])
        witness = house.socket("/api/control", cookies["viewer"])
        request = self.ask(command="return")
        client.send({"type": "command", **request})
        heard = lambda: witness.until(lambda m: m.get("id") == request["id"])  # noqa: E731  leases are told there too
        self.assertEqual(heard()["state"], "queued")
        line = self.worker.expect("command")
        self.assertEqual((line["id"], line["command"], line["parameters"]), (request["id"], "return", {}))
        self.assertEqual(house.sql(f"SELECT user_name FROM commands WHERE id = '{request['id']}'"), "admin")
        for state in ("sent", "accepted", "in_progress", "completed"):
            self.answer(request, state, detail=f"now {state}", target="system 1, component 1")
            told = heard()
            self.assertEqual((told["state"], told["detail"]), (state, f"now {state}"))
        wait_for("the final state in the database", lambda: self.state_of(request) == "completed")
        listed = house.request("GET", f"/api/commands?vehicle={self.vehicle}", cookie=cookies["viewer"])[1]
        self.assertEqual([one["id"] for one in listed], [request["id"]])
        self.assertEqual([step["state"] for step in listed[0]["steps"]], ["queued", "sent", "accepted", "in_progress", "completed"])
        self.assertEqual(listed[0]["target"], "system 1, component 1")
        steps = lambda: house.sql(f"SELECT user_name || ' ' || message FROM events WHERE subject = 'command/{self.vehicle}' ORDER BY time")  # noqa: E731
        wait_for("each step among the events", lambda: "admin return completed: now completed" in steps())
        for step in ("queued", "sent: now sent", "accepted: now accepted", "in_progress: now in_progress"):
            self.assertIn(f"admin return {step}", steps())

    def test_the_parameters_are_checked_and_reach_the_worker_as_they_were_checked(self):
        place = {"longitude_deg": 24.75, "latitude_deg": 59.5, "altitude_m": 40}
        status, answer = self.post(self.ask(command="goto", parameters=place))
        self.assertEqual((status, answer["parameters"]), (202, place))
        line = self.worker.expect("command")
        self.assertEqual((line["command"], line["parameters"]), ("goto", place))
        for change, word in (({"parameters": {**place, "latitude_deg": 90.5}}, "from -90 to 90"),
                             ({"parameters": {**place, "speed": 3}}, "has no parameter 'speed'"),
                             ({"parameters": {"latitude_deg": 1}}, "'longitude_deg' of 'goto' is missing"),
                             ({"parameters": [1]}, "must be an object"),
                             ({"command": "steer", "parameters": {"heading_deg": 1, "speed_mps": 1}}, "no command for a drone"),
                             ({"command": "arm", "parameters": {}}, "'reason' is missing")):
            with self.subTest(word):
                status, answer = self.post(self.ask(**{"command": "goto", **change}))
                self.assertEqual((status, answer["error"]), (400, "invalid_argument"))
                self.assertIn(word, answer["message"])
        status, answer = self.post(self.ask(command="set_speed", parameters={"speed_mps": float("nan")}))
        self.assertEqual((status, answer["error"]), (400, "malformed"))

    def test_what_makes_no_sense_for_the_vehicle_as_it_is_is_refused_with_the_reason(self):
        for command, members, word in (("takeoff", {"parameters": {"altitude_m": 20}, "reason": "test"}, "flies, at 50 m"),
                                       ("arm", {"reason": "test"}, "armed already"),
                                       ("goto", {"parameters": {"latitude_deg": 48, "longitude_deg": 11, "altitude_m": 50}}, "km away")):
            status, answer = self.post(self.ask(command=command, **members))
            self.assertEqual((status, answer["error"]), (409, "conflict"))
            self.assertIn(word, answer["message"])
        self.say(armed=False, altitude_agl_m=0)
        status, answer = self.post(self.ask(command="land"))
        self.assertEqual(status, 409)
        self.assertIn("on the ground", answer["message"])
        self.assertEqual(self.post(self.ask(command="takeoff", parameters={"altitude_m": 20}, reason="test"))[0], 202)

    def test_the_same_id_or_key_twice_is_one_command(self):
        request = self.ask(idempotency_key=str(uuid.uuid4()))
        first = self.post(request)
        again = self.post(request, path="/api/control")
        by_key = self.post({**request, "id": str(uuid.uuid4())})
        self.assertEqual((first[0], again[0], by_key[0]), (202, 202, 202))
        self.assertEqual({answer["created"] for _, answer in (first, again, by_key)}, {first[1]["created"]})
        self.assertEqual(by_key[1]["id"], request["id"])
        for change in ({"command": "return"}, {"id": str(uuid.uuid4()), "command": "return"}):
            status, answer = self.post({**request, **change})
            self.assertEqual((status, answer["error"]), (409, "conflict"))
        marker = self.ask(command="return")
        self.post(marker)
        self.assertEqual([self.worker.expect("command")["id"] for _ in range(2)], [request["id"], marker["id"]])

    def test_one_of_a_kind_is_in_flight_and_what_waits_can_be_cancelled(self):
        first, second, third = (self.ask(command="land", deadline_ms=60000) for _ in range(3))
        self.post(first)
        self.assertEqual(self.worker.expect("command")["id"], first["id"])
        self.assertEqual(self.post(second)[1]["state"], "queued")
        self.assertEqual(self.post(third)[0], 409)
        status, answer, _ = house.request("POST", f"/api/commands/{first['id']}/cancel", {}, cookies["admin"])
        self.assertEqual((status, answer["error"]), (409, "conflict"))
        status, answer, _ = house.request("POST", f"/api/commands/{second['id']}/cancel", {}, cookies["admin"])
        self.assertEqual((status, answer["state"]), (202, "cancelled"))
        client = house.socket("/api/control", cookies["admin"])
        client.send(third)
        client.until(lambda m: m.get("id") == third["id"])
        self.answer(first, "accepted")
        self.assertEqual(self.worker.expect("command")["id"], third["id"])
        wait_for("the cancelled one", lambda: self.state_of(second) == "cancelled")

    def test_a_command_that_is_never_answered_expires_and_a_late_answer_is_noted(self):
        request = self.ask(deadline_ms=100)
        client = house.socket("/api/control", cookies["admin"])
        client.send(request)
        self.worker.expect("command")
        told = client.until(lambda m: m.get("id") == request["id"] and m["state"] != "queued")
        self.assertEqual(told["state"], "expired")
        self.answer(request, "accepted", late=True)
        told = client.until(lambda m: m.get("id") == request["id"] and len(m["steps"]) > 2)
        self.assertEqual((told["state"], told["steps"][-1]["state"], told["steps"][-1]["late"]), ("expired", "accepted", True))
        wait_for("the late answer in the database", lambda: house.sql(
            f"SELECT state || (steps -> -1 ->> 'late') FROM commands WHERE id = '{request['id']}'") == "expiredtrue")

    def test_viewers_and_wrong_requests_are_refused(self):
        viewer = house.socket("/api/control", cookies["viewer"])
        refusal = lambda socket: socket.until(lambda m: m["type"] == "error")  # noqa: E731  everyone hears of the others' commands and leases
        viewer.send(self.ask())
        self.assertEqual(refusal(viewer)["error"], "forbidden")
        viewer.send({"type": "cancel", "id": str(uuid.uuid4())})
        self.assertEqual(refusal(viewer)["error"], "forbidden")
        admin = house.socket("/api/control", cookies["admin"])
        for change, error in (({"vehicle": "nobody"}, "not_found"), ({"command": "explode"}, "invalid_argument"),
                              ({"id": "short"}, "invalid_argument"), ({"deadline_ms": 99}, "invalid_argument"),
                              ({"vehicle": None}, "invalid_argument"), ({"force": True}, "invalid_argument")):
            request = self.ask(**change)
            admin.send(request)
            answer = refusal(admin)
            self.assertEqual((answer["error"], answer["id"]), (error, request["id"]), change)

    def test_a_workers_end_fails_what_it_had_not_answered(self):
        worker = add("harrier")
        client = house.socket("/api/control", cookies["admin"])
        live = house.socket("/api/telemetry", cookies["viewer"])
        request = self.ask(vehicle="harrier", deadline_ms=60000)
        client.send(request)
        worker.expect("command")
        worker.end()
        told = client.until(lambda m: m.get("id") == request["id"] and m["state"] != "queued")
        self.assertEqual(told["state"], "failed")
        live.until(vehicle_of("harrier", lambda v: v.get("cameras", {}).get("nose", {}).get("state", {}).get("state") == "down"))
        again = house.worker(vehicle="harrier")
        again.send(type="camera.state", vehicle="harrier", camera="nose", state="playing")
        live.until(vehicle_of("harrier", lambda v: v.get("cameras", {}).get("nose", {}).get("state", {}).get("state") == "playing"))
        self.assertTrue(again.lines.empty())


class Leases(unittest.TestCase):
    def setUp(self):
        self.vehicle = "l" + uuid.uuid4().hex[:10]
        self.worker = add(self.vehicle)
        say(self.vehicle, self.worker)

    def lease(self, user, action, **members):
        return house.request("POST", "/api/leases", {"vehicle": self.vehicle, "action": action, **members}, cookies[user])[:2]

    def command(self, user, command="land", **members):
        status, answer, _ = house.request("POST", "/api/commands", {"id": str(uuid.uuid4()), "vehicle": self.vehicle,
                                                                   "command": command, **members}, cookies[user])
        return status, answer.get("message", answer["id"] if status == 202 else "")

    def holder(self):
        listed = house.request("GET", "/api/leases", cookie=cookies["viewer"])[1]
        return next((one["holder"] for one in listed if (one["vehicle"], one["part"]) == (self.vehicle, "vehicle")), None)

    def test_only_the_holders_commands_go_out_and_each_part_has_its_own_lease(self):
        self.assertEqual(self.command("olga")[0], 409)
        self.assertEqual(self.lease("olga", "take")[0], 200)
        status, sent = self.command("olga")
        self.assertEqual((status, self.worker.expect("command")["id"]), (202, sent))
        status, message = self.command("paul", "set_speed", parameters={"speed_mps": 3})
        self.assertEqual(status, 409)
        self.assertIn("'olga' holds the lease", message)
        self.assertEqual(self.command("olga", "zoom", parameters={"zoom_percent": 3})[0], 409)
        self.assertEqual(self.lease("paul", "take", part="payload")[0], 200)
        status, sent = self.command("paul", "zoom", parameters={"zoom_percent": 3})
        self.assertEqual((status, self.worker.expect("command")["id"]), (202, sent))
        status, sent = self.command("paul", "hold")
        self.assertEqual((status, self.worker.expect("command")["id"]), (202, sent), "an emergency needs no lease")

    def test_a_lease_is_asked_for_granted_handed_over_and_taken_by_force_and_everyone_hears(self):
        witness = house.socket("/api/control", cookies["viewer"])

        def heard(**members):
            return witness.until(lambda m: m["type"] == "lease" and m["vehicle"] == self.vehicle and
                                 all(m.get(name) == value for name, value in members.items()))

        self.assertEqual(self.lease("olga", "take")[0], 200)
        heard(holder="olga")
        self.assertEqual(self.lease("paul", "take")[0], 409)
        self.assertEqual(self.lease("paul", "request")[0], 200)
        heard(holder="olga", asked_by=["paul"])
        self.assertEqual(self.lease("olga", "grant", to="paul")[0], 200)
        heard(holder="paul", asked_by=[])
        self.assertEqual(self.lease("paul", "hand_over", to="olga")[0], 200)
        heard(holder="paul", offered_to="olga")
        self.assertEqual(self.lease("olga", "take")[0], 200)
        heard(holder="olga")
        self.assertEqual(self.lease("paul", "force", reason="now")[0], 403)
        self.assertEqual(self.lease("sue", "force")[0], 400)
        self.assertEqual(self.lease("sue", "force", reason="olga does not answer")[0], 200)
        heard(holder="sue", reason="olga does not answer")
        self.assertEqual(self.command("olga")[0], 409)
        self.assertEqual(self.lease("sue", "release")[0], 200)
        heard(holder=None)

    def test_observers_and_wrong_requests_are_refused(self):
        self.assertEqual(self.lease("viewer", "take")[0], 403)
        viewer = house.socket("/api/control", cookies["viewer"])
        viewer.send({"type": "lease", "id": "one", "vehicle": self.vehicle, "action": "take"})
        self.assertEqual({**viewer.until(lambda m: m["type"] == "error"), "message": ""}, {"type": "error", "id": "one", "error": "forbidden", "message": ""})
        for change, error in (({"action": "steal"}, "invalid_argument"), ({"vehicle": "nobody"}, "not_found"),
                              ({"part": "wing"}, "invalid_argument"), ({"by": "me"}, "invalid_argument")):
            status, answer = self.lease("olga", **{"action": "take", **change})
            self.assertEqual(answer["error"], error, change)
        self.assertEqual(self.command("paul", "terminate", reason="it burns")[0], 403)

    def test_a_dead_sessions_lease_is_free_after_its_grace(self):
        holder = house.socket("/api/control", cookies["olga"])
        holder.send({"type": "lease", "vehicle": self.vehicle, "action": "take"})
        holder.until(lambda m: m["type"] == "lease" and m["vehicle"] == self.vehicle and m.get("holder") == "olga")
        witness = house.socket("/api/control", cookies["paul"])
        holder.close()
        told = witness.until(lambda m: m["type"] == "lease" and m["vehicle"] == self.vehicle and "ends" in m)
        self.assertEqual(told["holder"], "olga")
        self.assertEqual(self.lease("paul", "take")[0], 409)
        told = witness.until(lambda m: m["type"] == "lease" and m["vehicle"] == self.vehicle and "holder" not in m)
        self.assertLessEqual(told.get("ends", 0), now_us())
        self.assertEqual(self.lease("paul", "take")[0], 200)


class Secrets(unittest.TestCase):
    def test_only_admins_see_passwords_of_cameras(self):
        shown = house.request("GET", "/api/drones/kestrel", cookie=cookies["admin"])[1]
        hidden = house.request("GET", "/api/drones/kestrel", cookie=cookies["viewer"])[1]
        self.assertEqual(shown["cameras"], [camera()])
        self.assertEqual(hidden["cameras"][0]["parameters"]["uri"], "rtsp://me:***@127.0.0.1:9/camera")


if __name__ == "__main__":
    unittest.main()
