"""A real PostgreSQL, a real Mosquitto and the real masthead-server, whose workers the test plays itself."""

import contextlib
import http.client
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "deploy"))
from services import Mosquitto, Postgres, accepts, free_port, private_dir, wait_for  # noqa: E402

from websocket import WebSocket  # noqa: E402

PROGRAM = os.environ["MASTHEAD_SERVER"]


class Gone(AssertionError):
    pass


class Worker:
    """One worker process as the test sees it: lines from the server in a queue, lines to it by send()."""

    def __init__(self, connection):
        self.connection = connection
        self.lines = queue.Queue()
        self.first = None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with contextlib.suppress(OSError), self.connection.makefile("rb") as lines:
            for line in lines:
                self.lines.put(json.loads(line))
        self.lines.put(None)

    def expect(self, kind, timeout_s=20):
        """The next line of that type; others are passed over."""
        while True:
            line = self.lines.get(timeout=timeout_s)
            if line is None:
                raise Gone(f"the worker's channel ended before '{kind}' came")
            if line["type"] == kind:
                return line

    def send(self, **line):
        self.connection.sendall(json.dumps(line).encode() + b"\n")

    def end(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()


class House:
    """With `tls` (an ssl.SSLContext) the test's own requests and sockets go by HTTPS and WSS."""

    def __init__(self, broker=True, tls=None):
        self.dir = private_dir()
        self.tls = tls
        self.postgres = Postgres(self.dir / "pg")
        self.broker = Mosquitto(self.dir / "mq", {"masthead-server": ["readwrite masthead/#"],
                                                  "reader": ["read masthead/#"]}) if broker else None
        self.pipelines = shutil.copytree(ROOT / "pipelines", self.dir / "pipelines")
        self.web = self.dir / "web"
        (self.web / "assets").mkdir(parents=True)
        (self.web / "index.html").write_text("<!doctype html><title>Masthead</title>")
        (self.web / "assets/app-1a2b3c.js").write_text("export {};")
        (self.dir / "secret.txt").write_text("outside the web directory")
        (self.web / "link.txt").symlink_to(self.dir / "secret.txt")
        self.stub = socket.socket(socket.AF_UNIX)
        self.stub.bind(str(self.dir / "stub"))
        self.stub.listen(16)
        self.stub.settimeout(30)
        self.port = free_port()
        self.process = None
        self.output = []
        self.admin = None

    def start_services(self):
        self.postgres.start()
        if self.broker:
            self.broker.start()
        return self

    def config(self, file="server.yaml", **changes):
        settings = {"listen": f"127.0.0.1:{self.port}", "database": self.postgres.conninfo,
                    "pipelines": str(self.pipelines), "web": str(self.web), "data": str(self.dir / "data"),
                    "worker": str(Path(__file__).parent / "stub_worker"), "pipeline_tool": os.environ["MASTHEAD_PIPELINE"],
                    "recording_tool": os.environ.get("MASTHEAD_RECORDING", "masthead-recording")}
        if self.broker:
            password = self.dir / "broker-password"
            password.write_text(self.broker.passwords.get("masthead-server", "not yet"))
            settings["broker"] = {"uri": f"mqtt://masthead-server@127.0.0.1:{self.broker.port}", "password_file": str(password)}
        path = self.dir / file
        path.write_text(json.dumps({**settings, **changes}))
        return path

    def start_server(self, **changes):
        self.process = subprocess.Popen([PROGRAM, "--config", str(self.config(**changes))], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace",
                                        env={**os.environ, "MASTHEAD_STUB": str(self.dir / "stub")})
        threading.Thread(target=self._pump, args=(self.process,), daemon=True).start()
        wait_for("masthead-server", lambda: accepts(self.port), timeout_s=60, process=self.process)
        return self

    def _pump(self, process):
        for line in process.stdout:
            self.output.append(line)
            if os.environ.get("MASTHEAD_VERBOSE"):
                print(line, end="", file=sys.stderr)
            if line.startswith("First sign-in: admin "):
                self.admin = line.split()[-1]

    def said(self, text):
        return sum(text in line for line in list(self.output))

    def wait_back(self, cookie):
        """After a restart: it answers, and knows the sessions that the database remembers."""
        self.wait_healthy()
        wait_for("the session", lambda: self.request("GET", "/api/session", cookie=cookie)[0] == 200)

    def wait_healthy(self):
        wait_for("a healthy server", lambda: self.request("GET", "/healthz")[0] == 200, timeout_s=60, process=self.process)

    def end_server(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(60)
        return self.process and self.process.returncode

    def stop(self):
        try:
            self.end_server()
        finally:
            self.postgres.stop()
            if self.broker:
                self.broker.stop()
            self.stub.close()
            shutil.rmtree(self.dir)

    def request(self, method, path, body=None, cookie=None, headers=None):
        """Status, parsed body, headers. `body` may be bytes (sent as they are) or anything JSON."""
        connection = (http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.tls) if self.tls
                      else http.client.HTTPConnection("127.0.0.1", self.port, timeout=60))
        sent = {"Origin": f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}", "Content-Type": "application/json", **(headers or {})}
        sent = {name: value for name, value in sent.items() if value is not None}
        if cookie:
            sent["Cookie"] = cookie
        data = body if body is None or isinstance(body, bytes) or hasattr(body, "__next__") else json.dumps(body)
        connection.request(method, path, data, sent, encode_chunked=hasattr(body, "__next__"))
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        is_json = answer.getheader("Content-Type") == "application/json"
        return answer.status, json.loads(text) if is_json and text else text, answer.headers

    def sign_in(self, name="admin", password=None):
        wait_for("the first password", lambda: self.admin, process=self.process)
        status, answer, headers = self.request("POST", "/api/session", {"name": name, "password": password or self.admin})
        assert status == 200, answer
        return headers["Set-Cookie"].split(";")[0]

    def add_user(self, name, role, password="correct horse battery"):
        subprocess.run([PROGRAM, "--config", str(self.dir / "server.yaml"), "user", "add", name, role], input=password + "\n",
                       text=True, check=True, capture_output=True)
        return self.sign_in(name, password)

    def socket(self, path, cookie, **options):
        return WebSocket(self.port, path, cookie, tls=self.tls, **options)

    def worker(self, ready=True, vehicle=None):
        """The next worker process that the server starts, configured; of that vehicle, if one is named. Those that ended before
        anybody met them are passed over."""
        while True:
            connection, _ = self.stub.accept()
            connection.settimeout(None)
            worker = Worker(connection)
            with contextlib.suppress(OSError, Gone):
                worker.first = worker.expect("configure")
                if vehicle not in (None, *(one["id"] for one in worker.first["vehicles"])):
                    continue
                if ready:
                    worker.send(type="ready", pid=os.getpid())
                return worker

    def sql(self, text):
        return self.postgres.psql("masthead", text).strip()


def camera(name="nose"):
    return {"name": name, "pipeline": "rtsp-link", "parameters": {"uri": "rtsp://me:secret@127.0.0.1:9/camera"}}


def drone(vehicle, **members):
    return {"id": vehicle, "name": vehicle.title(), "link": {"uri": f"mavlink+udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"},
            "cameras": [camera()], **members}
