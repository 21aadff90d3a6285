"""WHEP and WHIP through the real server: players and publishers that are not ours. The test plays them and the worker."""

import threading
import unittest

from house import House, drone

OFFER = b"v=0\r\na=ice-ufrag:theirs\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
PLACE = "/api/drones/kestrel/cameras/nose/whep"
WHIP = "/api/drones/kestrel/cameras/nose/whip"
house = None
worker = None
tokens = {}


def setUpModule():
    global house, worker
    house = House(broker=False).start_services().start_server()
    house.wait_healthy()
    tokens["admin"] = house.sign_in().split("=", 1)[1]
    tokens["viewer"] = house.add_user("viktor", "viewer").split("=", 1)[1]
    tokens["operator"] = house.add_user("olga", "operator").split("=", 1)[1]
    status, answer, _ = house.request("POST", "/api/drones", drone("kestrel"), "masthead_session=" + tokens["admin"])
    assert status == 201, answer
    worker = house.worker()


def tearDownModule():
    house.stop()


def call(method, path, body=None, kind=None, token=None, **headers):
    """As a program does it: no cookie, no Origin."""
    token = tokens["viewer"] if token is None else token
    return house.request(method, path, body, headers={"Origin": None, "Content-Type": kind, "Authorization": f"Bearer {token}", **headers})


def post(answer="v=0\r\nm=video 9 x\r\nm=application 9 x\r\n", place=PLACE, **how):
    """Posts an offer while the worker answers it; gives the reply and the session."""
    replies = []
    player = threading.Thread(target=lambda: replies.append(call("POST", place, OFFER, "application/sdp", **how)))
    player.start()
    viewer = worker.expect("viewer.add")
    assert viewer["offer"].encode() == OFFER
    assert viewer.get("publishes", False) == (place == WHIP), viewer
    if answer:
        worker.send(type="viewer.answer", session=viewer["session"], sdp=answer)
    else:
        worker.send(type="viewer.state", session=viewer["session"], state="failed", detail="the offer has no video")
    player.join()
    return replies[0], viewer["session"]


class Whep(unittest.TestCase):
    def test_an_offer_is_answered_and_the_session_has_a_place_and_an_etag(self):
        (status, body, headers), session = post()
        self.assertEqual((status, body), (201, "v=0\r\nm=video 9 x\r\nm=application 9 x\r\n"))
        self.assertEqual(headers["Content-Type"], "application/sdp")
        self.assertEqual(headers["Location"], f"/api/whep/{session}")
        self.assertEqual(headers["ETag"], f'"{session}"')
        self.assertIsNone(headers["Link"])

    def test_a_player_without_a_data_channel_is_told_where_telemetry_is(self):
        (status, _, headers), _ = post("v=0\r\nm=video 9 x\r\nm=application 0 x\r\n")
        self.assertEqual((status, headers["Link"]), (201, '</api/telemetry>; rel="urn:masthead:whep:metadata"'))

    def test_candidates_trickle_until_the_session_is_deleted(self):
        _, session = post()
        place = f"/api/whep/{session}"
        fragment = b"a=ice-ufrag:theirs\r\nm=video 9 x 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n"
        kind = "application/trickle-ice-sdpfrag"
        self.assertEqual(call("PATCH", place, fragment, kind, **{"If-Match": f'"{session}"'})[0], 204)
        self.assertEqual(worker.expect("viewer.candidate")["candidate"], "candidate:1 1 udp 1 192.0.2.1 9 typ host")
        self.assertEqual(call("PATCH", place, fragment, kind)[0], 204)
        self.assertEqual(call("PATCH", place, fragment, kind, **{"If-Match": '"other"'})[0], 412)
        restart = fragment.replace(b"theirs", b"other")
        self.assertEqual(call("PATCH", place, restart, kind, **{"If-Match": "*"})[0], 422)
        self.assertEqual(call("PATCH", place, b"nonsense", kind)[0], 400)
        self.assertEqual(call("PATCH", place, b"a=candidate:x\r\n" * 100, kind)[0], 413)
        self.assertEqual(call("PATCH", place, fragment, "application/sdp")[0], 415)
        self.assertEqual(call("DELETE", place)[0], 200)
        self.assertEqual(worker.expect("viewer.remove")["session"], session)
        self.assertEqual(call("DELETE", place)[0], 404)

    def test_a_refused_offer_is_told_why(self):
        (status, body, _), _ = post(answer=None)
        self.assertEqual((status, body["message"]), (422, "the offer has no video"))

    def test_only_an_sdp_for_a_camera_that_exists_is_taken(self):
        self.assertEqual(call("POST", PLACE, b"{}", "application/json")[0], 415)
        self.assertEqual(call("POST", PLACE.replace("nose", "tail"), OFFER, "application/sdp")[0], 404)
        self.assertEqual(call("POST", PLACE.replace("drones", "vessels"), OFFER, "application/sdp")[0], 404)
        self.assertEqual(call("POST", PLACE, b"x" * 70000, "application/sdp")[0], 400)

    def test_a_session_belongs_to_its_user_and_ends_with_the_sign_in(self):
        _, session = post()
        self.assertEqual(call("DELETE", f"/api/whep/{session}", token=tokens["admin"])[0], 404)
        token = house.sign_in("viktor", "correct horse battery").split("=", 1)[1]
        _, mine = post(token=token)
        self.assertEqual(call("DELETE", "/api/session", token=token)[0], 204)
        self.assertEqual(worker.expect("viewer.remove")["session"], mine)
        self.assertEqual(call("DELETE", f"/api/whep/{session}")[0], 200)

    def test_an_ended_stream_ends_the_session(self):
        _, session = post()
        worker.send(type="viewer.state", session=session, state="failed", detail="the camera's stream broke")
        (_, other) = post()  # its answer comes after that state
        self.assertEqual(call("DELETE", f"/api/whep/{session}")[0], 404)
        self.assertEqual(call("DELETE", f"/api/whep/{other}")[0], 200)


class Whip(unittest.TestCase):
    def test_an_operator_publishes_and_ends_it(self):
        (status, body, headers), session = post("v=0\r\nm=video 9 x\r\n", WHIP, token=tokens["operator"])
        self.assertEqual((status, body), (201, "v=0\r\nm=video 9 x\r\n"))
        self.assertEqual((headers["Location"], headers["Link"]), (f"/api/whip/{session}", None))
        place = f"/api/whip/{session}"
        fragment = b"a=ice-ufrag:theirs\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
        self.assertEqual(call("PATCH", place, fragment, "application/trickle-ice-sdpfrag", tokens["operator"])[0], 204)
        self.assertEqual(worker.expect("viewer.candidate")["session"], session)
        self.assertEqual(call("DELETE", place, token=tokens["viewer"])[0], 403)
        self.assertEqual(call("DELETE", f"/api/whep/{session}", token=tokens["operator"])[0], 404, "it is no viewer")
        self.assertEqual(call("DELETE", place, token=tokens["operator"])[0], 200)
        self.assertEqual(worker.expect("viewer.remove")["session"], session)

    def test_a_viewer_may_not(self):
        self.assertEqual(call("POST", WHIP, OFFER, "application/sdp")[0], 403)

    def test_a_refused_publisher_is_told_why(self):
        (status, body, _), _ = post(None, WHIP, token=tokens["operator"])
        self.assertEqual((status, body["message"]), (422, "the offer has no video"))


class Tokens(unittest.TestCase):
    def test_a_token_is_judged_alone_and_a_cookie_only_with_our_origin(self):
        elsewhere = {"Origin": "https://player.example", "Content-Type": "application/sdp"}
        cookie = "masthead_session=" + tokens["viewer"]
        self.assertEqual(house.request("POST", PLACE, OFFER, cookie, elsewhere)[0], 403)
        for wrong in ("Bearer nonsense", "Bearer ", "Basic dXNlcjpwYXNz"):
            status, _, headers = house.request("POST", PLACE, OFFER, cookie, {**elsewhere, "Authorization": wrong})
            self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (401, "*"), wrong)
        (status, _, headers), _ = post(Origin="https://player.example")
        self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (201, "*"))
        self.assertIn("Location", headers["Access-Control-Expose-Headers"])

    def test_a_token_says_who_calls(self):
        status, user, _ = call("GET", "/api/session")
        self.assertEqual((status, user), (200, {"name": "viktor", "role": "viewer"}))
        status, _, headers = call("GET", "/api/drones")
        self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (200, None))

    def test_a_page_of_another_origin_may_ask_first(self):
        for place, methods in ((PLACE, "POST, OPTIONS"), ("/api/whep/any", "PATCH, DELETE, OPTIONS")):
            status, _, headers = house.request("OPTIONS", place, headers={"Origin": "https://player.example", "Content-Type": None})
            self.assertEqual((status, headers["Access-Control-Allow-Methods"]), (204, methods))
            self.assertEqual(headers["Access-Control-Allow-Headers"], "Authorization, Content-Type, If-Match")
        self.assertEqual(house.request("OPTIONS", "/api/drones")[0], 405)


if __name__ == "__main__":
    unittest.main()
