"""Geofences and alerts through the real server: the page, REST, MQTT, a webhook, the rules' file and a restart."""

import hashlib
import hmac
import http.server
import json
import queue
import subprocess
import threading
import time
import unittest
import uuid

import yaml

from house import ROOT, House, drone, wait_for

SECRET = "open sesame"
house = None
hook = None
cookies = {}
workers = {}


class Hook:
    """Another system's HTTP address; refuses as many messages as it is told to."""

    def __init__(self):
        self.bodies = queue.Queue()
        self.refuse = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 503 if outer.refuse else 204
                outer.refuse = max(outer.refuse - 1, 0)
                if status == 204:
                    outer.bodies.put((self.headers, body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token-in-the-path"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def until(self, found):
        while True:
            headers, body = self.bodies.get(timeout=60)
            if found(alert := json.loads(body)):
                expected = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
                assert headers["Masthead-Signature"] == expected
                return alert


def rules(**changes):
    quick = {"raise_after_s": 0, "clear_after_s": 0}
    return json.dumps({"geofence": quick, "battery": quick, "link": quick, "stream": quick, "recording": quick, **changes})


def settings():
    return {"alerts": {"rules": str(house.dir / "rules/alerts.yaml"), "webhook": {"url": hook.url, "secret": f"file:{house.dir}/hook-secret"}}}


def setUpModule():
    global house, hook
    hook = Hook()
    house = House().start_services()
    (house.dir / "hook-secret").write_text(SECRET + "\n")
    (house.dir / "rules").mkdir()
    (house.dir / "rules/alerts.yaml").write_text(rules())
    house.start_server(**settings())
    house.wait_healthy()
    cookies["admin"] = house.sign_in()
    for name, role in (("viktor", "viewer"), ("olga", "operator"), ("sue", "supervisor")):
        cookies[name] = house.add_user(name, role)
    for name in ("kestrel", "merlin"):
        status, answer, _ = house.request("POST", "/api/drones", drone(name), cookies["admin"])
        assert status == 201, answer
        workers[name] = house.worker(vehicle=name)


def tearDownModule():
    house.stop()
    hook.server.shutdown()


def at(name, latitude, longitude, **values):
    workers[name].send(type="telemetry", vehicle=name, source="link", sample={
        "time": time.time_ns() // 1000, "time_source": "vehicle", "latitude_deg": latitude, "longitude_deg": longitude, **values})


def square(south=59.40, west=24.70, size=0.02, **members):
    north, east = south + size, west + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"name": "Harbour", "rule": "keep_in", "geometry": {"type": "Polygon", "coordinates": [ring]}, **members}


def add(fence):
    status, answer, _ = house.request("POST", "/api/geofences", fence, cookies["sue"])
    assert status == 201, answer
    return answer


def alerts(**wanted):
    return [a for a in house.request("GET", "/api/alerts", cookie=cookies["viktor"])[1] if wanted.items() <= a.items()]


def live():
    return house.socket("/api/telemetry", cookies["viktor"])


def retained(alert, timeout="5"):
    done = subprocess.run(["mosquitto_sub", "-p", str(house.broker.port), "-u", "reader", "-P", house.broker.passwords["reader"],
                           "-t", f"masthead/alerts/{alert}", "-C", "1", "-W", timeout], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.stdout.strip() else None


def has(**wanted):
    """An update whose alerts hold one like this."""
    return lambda message: any(wanted.items() <= alert.items() for alert in message.get("alerts", []))


class Geofences(unittest.TestCase):
    def test_a_fence_is_kept_told_and_changed(self):
        fence = add(square(name="Kept", vehicle="kestrel", enabled=False, altitude={"datum": "msl", "min_m": -10, "max_m": 120.5}))
        place = f"/api/geofences/{fence['id']}"
        self.assertEqual(house.request("GET", place, cookie=cookies["viktor"])[1], fence)
        round_one = {"name": "Kept", "rule": "keep_out", "enabled": False, "geometry": {"type": "Point", "coordinates": [24.7, 59.4]}, "radius_m": 333.25}
        status, answer, _ = house.request("PUT", place, round_one, cookies["sue"])
        self.assertEqual((status, answer), (200, {"id": fence["id"], **round_one}))
        self.assertEqual(house.sql(f"SELECT round(ST_X(shape)::numeric, 3), radius_m FROM geofences WHERE id = '{fence['id']}'"), "24.700|333.25")
        said = house.request("GET", "/api/events?text=Kept&limit=10", cookie=cookies["viktor"])[1]
        self.assertEqual([(e["user"], e["message"]) for e in said], [("sue", "the geofence 'Kept' was changed and is switched off"),
                                                                     ("sue", "the geofence 'Kept' was added")])
        self.assertEqual(house.request("DELETE", place, cookie=cookies["sue"])[0], 204)
        self.assertEqual(house.request("GET", place, cookie=cookies["viktor"])[0], 404)
        self.assertEqual(house.request("PUT", place, round_one, cookies["sue"])[0], 404)
        wait_for("the audit", lambda: any(row["user"] == "sue" and row["action"] == "PUT" and "333.25" in row.get("detail", "")
                                          for row in house.request("GET", "/api/audit?limit=50", cookie=cookies["admin"])[1]))

    def test_bad_fences_are_refused_and_nothing_changes(self):
        before = house.request("GET", "/api/geofences", cookie=cookies["viktor"])[1]

        def ring(*points):
            return {"name": "Bad", "rule": "keep_in", "geometry": {"type": "Polygon", "coordinates": [list(points)]}}

        for fence, word in ((ring([0, 0], [1, 1], [1, 0], [0, 1], [0, 0]), "crosses itself"),
                            (ring([179, 0], [-179, 0], [-179, 1], [179, 0]), "split it there into two"),
                            (ring(*([[n / 1000, 0] for n in range(10_000)] + [[0, 1], [0, 0]])), "more than the 500"),
                            (square(vehicle="nobody"), "there is no vehicle 'nobody'"),
                            (square(rule="keep"), "'rule'")):
            status, answer, _ = house.request("POST", "/api/geofences", fence, cookies["sue"])
            self.assertEqual((status, answer["error"]), (400, "invalid_argument"))
            self.assertIn(word, answer["message"])
        self.assertEqual(house.request("POST", "/api/geofences", square(), cookies["olga"])[0], 403)
        self.assertEqual(house.request("GET", "/api/geofences", cookie=cookies["viktor"])[1], before)

    def test_commands_do_not_lead_beyond_a_fence(self):
        fence = add(square(name="Bay", vehicle="merlin"))
        at("merlin", 59.41, 24.71, armed=True, altitude_agl_m=50)
        wait_for("the lease", lambda: house.request("POST", "/api/leases", {"vehicle": "merlin", "action": "take"}, cookies["olga"])[0] in (200, 409))

        def go(latitude):
            return house.request("POST", "/api/commands", {"id": str(uuid.uuid4()), "vehicle": "merlin", "command": "goto", "parameters": {
                "latitude_deg": latitude, "longitude_deg": 24.71, "altitude_m": 50}}, cookies["olga"])

        wait_for("the position", lambda: "nothing has been heard" not in go(59.5)[1].get("message", ""))
        status, answer, _ = go(59.5)
        self.assertEqual((status, answer["message"]), (409, "'goto' is refused: it leads out of the keep-in fence 'Bay'"))
        at("merlin", 59.41, 24.71, armed=True, altitude_agl_m=50)
        self.assertEqual(go(59.415)[0], 202)
        self.assertEqual(workers["merlin"].expect("command")["parameters"]["latitude_deg"], 59.415)
        house.request("DELETE", f"/api/geofences/{fence['id']}", cookie=cookies["sue"])


class Alerts(unittest.TestCase):
    def test_a_vehicle_that_leaves_its_fence_is_told_of_everywhere_also_over_a_restart(self):
        fence = add(square(vehicle="kestrel"))
        page = live()
        hook.refuse = 1
        at("kestrel", 59.41, 24.71)
        at("kestrel", 59.43, 24.71)
        about = {"kind": "geofence", "vehicle": "kestrel", "subject": fence["id"]}
        alert = next(a for a in page.until(has(state="raised", **about))["alerts"] if about.items() <= a.items())
        self.assertEqual((alert["severity"], alert["message"]), ("warning", "is outside the keep-in fence 'Harbour'"))
        schema = yaml.safe_load((ROOT / "schema/openapi.yaml").read_text())["components"]["schemas"]["Alert"]
        self.assertLessEqual(set(schema["required"]), set(alert))
        self.assertLessEqual(set(alert), set(schema["properties"]))
        self.assertEqual(alerts(**about), [alert])
        self.assertEqual(hook.until(lambda a: about.items() <= a.items()), alert)
        wait_for("the alert at the broker", lambda: retained(alert["id"]) == alert)

        place = f"/api/alerts/{alert['id']}"
        self.assertEqual(house.request("POST", place + "/acknowledge", {}, cookies["viktor"])[0], 403)
        status, answer, _ = house.request("POST", place + "/acknowledge", {}, cookies["olga"])
        self.assertEqual((status, answer["state"], answer["user"]), (200, "acknowledged", "olga"))
        page.until(has(id=alert["id"], state="acknowledged", user="olga"))
        status, again, _ = house.request("POST", place + "/acknowledge", {}, cookies["sue"])
        self.assertEqual((status, again["message"]), (409, "olga has acknowledged this alert already"))
        wait_for("the row", lambda: house.sql(f"SELECT state, user_name FROM alerts WHERE id = '{alert['id']}'") == "acknowledged|olga")

        self.assertEqual(house.end_server(), 0)
        house.start_server(**settings())
        for worker in (house.worker(), house.worker()):
            workers[worker.first["vehicles"][0]["id"]] = worker
        house.wait_back(cookies["viktor"])
        wait_for("the alert of before", lambda: alerts(**about) == [answer])
        page = live()
        page.until(has(id=alert["id"], state="acknowledged"))
        self.assertEqual(house.request("POST", place + "/snooze", {"minutes": 0}, cookies["olga"])[0], 400)
        snoozed = house.request("POST", place + "/snooze", {"minutes": 30}, cookies["sue"])[1]
        self.assertEqual((snoozed["state"], snoozed["user"]), ("snoozed", "sue"))
        self.assertGreater(snoozed["snoozed_until"] - snoozed["updated"], 29 * 60_000_000)

        at("kestrel", 59.41, 24.71)
        page.until(lambda m: "alerts" in m and not has(id=alert["id"])(m))
        self.assertEqual(hook.until(lambda a: a["id"] == alert["id"] and a["state"] == "cleared")["severity"], "warning")
        self.assertEqual(alerts(**about), [])
        wait_for("the topic to be emptied", lambda: retained(alert["id"], "1") is None)
        self.assertEqual(house.request("POST", place + "/acknowledge", {}, cookies["olga"])[0], 404)
        said = [e["message"] for e in house.request("GET", "/api/events?vehicle=kestrel&text=Harbour&limit=20", cookie=cookies["viktor"])[1]
                if e["subject"] == "alert/kestrel"]
        self.assertEqual(said, [f"warning {state}: {alert['message']}" for state in ("cleared", "snoozed", "acknowledged", "raised")])
        self.assertFalse(house.said("token-in-the-path"))
        self.assertFalse(house.said(SECRET))
        house.request("DELETE", f"/api/geofences/{fence['id']}", cookie=cookies["sue"])

    def test_a_removed_fence_takes_its_alerts_along(self):
        fence = add(square(name="Short", vehicle="kestrel"))
        page = live()
        at("kestrel", 59.5, 24.71)
        page.until(has(subject=fence["id"]))
        house.request("DELETE", f"/api/geofences/{fence['id']}", cookie=cookies["sue"])
        page.until(lambda m: "alerts" in m and not has(subject=fence["id"])(m))

    def test_links_videos_recordings_and_batteries_raise_alerts_and_clear_them(self):
        page = live()
        worker = workers["merlin"]
        for bad, good, kind in (
                ({"type": "link.state", "state": "silent", "detail": "nothing is heard"}, {"type": "link.state", "state": "up", "detail": ""}, "link"),
                ({"type": "camera.state", "camera": "nose", "state": "retrying", "detail": "no answer"},
                 {"type": "camera.state", "camera": "nose", "state": "playing"}, "stream"),
                ({"type": "recording.state", "camera": "nose", "state": "failing", "file": "", "detail": "disk full"},
                 {"type": "recording.state", "camera": "nose", "state": "recording", "file": ""}, "recording"),
                ({"type": "telemetry", "source": "link", "sample": {"time": time.time_ns() // 1000, "time_source": "vehicle", "battery_percent": 10}},
                 {"type": "telemetry", "source": "link", "sample": {"time": time.time_ns() // 1000, "time_source": "vehicle", "battery_percent": 90}}, "battery")):
            worker.send(vehicle="merlin", **good)
            worker.send(vehicle="merlin", **bad)
            page.until(has(vehicle="merlin", kind=kind, state="raised"))
            worker.send(vehicle="merlin", **good)
            page.until(lambda m, kind=kind: "alerts" in m and not has(vehicle="merlin", kind=kind)(m))

    def test_a_bad_file_of_rules_changes_nothing_and_says_where_it_is_wrong(self):
        page = live()
        (house.dir / "rules/alerts.yaml").write_text("battery: {}\nbatery: {}\n")
        page.until(lambda m: any("alerts.yaml:2" in e["message"] for e in m.get("events", [])))
        (house.dir / "rules/alerts.yaml").write_text(rules(vehicles={"kestrel": {"battery": {"caution_percent": 60}}}))
        page.until(lambda m: any("read anew" in e["message"] for e in m.get("events", [])))
        at("kestrel", 59.41, 24.71, battery_percent=55)
        at("merlin", 59.41, 24.71, battery_percent=55)
        page.until(has(kind="battery", vehicle="kestrel", severity="caution"))
        self.assertEqual(alerts(kind="battery", vehicle="merlin"), [])
        (house.dir / "rules/alerts.yaml").write_text(rules(battery={"enabled": False}))
        page.until(lambda m: "alerts" in m and not has(kind="battery")(m))
        (house.dir / "rules/alerts.yaml").write_text(rules())
        page.until(lambda m: any("read anew" in e["message"] for e in m.get("events", [])))


if __name__ == "__main__":
    unittest.main()
