"""Certificates made at test time: authorities, and servers that they vouch for."""

import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    def __init__(self, directory, name):
        self.directory = directory
        self.certificate, self.key = self._paths(name)
        _openssl("req", "-x509", *self._new_key(self.key), "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 "-out", self.certificate)

    def issue(self, name, host):
        """Paths of a certificate for `host` ("IP:127.0.0.1", "DNS:name") and of its key."""
        certificate, key = self._paths(name)
        _openssl("req", "-x509", *self._new_key(key), "-subj", f"/CN={name}", "-addext", f"subjectAltName={host}",
                 "-addext", "basicConstraints=critical,CA:FALSE", "-CA", self.certificate, "-CAkey", self.key, "-out", certificate)
        return certificate, key

    def _paths(self, name):
        return self.directory / f"{name}.pem", self.directory / f"{name}.key"

    @staticmethod
    def _new_key(path):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", path
