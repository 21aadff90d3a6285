"""Private PostgreSQL and Mosquitto for ./dev run, tests and benchmarks: own data, own user, nothing beyond this machine."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROLE = "masthead"


class ServiceError(Exception):
    """A sentence for a person: what could not be started, and why."""


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, timeout_s=30, process=None):
    """Polls `condition` until it holds; the one place where tests and ./dev wait for another program to be ready."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return
        if process is not None and process.poll() is not None:
            raise ServiceError(f"{what}: the process ended with {process.returncode}")
        time.sleep(0.05)
    raise ServiceError(f"{what}: not within {timeout_s} s")


def accepts(port, host="127.0.0.1"):
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def private_dir(name=None):
    """A 0711 folder with a short path (socket paths are limited to 107 bytes) that service users can pass through.
    Without a name: a temporary one."""
    if name is None:
        path = Path(tempfile.mkdtemp(prefix="mh-", dir="/tmp"))
    elif os.getuid() == 0:
        path = Path("/var/lib/masthead-dev") / name
    else:
        state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local/state")
        path = Path(state) / "masthead" / name
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o711)
    return path


class _Service:
    """A daemon as its own unprivileged user (when we are root), with its data in a 0700 folder of that user."""

    def __init__(self, directory, user):
        self.dir = Path(directory)
        self.user = user if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.dir.mkdir(parents=True, exist_ok=True)
        self.dir.chmod(0o700)
        self._own(self.dir)

    def _own(self, path):
        if os.getuid() == 0:
            shutil.chown(path, self.user, pwd.getpwnam(self.user).pw_gid)

    def _write(self, name, text):
        path = self.dir / name
        path.touch(mode=0o600)
        path.write_text(text)
        path.chmod(0o600)
        self._own(path)
        return path

    def _as_user(self, command):
        if os.getuid() != 0:
            return command
        return ["setpriv", f"--reuid={self.user}", f"--regid={pwd.getpwnam(self.user).pw_gid}", "--init-groups", *command]


class Postgres(_Service):
    """One cluster, reached through a socket in its folder only; peer authentication, our role is no superuser."""

    def __init__(self, directory):
        super().__init__(directory, "postgres")
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
        if not versions:
            raise ServiceError("PostgreSQL is not installed; ./dev install")
        self.bin = versions[-1].parent
        self.conninfo = f"host={self.dir} dbname={ROLE} user={ROLE}"
        self.process = None

    def start(self):
        data = self.dir / "data"
        if not (data / "PG_VERSION").exists():
            self._run("initdb", "-D", data, "-A", "peer", "-U", "postgres", "-E", "UTF8", "--no-sync")
            me = pwd.getpwuid(os.getuid()).pw_name
            self._write("data/pg_hba.conf", "local all all peer map=masthead\n")
            self._write("data/pg_ident.conf", "".join(
                f"masthead {who} {role}\n" for who in {me, self.user} for role in ("postgres", ROLE)))
        log = open(self.dir / "log", "ab")
        self.process = subprocess.Popen(
            self._as_user([str(self.bin / "postgres"), "-D", str(data), "-c", "listen_addresses=", "-c",
                           f"unix_socket_directories={self.dir}", "-c", "shared_buffers=32MB", "-c", "fsync=on"]),
            stdout=log, stderr=log, cwd="/", env=self._env(), start_new_session=True)
        wait_for(f"PostgreSQL (see {self.dir}/log)", self.ready, process=self.process)
        if self.psql("postgres", f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'").strip() != "1":
            self.psql("postgres", f"CREATE ROLE {ROLE} LOGIN")
            self.psql("postgres", f"CREATE DATABASE {ROLE} OWNER {ROLE}")
        self.psql(ROLE, "CREATE EXTENSION IF NOT EXISTS postgis")  # no matter for our role
        return self

    def ready(self):
        return subprocess.run([str(self.bin / "pg_isready"), "-q", "-h", str(self.dir), "-U", "postgres"],
                              check=False).returncode == 0

    def psql(self, database, sql, role="postgres"):
        """Runs `sql` and gives its rows as unaligned text."""
        done = subprocess.run([str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.dir),
                               "-U", role, "-d", database, "-c", sql], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServiceError(f"psql: {done.stderr.strip()}")
        return done.stdout

    def stop(self, now=False):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT if now else signal.SIGINT)
            self.process.wait(30)
        self.process = None

    def _env(self):
        return {"PATH": os.environ["PATH"], "HOME": str(self.dir), "LC_ALL": "C.UTF-8"}

    def _run(self, program, *arguments):
        done = subprocess.run(self._as_user([str(self.bin / program), *map(str, arguments)]), cwd="/", env=self._env(),
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServiceError(f"{program}: {done.stderr.strip() or done.stdout.strip()}")


class Mosquitto(_Service):
    """One broker on 127.0.0.1 with generated passwords; `users` maps a name to its lines of the access list. With `tls`,
    the paths of a certificate and its key, it speaks TLS only."""

    def __init__(self, directory, users, port=None, tls=None):
        super().__init__(directory, "mosquitto")
        self.port = port or free_port()
        self.tls = tls
        self.users = users
        self.passwords = {}
        self.process = None

    def start(self):
        accounts = self.dir / "passwords.txt"
        if accounts.exists():
            self.passwords = dict(line.split(":", 1) for line in accounts.read_text().split())
        for name in self.users:
            self.passwords.setdefault(name, secrets.token_urlsafe(18))
        self._write("passwords.txt", "".join(f"{n}:{p}\n" for n, p in self.passwords.items()))
        hashed = self._write("passwords.hashed", accounts.read_text())
        subprocess.run(["mosquitto_passwd", "-U", str(hashed)], check=True)
        self._own(hashed)
        self._write("access.txt", "".join(
            f"user {name}\n" + "".join(f"topic {rule}\n" for rule in rules) for name, rules in self.users.items()))
        listener = [f"listener {self.port} 127.0.0.1"]
        if self.tls:
            files = [self._write(name, Path(source).read_text()) for name, source in zip(("tls.pem", "tls.key"), self.tls)]
            listener += [f"certfile {files[0]}", f"keyfile {files[1]}"]
        config = self._write("mosquitto.conf", "\n".join([
            *listener, "allow_anonymous false", f"password_file {hashed}",
            f"acl_file {self.dir}/access.txt", "persistence false", "log_dest stderr", f"user {self.user}", ""]))
        log = open(self.dir / "log", "ab")
        self.process = subprocess.Popen(self._as_user(["mosquitto", "-c", str(config)]), stdout=log, stderr=log, cwd="/",
                                        start_new_session=True)
        wait_for(f"Mosquitto (see {self.dir}/log)", lambda: accepts(self.port), process=self.process)
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
        self.process = None
