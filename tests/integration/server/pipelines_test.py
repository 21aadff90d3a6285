"""Pipeline files edited in the folder and by the web: what is applied, to whom, and the way back."""

import queue
import threading
import unittest

from house import House, camera, drone, wait_for

SCENE = """\
title: Scene
ingest:
  launch: |
    videotestsrc is-live=true !
    x264enc key-int-max=50 !
    h264parse name=video
telemetry: {source: none}
outputs: {webrtc: {}}
"""
PAIR = SCENE + """\
cameras:
  daylight: {}
  thermal:
    ingest:
      launch: |
        videotestsrc is-live=true pattern=ball !
        x264enc key-int-max=25 !
        h264parse name=video
"""
house = None
cookie = None


def setUpModule():
    global house, cookie
    house = House(broker=False).start_services().start_server()
    house.wait_healthy()
    cookie = house.sign_in()


def tearDownModule():
    house.stop()


def call(method, path, body=None):
    return house.request(method, path, body, cookie)


def restart(**changes):
    """The server anew, with the sessions that the database knows."""
    house.end_server()
    house.start_server(**changes)
    wait_for("the sessions", lambda: call("GET", "/api/session")[0] == 200, process=house.process)


def text_of(name):
    return (house.pipelines / f"{name}.yaml").read_text()


def write(name, text):
    (house.pipelines / f"{name}.yaml").write_text(text)


def pipeline(name):
    status, answer, _ = call("GET", f"/api/pipelines/{name}")
    assert status == 200, answer
    return answer


def until(name, wanted):
    """The pipeline once `wanted` says so."""
    found = {}

    def look():
        found.clear()
        found.update(pipeline(name))
        return wanted(found)

    wait_for(f"pipeline {name}", look)
    return found


def put(name, text, base):
    return call("PUT", f"/api/pipelines/{name}", {"text": text, "base": base})


def add(name, file, **members):
    write(file, SCENE)
    until_there(file)
    status, answer, _ = call("POST", "/api/drones", drone(name, cameras=[{"name": "nose", "pipeline": file}], **members))
    assert status == 201, answer
    return house.worker(vehicle=name)


def until_there(name):
    wait_for(f"{name} to be applied", lambda: any(one["name"] == name and one["version"] > 0 for one in call("GET", "/api/pipelines")[1]))


def launch_of(configure):
    return configure["vehicles"][0]["cameras"][0]["recipe"]["ingest"]["launch"]


class Vehicles(unittest.TestCase):
    """Two vehicles of a pipeline file each; a test changes the first one's only."""

    def setUp(self):
        self.file = self.id().rsplit(".", 1)[1].replace("_", "-").removeprefix("test-")[:40]
        self.worker = add("kite", self.file)
        self.other = add("heron", "untouched")

    def tearDown(self):
        self.assertTrue(self.other.lines.empty(), "another vehicle's worker was disturbed")
        for name in ("kite", "heron"):
            call("DELETE", f"/api/drones/{name}")

    def restarted(self):
        self.assertIsNone(self.worker.lines.get(timeout=20), "the worker was told something before its end")
        self.worker = house.worker()
        return launch_of(self.worker.first)


class InTheFolder(Vehicles):
    def test_a_good_change_is_applied_to_those_who_use_it(self):
        live = house.socket("/api/telemetry", cookie)
        write(self.file, SCENE.replace("key-int-max=50", "key-int-max=25"))
        self.assertIn("key-int-max=25", self.restarted())
        event = live.until(lambda m: m.get("events"))["events"][0]
        self.assertEqual((event["level"], event["subject"]), ("info", f"pipeline/{self.file}"))
        self.assertIn("used by kite nose", event["message"])
        self.assertEqual(until(self.file, lambda one: one["version"] == 2)["used_by"], [{"vehicle": "kite", "camera": "nose"}])
        versions = call("GET", f"/api/pipelines/{self.file}/versions")[1]
        self.assertEqual([(one["version"], one["user"], "key-int-max=25" in one["text"]) for one in versions], [(2, "", True), (1, "", False)])

    def test_a_bad_change_leaves_the_old_one_running_and_says_where_it_is_wrong(self):
        live = house.socket("/api/telemetry", cookie)
        write(self.file, SCENE.replace("x264enc", "x264en"))
        event = live.until(lambda m: m.get("events"))["events"][0]
        self.assertEqual(event["level"], "caution")
        self.assertIn(f"{self.file}.yaml:5:5: there is no element 'x264en'; did you mean 'x264enc'?; the version before stays applied", event["message"])
        found = until(self.file, lambda one: "problem" in one)
        self.assertEqual((found["version"], found["problem"]["line"], found["problem"]["column"]), (1, 5, 5))
        self.assertIn("x264en ", found["text"])
        # Another change of the fleet does not bring it in either.
        add("swift", "swifts-own").end()
        call("DELETE", "/api/drones/swift")
        self.assertTrue(self.worker.lines.empty())
        write(self.file, SCENE)
        until(self.file, lambda one: "problem" not in one)
        self.assertTrue(self.worker.lines.empty())
        self.assertEqual(pipeline(self.file)["version"], 1)
        self.assertEqual([one["id"] for one in call("GET", "/api/events")[1] if one["id"] == event["id"]], [event["id"]])

    def test_a_change_that_a_cameras_parameters_do_not_fit_is_refused(self):
        write(self.file, SCENE.replace("ingest:", "parameters:\n  text: {type: string}\ningest:", 1))
        found = until(self.file, lambda one: "problem" in one)
        self.assertIn("with the parameters of camera 'nose' of 'kite': parameter 'text' must be set", found["problem"]["message"])
        self.assertTrue(self.worker.lines.empty())



class SeveralCameras(Vehicles):
    PARTS = ["nose-daylight", "nose-thermal"]

    def names(self):
        return [each["name"] for each in self.worker.first["vehicles"][0]["cameras"]]

    def test_a_file_for_several_makes_a_camera_of_each(self):
        live = house.socket("/api/telemetry", cookie)
        write(self.file, PAIR)
        self.assertIn("key-int-max=50", self.restarted())
        self.assertEqual(self.names(), self.PARTS)
        for each in self.worker.first["vehicles"][0]["cameras"]:
            self.assertNotIn("cameras", each["recipe"], "a worker knows single cameras only")
        vehicle = call("GET", "/api/drones/kite")[1]
        self.assertEqual((vehicle["cameras"][0]["name"], vehicle["cameras"][0]["parts"]), ("nose", self.PARTS))
        self.assertEqual([use["camera"] for use in pipeline(self.file)["used_by"]], self.PARTS)
        live.until(lambda m: set(m.get("vehicles", {}).get("kite", {}).get("cameras", {})) == set(self.PARTS))
        status, same, _ = call("PUT", "/api/drones/kite", vehicle)
        self.assertEqual((status, same["cameras"][0]["parts"]), (200, self.PARTS))
        self.assertTrue(self.worker.lines.empty(), "what was read is no change when it is written")

        write(self.file, PAIR.replace("pattern=ball", "pattern=snow"))
        self.restarted()
        self.assertEqual(self.names(), self.PARTS)
        write(self.file, SCENE)
        self.restarted()
        self.assertEqual(self.names(), ["nose"])
        self.assertNotIn("parts", call("GET", "/api/drones/kite")[1]["cameras"][0])

    def test_a_mistake_in_one_camera_leaves_all_as_they_were(self):
        write(self.file, PAIR)
        self.restarted()
        write(self.file, PAIR.replace("x264enc key-int-max=25", "x264en key-int-max=25"))
        problem = until(self.file, lambda one: one.get("problem"))["problem"]
        self.assertEqual((problem["line"], problem["column"]), (15, 9))
        self.assertIn("did you mean 'x264enc'?", problem["message"])
        self.assertTrue(self.worker.lines.empty())

    def test_two_cameras_of_one_name_are_refused(self):
        write("pair", PAIR)
        until_there("pair")
        clash = [{"name": "gimbal", "pipeline": "pair"}, {"name": "gimbal-thermal", "pipeline": "untouched"}]
        status, answer, _ = call("POST", "/api/drones", drone("crane", cameras=clash))
        self.assertEqual(status, 400)
        self.assertIn("two cameras are named 'gimbal-thermal'", answer["message"])


class ByTheWeb(Vehicles):
    def test_an_edit_is_checked_applied_written_down_and_rolled_back(self):
        better = SCENE.replace("key-int-max=50", "key-int-max=25")
        status, answer, _ = put(self.file, better, 1)
        self.assertEqual((status, answer["version"], answer["text"]), (200, 2, better), answer)
        self.assertIn("key-int-max=25", self.restarted())
        self.assertEqual(text_of(self.file), better)
        status, answer, _ = call("POST", f"/api/pipelines/{self.file}/rollback", {"base": 2, "version": 1})
        self.assertEqual((status, answer["version"], answer["text"]), (200, 3, SCENE), answer)
        self.assertIn("key-int-max=50", self.restarted())
        self.assertEqual(text_of(self.file), SCENE)
        versions = call("GET", f"/api/pipelines/{self.file}/versions")[1]
        self.assertEqual([(one["version"], one["user"], one.get("restores")) for one in versions],
                         [(3, "admin", 1), (2, "admin", None), (1, "", None)])
        self.assertEqual(call("POST", f"/api/pipelines/{self.file}/rollback", {"base": 3, "version": 9})[0], 404)

    def test_a_bad_edit_changes_nothing(self):
        for text, message, line in (
            (SCENE.replace("x264enc", "x264en"), "the element 'x264en' cannot be used in an edit by the web; did you mean 'x264enc'?", 5),
            (SCENE.replace("key-int-max=50", "key-int-max=often"), "not 'often'", 5),
            (SCENE.replace("outputs", "outptus"), "did you mean 'outputs'?", 8),
            (SCENE + "\tx: 1", "no valid YAML", 9),
            (SCENE.replace("videotestsrc is-live=true", "filesrc location=/etc/passwd"), "the element 'filesrc' cannot be used in an edit by the web", 4),
            (SCENE.replace("key-int-max=50", "multipass-cache-file=/etc/cron.d/x"), "the property 'multipass-cache-file' of 'x264enc' cannot be used", 5),
            (SCENE.replace("videotestsrc is-live=true", "rtspsrc location=file:///etc/passwd"), "may not begin with file://", 4),
        ):
            with self.subTest(message):
                status, answer, _ = put(self.file, text, 1)
                self.assertEqual(status, 400, answer)
                self.assertIn(message, answer["message"])
                self.assertEqual(answer["problems"][0].get("line"), line, answer)
                check = call("POST", f"/api/pipelines/{self.file}/check", {"text": text})
                self.assertEqual(check[1]["problems"], answer["problems"])
        self.assertEqual((text_of(self.file), pipeline(self.file)["version"]), (SCENE, 1))
        self.assertTrue(self.worker.lines.empty())
        self.assertEqual([one.name for one in house.pipelines.iterdir() if one.name.startswith(".")], [])
        status, answer, _ = call("POST", f"/api/pipelines/{self.file}/check", {"text": SCENE})
        self.assertEqual((status, answer["problems"]), (200, []))
        self.assertIn("videotestsrc", answer["launch"])

    def test_of_two_edits_of_one_version_the_second_is_refused(self):
        first, second = (SCENE.replace("key-int-max=50", f"key-int-max={number}") for number in (10, 20))
        self.assertEqual(put(self.file, first, 1)[0], 200)
        self.restarted()
        status, answer, _ = put(self.file, second, 1)
        self.assertEqual((status, answer["error"]), (409, "conflict"))
        self.assertEqual(text_of(self.file), first)

    def test_a_new_file_begins_at_version_1_and_a_name_must_be_one(self):
        status, answer, _ = put("brand-new", SCENE, 0)
        self.assertEqual((status, answer["version"]), (200, 1), answer)
        self.assertEqual(text_of("brand-new"), SCENE)
        for name in ("Brand", "..%2Fescape", "a.b", "-x"):
            self.assertIn(put(name, SCENE, 0)[0], (400, 404), name)


class Rules(unittest.TestCase):
    def test_cameras_set_by_the_web_keep_to_the_allowed_schemes_and_hosts(self):
        restart(web_edits={"schemes": ["rtsp"], "hosts": ["127.0.0.*"]})
        try:
            for uri, status in (("rtsp://127.0.0.7:9/x", 201), ("rtsp://u:p@192.0.2.7/x", 403), ("srt://127.0.0.7:9", 403), ("file:///etc/passwd", 403),
                                ("rtsp://127.0.0.1@192.0.2.7/x", 403)):
                answer = call("POST", "/api/drones", drone("crow", cameras=[{**camera(), "parameters": {"uri": uri}}]))
                self.assertEqual(answer[0], status, (uri, answer[1]))
                self.assertNotIn("u:p", str(answer[1]) if status == 403 else "")
            house.worker().end()
            mixed = SCENE.replace("ingest:", "parameters:\n  host: {type: string, default: 127.0.0.1}\ningest:", 1).replace(
                "videotestsrc is-live=true", 'rtspsrc location="rtsp://${host}/x"')
            status, answer, _ = put("mixed", mixed, 0)
            self.assertEqual(status, 400)
            self.assertIn("a parameter cannot be a part of a URI", answer["message"])
        finally:
            call("DELETE", "/api/drones/crow")
            restart()


class Outages(unittest.TestCase):
    def test_after_a_restart_a_file_that_went_bad_meanwhile_runs_as_it_was(self):
        worker = add("gull", "seaside")
        house.end_server()
        worker.end()
        write("seaside", SCENE.replace("x264enc", "x264en"))
        restart()
        found = until("seaside", lambda one: "problem" in one and one["version"] == 1)
        self.assertEqual(found["problem"]["line"], 5)
        while "x264enc" not in launch_of(house.worker(ready=False).first):
            pass  # one that began with the text that was only well formed
        call("DELETE", "/api/drones/gull")

    def test_without_a_database_changes_in_the_folder_are_applied_and_written_down_later(self):
        worker = add("tern", "harbour")
        self.addCleanup(call, "DELETE", "/api/drones/tern")
        house.postgres.stop()
        write("harbour", SCENE.replace("key-int-max=50", "key-int-max=30"))
        self.assertIsNone(worker.lines.get(timeout=20))
        self.assertIn("key-int-max=30", launch_of(house.worker().first))
        status, answer, _ = put("harbour", SCENE, 1)
        self.assertEqual((status, answer["error"]), (503, "unavailable"))
        self.assertIn("key-int-max=30", text_of("harbour"))
        house.postgres.start()
        until("harbour", lambda one: one["version"] == 2)
        wait_for("the event", lambda: any("harbour.yaml was changed" in one["message"] for one in call("GET", "/api/events")[1]))

    def test_without_its_checker_the_server_applies_nothing_new(self):
        worker = add("shag", "cliff")
        restart(pipeline_tool="/nowhere/masthead-pipeline")
        worker.end()
        try:
            worker = house.worker()
            write("cliff", SCENE.replace("key-int-max=50", "key-int-max=30"))
            found = until("cliff", lambda one: "problem" in one)
            self.assertIn("could not be checked", found["problem"]["message"])
            self.assertEqual(put("cliff", SCENE, 1)[0], 503)
            self.assertTrue(worker.lines.empty())
        finally:
            call("DELETE", "/api/drones/shag")
            restart()


class Inspection(unittest.TestCase):
    def test_a_graph_is_asked_of_the_cameras_worker(self):
        worker = add("ibis", "marsh")
        self.addCleanup(call, "DELETE", "/api/drones/ibis")
        house.wait_healthy()  # it has heard that the worker is ready
        answers = queue.Queue()
        asking = threading.Thread(target=lambda: answers.put(call("GET", "/api/drones/ibis/cameras/nose/graph")))
        asking.start()
        request = worker.expect("graph.get")
        self.assertEqual((request["vehicle"], request["camera"]), ("ibis", "nose"))
        elements = [{"name": "source", "factory": "vehiclesrc"}]
        worker.send(type="graph", id="somebody-elses", graph={"elements": [], "links": []})
        worker.send(type="graph", id=request["id"], graph={"elements": elements, "links": []})
        status, answer, _ = answers.get(timeout=20)
        asking.join()
        self.assertEqual((status, answer), (200, {"pipeline": "marsh", "version": 1, "elements": elements, "links": []}))
        self.assertEqual(call("GET", "/api/drones/ibis/cameras/tail/graph")[0], 404)
        self.assertEqual(call("GET", "/api/vessels/ibis/cameras/nose/graph")[0], 404)
        self.assertEqual(call("GET", "/api/vessels/ibis/log")[0], 404)
        status, answer, _ = call("GET", "/api/drones/ibis/cameras/nose/graph")  # the worker keeps silent
        self.assertEqual((status, answer["error"]), (503, "unavailable"))


if __name__ == "__main__":
    unittest.main()
