"""./dev run: private services, the server, a simulated drone and vessel; one address, one password; Ctrl-C stops all."""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from services import Mosquitto, Postgres, ServiceError, accepts, free_port, private_dir, wait_for

ROOT = Path(__file__).resolve().parents[1]

# Who may do what at the broker. The server publishes; a vehicle speaks in its own branch only.
BROKER_USERS = {
    "masthead-server": ["readwrite masthead/#", "readwrite vehicles/#"],
    "tern": ["readwrite vehicles/tern/#"],
}


class House:
    """All processes of one running Masthead, started in order and stopped in the reverse one."""

    def __init__(self, state, port=0, verbose=False, pipelines=ROOT / "pipelines"):
        self.state = Path(state)
        self.pipelines = Path(pipelines).resolve()
        self.port = port
        self.verbose = verbose
        self.running = []
        self.password = None
        self.logs = self.state / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)

    def start_services(self):
        self.postgres = Postgres(self.state / "pg").start()
        self.running.append(self.postgres)
        self.broker = Mosquitto(self.state / "mq", BROKER_USERS).start()
        self.running.append(self.broker)

    def start_server(self, further):
        self.port = self.port or free_port()
        if accepts(self.port):
            raise ServiceError(f"port {self.port} is taken by another program; ./dev run --port N takes another")
        data = self.state / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        build = Path(os.environ["MASTHEAD_BUILD"])
        config = data / "server.yaml"
        config.write_text(json.dumps({
            "listen": f"127.0.0.1:{self.port}",
            "database": self.postgres.conninfo,
            "broker": {"uri": f"mqtt://masthead-server@127.0.0.1:{self.broker.port}",
                       "password_file": str(self.secret("masthead-server"))},
            "pipelines": str(self.pipelines),
            "web": str(ROOT / "web/dist"),
            "data": str(data),
            "worker": str(build / "server/worker/masthead-worker"),
            "pipeline_tool": str(build / "server/pipeline/masthead-pipeline"),
            "recording_tool": str(build / "server/recording/masthead-recording"),
            **further,
        }, indent=2))
        command = [str(build / "server/masthead-server"), "--config", str(config)]
        process = self.spawn("server", command, self._first_password)
        wait_for("masthead-server", self.healthy, timeout_s=60, process=process)
        return process

    def secret(self, user):
        """The file that holds a broker user's password, readable by its owner only."""
        path = self.state / "data" / f"broker-{user}"
        path.touch(mode=0o600)
        path.write_text(self.broker.passwords[user])
        return path

    def tern_control(self):
        """How the vessel is commanded: NMEA 0183 carries no commands, so by MQTT beside it."""
        return f"mqtt://tern@127.0.0.1:{self.broker.port}/vehicles/tern?password-file={self.secret('tern')}"

    def spawn(self, name, command, on_line=None):
        """Starts a program; its output goes to logs/NAME.log, line by line past `on_line`."""
        log = open(self.logs / f"{name}.log", "a", encoding="utf-8")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                   start_new_session=True)

        def pump():
            for line in process.stdout:
                log.write(line)
                log.flush()
                if on_line:
                    on_line(line)
                if self.verbose:
                    print(f"[{name}] {line}", end="", file=sys.stderr)
            log.close()

        threading.Thread(target=pump, daemon=True).start()
        self.running.append(process)
        return process

    def _first_password(self, line):
        if match := re.match(r"First sign-in: admin (\S+)", line):
            self._keep_password(match[1])

    def _keep_password(self, password):
        # Kept for the next ./dev run: this is a developer's own machine, and the file is readable by its owner only.
        path = self.state / "admin-password"
        path.touch(mode=0o600)
        path.write_text(password)

    def admin_password(self):
        path = self.state / "admin-password"
        return path.read_text() if path.exists() else None

    def healthy(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.request("GET", "/healthz")[0] == 200
        return False

    def request(self, method, path, body=None, cookie=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Origin": self.address, "Content-Type": "application/json"}
        if cookie:
            headers["Cookie"] = cookie
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, json.loads(text) if text.startswith(("{", "[")) else text, answer.getheader("Set-Cookie")

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start_demo(self):
        """A drone and a vessel at sea off Tallinn, and their registration."""
        rtsp, mavlink, nmea, ts = free_port(), free_port(), free_port(), free_port()
        simulator = str(Path(os.environ["MASTHEAD_BUILD"]) / "simulator/masthead-sim")
        self.spawn("drone", [simulator, "drone", "--rtsp-port", str(rtsp), "--mavlink-port", str(mavlink)])
        self.spawn("vessel", [simulator, "vessel", "--nmea-port", str(nmea), "--ts-port", str(ts), "--mqtt", self.tern_control()])
        wait_for("the simulated camera", lambda: accepts(rtsp))
        wait_for("the simulated NMEA feed", lambda: accepts(nmea))
        status, user, cookie = self.request("POST", "/api/session", {"name": "admin", "password": self.admin_password()})
        if status != 200:
            raise ServiceError(f"signing in as admin: {user}")
        cookie = cookie.split(";")[0]
        self.register(cookie, "drones", {
            "id": "kestrel", "name": "Kestrel", "link": {"uri": f"mavlink+udp://127.0.0.1:{mavlink}", "address": "1"},
            "cameras": [{"name": "nose", "pipeline": "rtsp-link", "parameters": {"uri": f"rtsp://127.0.0.1:{rtsp}/camera", "max_wait": 60}}]})
        self.register(cookie, "vessels", {
            "id": "tern", "name": "Tern", "link": {"uri": f"nmea+tcp://127.0.0.1:{nmea}", "address": "own"},
            "control": {"uri": self.tern_control()},
            "cameras": [{"name": "mast", "pipeline": "ts-embedded", "parameters": {"uri": f"udp://127.0.0.1:{ts}"}}]})
        self.request("DELETE", "/api/session", cookie=cookie)

    def register(self, cookie, collection, vehicle):
        status, answer, _ = self.request("PUT", f"/api/{collection}/{vehicle['id']}", vehicle, cookie)
        if status == 404:
            status, answer, _ = self.request("POST", f"/api/{collection}", vehicle, cookie)
        if status not in (200, 201):
            raise ServiceError(f"registering {vehicle['id']}: {answer}")

    def stop(self):
        while self.running:
            process = self.running.pop()
            if isinstance(process, subprocess.Popen):
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            else:
                process.stop()


def main():
    parser = argparse.ArgumentParser(prog="./dev run", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="of the web address (default 8080; 0: any free one)")
    parser.add_argument("--no-sim", action="store_true", help="without the simulated drone and vessel")
    parser.add_argument("--state", help="folder for database and broker (default: one for this clone, kept between runs)")
    parser.add_argument("--pipelines", default=ROOT / "pipelines", help="folder of pipeline files (default: this clone's)")
    parser.add_argument("--settings", type=json.loads, default={}, help="further settings of the server, a JSON object (schema/settings.schema.json)")
    parser.add_argument("--json", action="store_true", help="print one JSON line when ready, for programs")
    parser.add_argument("--verbose", action="store_true", help="show what the programs log")
    arguments = parser.parse_args()

    name = "run-" + hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    house = House(arguments.state or private_dir(name), arguments.port, arguments.verbose, arguments.pipelines)
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    try:
        house.start_services()
        server = house.start_server(arguments.settings)
        if not arguments.no_sim:
            house.start_demo()
        if arguments.json:
            print(json.dumps({"address": house.address, "password": house.admin_password(), "server_pid": server.pid,
                              "tern_control": house.tern_control(), "postgres": str(house.postgres.dir), "logs": str(house.logs)}), flush=True)
        else:
            print(f"\n  Masthead   {house.address}\n  sign in    admin  {house.admin_password()}\n  logs       {house.logs}\n"
                  "  Ctrl-C stops everything\n", flush=True)
        while not end.wait(0.5):
            if server.poll() is not None:
                raise ServiceError(f"masthead-server ended with {server.returncode}; its log: {house.logs}/server.log")
    except ServiceError as error:
        print(f"./dev run: {error}", file=sys.stderr)
        return 1
    finally:
        house.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
