"""Missions through the whole house: written, refused, sent by the real worker to the second of three simulated drones on one link, read
back, flown, read and cleared."""

import os
import socket
import subprocess
import unittest
import uuid

from house import House, free_port, wait_for

house = None
cookies = {}
sims = []
DRONES = {"kestrel": 1, "merlin": 2, "osprey": 3}


def setUpModule():
    global house
    house = House(broker=False).start_services().start_server(worker=os.environ["MASTHEAD_WORKER"])
    house.wait_healthy()
    cookies["admin"] = house.sign_in()
    cookies["viewer"] = house.add_user("viktor", "viewer")
    port = free_port(socket.SOCK_DGRAM)
    for name, system in DRONES.items():
        sims.append(subprocess.Popen([os.environ["MASTHEAD_SIM"], "drone", "--no-video", "--mavlink-port", str(port), "--system-id", str(system),
                                      "--speed", "20"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        drone = {"id": name, "name": name, "link": {"uri": f"mavlink+udp://127.0.0.1:{port}", "address": str(system)}, "cameras": []}
        assert ask("POST", "/api/drones", drone)[0] == 201
    vessel = {"id": "tern", "name": "Tern", "link": {"uri": f"nmea+tcp://127.0.0.1:{free_port()}"}, "cameras": []}
    assert ask("POST", "/api/vessels", vessel)[0] == 201
    live = house.socket("/api/telemetry", cookies["viewer"])
    heard = set()
    while not heard >= DRONES.keys():
        heard |= {name for name, one in live.receive()["vehicles"].items() if "latitude_deg" in one.get("telemetry", {})}


def tearDownModule():
    for sim in sims:
        sim.terminate()
        sim.wait(20)
    house.stop()


def ask(method, path, body=None, user="admin"):
    return house.request(method, path, body, cookies[user])[:2]


def place(north, **more):
    return {"latitude_deg": 59.4402 + north * 1e-4, "longitude_deg": 24.7495, "altitude_m": 60, **more}


def mission(*items, kind="drone", name="shore"):
    return {"name": name, "kind": kind, "items": list(items)}


WAY = [{"item": "waypoint", "parameters": place(0)}, {"item": "change_speed", "parameters": {"speed_mps": 12}},
       {"item": "waypoint", "parameters": place(3, hold_s=2)}, {"item": "look_at", "frame": "global", "parameters": place(5)},
       {"item": "waypoint", "parameters": place(5)}]


def written(*items, **members):
    status, answer = ask("POST", "/api/missions", mission(*items, **members))
    assert status == 201, answer
    return answer


def command(name, vehicle="merlin", **members):
    return ask("POST", "/api/commands", {"id": str(uuid.uuid4()), "vehicle": vehicle, "command": name, **members})


def upload(of, vehicle="merlin"):
    return command("mission_upload", vehicle, parameters={"mission": of["id"], "version": of["version"]})


class Written(unittest.TestCase):
    def test_a_change_is_a_new_version_and_refused_when_somebody_was_quicker(self):
        first = written(*WAY)
        self.assertEqual((first["version"], first["count"], first["user"]), (1, 5, "admin"))
        changed = {**mission(*WAY[:3], name="shorter"), "version": 1}
        status, second = ask("PUT", f"/api/missions/{first['id']}", changed)
        self.assertEqual((status, second["version"], second["name"]), (200, 2, "shorter"))
        status, answer = ask("PUT", f"/api/missions/{first['id']}", changed)
        self.assertEqual((status, "changed by admin since its version 1" in answer["message"]), (409, True), answer)
        self.assertEqual(ask("GET", f"/api/missions/{first['id']}")[1], second)
        self.assertEqual(ask("GET", f"/api/missions/{first['id']}?version=1")[1], first)
        self.assertEqual(ask("GET", f"/api/missions/{first['id']}?version=3")[0], 404)
        listed = [one for one in ask("GET", "/api/missions", user="viewer")[1] if one["id"] == first["id"]]
        self.assertEqual(listed, [{key: value for key, value in second.items() if key != "items"}])
        self.assertEqual(ask("DELETE", f"/api/missions/{first['id']}", user="viewer")[0], 403)
        self.assertEqual(ask("DELETE", f"/api/missions/{first['id']}")[0], 204)
        self.assertEqual(ask("DELETE", f"/api/missions/{first['id']}")[0], 404)
        self.assertEqual(ask("GET", f"/api/missions/{first['id']}?version=1")[0], 404)
        self.assertEqual(upload(second)[0], 404)

    def test_what_is_wrong_is_refused_with_its_place_and_field(self):
        point = {"item": "waypoint", "parameters": place(0)}
        wrong = lambda **values: {"item": "waypoint", "parameters": {**place(0), **values}}  # noqa: E731
        for body, *words in (
                (mission(), "at least one"),
                (mission(*[point] * 1001), "1001 items", "at most 1000"),
                (mission(*[point] * 10000), "10000 items", "at most 1000"),
                (mission(point, wrong(latitude_deg=90.1)), "items[1]", "latitude_deg", "-90 to 90"),
                (mission(point, wrong(longitude_deg=None)), "items[1]", "longitude_deg", "missing"),
                (mission(point, point, wrong(altitude_m="high")), "items[2]", "altitude_m"),
                (mission(wrong(altitude_m=1001)), "items[0]", "altitude_m", "1000 m above home"),
                (mission({"item": "waypoint", "frame": "terrain", "parameters": place(0)}), "items[0]", "frame"),
                (mission({"item": "return", "frame": "global"}), "items[0]", "frame"),
                (mission({"item": "loiter_turns", "parameters": place(0, turns=1.5)}), "items[0]", "turns", "whole"),
                (mission(wrong(speed=3)), "items[0]", "'speed'"),
                (mission({**point, "note": ""}), "items[0]", "'note'"),
                (mission({"item": "explode"}), "items[0]", "'explode'"),
                (mission({"item": "takeoff", "parameters": place(0)}, kind="vessel"), "items[0]", "takeoff", "vessel"),
                (mission(point, kind="vessel"), "items[0]", "altitude_m", "vessel"),
                (mission(point, kind="balloon"), "kind"), (mission(point, name=""), "name"),
                ({**mission(point), "version": 1}, "version"), ({"name": "a", "kind": "drone"}, "items")):
            status, answer = ask("POST", "/api/missions", body)
            self.assertEqual(status, 400, answer)
            for word in words:
                self.assertIn(word, answer["message"])
        for text, status in ((b'{"name":"a","kind":"drone","items":[{"item":"waypoint","parameters":{"latitude_deg":NaN}}]}', 400),
                             (b'{"name":"a","kind":"drone","items":[{"item":"photo_distance","parameters":{"distance_m":1e999}}]}', 400),
                             (b"[" + b" " * (4 << 20) + b"]", 413)):
            self.assertEqual(ask("POST", "/api/missions", text)[0], status)
        self.assertEqual(ask("POST", "/api/missions", mission(point), "viewer")[0], 403)
        self.assertEqual(len(written(*[point] * 1000)["items"]), 1000)


class Sent(unittest.TestCase):
    def setUp(self):
        self.connection = house.socket("/api/control", cookies["admin"])  # who leaves loses the leases
        for name in DRONES:
            status, answer = ask("POST", "/api/leases", {"vehicle": name, "action": "take"})
            self.assertEqual(status, 200, answer)

    def ends(self, asked, state="completed"):
        status, sent = asked
        self.assertEqual(status, 202, sent)

        def now():
            return next(one for one in ask("GET", f"/api/commands?vehicle={sent['vehicle']}")[1] if one["id"] == sent["id"])
        wait_for("the command's end", lambda: now()["state"] in ("completed", "denied", "failed", "expired", "cancelled"))
        ended = now()
        self.assertEqual(ended["state"], state, ended)
        return ended

    def test_the_second_of_three_gets_it_holds_it_flies_it_and_lets_it_go(self):
        of = written(*WAY)
        request = {"id": str(uuid.uuid4()), "vehicle": "merlin", "command": "mission_upload", "parameters": {"mission": of["id"], "version": 1}}
        asked = ask("POST", "/api/commands", request)
        self.assertEqual(ask("POST", "/api/commands", request)[1]["id"], request["id"])  # the same one
        ended = self.ends(asked)
        self.assertEqual(ended["target"], "system 2, component 1")
        self.assertIn("read back: 5 items, the same", ended["detail"])
        self.assertEqual((ended["steps"][0]["state"], ended["steps"][1]["state"]), ("queued", "sent"))
        self.assertEqual(house.sql(f"SELECT parameters->>'version' FROM commands WHERE id = '{request['id']}'"), "1")
        status, held = ask("GET", "/api/drones/merlin/mission", user="viewer")
        self.assertEqual((status, held["command"], held["items"]), (200, request["id"], of["items"]))
        self.assertEqual(ask("GET", "/api/drones/kestrel/mission")[0], 404)  # nobody has read it
        for other in ("kestrel", "osprey"):
            self.assertIn("holds 0 items", self.ends(command("mission_download", other))["detail"])
            self.assertEqual(ask("GET", f"/api/drones/{other}/mission")[1]["items"], [])

        live = house.socket("/api/telemetry", cookies["viewer"])
        command("set_mode", parameters={"mode": "AUTO"})
        reached, seen = -1, []
        while reached < 4:
            vehicles = live.receive()["vehicles"]
            self.assertNotIn("reached", vehicles.get("kestrel", {}).get("mission", {}))
            news = vehicles.get("merlin", {}).get("mission", {})
            reached = news.get("reached", reached)
            seen += [news] if news else []
        self.assertEqual(seen[-1]["count"], 5)
        self.assertLess({0, 2, 4} - {news.get("reached") for news in seen}, {0, 2, 4})
        self.assertEqual(ask("GET", "/api/drones")[0], 200)

        self.ends(command("mission_clear"))
        self.assertEqual(ask("GET", "/api/drones/merlin/mission")[1]["items"], [])

    def test_what_must_not_be_sent_is_refused(self):
        of = written(*WAY)
        status, answer = upload({**of, "version": 2})
        self.assertEqual((status, "version 2" in answer["message"]), (404, True), answer)
        status, answer = upload(written({"item": "waypoint", "parameters": {"latitude_deg": 59, "longitude_deg": 24}}, kind="vessel"))
        self.assertEqual((status, "for a vessel" in answer["message"]), (400, True), answer)
        status, answer = upload(written(WAY[0], {"item": "waypoint", "parameters": place(10_000)}))
        self.assertEqual((status, "items[1]" in answer["message"], "km away" in answer["message"]), (409, True, True), answer)
        self.assertEqual(command("mission_upload", parameters={"mission": of["id"]})[0], 400)
        house.add_user("olga", "operator")
        cookies["olga"] = house.sign_in("olga", "correct horse battery")
        status, answer = ask("POST", "/api/commands", {"id": str(uuid.uuid4()), "vehicle": "merlin", "command": "mission_upload",
                                                       "parameters": {"mission": of["id"], "version": 1}}, "olga")
        self.assertEqual((status, "lease" in answer["message"]), (409, True), answer)
        self.assertEqual(ask("GET", "/api/vessels/merlin/mission")[0], 404)


if __name__ == "__main__":
    unittest.main()
