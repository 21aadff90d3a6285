"""TLS: HTTPS and WSS from certificate files made here, and a broker that speaks MQTT over TLS."""

import shutil
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from certificates import Authority
from house import PROGRAM, House, Mosquitto, drone, wait_for
from websocket import Refused

files = None
ours = None
others = None


def setUpModule():
    global files, ours, others
    files = Path(tempfile.mkdtemp(prefix="mh-tls-"))
    ours, others = Authority(files, "ours"), Authority(files, "others")


def tearDownModule():
    shutil.rmtree(files)


class Https(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        certificate, key = ours.issue("web", "IP:127.0.0.1")
        cls.house = House(broker=False, tls=ssl.create_default_context(cafile=ours.certificate))
        cls.addClassCleanup(cls.house.stop)
        cls.house.start_services().start_server(tls={"certificate": str(certificate), "key": str(key)})
        cls.house.wait_healthy()

    def test_the_session_cookie_goes_by_https_only(self):
        self.house.sign_in()
        _, _, headers = self.house.request("POST", "/api/session", {"name": "admin", "password": self.house.admin})
        attributes = headers["Set-Cookie"].split("; ")[1:]
        self.assertLessEqual({"Secure", "HttpOnly", "SameSite=Strict", "Path=/"}, set(attributes))
        self.assertIn("max-age=", headers["Strict-Transport-Security"])
        self.assertTrue(self.house.said("address=https://127.0.0.1"))

    def test_live_updates_come_by_wss_and_a_page_of_plain_http_is_foreign(self):
        cookie = self.house.sign_in()
        status, answer, _ = self.house.request("POST", "/api/drones", drone("kestrel"), cookie)
        self.assertEqual(status, 201, answer)
        worker = self.house.worker()
        live = self.house.socket("/api/telemetry", cookie)
        self.assertIn(live.socket.version(), ("TLSv1.2", "TLSv1.3"))
        worker.send(type="camera.state", vehicle="kestrel", camera="nose", state="playing")
        live.until(lambda m: m["vehicles"].get("kestrel", {}).get("cameras", {}).get("nose", {}).get("state", {}).get("state") == "playing")
        plain = f"http://127.0.0.1:{self.house.port}"
        with self.assertRaises(Refused) as refused:
            self.house.socket("/api/telemetry", cookie, origin=plain)
        self.assertEqual(refused.exception.status, 403)
        self.assertEqual(self.house.request("DELETE", "/api/drones/kestrel", None, cookie, {"Origin": plain})[0], 403)

    def test_one_who_does_not_know_the_authority_is_not_served_and_does_no_harm(self):
        stranger = House.request
        context, self.house.tls = self.house.tls, ssl.create_default_context(cafile=others.certificate)
        try:
            with self.assertRaises(ssl.SSLCertVerificationError):
                stranger(self.house, "GET", "/healthz")
        finally:
            self.house.tls = context
        self.assertEqual(self.house.request("GET", "/healthz")[0], 200)


class Files(unittest.TestCase):
    def test_files_that_cannot_be_used_are_said_and_the_server_does_not_start(self):
        house = House(broker=False)
        self.addCleanup(house.stop)
        certificate, key = ours.issue("good", "IP:127.0.0.1")
        _, other_key = ours.issue("other", "IP:127.0.0.1")
        empty, missing, locked, rsa = (files / name for name in ("empty.pem", "missing.pem", "locked.key", "rsa.key"))
        empty.write_text("")
        subprocess.run(["openssl", "ec", "-in", key, "-aes128", "-passout", "pass:x", "-out", locked], check=True, capture_output=True)
        subprocess.run(["openssl", "genrsa", "-out", rsa, "2048"], check=True, capture_output=True)
        for wrong, what in (((missing, key), f"the TLS certificate {missing} cannot be read: No such file"),
                            ((certificate, missing), f"the TLS key {missing} cannot be read: No such file"),
                            ((files, key), f"the TLS certificate {files} cannot be read: it is no file"),
                            ((empty, key), f"the TLS certificate {empty} holds no usable PEM certificate"),
                            ((key, certificate), f"the TLS certificate {key} holds no usable PEM certificate"),
                            ((certificate, empty), f"the TLS key {empty} holds no PEM key"),
                            ((certificate, locked), f"the TLS key {locked} holds no PEM key that can be used without a passphrase"),
                            ((certificate, other_key), f"the TLS key {other_key} does not belong to the certificate {certificate}"),
                            ((certificate, rsa), f"the TLS key {rsa} does not belong to the certificate {certificate}")):
            with self.subTest(what):
                config = house.config(tls={"certificate": str(wrong[0]), "key": str(wrong[1])})
                done = subprocess.run([PROGRAM, "--config", str(config)], capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(what, done.stderr)


class Broker(unittest.TestCase):
    def begin(self, host="IP:127.0.0.1", ca=None):
        """A house whose broker speaks TLS with a certificate for `host`, and the server that trusts `ca` (a copy of it)."""
        self.ca = files / f"{self.id().rsplit('.', 1)[1]}-ca.pem"
        if ca:
            shutil.copy(ca.certificate, self.ca)
        self.house = House()
        self.addCleanup(self.house.stop)
        self.house.broker = Mosquitto(self.house.dir / "mq", self.house.broker.users, tls=ours.issue("broker", host))
        self.house.start_services()
        self.house.config()  # writes the password's file
        return self.house.start_server(broker={"uri": f"mqtts://masthead-server@127.0.0.1:{self.house.broker.port}",
                                               "password_file": str(self.house.dir / "broker-password"), "ca_file": str(self.ca)})

    def broker_up(self):
        return self.house.request("GET", "/healthz")[1]["services"]["broker"]["up"]

    def reason(self):
        """What the log says of the broker, once it does."""
        wait_for("the reason", lambda: self.house.said("broker is down"))
        return next(line for line in self.house.output if "broker is down" in line)

    def test_telemetry_goes_out_by_mqtts(self):
        house = self.begin(ca=ours)
        house.wait_healthy()
        read = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(house.broker.port), "--cafile", str(ours.certificate), "-u", "reader",
                               "-P", house.broker.passwords["reader"], "-t", "masthead/server/state", "-C", "1", "-W", "20"],
                              capture_output=True, text=True, check=True)
        self.assertEqual(read.stdout, "online\n")

    def test_a_broker_of_an_unknown_authority_is_not_talked_to_until_its_authority_is_known(self):
        house = self.begin(ca=others)
        self.assertIn("certificate", self.reason())
        self.assertIn(str(self.ca), self.reason())
        self.assertFalse(self.broker_up())
        house.sign_in()
        shutil.copy(ours.certificate, self.ca)
        wait_for("the next try", self.broker_up, timeout_s=60)

    def test_a_ca_file_that_is_missing_is_said(self):
        house = self.begin()
        self.assertIn(f"{self.ca} cannot be read", self.reason())
        house.sign_in()
        shutil.copy(ours.certificate, self.ca)
        wait_for("the next try", self.broker_up, timeout_s=60)

    def test_a_certificate_of_another_host_is_refused(self):
        house = self.begin(host="DNS:broker.example", ca=ours)
        self.assertIn("certificate", self.reason())
        house.sign_in()
        self.assertFalse(self.broker_up())


if __name__ == "__main__":
    unittest.main()
