"""The audit: every action of anyone is in it, nothing can be changed unseen, and no outage loses an entry."""

import csv
import io
import json
import signal
import subprocess
import time
import unittest
import uuid

from house import PROGRAM, House, drone, wait_for
from services import ServiceError


class Audit(unittest.TestCase):
    def setUp(self):
        self.house = House(broker=False)
        self.addCleanup(self.house.stop)
        self.house.start_services().start_server()
        self.house.wait_healthy()
        self.admin = self.house.sign_in()

    def entries(self, query=""):
        status, answer, _ = self.house.request("GET", f"/api/audit?limit=10000{query}", cookie=self.admin)
        self.assertEqual(status, 200, answer)
        return answer

    def seen(self, **wanted):
        """Until there is an entry with these members; gives it."""
        found = []

        def look():
            found[:] = [one for one in self.entries() if all(one[name] == value for name, value in wanted.items())]
            return found
        wait_for(f"an entry with {wanted}", look)
        return found[0]

    def audit(self, *words):
        return subprocess.run([PROGRAM, "--config", str(self.house.dir / "server.yaml"), "audit", *words], capture_output=True, text=True, check=False)

    def assert_whole(self):
        done = self.audit("verify")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def head_of(self, number):
        return any(int(line.split()[0]) >= number for line in (self.house.dir / "data/audit.heads").read_text().splitlines())

    def test_every_action_is_there_with_who_what_and_what_came_of_it(self):
        house = self.house
        self.seen(user="admin", action="POST", subject="/api/session", result="200", address="127.0.0.1")
        operator = house.add_user("olga", "operator")
        self.assertEqual(house.request("POST", "/api/session", {"name": "olga", "password": "wrong but not told"})[0], 401)
        self.seen(user="olga", action="POST", subject="/api/session", result="401")
        self.assertEqual(house.request("POST", "/api/drones", drone("kestrel"), cookie=operator)[0], 403)
        self.seen(user="olga", subject="/api/drones", result="403")
        self.assertEqual(house.request("POST", "/api/drones", drone("kestrel"), cookie=self.admin)[0], 201)
        self.seen(user="admin", subject="/api/drones", result="201")
        worker = house.worker()
        request = {"id": str(uuid.uuid4()), "vehicle": "kestrel", "command": "hold"}
        self.assertEqual(house.request("POST", "/api/control", request, cookie=operator)[0], 202)
        entry = self.seen(user="olga", action="POST", subject="/api/control", result="202")
        self.assertEqual(json.loads(entry["detail"]), request)
        worker.expect("command")
        worker.send(type="command.update", id=request["id"], state="denied", detail="not now")
        self.seen(user="olga", action="command", subject="command/kestrel", detail=f"hold {request['id']}", result="denied: not now")
        client = house.socket("/api/control", operator)
        client.send({"type": "command", "id": str(uuid.uuid4()), "vehicle": "nobody", "command": "hold"})
        entry = self.seen(user="olga", action="message", address="127.0.0.1")
        self.assertIn("there is no vehicle 'nobody'", entry["result"])
        # Reading leaves no entry, nor does who is nobody; and passwords and keys are nowhere.
        self.assertEqual(house.request("POST", "/api/drones", drone("other"))[0], 401)
        text = json.dumps(self.entries())
        for secret in ("wrong but not told", "correct horse battery", house.admin, "me:secret", operator.split("=")[1]):
            self.assertNotIn(secret, text)
        self.assertEqual([one for one in self.entries() if one["action"] == "GET" or one["result"] == "401" and one["subject"] != "/api/session"], [])
        self.assertEqual([one["number"] for one in self.entries()], list(range(len(self.entries()), 0, -1)))
        self.assert_whole()

        self.assertEqual({one["user"] for one in self.entries("&user=olga")}, {"olga"})
        self.assertEqual([one["result"] for one in self.entries("&text=NOT+NOW")], ["denied: not now"])
        self.assertEqual(house.request("GET", "/api/audit", cookie=operator)[0], 403)
        self.assertEqual(house.request("GET", "/api/audit?format=xml", cookie=self.admin)[0], 400)
        _, table, headers = house.request("GET", "/api/audit?format=csv&limit=10000", cookie=self.admin)
        rows = list(csv.DictReader(io.StringIO(table)))
        self.assertEqual([row["hash"] for row in rows], [one["hash"] for one in self.entries()])
        self.assertIn("audit.csv", headers["Content-Disposition"])
        lines = [json.loads(line) for line in self.audit("export").stdout.splitlines()]
        self.assertEqual([line["hash"] for line in lines], [one["hash"] for one in reversed(self.entries())])
        self.assertEqual(self.audit("burn").returncode, 2)

    def test_what_is_changed_or_taken_away_is_found(self):
        house = self.house
        for number in range(6):
            house.request("PUT", f"/api/drones/nobody{number}", drone(f"nobody{number}"), cookie=self.admin)
        self.seen(subject="/api/drones/nobody5")
        count = len(self.entries())
        self.assertIn(f"{count} entries", self.assert_whole())
        for change in ("UPDATE audit SET user_name = 'olga'", "DELETE FROM audit", "TRUNCATE audit"):
            with self.assertRaisesRegex(ServiceError, "only ever added to"):
                house.sql(change)
        house.end_server()
        self.assertTrue(self.head_of(count))  # written at the end
        force = "ALTER TABLE audit DISABLE TRIGGER audit_only_grows;"
        before = house.sql(f"SELECT detail FROM audit WHERE number = {count - 2}")
        house.sql(force + f"UPDATE audit SET detail = 'x=1' WHERE number = {count - 2}")
        done = self.audit("verify")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"entry {count - 2}", done.stderr)
        house.sql(force + f"UPDATE audit SET detail = '{before}' WHERE number = {count - 2}")
        self.assert_whole()
        house.sql(force + f"DELETE FROM audit WHERE number > {count - 2}")
        done = self.audit("verify")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"entries after {count - 2} are missing: the head file knows entry {count}", done.stderr)

    def test_an_outage_of_the_database_or_a_kill_of_the_server_loses_no_entry(self):
        house = self.house
        self.assertEqual(house.request("POST", "/api/drones", drone("kestrel"), cookie=self.admin)[0], 201)
        worker = house.worker()
        house.postgres.stop(now=True)
        wait_for("the outage", lambda: house.request("GET", "/healthz")[0] == 503)
        request = {"id": str(uuid.uuid4()), "vehicle": "kestrel", "command": "hold"}
        self.assertEqual(house.request("POST", "/api/control", request, cookie=self.admin)[0], 202)
        worker.expect("command")
        spool = house.dir / "data/audit.spool"
        wait_for("the entries on disk", lambda: spool.read_bytes().count(request["id"].encode()) >= 2)
        house.end_server(signal.SIGKILL)
        house.postgres.start()
        house.start_server()
        house.worker()
        house.wait_back(self.admin)
        entry = self.seen(action="POST", subject="/api/control", result="202")
        self.assertEqual(json.loads(entry["detail"]), request)
        self.seen(action="command", detail=f"hold {request['id']}", result="queued")
        numbers = [one["number"] for one in self.entries()]
        self.assertEqual(numbers, list(range(len(numbers), 0, -1)))
        self.assert_whole()
        self.assertEqual(spool.stat().st_size, 0)

    def test_commands_that_a_killed_server_left_open_end_and_none_goes_out_again(self):
        house = self.house
        self.assertEqual(house.request("POST", "/api/drones", drone("kestrel"), cookie=self.admin)[0], 201)
        worker = house.worker()
        self.assertEqual(house.request("POST", "/api/leases", {"vehicle": "kestrel", "action": "take"}, cookie=self.admin)[0], 200)
        flying = {"time": time.time_ns() // 1000, "armed": True, "altitude_agl_m": 50, "latitude_deg": 59.44, "longitude_deg": 24.75}
        worker.send(type="telemetry", vehicle="kestrel", source="link", sample=flying)
        house.socket("/api/telemetry", self.admin).until(lambda m: "telemetry" in m["vehicles"].get("kestrel", {}))

        def command(name, *states, **members):
            request = {"id": str(uuid.uuid4()), "vehicle": "kestrel", "command": name, "deadline_ms": 60000, **members}
            status, answer, _ = house.request("POST", "/api/control", request, cookie=self.admin)
            self.assertEqual(status, 202, answer)
            for state in states:
                worker.send(type="command.update", id=request["id"], state=state)
            return request
        land = command("land")
        left = {
            "completed": command("hold", "sent", "accepted", "completed"),
            "denied": command("set_altitude", "sent", "denied", parameters={"altitude_m": 60}),
            "sent": command("set_speed", "sent", parameters={"speed_mps": 5}),
            "in_progress": command("return", "sent", "in_progress"),
            "queued": land,
            "waits": command("land"),  # for the other one of its kind
        }
        state_of = lambda one: house.sql(f"SELECT state FROM commands WHERE id = '{left[one]['id']}'")  # noqa: E731
        for one in ("completed", "denied", "sent", "in_progress"):
            wait_for(f"what is {one} on the record", lambda one=one: state_of(one) == one)
        house.end_server(signal.SIGKILL)
        house.start_server()
        again = house.worker()
        house.wait_back(self.admin)
        expected = {"completed": "completed", "denied": "denied", "sent": "expired", "in_progress": "expired", "queued": "expired", "waits": "expired"}
        self.assertEqual({one: state_of(one) for one in left}, expected)
        status, answer, _ = house.request("POST", "/api/control", left["in_progress"], cookie=self.admin)
        self.assertEqual((status, answer["error"]), (409, "conflict"))
        marker = command("hold")
        self.assertEqual(again.expect("command")["id"], marker["id"])  # nothing went out before it
        self.assert_whole()


if __name__ == "__main__":
    unittest.main()
