"""schema/generate_commands.py names what is wrong with its input and then writes nothing."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Generator(unittest.TestCase):
    def run_with(self, change, form="--cpp"):
        with tempfile.TemporaryDirectory() as folder:
            table = json.loads((ROOT / "schema/commands.json").read_text())
            change({command["name"]: command for command in table["commands"]}, table["commands"])
            source, out = Path(folder) / "commands.json", Path(folder) / "out"
            source.write_text(json.dumps(table))
            done = subprocess.run([sys.executable, ROOT / "schema/generate_commands.py", source, form, out],
                                  capture_output=True, text=True, check=False)
            return done, out.read_text() if out.exists() else None

    def refuses(self, change, *words):
        done, text = self.run_with(change)
        self.assertNotEqual(done.returncode, 0)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertIsNone(text)

    def test_writes_every_command_in_both_forms(self):
        names = [command["name"] for command in json.loads((ROOT / "schema/commands.json").read_text())["commands"]]
        for form, quote in (("--cpp", '"'), ("--typescript", "'")):
            done, text = self.run_with(lambda named, all: None, form)
            self.assertEqual(done.returncode, 0, done.stderr)
            for name in names:
                self.assertIn(f"{quote}{name}{quote}", text)

    def test_a_number_without_bounds_is_refused(self):
        self.refuses(lambda named, all: named["takeoff"]["parameters"][0].pop("maximum"), "takeoff.altitude_m", "maximum")

    def test_a_mapping_must_say_every_parameter_and_know_it(self):
        self.refuses(lambda named, all: named["takeoff"]["mavlink"][1].update(params=[]), "takeoff.mavlink[1]", "'altitude_m' is not said")
        self.refuses(lambda named, all: named["land"]["mavlink"][0].update(params=["depth_m"]), "land.mavlink[0]", "'depth_m'")

    def test_a_parameter_that_may_be_absent_needs_something_in_its_place(self):
        self.refuses(lambda named, all: named["orbit"]["mavlink"][1]["params"].__setitem__(1, "speed_mps"), "orbit.mavlink[1]", "'else'")

    def test_only_a_message_that_counts_may_be_sent_again(self):
        self.refuses(lambda named, all: named["goto"].update(resend={"times": 1, "after_ms": 500}), "goto", "COMMAND_INT")

    def test_a_name_may_stand_once(self):
        self.refuses(lambda named, all: all.append(dict(named["arm"])), "'arm' is there twice")


if __name__ == "__main__":
    unittest.main()
