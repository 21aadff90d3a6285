"""Services that are down, at the start and in a run; the server's own death; settings and ports that are wrong."""

import json
import signal
import socket
import subprocess
import time
import unittest
import uuid

from house import PROGRAM, House, drone, wait_for

house = None


def now_us():
    return time.time_ns() // 1000


class Outages(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.addCleanup(self.house.stop)

    def begin(self):
        """All services up, one drone, an admin's cookie and its worker."""
        house = self.house.start_services().start_server()
        house.wait_healthy()
        self.cookie = house.sign_in()
        status, answer, _ = house.request("POST", "/api/drones", drone("kestrel"), self.cookie)
        self.assertEqual(status, 201, answer)
        return house, house.worker()

    def send_rows(self, worker, first, count):
        for number in range(first, first + count):
            worker.send(type="telemetry", vehicle="kestrel", source="link",
                        sample={"time": now_us(), "altitude_msl_m": number})

    def rows(self):
        text = self.house.sql("SELECT altitude_msl_m::int FROM telemetry ORDER BY received, altitude_msl_m")
        return [int(line) for line in text.split()]

    def test_a_database_that_is_down_at_the_start_is_waited_for(self):
        house = self.house
        house.broker.start()
        house.start_server()
        status, health, _ = house.request("GET", "/healthz")
        self.assertEqual((status, health["services"]["database"]["up"]), (503, False))
        status, answer, _ = house.request("POST", "/api/session", {"name": "admin", "password": "x"})
        self.assertEqual((status, answer["error"]), (503, "unavailable"))
        self.assertIn("database", answer["message"])
        house.postgres.start()
        house.wait_healthy()
        house.sign_in()

    def test_telemetry_waits_on_disk_while_the_database_is_down_and_no_row_is_lost_or_doubled(self):
        house, worker = self.begin()
        self.send_rows(worker, 0, 300)
        wait_for("the first rows", lambda: len(self.rows()) == 300)
        house.postgres.stop(now=True)
        self.send_rows(worker, 300, 500)
        wait_for("the spool", lambda: (house.dir / "data/telemetry.spool").stat().st_size > 0)
        wait_for("the report", lambda: house.request("GET", "/healthz")[0] == 503)
        # Who is signed in stays so, and live updates go on.
        self.assertEqual(house.request("GET", "/api/session", cookie=self.cookie)[0], 200)
        live = house.socket("/api/telemetry", self.cookie)
        live.until(lambda m: m["vehicles"].get("kestrel", {}).get("telemetry", {}).get("altitude_msl_m") == 799)
        # The server's own end does not lose what waits either.
        house.end_server(signal.SIGKILL)
        house.start_server()
        house.postgres.start()
        wait_for("all rows", lambda: len(self.rows()) >= 800, timeout_s=60)
        self.assertEqual(self.rows(), list(range(800)))
        wait_for("an empty spool", lambda: (house.dir / "data/telemetry.spool").stat().st_size == 0)
        self.assertEqual((house.dir / "data/telemetry.spool").stat().st_mode & 0o777, 0o600)

    def test_one_row_that_breaks_a_rule_of_its_table_costs_no_other_row(self):
        house, worker = self.begin()
        house.sql("ALTER TABLE telemetry ADD CHECK (altitude_msl_m <> 77)")
        self.send_rows(worker, 0, 200)
        wait_for("the other rows", lambda: len(self.rows()) == 199)
        self.assertEqual(self.rows(), [n for n in range(200) if n != 77])
        wait_for("a word about it", lambda: house.said("break a rule"))

    def test_a_sample_out_of_range_stops_at_the_door(self):
        house, worker = self.begin()
        worker.send(type="telemetry", vehicle="kestrel", source="link", sample={"time": now_us(), "latitude_deg": 91, "longitude_deg": 0})
        self.send_rows(worker, 1, 1)
        wait_for("the good row", lambda: self.rows() == [1])

    def test_hold_works_while_the_database_is_down_and_is_on_the_record_afterwards(self):
        house, worker = self.begin()
        house.postgres.stop(now=True)
        request = {"id": str(uuid.uuid4()), "vehicle": "kestrel", "command": "hold"}
        began = time.monotonic()
        status, answer, _ = house.request("POST", "/api/control", request, self.cookie)
        self.assertEqual(status, 202, answer)
        self.assertEqual(worker.expect("command")["id"], request["id"])
        print(f"hold with the database down: {(time.monotonic() - began) * 1000:.0f} ms to the worker")
        self.assertGreater((house.dir / "data/commands.spool").stat().st_size, 0)
        worker.send(type="command.update", id=request["id"], state="accepted", detail="MAV_RESULT_ACCEPTED")
        house.postgres.start()
        wait_for("the command's record", lambda: house.sql(
            f"SELECT state, user_name FROM commands WHERE id = '{request['id']}'") == "accepted|admin", timeout_s=60)

    def test_an_open_command_of_a_killed_server_expires_and_is_not_sent_again(self):
        house, worker = self.begin()
        request = {"id": str(uuid.uuid4()), "vehicle": "kestrel", "command": "return", "deadline_ms": 60000}
        self.assertEqual(house.request("POST", "/api/control", request, self.cookie)[0], 202)
        worker.expect("command")
        worker.send(type="command.update", id=request["id"], state="sent")
        wait_for("the state", lambda: house.sql(f"SELECT state FROM commands WHERE id = '{request['id']}'") == "sent")
        house.end_server(signal.SIGKILL)
        house.start_server()
        again = house.worker()
        house.wait_healthy()
        self.assertEqual(house.sql(f"SELECT state FROM commands WHERE id = '{request['id']}'"), "expired")
        status, answer, _ = house.request("POST", "/api/control", request, self.cookie)
        self.assertEqual((status, answer["error"]), (409, "conflict"))
        marker = {"id": str(uuid.uuid4()), "vehicle": "kestrel", "command": "hold"}
        house.request("POST", "/api/control", marker, self.cookie)
        self.assertEqual(again.expect("command")["id"], marker["id"])

    def test_a_broker_that_is_down_is_said_once_and_found_again(self):
        house = self.house
        house.postgres.start()
        house.start_server()
        wait_for("the database", lambda: house.request("GET", "/healthz")[1]["services"]["database"]["up"])
        self.assertFalse(house.request("GET", "/healthz")[1]["services"]["broker"]["up"])
        house.broker.start()
        house.config()
        wait_for("the broker", lambda: house.request("GET", "/healthz")[1]["services"]["broker"]["up"], timeout_s=60)
        house.broker.stop()
        wait_for("the loss", lambda: not house.request("GET", "/healthz")[1]["services"]["broker"]["up"])
        house.sign_in()
        house.broker.start()
        house.wait_healthy()
        self.assertLessEqual(house.said("broker is down"), 2)


class Start(unittest.TestCase):
    def run_server(self, house, *words, **changes):
        return subprocess.run([PROGRAM, "--config", str(house.config(**changes)), *words], capture_output=True, text=True,
                              timeout=60, check=False)

    def setUp(self):
        self.house = House(broker=False)
        self.addCleanup(self.house.stop)

    def test_a_port_in_use_is_said_with_its_address(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = f"127.0.0.1:{taken.getsockname()[1]}"
            done = self.run_server(self.house, listen=where)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(where, done.stderr)
        self.assertIn("in use", done.stderr)

    def test_wrong_settings_are_said_with_their_line(self):
        path = self.house.dir / "wrong.yaml"
        path.write_text("database: x\npipelines: p\nweb: w\ndata: d\nworker: w\nlisten: nowhere\n")
        done = subprocess.run([PROGRAM, "--config", str(path)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("wrong.yaml:6:1", done.stderr)
        for words in ([], ["--config"], ["--config", str(path), "dance"], ["serve"]):
            self.assertEqual(subprocess.run([PROGRAM, *words], capture_output=True, check=False).returncode, 2, words)
        for word in ("--help", "--version"):
            self.assertEqual(subprocess.run([PROGRAM, word], capture_output=True, check=False).returncode, 0)

    def test_the_databases_password_is_never_logged(self):
        self.house.start_server(database="host=127.0.0.1 port=1 user=me password=hush-hush dbname=x")
        wait_for("the report", lambda: self.house.said("database is down"))
        self.house.request("GET", "/healthz")
        self.house.end_server()
        self.assertEqual(self.house.said("hush-hush"), 0)


if __name__ == "__main__":
    unittest.main()
