"""masthead-sim's telemetry as other people's programs take it: gpsdecode reads its NMEA and AIS, node-mavlink commands it."""

import contextlib
import functools
import json
import operator
import os
import queue
import re
import select
import socket
import statistics
import subprocess
import threading
import time
import unittest
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SIMULATOR = os.environ["MASTHEAD_SIM"]
PACKAGES = ROOT / "tests/integration/links"
START_US = 1_790_000_000_000_000  # a whole second, so that sentences fall on tenths from the first on
# Freed memory would wait in a sanitizer's quarantine and look like growth.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:detect_leaks=0"}


class Program:
    """A program whose lines are waited for; stopped at the test's end."""

    def __init__(self, test, *command):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT)
        self.lines = queue.Queue()
        threading.Thread(target=self._pump, daemon=True).start()
        test.addCleanup(self.stop)

    def _pump(self):
        with contextlib.suppress(ValueError):
            for line in self.process.stdout:
                self.lines.put(line)

    def line(self, pattern, timeout_s=30):
        end = time.monotonic() + timeout_s
        heard = []
        while time.monotonic() < end:
            with contextlib.suppress(queue.Empty):
                heard.append(self.lines.get(timeout=0.2))
                if found := re.search(pattern, heard[-1]):
                    return found
        raise AssertionError(f"no line like '{pattern}' within {timeout_s} s: {heard}")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdin.close()
        self.process.stdout.close()

    def resident_kib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def vessel(test, *options):
    """A vessel without a camera, and the port of its NMEA feed."""
    program = Program(test, SIMULATOR, "vessel", "--no-video", "--nmea-port", 0, *options)
    return program, int(program.line(r"nmea\+tcp://127\.0\.0\.1:(\d+)")[1])


def connect(test, port, **options):
    client = socket.create_connection(("127.0.0.1", port), timeout=20, **options)
    test.addCleanup(client.close)
    return client


def read_until(client, enough):
    text = b""
    while not enough(text):
        data = client.recv(1 << 16)
        if not data:
            raise AssertionError("the feed ended")
        text += data
    return text[:text.rindex(b"\n") + 1].decode("ascii")


def said_times(feed):
    """Seconds of the day of the RMC sentences, in tenths."""
    return [(int(h) * 3600 + int(m) * 60) * 10 + round(float(s) * 10) for h, m, s in re.findall(r"^\$GPRMC,(\d\d)(\d\d)([\d.]+),", feed, re.M)]


def checksum(body):
    return functools.reduce(operator.xor, body, 0)


def poses(times_us):
    done = subprocess.run([SIMULATOR, "vessel", "--pose-at"], input="".join(f"{t}\n" for t in times_us), text=True, check=True,
                          capture_output=True, env=ENVIRONMENT)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Nmea(unittest.TestCase):
    def gpsdecode(self, feed):
        """What it read, and what it complained of."""
        done = subprocess.run(["gpsdecode", "-j", "-D", "4"], input=feed, text=True, check=True, capture_output=True)
        # gpsd 3.22 takes the 168 bits that ITU-R M.1371 gives a position report for five too many, and waits for a date.
        known = r"AIVDM message type 1 size > 163 bits \(168\)|can't use GGA time until after ZDA or RMC has supplied a year"
        complaints = [line for line in done.stderr.splitlines() if re.search("WARN|ERR", line) and not re.search(known, line)]
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], complaints

    def test_gpsdecode_reads_every_sentence_and_the_true_position(self):
        _, port = vessel(self, "--speed", 60, "--start-utc", START_US)
        client = connect(self, port)
        # Names and static data come every 30 s.
        feed = read_until(client, lambda text: len(re.findall(rb"^\$GPRMC", text, re.M)) > 700)
        reports, complaints = self.gpsdecode(feed)
        self.assertEqual(complaints, [])

        fixes = [report for report in reports if report["class"] == "TPV" and "lat" in report]
        # The simulated instants are UTC; a fix is one of them to 0.1 s.
        times_us = [round(time.mktime(time.strptime(fix["time"][:19] + " UTC", "%Y-%m-%dT%H:%M:%S %Z")) - time.timezone) * 1_000_000
                    + int(fix["time"][20:23]) * 1000 for fix in fixes]
        said, fixed = said_times(feed), {time_us // 100_000 % 864_000 for time_us in times_us}
        self.assertLessEqual(fixed, set(said))
        self.assertLessEqual(set(said) - fixed, set(said[:5]), "gpsdecode passed over sentences")  # it first finds out what it reads
        for fix, pose in zip(fixes, poses(times_us)):
            self.assertAlmostEqual(fix["lat"], pose["latitude_deg"], delta=2e-8, msg=fix)  # 1e-6 of a minute
            self.assertAlmostEqual(fix["lon"], pose["longitude_deg"], delta=2e-8, msg=fix)
            self.assertAlmostEqual(fix["speed"], pose["ground_speed_mps"], delta=1e-3, msg=fix)

        ships = [report for report in reports if report["class"] == "AIS"]
        sent = re.findall(r"^!AIVD[MO],(\d),(\d),\d?,A,([^,]*)", feed, re.M)
        types = Counter("0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw".index(text[0]) for _, part, text in sent if part == "1")
        types[24] //= 2  # name and call sign come in a message each, and gpsdecode joins them
        self.assertEqual(Counter(ship["type"] for ship in ships), types)
        self.assertGreater(min(types[kind] for kind in (1, 5, 18, 24)), 1)
        self.assertEqual({ship["shipname"] for ship in ships if ship["type"] in (5, 24)},
                         {"PETREL", "NORDIC TERN", "AURA STAR", "PILOT 3", "KAJAKAS", "MERILIND"})
        print(f"gpsdecode: {len(fixes)} fixes at the true pose, {len(ships)} AIS messages, no complaint")

    def test_the_feed_falls_silent_when_told_and_stays_connected(self):
        program, port = vessel(self, "--speed", 5, "--start-utc", START_US, "--telemetry-stop-after", 10)
        client = connect(self, port)
        feed = b""
        while select.select([client], [], [], 1.5)[0]:  # 7.5 simulated seconds, in which 75 sentences are due
            data = client.recv(1 << 16)
            self.assertTrue(data, "the feed ended")
            feed += data
        start = START_US // 100_000 % 864_000
        self.assertLessEqual(max(said_times(feed.decode())), start + 100)
        self.assertGreater(max(said_times(feed.decode())), start + 95)
        self.assertIsNone(program.process.poll())

    def test_a_client_that_never_reads_costs_no_other_and_no_memory(self):
        program, port = vessel(self, "--speed", 600, "--start-utc", START_US)
        stuck = socket.socket()
        self.addCleanup(stuck.close)
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", port))
        reader = connect(self, port)
        feed, longest, before = [reader.recv(1 << 16)], 0.0, None
        dropped = threading.Event()
        threading.Thread(target=lambda: (program.line("does not read is dropped", 120), dropped.set()), daemon=True).start()
        after_drop = 0
        while after_drop < 1 << 20:
            began = time.monotonic()
            feed.append(reader.recv(1 << 16))
            longest = max(longest, time.monotonic() - began)
            self.assertTrue(feed[-1], "the one who reads was dropped")
            if before is None and len(feed) > 20:
                before = program.resident_kib()
            after_drop += len(feed[-1]) if dropped.is_set() else 0
        grown = program.resident_kib() - before
        text = b"".join(feed)
        for sentence in re.findall(rb"\n[$!]([^*]*\*..)", text):
            self.assertEqual(checksum(sentence[:-3]), int(sentence[-2:], 16), sentence)
        times = said_times(text.decode())
        print(f"beside a stuck client: {len(text) >> 10} KiB read, longest wait {longest * 1000:.0f} ms, {grown} KiB more memory")
        self.assertTrue(all(a < b for a, b in zip(times, times[1:])), "sentences are out of order")
        self.assertLess(longest, 3)
        self.assertLess(grown, 16 << 10)


class Mavlink(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([ROOT / "dev", "npm-install", PACKAGES.relative_to(ROOT)], check=True)

    def fly(self, *options):
        self.peer = Program(self, "node", Path(__file__).parent / "mavlink_peer.mjs", PACKAGES, 0)
        port = json.loads(self.peer.line("listening").string)["port"]
        self.drone = Program(self, SIMULATOR, "drone", "--no-video", "--mavlink-port", port, "--system-id", 7, *options)

    def heard(self, wanted, timeout_s=30):
        """The next message for which `wanted` holds."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            message = json.loads(self.peer.line("^{").string)
            if wanted(message):
                return message
        raise AssertionError("the message that was waited for did not come")

    def send(self, command, system=7, **fields):
        self.peer.process.stdin.write(json.dumps({"command": command, "targetSystem": system, "targetComponent": 1, **fields}) + "\n")
        self.peer.process.stdin.flush()

    def test_commands_are_acknowledged_to_who_sent_them_and_obeyed(self):
        self.fly()
        self.assertEqual(self.heard(lambda m: m["name"] == "HEARTBEAT")["system"], 7)
        self.send(20, system=8)  # another vehicle's: no answer, so the first one is that of the next
        for command, result, mode, fields in ((193, 0, 17, {"_param1": 0}),              # pause: BRAKE
                                              (20, 0, 6, {}),                            # return: RTL
                                              (176, 0, 3, {"_param1": 1, "_param2": 3}),  # AUTO
                                              (193, 2, 3, {"_param1": 5}),               # denied
                                              (176, 3, 3, {"_param1": 1, "_param2": 99}),
                                              (31010, 3, 3, {"_param1": 1}),             # somebody's own
                                              (20, 0, 6, {"as": "int"})):
            with self.subTest(command=command, **fields):
                self.send(command, **fields)
                ack = self.heard(lambda m: m["name"] == "COMMAND_ACK")
                self.assertEqual((ack["system"], ack["command"], ack["result"], ack["targetSystem"], ack["targetComponent"]),
                                 (7, command, result, 255, 190))
                self.assertEqual(self.heard(lambda m: m["name"] == "HEARTBEAT")["customMode"], mode)

    def lags_ms(self, *options):
        """How much after its own time each position and attitude arrived, in the order of arrival, and those times."""
        self.fly(*options)
        clock = self.heard(lambda m: m["name"] == "SYSTEM_TIME")
        boot_ms = clock["timeUnixUsec"] / 1000 - clock["timeBootMs"]
        found = [self.heard(lambda m: m["name"] in ("ATTITUDE", "GLOBAL_POSITION_INT")) for _ in range(150)]
        return [m["atUs"] / 1000 - boot_ms - m["timeBootMs"] for m in found], [m["timeBootMs"] for m in found if m["name"] == "ATTITUDE"]

    def test_delay_max_holds_each_message_back_by_its_own_time(self):
        prompt, in_order = self.lags_ms()
        self.assertEqual(in_order, sorted(in_order))
        late, shuffled = self.lags_ms("--delay-max", 400, "--seed", 3)
        tenths = statistics.quantiles(late, n=10)
        print(f"lag: {statistics.median(prompt):.0f} ms at once; --delay-max 400: tenths {[round(lag) for lag in tenths]} ms")
        self.assertLess(statistics.median(prompt), 50)
        # Evenly spread over 0..400 ms: tenths at 40, 80 ... 360, each to four standard deviations of 150 draws, and a busy machine's delay.
        for tenth, lag in enumerate(tenths, start=1):
            self.assertGreater(lag, tenth * 40 - 65)
            self.assertLess(lag, tenth * 40 + 65 + 100)
        self.assertNotEqual(shuffled, sorted(shuffled))

    def test_telemetry_stops_when_told_while_the_drone_goes_on(self):
        self.fly("--telemetry-stop-after", 3)
        last = 0
        with self.assertRaises(AssertionError):
            while True:
                message = json.loads(self.peer.line("^{", timeout_s=1.5).string)  # a heartbeat is due each second
                last = max(last, message.get("timeBootMs", 0))
        self.assertGreater(last, 5000 + 2800)  # boot lies five seconds before the start
        self.assertLessEqual(last, 5000 + 3000)
        self.assertIsNone(self.drone.process.poll())


if __name__ == "__main__":
    unittest.main()
