"""What a client of /api/telemetry asked for is what it gets: its vehicles, with or without traffic, at its rate."""

import time
import unittest

from house import House, drone
from websocket import Closed


def sample(**values):
    return {"time": time.time_ns() // 1000, "time_source": "vehicle", **values}


def altitude(message):
    return message["vehicles"].get("merlin", {}).get("telemetry", {}).get("altitude_msl_m")


class Subscriptions(unittest.TestCase):
    def setUp(self):
        self.house = House(broker=False)
        self.addCleanup(self.house.stop)
        self.house.start_services().start_server()
        self.house.wait_healthy()
        self.cookie = self.house.sign_in()

    def subscribe(self, query):
        return self.house.socket(f"/api/telemetry?{query}", self.cookie)

    def test_a_subscription_has_its_vehicles_and_no_more_updates_than_its_rate(self):
        workers = {}
        for name in ("kestrel", "merlin"):
            self.assertEqual(self.house.request("POST", "/api/drones", drone(name), self.cookie)[0], 201)
            workers[name] = self.house.worker(vehicle=name)
        link = workers["merlin"].first["vehicles"][0]["link"]["uri"]
        narrow = self.subscribe("vehicles=merlin,nobody&traffic=false&rate_hz=2")
        first = narrow.receive()
        self.assertEqual((set(first["vehicles"]), "traffic" in first, first["full"]), ({"merlin"}, False, True))
        wide = self.subscribe("rate_hz=10")
        seen = set(wide.receive()["vehicles"])
        for count in range(1, 13):
            for name, worker in workers.items():
                worker.send(type="telemetry", vehicle=name, source="link", sample=sample(satellites=count, altitude_msl_m=count))
            workers["merlin"].send(type="traffic", link=link, address="244123457", sample=sample(name=f"BERTA {count}"))
            wide.until(lambda message, wanted=count: altitude(message) == wanted)
        self.assertLessEqual({"kestrel", "merlin"}, seen)
        last, told = first, [first["now"]]
        while altitude(last) != 12:
            last = narrow.receive()
            told.append(last["now"])
            self.assertLessEqual(set(last["vehicles"]), {"merlin"})
            self.assertNotIn("traffic", last)
        self.assertEqual(last["vehicles"]["merlin"]["telemetry"]["satellites"], 12)
        self.assertGreaterEqual(min(later - earlier for earlier, later in zip(told, told[1:])), 450_000)

    def test_one_that_is_no_good_is_closed_with_the_reason(self):
        for query in ("vehicles=../x", "vehicles=a,,b", "traffic=perhaps", "rate_hz=0", "rate_hz=11", "rate_hz=nan"):
            with self.subTest(query), self.assertRaisesRegex(Closed, f"'{query.split('=')[0]}' must be"):
                self.subscribe(query).receive()


if __name__ == "__main__":
    unittest.main()
