"""The HTTP surface: routes against openapi.yaml, roles, bad input, static files, sign-in."""

import re
import subprocess
import unittest

import yaml

from house import PROGRAM, ROOT, House, drone, wait_for
from websocket import Closed, Refused

SPEC = yaml.safe_load((ROOT / "schema/openapi.yaml").read_text())
ORDER = ["viewer", "operator", "supervisor", "admin"]
house = None
cookies = {}


def setUpModule():
    global house
    house = House(broker=False).start_services().start_server()
    house.wait_healthy()
    cookies["admin"] = house.sign_in()
    cookies["operator"] = house.add_user("olga", "operator")
    cookies["supervisor"] = house.add_user("sue", "supervisor")
    cookies["viewer"] = house.add_user("viktor", "viewer")


def tearDownModule():
    house.stop()


def operations():
    for path, item in SPEC["paths"].items():
        for method in ("get", "post", "put", "patch", "delete", "options"):
            if method in item:
                yield path, method.upper(), item[method]


class Routes(unittest.TestCase):
    def test_every_route_of_the_specification_exists_and_no_other(self):
        done = subprocess.run([PROGRAM, "--config", str(house.config("routes.yaml", listen="127.0.0.1:0", data=str(house.dir / "other"))),
                               "routes"], check=False, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        served = {tuple(line.split()) for line in done.stdout.splitlines()}
        specified = {(method, path, "everyone" if "security" in operation else operation.get("x-role", "viewer"))
                     for path, method, operation in operations()}
        self.assertEqual(served, specified)

    def test_each_route_asks_for_its_role(self):
        for path, method, operation in operations():
            socket = "101" in operation["responses"]
            place = re.sub(r"{\w+}", "nobody", path)
            needed = operation.get("x-role", "viewer")
            with self.subTest(f"{method} {path}"):
                status, answer, _ = house.request(method, place, {} if method in ("POST", "PUT") else None)
                if "security" in operation:
                    self.assertNotIn(status, (403, 404, 405))
                    continue
                self.assertEqual((status, answer["error"]), (401, "unauthenticated"))
                for role in ORDER:
                    if (method, path) == ("DELETE", "/api/session"):
                        continue
                    status, answer, _ = house.request(method, place, {} if method in ("POST", "PUT") else None, cookies[role])
                    if ORDER.index(role) < ORDER.index(needed):
                        self.assertEqual((status, answer["error"]), (403, "forbidden"), role)
                    else:
                        self.assertNotIn(status, (401, 403, 405), role)
                        if socket:
                            self.assertEqual(status, 426)

    def test_an_unknown_route_is_404_and_a_wrong_method_is_405_with_allow(self):
        self.assertEqual(house.request("GET", "/api/nothing")[0], 404)
        status, _, headers = house.request("DELETE", "/api/drones", cookie=cookies["admin"])
        self.assertEqual((status, headers["Allow"]), (405, "GET, POST"))


class Sessions(unittest.TestCase):
    def test_a_wrong_password_and_an_unknown_user_are_told_the_same(self):
        wrong = house.request("POST", "/api/session", {"name": "admin", "password": "wrong"})
        nobody = house.request("POST", "/api/session", {"name": "nobody", "password": "wrong"})
        self.assertEqual(wrong[0], 401)
        self.assertEqual(wrong[:2], nobody[:2])

    def test_the_cookie_is_closed_to_scripts_and_other_sites(self):
        headers = house.request("POST", "/api/session", {"name": "admin", "password": house.admin})[2]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, headers["Set-Cookie"])
        token = headers["Set-Cookie"].split(";")[0].split("=")[1]
        self.assertEqual(house.sql(f"SELECT count(*) FROM sessions WHERE id = '{token}'"), "0")

    def test_too_many_wrong_passwords_are_slowed_down(self):
        answers = [house.request("POST", "/api/session", {"name": "guessed", "password": str(n)}) for n in range(6)]
        self.assertEqual([answer[0] for answer in answers], [401] * 5 + [429])
        self.assertGreater(int(answers[-1][2]["Retry-After"]), 0)

    def test_signing_out_ends_the_session_and_its_sockets(self):
        cookie = house.sign_in("viktor", "correct horse battery")
        socket = house.socket("/api/telemetry", cookie)
        socket.receive()
        self.assertEqual(house.request("DELETE", "/api/session", cookie=cookie)[0], 204)
        with self.assertRaises(Closed):
            while True:
                socket.receive()
        self.assertEqual(house.request("GET", "/api/session", cookie=cookie)[0], 401)

    def test_a_session_survives_a_restart_of_the_server(self):
        cookie = house.sign_in("viktor", "correct horse battery")
        self.assertEqual(house.end_server(), 0)
        house.start_server()
        house.wait_healthy()
        wait_for("the session", lambda: house.request("GET", "/api/session", cookie=cookie)[0] == 200)


class BadInput(unittest.TestCase):
    def test_malformed_json_is_refused_with_its_place(self):
        for path, role in (("/api/session", None), ("/api/drones", "admin"), ("/api/control", "operator")):
            status, answer, _ = house.request("POST", path, b'{"id": "x",\n  nonsense}', cookies.get(role))
            self.assertEqual((status, answer["error"]), (400, "malformed"), path)
            self.assertRegex(answer["message"], r"\d+:\d+", path)

    def test_a_body_over_256_kib_is_refused(self):
        big = b'{"name": "' + b"x" * (300 * 1024) + b'"}'
        self.assertEqual(house.request("POST", "/api/session", big)[0], 413)
        # Without a length up front, while it streams in.
        self.assertEqual(house.request("POST", "/api/session", (b"x" * 16384 for _ in range(40)),
                                       headers={"Transfer-Encoding": "chunked"})[0], 413)
        self.assertEqual(house.request("GET", "/healthz")[0], 200)

    def test_an_endless_body_is_cut_off(self):
        with self.assertRaises(OSError):
            house.request("POST", "/api/session", (b"x" * 65536 for _ in range(4096)),
                          headers={"Transfer-Encoding": "chunked"})
            raise AssertionError("a body of 256 MiB was taken in")
        self.assertEqual(house.request("GET", "/healthz")[0], 200)

    def test_unsafe_methods_need_our_own_origin(self):
        for origin in (None, "null", "https://elsewhere.example", f"http://127.0.0.1:{house.port}.elsewhere.example"):
            status, answer, _ = house.request("POST", "/api/session", {"name": "admin", "password": house.admin},
                                              headers={"Origin": origin})
            self.assertEqual((status, answer["error"]), (403, "forbidden"), origin)

    def test_a_body_that_is_not_json_by_its_type_is_refused(self):
        status, _, _ = house.request("POST", "/api/session", b"{}", headers={"Content-Type": "text/plain"})
        self.assertEqual(status, 415)

    def test_a_websocket_needs_a_session_and_our_own_origin(self):
        for path in ("/api/telemetry", "/api/control", "/api/signaling"):
            for options, status in (({"cookie": None}, 401), ({"cookie": "masthead_session=guess"}, 401),
                                    ({"cookie": cookies["viewer"], "origin": "https://elsewhere.example"}, 403),
                                    ({"cookie": cookies["viewer"], "origin": False}, 403)):
                with self.subTest(path, **options), self.assertRaises(Refused) as refused:
                    house.socket(path, **options)
                self.assertEqual(refused.exception.status, status)

    def test_compression_of_websockets_is_not_agreed_to(self):
        socket = house.socket("/api/telemetry", cookies["viewer"], headers=[("Sec-WebSocket-Extensions", "permessage-deflate")])
        self.assertNotIn("deflate", socket.head)
        socket.close()

    def test_a_vehicle_that_breaks_a_rule_is_refused_with_a_sentence(self):
        for change, word in (({"id": "Kestrel"}, "'id'"), ({"name": ""}, "'name'"), ({"wheels": 4}, "'wheels'"),
                             ({"link": {"uri": "nowhere"}}, "'link.uri'"),
                             ({"cameras": [{"name": "c", "pipeline": "../../etc/passwd"}]}, "'pipeline'"),
                             ({"cameras": [{"name": "c", "pipeline": "missing"}]}, "'missing.yaml'; there are: file-loop, "),
                             ({"cameras": [{"name": "c", "pipeline": "rtsp-link"}]}, "'uri' must be set"),
                             ({"cameras": [{"name": "c", "pipeline": "rtsp-link", "parameters": {"uri": "http://x"}}]},
                              "rtsp://")):
            status, answer, _ = house.request("POST", "/api/drones", drone("bad", **change), cookies["admin"])
            self.assertEqual((status, answer["error"]), (400, "invalid_argument"), change)
            self.assertIn(word, answer["message"])


class Files(unittest.TestCase):
    def test_no_path_leads_out_of_the_web_directory(self):
        for path in ("/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt", "/..%5csecret.txt",
                     "/..\\secret.txt", "/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt",
                     "//secret.txt", "/%00", "/%c0%ae%c0%ae/secret.txt", "/.%2e/secret.txt", "/link.txt",
                     "/%252e%252e%252fsecret.txt"):
            status, text, _ = house.request("GET", path)
            self.assertNotIn("outside", str(text), path)
            # A client's "/../x" is "/x" by RFC 3986: then it is an app route or no file.
            self.assertIn(status, (400, 404), path)

    def test_app_routes_get_the_page_and_missing_files_do_not(self):
        for path in ("/", "/live", "/vehicles/kestrel"):
            status, text, headers = house.request("GET", path)
            self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"), path)
            self.assertIn("Masthead", text)
            self.assertEqual(headers["Cache-Control"], "no-cache")
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(house.request("GET", "/assets/missing.js")[0], 404)

    def test_hashed_assets_are_kept_and_the_page_is_revalidated(self):
        status, _, headers = house.request("GET", "/assets/app-1a2b3c.js")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/javascript; charset=utf-8"))
        self.assertIn("immutable", headers["Cache-Control"])
        tag = house.request("GET", "/")[2]["ETag"]
        self.assertEqual(house.request("GET", "/", headers={"If-None-Match": tag})[0], 304)

    def test_files_cannot_be_written(self):
        self.assertEqual(house.request("PUT", "/index.html", {}, cookies["admin"])[0], 405)


if __name__ == "__main__":
    unittest.main()
