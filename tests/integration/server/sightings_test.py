"""Which recording saw a place, and when: recordings whose positions and footprints are known, searched through the server."""

import json
import os
import subprocess
import time
import unittest
import urllib.parse
from datetime import UTC, datetime

from house import House, wait_for

SECOND = 1_000_000
DAY = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * SECOND
FOREVER = "from=0&to=4000000000000000"
house = cookie = root = template = None


def setUpModule():
    global house, cookie, root, template
    house = House(broker=False).start_services()
    root = house.dir / "data/recordings"
    (house.dir / "data").mkdir(mode=0o700)
    template = simulated("template/nose", 1)
    for camera, make in CAMERAS.items():
        for number, (start, track) in enumerate(make):
            write(camera, number, start, track)
    house.start_server()
    house.wait_healthy()
    cookie = house.sign_in()
    files = 1 + sum(len(make) for make in CAMERAS.values())
    wait_for("the recordings in the database", lambda: int(house.sql("SELECT count(*) FROM recordings")) == files)


def tearDownModule():
    house.stop()


def simulated(camera, seconds):
    """A recording that the simulator made, over Tallinn."""
    subprocess.run([os.environ["MASTHEAD_SIM"], "drone", "--record", root / camera, "--duration", str(seconds), "--start-utc", str(DAY)],
                   check=True, timeout=120, stderr=subprocess.DEVNULL)
    return next((root / camera).rglob("*.ts"))


def write(camera, number, start, track):
    """A file of the camera whose track is this: (second, position, middle of the footprint), longitude first; None is not known."""
    file = root / camera / "2026-03-01" / f"{number:02}-00-00.000Z.ts"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(template.read_bytes())
    head, gop = (line for line in template.with_suffix(".idx").read_text().splitlines() if line[0] != "T")
    fields = gop.split()
    fields[4], fields[5] = str((track[-1][0] - track[0][0] + 1) * 90_000), str(start + track[0][0] * SECOND)
    file.with_suffix(".idx").write_text("\n".join([head, *(point(start, *one) for one in track), " ".join(fields), ""]))


def place(longitude, latitude):
    return f"{latitude:.7f},{(longitude + 180) % 360 - 180:.7f}"


def point(start, second, position, middle, order=(0, 1, 2, 3)):
    """The footprint is 0.002 degrees wide and high."""
    sides = [((-0.001, 0.001), (0.001, 0.001), (0.001, -0.001), (-0.001, -0.001))[corner] for corner in order]
    corners = [place(middle[0] + east, middle[1] + north) for east, north in sides] if middle else ["-"]
    return " ".join(["T", str(start + second * SECOND), place(*position) if position else "-", "90.00", place(*middle) if middle else "-", *corners])


# The kestrel flies east at 60 degrees north, 0.001 degrees (55.8 m) a second, and looks 0.01 degrees north of itself.
def leg(seconds, begin=10.0):
    return [(second, (begin + second * 0.001, 60.0), (begin + second * 0.001, 60.01)) for second in seconds]


CAMERAS = {
    "kestrel/nose": [(DAY, leg(range(20)))],
    # Stands still over one place: files that go on after 4 s, and after 6 s.
    "heron/belly": [(DAY, [(second, (20.0, 50.0), (20.0, 50.0)) for second in range(10)]),
                    (DAY, [(second, (20.0, 50.0), (20.0, 50.0)) for second in range(14, 20)]),
                    (DAY, [(second, (20.0, 50.0), (20.0, 50.0)) for second in range(26, 30)])],
    "heron/tail": [(DAY, [(second, (20.0, 50.0), None) for second in range(10)])],
    # Flies over the antimeridian at the equator, and looks down.
    "albatross/nose": [(DAY, [(second, (179.9905 + second * 0.001, 0.0), (179.9905 + second * 0.001, 0.0)) for second in range(20)])],
    # Says the corners of its footprint so that its sides cross.
    "sick/nose": [(DAY, [(0, (30.0, 10.0), (30.0, 10.0), (0, 2, 1, 3))])],
}


def ask(query):
    status, answer, _ = house.request("GET", f"/api/recordings/sightings?{query}", cookie=cookie)
    return status, answer


def found(query, times=FOREVER):
    """(camera, by, from, to, best) in seconds since the day began, oldest first."""
    status, answer = ask(f"{times}&{query}")
    assert status == 200, answer
    assert answer["complete"]
    seconds = [[(one[name] - DAY) / SECOND for name in ("from", "to", "best")] for one in answer["sightings"]]
    return [(f"{one['vehicle']}/{one['camera']}", one["by"], *times) for one, times in zip(answer["sightings"], seconds)][::-1]


def area(*ring, kind="Polygon"):
    return "area=" + urllib.parse.quote(json.dumps({"type": kind, "coordinates": [[*ring, ring[0]]]}))


def square(west, south, east, north):
    return area([west, south], [east, south], [east, north], [west, north])


class Places(unittest.TestCase):
    def test_a_point_is_found_in_the_footprints_that_cover_it(self):
        # Footprints 0.001 to either side of 10.0055 are those of seconds 5 and 6.
        self.assertEqual(found("longitude=10.0054&latitude=60.0104"), [("kestrel/nose", "footprint", 5, 7, 5)])
        self.assertEqual(found("longitude=10.0054&latitude=60.0111"), [])

    def test_a_radius_is_in_metres_at_any_latitude(self):
        # A degree of longitude is 55.8 km here: second 10 is 0 m away, 9 and 11 are 55.8 m, 8 and 12 are 111.6 m.
        for radius, seconds in ((10, (10, 11)), (50, (10, 11)), (60, (9, 12)), (110, (9, 12)), (113, (8, 13))):
            with self.subTest(radius=radius):
                self.assertEqual(found(f"longitude=10.01&latitude=60&radius={radius}&by=vehicle"), [("kestrel/nose", "vehicle", *seconds, 10)])

    def test_an_area_is_found_by_footprint_and_by_vehicle(self):
        there = ("kestrel/nose", "vehicle", 4, 9, 6)
        self.assertEqual(found(square(10.0035, 59.999, 10.0085, 60.001)), [there])
        self.assertEqual(found(square(10.0035, 60.008, 10.0085, 60.0085)), [])
        self.assertEqual(found(square(10.0035, 60.0085, 10.0085, 60.0095)), [("kestrel/nose", "footprint", 3, 10, 6)])
        both = square(10.0035, 59.999, 10.0085, 60.0095)
        self.assertEqual(sorted(found(both)), [("kestrel/nose", "footprint", 3, 10, 6), there])
        self.assertEqual(found(f"{both}&by=vehicle"), [there])

    def test_a_large_footprint_around_a_small_area_is_found(self):
        self.assertEqual(found(square(10.0052, 60.0101, 10.0053, 60.0102) + "&by=footprint"), [("kestrel/nose", "footprint", 5, 7, 5)])

    def test_stretches_go_on_over_files_and_end_at_holes_of_more_than_5_s(self):
        here = square(19.9, 49.9, 20.1, 50.1)
        self.assertEqual(found(f"{here}&camera=belly&by=footprint"), [("heron/belly", "footprint", 0, 20, 0), ("heron/belly", "footprint", 26, 30, 26)])

    def test_vehicle_camera_and_time_narrow_the_search(self):
        here = square(19.9, 49.9, 20.1, 50.1)
        self.assertEqual({one[0] for one in found(here)}, {"heron/belly", "heron/tail"})
        self.assertEqual({one[:2] for one in found(f"{here}&vehicle=heron&camera=tail")}, {("heron/tail", "vehicle")})
        self.assertEqual(found(f"{here}&vehicle=kestrel"), [])
        some = f"from={DAY + 3 * SECOND}&to={DAY + 5 * SECOND}"
        self.assertEqual(found(f"{here}&camera=tail", some), [("heron/tail", "vehicle", 3, 5, 3)])

    def test_an_area_over_the_antimeridian_is_found_however_it_is_written(self):
        # Seconds 0 to 9 are west of it, 10 to 19 east.
        for written in ([179.9978, -0.0001, 180.002, 0.0001], [-180.0022, -0.0001, -179.998, 0.0001], [179.9978, -0.0001, -179.998, 0.0001]):
            with self.subTest(written):
                self.assertEqual(sorted(found(square(*written))), [("albatross/nose", "footprint", 7, 13, 9), ("albatross/nose", "vehicle", 8, 12, 9)])
        self.assertEqual(found(square(179.998, -0.1, 179.9981, 0.1) + "&by=footprint"), [("albatross/nose", "footprint", 7, 9, 8)])
        self.assertEqual(found(square(-179.9981, -0.1, -179.998, 0.1) + "&by=footprint"), [("albatross/nose", "footprint", 11, 13, 11)])
        self.assertEqual(found("longitude=-179.99995&latitude=0&by=footprint"), [("albatross/nose", "footprint", 9, 11, 10)])
        self.assertEqual([one[2:4] for one in found("longitude=180&latitude=0&radius=120&by=vehicle")], [(9, 11)])
        self.assertEqual(found(square(-10, -10, 10, 10)), [])

    def test_what_the_simulator_recorded_is_found_where_its_metadata_says(self):
        file = simulated("real/nose", 8)
        house.end_server()
        house.start_server()
        house.wait_back(cookie)
        wait_for("the recording in the list", lambda: house.sql("SELECT 1 FROM recordings WHERE vehicle_id = 'real'"))
        points = [line.split() for line in file.with_suffix(".idx").read_text().splitlines() if line.startswith("T")]
        for _, instant, position, _, middle, *corners in points:
            (latitude, longitude), where = middle.split(","), [[float(part) for part in corner.split(",")] for corner in corners]
            self.assertEqual(len(where), 4)
            answer = ask(f"{FOREVER}&longitude={longitude}&latitude={latitude}&vehicle=real&by=footprint")[1]["sightings"]
            self.assertTrue(any(one["from"] <= int(instant) < one["to"] for one in answer), (instant, answer))
            self.assertEqual(ask(f"from={instant}&to={int(instant) + 1}&longitude={longitude}&latitude={latitude}&by=footprint&vehicle=real")[1]["sightings"][0]["best"], int(instant))
            latitude, longitude = position.split(",")
            self.assertTrue(ask(f"from={instant}&to={int(instant) + 1}&longitude={longitude}&latitude={latitude}&radius=1&by=vehicle&vehicle=real")[1]["sightings"])

    def test_more_than_the_limit_is_said(self):
        status, answer = ask(f"{FOREVER}&{square(19.9, 49.9, 20.1, 50.1)}&by=footprint&limit=1")
        self.assertEqual((status, answer["complete"], [one["from"] - DAY for one in answer["sightings"]]), (200, False, [26 * SECOND]))

    def test_what_is_no_place_is_refused_with_a_sentence(self):
        bow_tie = area([0, 0], [1, 1], [1, 0], [0, 1])
        for query, said in ((bow_tie, "Self-intersection[0.5 0.5]"), ("area=%7B", "is no JSON"), (area([0, 0], [1, 1], kind="LineString"), "must be a GeoJSON Polygon"),
                            (square(0, 0, 100, 1), "more than 90 degrees"), (area([0, 80], [120, 80], [240, 80]), "goes round a pole"),
                            (area(*[[one / 100, one % 2] for one in range(600)]), "from 4 to 500 positions, not 601"),
                            ("longitude=1", "'latitude' must be a number"), ("longitude=1&latitude=nan", "'latitude' must be a number"),
                            ("longitude=1&latitude=100", "from -90 to 90"), ("longitude=1&latitude=1&radius=1e9", "'radius' must be"),
                            (bow_tie + "&longitude=1&latitude=1", "either 'area'"), ("by=footprint", "either 'area'"),
                            ("longitude=1&latitude=1&by=radar", "'by' must be footprint or vehicle"), ("longitude=1&latitude=1&limit=0", "'limit' must be"),
                            ("longitude=1&latitude=1&vehicle=%27", "'vehicle' must be the id"), (area([0, 0], [0, 0], [0, 0]), "'area' is no polygon")):
            with self.subTest(query[:60]):
                status, answer = ask(f"{FOREVER}&{query}")
                self.assertEqual((status, answer["error"]), (400, "invalid_argument"))
                self.assertIn(said, answer["message"])
        self.assertEqual(ask("from=9&to=3&longitude=1&latitude=1")[0], 400)

    def test_a_footprint_whose_sides_cross_counts_as_its_hull(self):
        self.assertEqual([one[:2] for one in found("longitude=30.0009&latitude=10&by=footprint")], [("sick/nose", "footprint")])
        self.assertEqual([one[:2] for one in found(square(30.0008, 9.9999, 30.0009, 10.0001) + "&by=footprint")], [("sick/nose", "footprint")])

    def test_a_search_goes_by_the_index_of_places(self):
        house.sql("""INSERT INTO recordings SELECT format('many/nose/2026-02-01/%s.ts', n), 'many', 'nose', 'h264', '2026-02-01'::timestamptz + n * interval '10 min',
                         '2026-02-01'::timestamptz + (n + 1) * interval '10 min', 1, 1, 1, 1, now(), n, n FROM generate_series(0, 199) n;
                     INSERT INTO recording_track SELECT format('many/nose/2026-02-01/%s.ts', n / 600), '2026-02-01'::timestamptz + n * interval '1 s',
                         ST_SetSRID(ST_Point(n % 300, n / 600 * 0.3), 4326), 0, NULL, ST_Expand(ST_SetSRID(ST_Point(n % 300, n / 600 * 0.3), 4326), 0.01)
                         FROM generate_series(0, 119999) n;
                     ANALYZE recordings; ANALYZE recording_track;""")
        self.addCleanup(house.sql, "DELETE FROM recordings WHERE vehicle_id = 'many'")
        before = self.scans()
        self.assertEqual(ask(f"{FOREVER}&{square(9.995, 29.995, 10.005, 30.005)}&vehicle=many&by=footprint")[1]["sightings"][0]["camera"], "nose")
        wait_for("the search in the statistics", lambda: self.scans()[1] > before[1])
        self.assertLess(self.scans()[0] - before[0], 60_000, "the whole table was read")

    def test_a_search_that_takes_too_long_is_ended_and_says_so(self):
        house.sql("ALTER TABLE recording_track RENAME TO real_track; CREATE VIEW recording_track AS SELECT * FROM real_track WHERE pg_sleep(60) IS NOT NULL OFFSET 0; "
                  "GRANT SELECT ON recording_track TO public")
        self.addCleanup(house.sql, "DROP VIEW recording_track; ALTER TABLE real_track RENAME TO recording_track")
        status, answer = ask(f"{FOREVER}&longitude=25&latitude=59")
        self.assertEqual((status, answer["message"]), (503, "the search took too long: choose a shorter time or a smaller place"))

    @staticmethod
    def scans():
        """Rows read without an index, and readings by the index of footprints."""
        return (int(house.sql("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'recording_track'")),
                int(house.sql("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'recording_track_footprint'")))


class Texts(unittest.TestCase):
    def test_events_are_found_by_text_vehicle_and_time(self):
        house.sql(f"""INSERT INTO events (id, time, level, subject, user_name, message) VALUES
                      ('one', to_timestamp({DAY // SECOND}), 'info', 'recording/kestrel/nose', '', 'is recorded again'),
                      ('two', to_timestamp({DAY // SECOND + 60}), 'caution', 'recording/heron/belly', '', 'nothing is recorded: the disk is full'),
                      ('three', to_timestamp({DAY // SECOND + 120}), 'info', 'pipeline/kestrel', 'olga', 'version 2 was applied')""")
        for query, ids in (("text=RECORDED", ["two", "one"]), ("text=olga", ["three"]), ("text=belly", ["two"]), ("vehicle=kestrel", ["one"]),
                           (f"from={DAY + 60 * SECOND}&to={DAY + 120 * SECOND}", ["two"]), ("text=recorded&limit=1", ["two"]), ("text=no%25such", []),
                           (f"to={DAY + SECOND}", ["one"])):
            with self.subTest(query):
                status, answer, _ = house.request("GET", f"/api/events?{query}", cookie=cookie)
                self.assertEqual((status, [one["id"] for one in answer if one["id"] in ("one", "two", "three")]), (200, ids))
        for query in ("from=9&to=3", "limit=0", "vehicle=%20", "from=x"):
            self.assertEqual(house.request("GET", f"/api/events?{query}", cookie=cookie)[0], 400, query)


if __name__ == "__main__":
    unittest.main()
