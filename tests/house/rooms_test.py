"""House rules as tests: who may include whom, no host names of registries, no file that nobody may read at once."""

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A room may include itself and the rooms named here (docs/architecture.md). Longest path first wins.
ROOMS = {
    "plugins/bytes": set(),
    "plugins/klv": {"plugins/bytes"},
    "plugins/ts": {"plugins/bytes", "plugins/klv"},
    "plugins/glib": {"plugins/bytes"},
    "plugins/commands": {"plugins/bytes", "plugins/glib"},
    "plugins/telemetry": {"plugins/bytes", "plugins/klv", "plugins/glib"},
    "plugins/recording": {"plugins/bytes", "plugins/klv", "plugins/ts", "plugins/glib", "plugins/telemetry"},
    "plugins/links": {"plugins/bytes", "plugins/klv", "plugins/glib", "plugins/commands", "plugins/telemetry"},
    "plugins/elements/meta": set(),
    "plugins/elements": {"plugins/bytes", "plugins/klv", "plugins/ts", "plugins/glib", "plugins/telemetry", "plugins/recording", "plugins/links",
                         "plugins/elements/meta"},
    "server/config": {"plugins/bytes", "plugins/glib"},
    "server/control": {"plugins/bytes", "plugins/glib", "plugins/klv", "plugins/telemetry", "server/config"},
    "server/worker": {"plugins/bytes", "plugins/glib", "plugins/klv", "plugins/commands", "plugins/telemetry", "plugins/links",
                      "server/config", "server/control"},
    "server/pipeline": {"plugins/bytes", "plugins/glib", "plugins/klv", "plugins/telemetry", "server/config", "server/worker"},
    "server/recording": {"plugins/bytes", "plugins/klv", "plugins/ts", "plugins/glib", "plugins/telemetry", "plugins/recording", "plugins/links"},
    "server/archive": {"plugins/bytes", "plugins/glib", "plugins/ts", "plugins/telemetry", "plugins/recording"},
    "server/fences": {"plugins/bytes", "plugins/glib", "plugins/klv", "plugins/telemetry"},
    "server/alerts": {"plugins/bytes", "plugins/glib", "plugins/klv", "plugins/telemetry", "server/config", "server/fences"},
    "server/audit": {"plugins/bytes", "plugins/glib"},
    "server/store": {"plugins/bytes", "plugins/glib", "plugins/telemetry", "plugins/recording", "server/alerts", "server/archive", "server/audit",
                     "server/fences"},
    "server/http": {"plugins/bytes", "plugins/glib"},
    "server/auth": {"plugins/bytes", "plugins/glib"},
    "server/commands": {"plugins/bytes", "plugins/glib", "plugins/commands", "server/fences"},
    "server/traffic": {"plugins/bytes", "plugins/klv", "plugins/telemetry"},
    "server/broker": {"plugins/bytes", "plugins/glib", "plugins/telemetry"},
    "server/api": {"plugins/bytes", "plugins/glib", "plugins/commands", "plugins/telemetry", "plugins/recording", "server/alerts", "server/archive", "server/audit", "server/config", "server/fences", "server/control", "server/store",
                   "server/http", "server/auth", "server/commands", "server/traffic", "server/broker"},
    "server": {"plugins/bytes", "plugins/glib", "plugins/telemetry", "server/config", "server/control", "server/store",
               "server/http", "server/auth", "server/commands", "server/broker", "server/api"},
    "simulator": {"plugins/bytes", "plugins/klv", "plugins/ts", "plugins/glib", "plugins/commands", "plugins/telemetry", "plugins/recording", "plugins/links"},
}

# The one room that may know a library.
LIBRARIES = {
    r"libpq-fe\.h": "server/store",
    r"libsoup/": "server/http",
    r"yaml-cpp/|valijson/|nlohmann/": "server/config",
    r"sodium\.h": "server/auth",
    r"gst/webrtc/|nice/": "plugins/elements",
    r"zip\.h": "server/recording",
}


def room_of(path):
    text = str(path)
    return next((room for room in sorted(ROOMS, key=len, reverse=True) if text.startswith(room + "/")), None)


def sources():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True)
    return [Path(name) for name in listed.stdout.split("\n") if name and (ROOT / name).is_file()]


def includes():
    for path in sources():
        if path.suffix in (".cpp", ".hpp") and path.parts[0] in ("plugins", "server", "simulator"):
            for number, line in enumerate((ROOT / path).read_text().split("\n"), 1):
                if match := re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line):
                    yield path, number, match[1], match[2]


def is_generated(target):
    """The folder's meson.build makes it: it is in the build tree under the same path."""
    build = (ROOT / target).parent / "meson.build"
    return build.is_file() and f"'{Path(target).name}'" in build.read_text()


class Rooms(unittest.TestCase):
    def test_nobody_includes_upwards_or_sideways(self):
        wrong = []
        for path, number, kind, target in includes():
            if kind == '"' and (other := room_of(target)) and other != (own := room_of(path)):
                if other not in ROOMS[own]:
                    wrong.append(f"{path}:{number}: {own} may not lean on {other}")
        self.assertEqual(wrong, [])

    def test_a_library_is_known_to_one_room(self):
        wrong = []
        for path, number, _, target in includes():
            for pattern, room in LIBRARIES.items():
                if re.match(pattern, target) and not str(path).startswith(room + "/"):
                    wrong.append(f"{path}:{number}: only {room} includes <{target}>")
        self.assertEqual(wrong, [])

    def test_quoted_includes_name_the_whole_path(self):
        wrong = [f"{path}:{number}: \"{target}\"" for path, number, kind, target in includes()
                 if kind == '"' and "/" in target and not (ROOT / target).is_file() and not is_generated(target)]
        self.assertEqual(wrong, [])

    def test_only_the_c_edge_frees_by_hand(self):
        call = re.compile(r"\b(g_free|g_object_unref|gst_object_unref|gst_caps_unref|gst_buffer_unref|g_error_free)\s*\(")
        wrong = [f"{path}:{number}: {match[1]}"
                 for path in sources()
                 if path.suffix in (".cpp", ".hpp") and path.parts[0] in ("plugins", "server", "simulator")
                 and path.parts[:2] != ("plugins", "glib")
                 for number, line in enumerate((ROOT / path).read_text().split("\n"), 1)
                 if (match := call.search(line))]
        self.assertEqual(wrong, [])


class Files(unittest.TestCase):
    def test_no_registry_host_is_named(self):
        host = re.compile(r"registry\.npmjs|npmjs\.org|deb\.debian\.org|pypi\.org")
        wrong = [str(path) for path in sources()
                 if path.name != "rooms_test.py" and host.search((ROOT / path).read_bytes().decode(errors="replace"))]
        self.assertEqual(wrong, [])

    def test_no_source_file_is_too_long_to_read(self):
        limit = 600
        wrong = [f"{path}: {lines} lines" for path in sources()
                 if path.suffix in (".cpp", ".hpp", ".ts", ".tsx", ".py")
                 and (lines := (ROOT / path).read_text().count("\n")) > limit]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
