"""masthead-pipeline with good and broken pipeline files: each mistake is said with its place, nothing runs."""

import contextlib
import os
import socket
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = os.environ["MASTHEAD_PIPELINE"]

GOOD = """\
title: Test scene
parameters:
  text: {type: string, default: hello}
  rate: {type: integer, default: 25, minimum: 1, maximum: 60}
  uri: {type: uri, default: "rtsp://192.0.2.1/stream"}
ingest:
  launch: |
    videotestsrc is-live=true pattern=ball !
    video/x-raw,width=320,height=180,framerate=${rate}/1 !
    textoverlay text=${text} !
    x264enc tune=zerolatency key-int-max=50 !
    h264parse ! mispsei name=video
telemetry:
  source: none
  max_wait_ms: 10
outputs:
  webrtc: {}
"""

# what is wrong: (text of GOOD, what stands there instead, line:column, part of the sentence)
BROKEN = {
    "misspelled element": ("x264enc", "x264en", "11:5", "there is no element 'x264en'; did you mean 'x264enc'?"),
    "letters swapped": ("videotestsrc", "vidoetestsrc", "8:5", "did you mean 'videotestsrc'?"),
    "element of no plugin": ("h264parse", "acmeparse9000", "12:5", "there is no element 'acmeparse9000'"),
    "misspelled property": ("key-int-max", "key-int-mx", "11:30", "did you mean 'key-int-max'?"),
    "property of another element": ("pattern=ball", "bitrate=100", "8:31", "'videotestsrc' has no property 'bitrate'"),
    "word that is none of an enumeration": ("pattern=ball", "pattern=bal", "8:31", "is one of smpte"),
    "word that is no flag": ("tune=zerolatency", "tune=zero", "11:13", "several of"),
    "number below its range": ("key-int-max=50", "key-int-max=-1", "11:30", "a whole number from 0"),
    "number above its range": ("key-int-max=50", "key-int-max=99999999999", "11:30", "not '99999999999'"),
    "text where a number is wanted": ("key-int-max=50", "key-int-max=often", "11:30", "not 'often'"),
    "text where a boolean is wanted": ("is-live=true", "is-live=maybe", "8:18", "true or false"),
    "read-only property": ("name=video", "name=video stats=1", "12:36", "has no property 'stats'"),
    "property without value": ("pattern=ball", "pattern=", "8:31", "'pattern' has no value"),
    "quote that is not closed": ("pattern=ball", 'pattern="ball', "8:31", "no closing quote"),
    "property before any element": ("videotestsrc is-live", "is-live", "8:5", "stands before any element"),
    "link to nothing": ("mispsei name=video", "mispsei name=video !", "12:36", "this '!' links nothing"),
    "link twice": ("    h264parse", "    ! h264parse", "11:45", "links nothing"),
    "link missing": ("key-int-max=50 !", "key-int-max=50", "11:5", "'x264enc' leads nowhere"),
    "bin in parentheses": ("videotestsrc", "( videotestsrc", "8:5", "neither an element nor a property nor caps"),
    "caps that cannot link": ("h264parse", "h265parse", "11:5", "could not link"),
    "caps that are none": ("width=320", "width=(int)x", "9:5", "are no caps"),
    "no end": ("name=video", "name=picture", "7:3", "no element is named as an end"),
    "end in the middle": ("key-int-max=50", "key-int-max=50 name=klv", "11:5", "something follows it"),
    "two of one name": ("tune=zerolatency", "name=video tune=zerolatency", "12:17", "two elements are named 'video'"),
    "parameter that is none": ("${text}", "${txt}", "10:17", "there is no parameter 'txt'"),
    "parameter that does not close": ("${text}", "${text", "10:17", "'${' without '}'"),
    "parameter as an element": ("h264parse", "${text}", "12:5", "neither an element nor a property nor caps"),
    "parameter as a property's name": ("text=${text}", "${text}=1", "10:17", "neither an element nor a property nor caps"),
    "parameter as an element's name": ("name=video", "name=${text}", "12:25", "a parameter cannot name an element"),
    "text parameter in caps": ("width=320", "format=${text}", "9:5", "caps take numbers and booleans only"),
    "text parameter for a number": ("key-int-max=50", "key-int-max=${text}", "11:30", "not 'hello'"),
    "default beyond its own range": ("default: 25", "default: 99", "4:3", "must be at most 60"),
    "default of the wrong type": ("default: 25", "default: often", "4:3", "a value of type integer is wanted"),
    "type that is none": ("type: integer", "type: whole", "4:10", "must be one of string, integer, number, boolean, uri"),
    "uri that is none": ('"rtsp://192.0.2.1/stream"', "camera", "5:3", "a URI is wanted"),
    "key that is none": ("max_wait_ms", "max_wait", "15:3", "there is no key 'max_wait' here; did you mean 'max_wait_ms'?"),
    "section that is none": ("telemetry:", "telemtry:", "13:1", "did you mean 'telemetry'?"),
    "key that stands twice": ("  source: none", "  source: none\n  source: link", "15:3", "'source' stands here twice"),
    "camera that is none of several": ("outputs:\n  webrtc: {}", "outputs:\n  webrtc: {}\ncameras:\n  a: {ingests: {}}", "19:7",
                                       "there is no key 'ingests' here; did you mean 'ingest'?"),
    "camera with two sources": ("outputs:\n  webrtc: {}", "outputs:\n  webrtc: {}\ncameras:\n  a: {ingest: {uri: 'rtsp://192.0.2.1'}}", "19:16",
                                "either 'uri' or 'launch'"),
    "camera with a misspelled element": ("outputs:\n  webrtc: {}", "outputs:\n  webrtc: {}\ncameras:\n  a: {}\n  b:\n    ingest:\n      launch: videotestsrc ! x264en name=video",
                                         "22:30", "did you mean 'x264enc'?"),
    "tab": ("  max_wait_ms", "\tmax_wait_ms", "15:1", "no valid YAML"),
    "wrong type": ("max_wait_ms: 10", "max_wait_ms: [10]", "15:3", "one value of type integer"),
    "number outside": ("max_wait_ms: 10", "max_wait_ms: 99999", "15:3", "from 0 to 10000"),
    "word that is none": ("source: none", "source: sometimes", "14:3", "must be one of link, embedded, both, none"),
    "no outputs": ("outputs:\n  webrtc: {}\n", "", "1:1", "'outputs' is missing"),
    "no title": ("title: Test scene\n", "", "1:1", "'title' is missing"),
    "uri and launch": ("  launch: |", "  uri: ${uri}\n  launch: |", "7:3", "either 'uri' or 'launch'"),
    "scheme that is none": (GOOD[GOOD.index("  launch"):GOOD.index("telemetry:")], "  uri: gopher://host/\n", "7:3", "'uri' must start with"),
    "bracket that is not closed": ("{type: string, default: hello}", "{type: string, default: hello", "", "no valid YAML"),
    "nothing": (GOOD, "", "1:1", "a map of keys and values is wanted"),
    "a list": (GOOD, "- 1\n- 2\n", "1:1", "a map of keys and values is wanted"),
}

# Values that try to be more than a value.
INJECTIONS = [
    'a" ! filesink location={evil} name="b', "a ! filesink location={evil}", "' ! filesink location='{evil}", "a\\", '"', "\\\" ! x",
    "a\n ! filesink location={evil}", "${{rate}}", "a pattern=snow", "(string)a", "a;b", "äöü",
]


def masthead_pipeline(*arguments, timeout=120):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False)


def until_good(*arguments):
    """What it prints once the camera, which is only being started, is there."""
    while (done := masthead_pipeline(*arguments)).returncode != 0:
        if "cannot be reached" not in done.stderr:
            raise AssertionError(done.stderr)
    return done.stdout


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.contextmanager
def simulator(*arguments):
    process = subprocess.Popen([os.environ["MASTHEAD_SIM"], *map(str, arguments), "--no-telemetry", "--duration", "120"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


class Recipes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def test_every_mistake_is_said_with_its_place(self):
        names = {}
        for number, (what, (old, new, at, says)) in enumerate(BROKEN.items()):
            self.assertIn(old, GOOD, what)
            names[self.write(f"{number:02}.yaml", GOOD.replace(old, new, 1))] = (what, at, says)
        done = masthead_pipeline("check", self.folder)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = [line for line in done.stderr.splitlines() if line.startswith(str(self.folder))]
        for path, (what, at, says) in names.items():
            with self.subTest(what):
                said = [line for line in lines if line.startswith(str(path))]
                self.assertEqual(len(said), 1, done.stderr)
                print(said[0][len(str(self.folder)) + 1:])
                self.assertRegex(said[0], r"\.yaml:\d+:\d+: \S")
                self.assertIn(f".yaml:{at}:" if at else ".yaml:", said[0])
                self.assertIn(says, said[0])

    def test_no_value_can_bring_an_element_or_a_property(self):
        good = self.write("good.yaml", GOOD)
        evil = self.folder / "evil"
        for value in INJECTIONS:
            with self.subTest(value):
                value = value.replace("{evil}", str(evil))
                done = masthead_pipeline("explain", good, "--set", f"text={value}")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("filesink name=", done.stdout)
        done = masthead_pipeline("run", good, "--duration", "2", "--set", "text=" + INJECTIONS[0].replace("{evil}", str(evil)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("camera playing", done.stdout)
        self.assertFalse(evil.exists())

    def test_a_good_file_runs_and_says_its_figures(self):
        done = masthead_pipeline("run", ROOT / "pipelines/test-scene.yaml", "--duration", "4", "--set", "rate=10")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"camera playing, H\.264 constrained-baseline 640x360")
        self.assertRegex(done.stdout, r"[1-9]\d* frames/s")

    def test_the_recipes_that_ship_are_good(self):
        done = masthead_pipeline("check", ROOT / "pipelines")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        shipped = len(list((ROOT / "pipelines").glob("*.yaml")))
        self.assertEqual(done.stdout.count(": good\n"), shipped)
        listed = masthead_pipeline("list", ROOT / "pipelines")
        self.assertEqual(listed.returncode, 0)
        self.assertIn("rate             integer in frames/s, default 25", listed.stdout)

    def test_outputs_are_explained_and_drawn_with_their_camera(self):
        recipe = ROOT / "pipelines/restream-udp.yaml"
        done = masthead_pipeline("explain", recipe, "--set", "to=udp://192.0.2.7:5000")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("# output 'udp', to udp://192.0.2.7:5000: takes the frames of 'restream'", done.stdout)
        self.assertRegex(done.stdout, r"udpsink name=out .*port=5000 host=192\.0\.2\.7|udpsink name=out .*host=192\.0\.2\.7 port=5000")
        self.assertEqual(done.stdout.count("gst-launch-1.0"), 2)
        drawn = masthead_pipeline("graph", recipe).stdout
        self.assertEqual(drawn.count("digraph"), 1)
        self.assertIn("GstUDPSink", drawn)
        self.assertIn("MastheadViewerSink", drawn)

    def test_a_graph_is_drawn_for_graphviz(self):
        done = masthead_pipeline("graph", ROOT / "pipelines/test-scene.yaml")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.startswith("digraph pipeline"))
        self.assertIn("GstQueue", done.stdout)
        drawn = masthead_pipeline("graph", ROOT / "pipelines/test-scene.yaml", "--svg")
        self.assertEqual(drawn.returncode, 0, drawn.stderr)
        self.assertIn("GstQueue", "".join(xml.fromstring(drawn.stdout).itertext()))

    def test_an_svg_without_graphviz_says_what_is_missing(self):
        done = subprocess.run([PROGRAM, "graph", str(ROOT / "pipelines/test-scene.yaml"), "--svg"], capture_output=True, text=True,
                              timeout=120, check=False, env={**os.environ, "PATH": str(self.folder)})
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("an SVG is drawn by dot, of the Debian package graphviz", done.stderr)

    def test_a_probe_says_what_a_camera_sends_and_which_recipe_fits(self):
        rtsp, ts = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
        with simulator("drone", "--rtsp-port", rtsp, "--b-frames", 2, "--profile", "main"), simulator("vessel", "--ts-port", ts):
            drone = until_good("probe", f"rtsp://127.0.0.1:{rtsp}/camera", "--duration", 2)
            vessel = until_good("probe", f"udp://127.0.0.1:{ts}", "--duration", 2)
        self.assertRegex(drone, r"video +H\.264 main 640x360\nrate +(2[4-9]|3[0-5])\.\d\d frames/s")
        self.assertRegex(drone, r"GOP +30 to 30 frames\nB-frames +yes")
        self.assertIn("recipe    rtsp-link", drone)
        self.assertRegex(vessel, r"B-frames +no\ntime +in each frame \(MISP-time SEI\)\nKLV +\d+\.\d packets/s, 0 with flaws, [23]\d different items\n")
        self.assertIn("recipe    ts-embedded", vessel)

    def test_a_probe_says_why_there_is_no_video(self):
        done = masthead_pipeline("probe", f"rtsp://127.0.0.1:{free_port(socket.SOCK_STREAM)}/camera", "--duration", 1)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be reached", done.stderr)
        done = masthead_pipeline("probe", "gopher://127.0.0.1/")
        self.assertEqual(done.returncode, 1)
        self.assertIn("scheme 'gopher' is none of", done.stderr)

    def test_wrong_usage_is_told_from_a_wrong_file(self):
        for arguments in ([], ["nonsense"], ["check"], ["run", "a", "b"], ["check", "a", "--set"], ["check", "a", "--set", "b"], ["run", "a", "--loud"], ["check", "a", "--svg"]):
            with self.subTest(arguments):
                done = masthead_pipeline(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn("masthead-pipeline", done.stderr)
        missing = masthead_pipeline("check", self.folder / "absent.yaml")
        self.assertEqual(missing.returncode, 1)
        self.assertIn("absent.yaml: No such file", missing.stderr)
        self.assertEqual(masthead_pipeline("--help").returncode, 0)
        self.assertIn("masthead-pipeline ", masthead_pipeline("--version").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
