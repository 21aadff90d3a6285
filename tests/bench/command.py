# bench: command         from POST to the bytes at the vehicle's socket, and from its acknowledgement to the browser's event, beside the broker's round trip
# packages: python3-paho-mqtt
"""One drone whose autopilot is this process (MAVLink 2 over UDP), commanded through the server as it runs: PostgreSQL writes each
command down before it is sent. 'hold' is asked for over REST; the time to its COMMAND_LONG at the autopilot's socket is taken,
then that from the COMMAND_ACK, which is sent at once, to 'accepted' on the WebSocket of /api/control. Beside them, in turn in the
same run: a message to the broker and back (MQTT, QoS 0). Median and p99 of each, over 5 rounds of 200."""

import argparse
import os
import socket
import statistics
import struct
import sys
import threading
import time
import uuid
from pathlib import Path

import paho.mqtt.client as mqtt

BUILD = Path(os.environ.get("MASTHEAD_BUILD", "build/run")).resolve()
os.environ.update(MASTHEAD_SERVER=str(BUILD / "server/masthead-server"), MASTHEAD_PIPELINE=str(BUILD / "server/pipeline/masthead-pipeline"))
TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "integration/server"), str(TESTS.parent / "schema")]
from generate_mavlink import crc_x25  # noqa: E402
from house import House, wait_for  # noqa: E402

ROUNDS, COMMANDS = 5, 200
HEARTBEAT, COMMAND_LONG, COMMAND_ACK = 0, 76, 77
CRC_EXTRA = {HEARTBEAT: 50, COMMAND_ACK: 143}


class Autopilot:
    """System 1, component 1: says that it lives each second, and accepts what it is told."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.peer = None
        self.sequence = 0
        self.heard_at = self.answered_at = 0.0
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._live, daemon=True).start()

    def _say(self, number, payload):
        self.sequence = (self.sequence + 1) % 256
        body = struct.pack("<BBBBBB", len(payload), 0, 0, self.sequence, 1, 1) + struct.pack("<I", number)[:3] + payload
        crc = crc_x25(body + bytes([CRC_EXTRA[number]]))
        self.socket.sendto(b"\xfd" + body + struct.pack("<H", crc), self.peer)

    def _live(self):
        while True:
            if self.peer:
                self._say(HEARTBEAT, struct.pack("<IBBBBB", 0, 2, 12, 1, 4, 3))  # a quadrotor with PX4
            time.sleep(1)

    def _listen(self):
        while True:
            data, self.peer = self.socket.recvfrom(2048)
            now = time.perf_counter()
            if data[0] == 0xFD and int.from_bytes(data[7:10], "little") == COMMAND_LONG:
                command = int.from_bytes(data[10 + 28:10 + 30], "little")
                self.heard_at, self.answered_at = now, time.perf_counter()
                self._say(COMMAND_ACK, struct.pack("<HBBiBB", command, 0, 0, 0, data[5], data[6]))


class Echo:
    """A client of the broker that hears what it says."""

    def __init__(self, broker):
        self.back = threading.Event()
        options = [mqtt.CallbackAPIVersion.VERSION2] if hasattr(mqtt, "CallbackAPIVersion") else []
        self.client = mqtt.Client(*options)
        self.client.username_pw_set("echo", broker.passwords["echo"])
        self.client.on_message = lambda *_: self.back.set()
        self.client.on_subscribe = lambda *_: self.back.set()
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        self.client.subscribe("bench/echo")
        self.back.wait(20)

    def round_trip(self):
        self.back.clear()
        begun = time.perf_counter()
        self.client.publish("bench/echo", b"x" * 200)
        if not self.back.wait(20):
            raise SystemExit("bench command: the broker does not answer")
        return time.perf_counter() - begun


def shown(name, seconds):
    ordered = sorted(seconds)
    return f"  {name:58} median {statistics.median(ordered) * 1000:7.2f} ms   p99 {ordered[int(len(ordered) * 0.99)] * 1000:7.2f} ms"


def main():
    parser = argparse.ArgumentParser(prog="./dev bench command", description=__doc__)
    parser.add_argument("--commands", type=int, default=COMMANDS, help="in each of the rounds")
    arguments = parser.parse_args()
    house = House()
    house.broker.users["echo"] = ["readwrite bench/#"]
    autopilot = Autopilot()
    try:
        house.start_services()
        house.start_server(worker=str(BUILD / "server/worker/masthead-worker"))
        house.wait_healthy()
        cookie = house.sign_in()
        vehicle = {"id": "kestrel", "name": "Kestrel", "cameras": [], "link": {"uri": f"mavlink+udpout://127.0.0.1:{autopilot.port}", "address": "1"}}
        status, answer, _ = house.request("POST", "/api/drones", vehicle, cookie=cookie)
        if status != 201:
            raise SystemExit(f"bench command: {answer}")
        events = house.socket("/api/control", cookie)
        wait_for("the autopilot's first message", lambda: ask(house, cookie) and accepted(events))
        echo = Echo(house.broker)
        out, back, broker, whole = [], [], [], []
        for number in range(ROUNDS):
            for _ in range(arguments.commands):
                begun = time.perf_counter()
                if not ask(house, cookie) or not accepted(events):
                    raise SystemExit("bench command: a command was not accepted")
                now = time.perf_counter()
                out.append(autopilot.heard_at - begun)
                back.append(now - autopilot.answered_at)
                whole.append(now - begun)
                broker.append(echo.round_trip())
            print(f"  round {number + 1} of {ROUNDS}", file=sys.stderr)
        print(f"{len(out)} commands")
        print(shown("POST to the bytes at the vehicle's socket", out))
        print(shown("acknowledgement's bytes to the event on the WebSocket", back))
        print(shown("POST to the event", whole))
        print(shown("the broker's own round trip (MQTT, QoS 0)", broker))
        print(f"  POST to the event : broker {statistics.median(whole) / statistics.median(broker):.1f}")
        return 0
    finally:
        house.stop()


def ask(house, cookie):
    request = {"id": str(uuid.uuid4()), "vehicle": "kestrel", "command": "hold"}
    return house.request("POST", "/api/commands", request, cookie=cookie)[0] == 202


def accepted(events):
    """Waits for what becomes of the command. True: its vehicle took it."""
    told = events.until(lambda message: message["type"] == "command" and message["state"] not in ("queued", "sent"))
    return told["state"] == "accepted"


if __name__ == "__main__":
    sys.exit(main())
