"""Files from elsewhere, imported by masthead-recording: their frames, times and metadata are read back and compared with what was put in."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import logs
import transport

RATE, SECONDS = 25, 4
BEGIN = 1_795_350_896_000_000  # 2026-11-22T12:34:56Z
place = None


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True, timeout=60)


def film(name, *options, codec="libx264", seconds=SECONDS):
    """B-frames, a key frame each second."""
    path = place / name
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={RATE}:duration={seconds}", "-pix_fmt", "yuv420p", "-c:v", codec,
           "-preset", "ultrafast", "-g", RATE, "-bf", 2, *options, path)
    return path


def decoded(path):
    """A checksum of each picture, in the order of showing."""
    text = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-f", "framemd5", "-"], check=True, timeout=60,
                          capture_output=True, text=True).stdout
    return [line.split(",")[-1].strip() for line in text.splitlines() if not line.startswith("#")]


def run(file, *options, recordings=None, camera="nose"):
    recordings = recordings or Path(tempfile.mkdtemp(dir=place))
    done = subprocess.run([os.environ["MASTHEAD_RECORDING"], "import", file, "--vehicle", "kestrel", "--camera", camera, "--recordings",
                           recordings, "--json", *map(str, options)], capture_output=True, text=True, timeout=60)
    return done, recordings


class Imported:
    """An import that is expected to succeed."""

    def __init__(self, file, *options, **more):
        done, self.recordings = run(file, *options, **more)
        assert done.returncode == 0, done.stderr
        self.report = json.loads(done.stdout.splitlines()[-1])
        self.files = [self.recordings / one["name"] for one in self.report["files"]]
        self.frames = [frame for one in self.files for frame in transport.frames(one)]
        self.shown = sorted(self.frames, key=lambda frame: frame["pts"])
        assert not list(self.recordings.glob(".import-*")), "nothing is left beside it"

    def times(self):
        return [frame["time"] for frame in self.shown]


def setUpModule():
    global place
    place = Path(tempfile.mkdtemp(prefix="masthead-import-"))


def tearDownModule():
    subprocess.run(["rm", "-r", place], check=True)


class FilesOfOthers(unittest.TestCase):
    def check_pictures(self, source, imported):
        self.assertEqual(len(imported.frames), RATE * SECONDS)
        self.assertEqual(decoded(imported.files[0]), decoded(source))
        self.assertTrue(imported.frames[0]["key"])
        self.assertEqual(sum(frame["key"] for frame in imported.frames), SECONDS)

    def check_times(self, imported, begin=BEGIN, method=4, tolerance=50):
        self.assertEqual({frame["method"] for frame in imported.frames}, {method})
        for number, time in enumerate(imported.times()):
            self.assertLessEqual(abs(time - begin - number * 1_000_000 // RATE), tolerance, f"frame {number}")

    def check_positions(self, imported, tolerance=2e-7, least=RATE * SECONDS):
        with_klv = [frame for frame in imported.shown if frame["klv"]]
        self.assertGreaterEqual(len(with_klv), least)
        for frame in with_klv:
            north, east = transport.position(frame["klv"])
            self.assertAlmostEqual(north, logs.latitude((frame["time"] - BEGIN) / 1e6), delta=tolerance)
            self.assertAlmostEqual(east, logs.LONGITUDE, delta=tolerance)
            self.assertEqual(int.from_bytes(transport.items(frame["klv"])[2], "big"), frame["time"])
        self.assertEqual(imported.report["with_klv"], len(with_klv))

    def test_a_transport_stream_gets_its_metadata_from_a_log_of_each_kind(self):
        source = film("plain.ts")
        made = {"flight.tlog": logs.tlog(BEGIN, SECONDS + 1, 10), "flight.nmea": logs.nmea(BEGIN, SECONDS + 1, 5),
                "flight.csv": logs.csv(BEGIN, SECONDS + 1, 10), "flight.srt": logs.srt(BEGIN, SECONDS + 1, RATE)}
        for name, text in made.items():
            with self.subTest(name):
                (place / name).write_bytes(text)
                imported = Imported(source, "--telemetry", place / name, "--start", "2026-11-22T12:34:56Z")
                self.check_pictures(source, imported)
                self.check_times(imported)
                self.check_positions(imported)
                self.assertEqual(imported.report["warnings"], [])
                self.assertEqual(imported.files[0].relative_to(imported.recordings), Path("kestrel/nose/2026-11-22/12-34-56.000Z.ts"))

    def test_an_mp4_is_timed_by_its_creation_time_and_a_given_start_counts_more(self):
        source = film("flight.mp4", "-metadata", "creation_time=2026-11-22T12:34:56Z")
        imported = Imported(source)
        self.check_pictures(source, imported)
        self.check_times(imported)
        self.assertIn("creation time", imported.report["time_source"])
        self.assertEqual(imported.report["container"], "MP4")
        self.assertEqual(imported.frames[0]["error"], 1_000_000)
        self.check_times(Imported(source, "--start", BEGIN + 5_000_000), begin=BEGIN + 5_000_000)

    def test_h265_in_mov_and_mp4_comes_in(self):
        for name in ("flight.mov", "hevc.mp4"):
            source = film(name, "-x265-params", "log-level=error", "-tag:v", "hvc1", codec="libx265")
            imported = Imported(source, "--start", BEGIN)
            self.assertEqual(decoded(imported.files[0]), decoded(source))
            self.check_times(imported)
            self.assertEqual(imported.report["codec"], "H.265")

    def test_subtitles_tell_the_time_where_nothing_else_does(self):
        (place / "local.srt").write_bytes(logs.srt(BEGIN, SECONDS + 1, RATE))
        imported = Imported(film("silent.ts"), "--telemetry", place / "local.srt")
        self.check_times(imported, tolerance=1000)
        self.check_positions(imported, tolerance=1e-6)
        self.assertIn("taken as UTC", imported.report["time_source"])

    def test_an_offset_moves_a_log_whose_clock_was_wrong(self):
        (place / "late.csv").write_bytes(logs.csv(BEGIN + 3_600_000_000, SECONDS + 1, 10))
        imported = Imported(film("plain.ts"), "--telemetry", place / "late.csv", "--start", BEGIN, "--offset", "-3600000")
        self.check_positions(imported)


class Embedded(unittest.TestCase):
    check_pictures = FilesOfOthers.check_pictures
    check_times = FilesOfOthers.check_times

    def with_klv(self, name, every=1, **options):
        """KLV whose time stamps count from BEGIN at the frame that is shown first."""
        source = film("for-klv.ts").read_bytes()
        first = min(transport.pts_of(payload) for pid, starts, _, payload in transport.packets(source) if pid == transport.VIDEO and starts)
        self.put_in = {}

        def klv_of(pts):
            number = round((pts - first) * RATE / 90_000)
            if number % every:
                return None
            time = BEGIN + number * 1_000_000 // RATE
            return self.put_in.setdefault(time, transport.packet(time, logs.latitude(number / RATE), logs.LONGITUDE))

        path = place / name
        path.write_bytes(transport.with_klv(source, klv_of, **options))
        return path

    def test_klv_on_its_frames_stays_there_byte_for_byte(self):
        source = self.with_klv("exact.ts")
        imported = Imported(source)
        self.check_pictures(source, imported)
        self.check_times(imported, method=3)
        self.assertEqual({frame["time"]: frame["klv"] for frame in imported.frames}, self.put_in)
        self.assertIn("time stamps of its KLV", imported.report["time_source"])

    def test_sparse_klv_times_the_frames_between(self):
        imported = Imported(self.with_klv("sparse.ts", every=5))
        self.check_times(imported, method=3)
        FilesOfOthers.check_positions(self, imported, least=RATE * SECONDS - 5)

    def test_klv_without_pts_times_frames_by_its_place_and_says_so(self):
        imported = Imported(self.with_klv("placed.ts", with_pts=False))
        self.check_times(imported, method=3, tolerance=120_000)
        self.assertIn("no PTS", imported.report["time_source"])
        self.assertGreaterEqual(min(frame["error"] for frame in imported.frames), 100_000)

    def test_a_log_does_not_overrule_what_the_file_says(self):
        (place / "wrong.csv").write_bytes(logs.csv(BEGIN, SECONDS + 1, 10).replace(b"8.25", b"9.75"))
        imported = Imported(self.with_klv("exact.ts"), "--telemetry", place / "wrong.csv")
        for frame in imported.frames:
            self.assertAlmostEqual(transport.position(frame["klv"])[1], logs.LONGITUDE, delta=1e-6)
            self.assertIn(15, transport.items(frame["klv"]), "what only the log says is there")

    def simulated(self):
        folder = Path(tempfile.mkdtemp(dir=place))
        subprocess.run([os.environ["MASTHEAD_SIM"], "vessel", "--record", folder, "--duration", str(SECONDS), "--rate", "30", "--start-utc",
                        str(BEGIN)], check=True, timeout=60, stderr=subprocess.DEVNULL)
        return next(folder.rglob("*.ts"))

    def test_misp_time_in_the_video_counts_most(self):
        ours = self.simulated()
        for name in ("sei.mp4", "sei.ts"):
            ffmpeg("-i", ours, "-map", "0:v", "-c", "copy", "-metadata", "creation_time=2001-01-01T00:00:00Z", place / name)
            imported = Imported(place / name, "--start", BEGIN + 999_000_000)
            self.assertEqual({frame["method"] for frame in imported.frames}, {1})
            self.assertEqual(imported.times(), [frame["time"] for frame in transport.frames(ours)])
            self.assertIn("not used", imported.report["warnings"][-1])

    def test_a_recording_of_ours_stays_as_it_is(self):
        ours = self.simulated()
        imported = Imported(ours)
        self.assertEqual(imported.files[0].read_bytes(), ours.read_bytes())
        self.assertEqual(imported.files[0].with_suffix(".idx").read_bytes(), ours.with_suffix(".idx").read_bytes())


class Refused(unittest.TestCase):
    def refused(self, file, *options, says, **more):
        before = sorted(more["recordings"].rglob("*")) if "recordings" in more else []
        done, recordings = run(file, *options, **more)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, done.stderr)
        self.assertEqual(sorted(recordings.rglob("*")), before, "nothing is left behind")

    def write(self, name, data):
        (place / name).write_bytes(data)
        return place / name

    def test_what_is_no_video(self):
        self.refused(self.write("text.mp4", b"I am no film.\n" * 100), "--start", BEGIN, says="no MPEG-TS, MP4 or MOV")
        self.refused(self.write("empty.mp4", b""), "--start", BEGIN, says="empty.mp4 is empty")
        self.refused(place / "not-there.mp4", "--start", BEGIN, says="cannot be read")
        self.refused(self.write("noise.ts", bytes(range(1, 251)) * 400), "--start", BEGIN, says="no MPEG-TS, MP4 or MOV")

    def test_a_codec_that_is_not_taken_and_a_file_with_sound_alone(self):
        self.refused(film("old.ts", codec="mpeg2video"), "--start", BEGIN, says=["video/mpeg", "H.264 or H.265"])
        ffmpeg("-f", "lavfi", "-i", "sine=duration=1", place / "song.mp4")
        self.refused(place / "song.mp4", "--start", BEGIN, says="no frame of H.264 or H.265")

    def test_an_mp4_that_was_cut_off(self):
        whole = film("whole.mp4").read_bytes()
        self.refused(self.write("cut.mp4", whole[:len(whole) // 2]), "--start", BEGIN, says="cut.mp4")

    def test_what_is_cut_off_but_can_be_played_comes_in_with_a_warning(self):
        whole = film("fast.mp4", "-movflags", "+faststart").read_bytes()
        imported = Imported(self.write("half.mp4", whole[:len(whole) // 2]), "--start", BEGIN)
        self.assertGreater(len(imported.frames), RATE)
        self.assertIn("could not be read to its end", " ".join(imported.report["warnings"]))

    def test_damage_inside_a_transport_stream_costs_what_is_damaged(self):
        whole = bytearray(film("plain.ts").read_bytes())
        middle = len(whole) // 2 // 188 * 188
        whole[middle:middle + 188 * 100] = bytes(188 * 100)
        imported = Imported(self.write("damaged.ts", whole), "--start", BEGIN)
        self.assertGreater(len(imported.frames), RATE * SECONDS * 3 // 4)
        self.assertIn("places lack frames", " ".join(imported.report["warnings"]))

    def test_a_file_that_does_not_say_when_it_was_recorded(self):
        self.refused(film("timeless.ts"), says=["timeless.ts does not say when it was recorded", "give the start"])

    def test_a_log_of_another_time_is_named_with_both_ranges(self):
        log = self.write("other.csv", logs.csv(BEGIN + 86_400_000_000, 2, 5))
        self.refused(film("plain.ts"), "--start", BEGIN, "--telemetry", log,
                     says=["2026-11-23T12:34:56.000000Z to 2026-11-23T12:34:58", "2026-11-22T12:34:56.000000Z to 2026-11-22T12:35:00"])

    def test_a_log_that_is_none(self):
        self.refused(film("plain.ts"), "--start", BEGIN, "--telemetry", self.write("log.txt", b"hello\n"), says="log.txt: this is no telemetry log")

    def test_a_time_that_the_camera_has_recorded_already(self):
        first = Imported(film("plain.ts"), "--start", BEGIN)
        self.refused(place / "plain.ts", "--start", BEGIN + 3_000_000, recordings=first.recordings,
                     says=["2026-11-22/12-34-56.000Z.ts", "give another camera or another start"])
        Imported(place / "plain.ts", "--start", BEGIN + 4_000_000, recordings=first.recordings)
        Imported(place / "plain.ts", "--start", BEGIN, recordings=first.recordings, camera="tail")

    def test_names_that_lead_elsewhere(self):
        self.refused(film("plain.ts"), "--start", BEGIN, camera="../nose", says="--camera")

    def test_an_import_that_is_ended_leaves_nothing(self):
        long = place / "long.ts"
        ffmpeg("-stream_loop", 150, "-i", film("plain.ts"), "-c", "copy", long)
        recordings = Path(tempfile.mkdtemp(dir=place))
        for number, left in ((signal.SIGTERM, []), (signal.SIGKILL, ["import"])):
            process = subprocess.Popen([os.environ["MASTHEAD_RECORDING"], "import", long, "--vehicle", "kestrel", "--camera", "nose",
                                        "--recordings", recordings, "--json", "--start", str(BEGIN)], stdout=subprocess.PIPE, text=True)
            for line in process.stdout:
                if json.loads(line)["detail"] == "recording":
                    break
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0)
            self.assertEqual([one.name[1:7] for one in recordings.iterdir()], left)
        Imported(place / "plain.ts", "--start", BEGIN, recordings=recordings)  # removes what the killed one left


if __name__ == "__main__":
    unittest.main()
