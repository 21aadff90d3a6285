"""What a client of /api/telemetry asked for is what it gets: its vehicles, with or without traffic, at its rate; and who meets whom."""

import time
import unittest

from house import House, drone, wait_for
from websocket import Closed


def sample(**values):
    return {"time": time.time_ns() // 1000, "time_source": "vehicle", **values}


def altitude(message):
    return message["vehicles"].get("merlin", {}).get("telemetry", {}).get("altitude_msl_m")


house = None
cookie = None
workers = {}


def setUpModule():
    global house, cookie
    house = House(broker=False).start_services().start_server()
    house.wait_healthy()
    cookie = house.sign_in()
    for name in ("kestrel", "merlin"):
        status, answer, _ = house.request("POST", "/api/drones", drone(name), cookie)
        assert status == 201, answer
        workers[name] = house.worker(vehicle=name)


def tearDownModule():
    house.stop()


def subscribe(query=""):
    return house.socket(f"/api/telemetry?{query}", cookie)


class Subscriptions(unittest.TestCase):
    def test_a_subscription_has_its_vehicles_and_no_more_updates_than_its_rate(self):
        link = workers["merlin"].first["vehicles"][0]["link"]["uri"]
        narrow = subscribe("vehicles=merlin,nobody&traffic=false&rate_hz=2")
        first = narrow.receive()
        self.assertEqual((set(first["vehicles"]), "traffic" in first, first["full"]), ({"merlin"}, False, True))
        wide = subscribe("rate_hz=10")
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
                subscribe(query).receive()


class Traffic(unittest.TestCase):
    def hears(self, mmsi, **values):
        link = workers["merlin"].first["vehicles"][0]["link"]["uri"]
        workers["merlin"].send(type="traffic", link=link, address=mmsi, sample=sample(**values))

    def says(self, **values):
        workers["kestrel"].send(type="telemetry", vehicle="kestrel", source="link", sample=sample(**values))

    def test_who_comes_too_near_is_told_until_it_parts(self):
        live = subscribe()
        self.says(latitude_deg=-10.0, longitude_deg=179.999, altitude_msl_m=100, ground_speed_mps=0)
        # An aircraft 1 km to the east, across the antimeridian, one far away beyond it, and a ship below.
        self.hears("244000001", latitude_deg=-10.0, longitude_deg=-179.9919, altitude_msl_m=120, course_deg=270, ground_speed_mps=10, name="ANNA")
        self.hears("244000002", latitude_deg=-10.0, longitude_deg=-179.5, altitude_msl_m=120, course_deg=270, ground_speed_mps=10)
        self.hears("244000003", latitude_deg=-10.0, longitude_deg=-179.9919, course_deg=270, ground_speed_mps=10)
        met = live.until(lambda m: m.get("encounters"))["encounters"]
        self.assertEqual([(e["vehicle"], e["target"], e["fleet"]) for e in met], [("kestrel", "244000001", False)])
        self.assertTrue(850 < met[0]["distance_m"] <= 1000, met)
        self.assertTrue(85 < met[0]["tcpa_s"] <= 100 and met[0]["cpa_m"] < 20 and abs(met[0]["bearing_deg"] - 90) <= 1, met)
        status, answer, _ = house.request("GET", "/api/traffic", cookie=cookie)
        self.assertEqual(status, 200)
        self.assertEqual(answer["targets"]["244000001"]["telemetry"]["name"], "ANNA")
        self.assertEqual([e["target"] for e in answer["encounters"]], ["244000001"])

        def alerts():
            self.says(latitude_deg=-10.0, longitude_deg=179.999)
            return [alert for alert in house.request("GET", "/api/alerts", cookie=cookie)[1] if alert["kind"] == "approach"]

        wait_for("an alert", alerts)
        self.assertEqual([(alert["vehicle"], alert["subject"], alert["severity"]) for alert in alerts()], [("kestrel", "244000001", "warning")])
        self.assertIn(" m of ANNA in ", alerts()[0]["message"])
        self.hears("244000001", course_deg=90)
        live.until(lambda m: m.get("encounters") == [])


if __name__ == "__main__":
    unittest.main()
