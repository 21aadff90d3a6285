"""schema/misb/generate.py names what is wrong with its input and then writes nothing."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "schema"


class Generator(unittest.TestCase):
    def run_with(self, change):
        with tempfile.TemporaryDirectory() as folder:
            schema = Path(folder) / "schema"
            (schema / "misb").mkdir(parents=True)
            table = json.loads((SCHEMA / "misb/st0601.json").read_text())
            message = json.loads((SCHEMA / "frame_message.json").read_text())
            change(table, message)
            (schema / "misb/st0601.json").write_text(json.dumps(table))
            (schema / "frame_message.json").write_text(json.dumps(message))
            out = Path(folder) / "out"
            done = subprocess.run([sys.executable, SCHEMA / "misb/generate.py", "--schema", schema, "--cpp", out, "--typescript",
                                   out], capture_output=True, text=True, check=False)
            return done, sorted(path.name for path in out.glob("*"))

    def refuses(self, change, *words):
        done, files = self.run_with(change)
        self.assertNotEqual(done.returncode, 0)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(files, [])

    def test_writes_all_files_from_the_tables_as_they_are(self):
        done, files = self.run_with(lambda table, message: None)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(files, ["frame_message.hpp", "frame_message.ts", "st0601.ts", "st0601_rows.cpp", "st0601_rows.hpp"])

    def test_refuses_a_hole_in_the_tags(self):
        self.refuses(lambda table, message: table["rows"].pop(41), "tag 43", "42 is wanted")

    def test_refuses_a_missing_last_row(self):
        self.refuses(lambda table, message: table["rows"].pop(), "1 to 143")

    def test_refuses_a_key_twice(self):
        self.refuses(lambda table, message: table["rows"][13].update(key="sensor_latitude"), "sensor_latitude")

    def test_refuses_an_unknown_wire(self):
        self.refuses(lambda table, message: table["rows"][4].update(wire="u16"), "tag 5", "wire is one of")

    def test_refuses_a_resolution_that_does_not_fit_range_and_length(self):
        self.refuses(lambda table, message: table["rows"][12].update(max=91, min=-91), "tag 13", "resolution is")

    def test_refuses_a_lopsided_signed_range(self):
        self.refuses(lambda table, message: table["rows"][12].update(min=-89), "tag 13", "-R..R")

    def test_refuses_a_row_without_its_unit(self):
        self.refuses(lambda table, message: table["rows"][20].pop("unit"), "tag 21", "'unit' is missing")

    def test_refuses_lengths_in_the_wrong_order(self):
        self.refuses(lambda table, message: table["rows"][109].update(write_length=9), "tag 110", "min_length")

    def test_refuses_a_misspelt_member(self):
        self.refuses(lambda table, message: table["rows"][4].update(reslution=1), "tag 5", "reslution")

    def test_refuses_a_hole_between_the_message_s_fields(self):
        self.refuses(lambda table, message: message["fields"][5].update(offset=9), "'seq'", "offset is 8")

    def test_refuses_a_message_of_another_size(self):
        self.refuses(lambda table, message: message.update(header_bytes=44), "header_bytes is 48")


if __name__ == "__main__":
    unittest.main()
