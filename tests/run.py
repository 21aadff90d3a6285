"""Runs the suites and ends with one line: N passed, N failed. Called by ./dev test, in whose environment it lives."""

import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"


@dataclass
class Outcome:
    passed: int = 0
    failures: list = field(default_factory=list)


def run(command, cwd=ROOT, env=None):
    """Runs with output to the terminal; gives the exit code."""
    return subprocess.run([str(part) for part in command], cwd=cwd, env={**os.environ, **(env or {})}, check=False).returncode


def junit(path, outcome, suite):
    """Adds the cases of a JUnit file. Skipped cases count as failures: a part that is missing is to be installed."""
    if not path.exists():
        outcome.failures.append(f"{suite}: no result file ({path.name})")
        return
    # What a test printed may hold control characters, which XML forbids.
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", path.read_text(errors="replace"))
    for case in xml.fromstring(text.encode()).iter("testcase"):
        name = f"{suite}: {case.get('classname') or ''} {case.get('name') or ''}".replace("  ", " ")
        bad = [child for child in case if child.tag in ("failure", "error", "skipped")]
        if bad:
            outcome.failures.append(name)
        else:
            outcome.passed += 1


def house(_):
    outcome = Outcome()
    for file in sorted((ROOT / "tests/house").glob("*_test.py")):
        done = subprocess.run([sys.executable, str(file), "-v"], cwd=ROOT, capture_output=True, text=True, check=False)
        lines = done.stderr.split("\n")
        outcome.passed += sum(line.endswith("... ok") for line in lines)
        outcome.failures += [f"house: {line}" for line in lines if line.endswith(("... FAIL", "... ERROR"))]
        if done.returncode != 0:
            print(done.stderr)
            if not outcome.failures:
                outcome.failures.append(f"house: {file.name} ended with {done.returncode}")
    return outcome


def meson(build, *arguments, env=None):
    """Every test that meson knows, unit and integration, from one build folder. Its time-outs are for what hangs, so a slow machine gets more."""
    outcome = Outcome()
    report = BUILD / build / "meson-logs/testlog.junit.xml"
    report.unlink(missing_ok=True)
    code = run(["meson", "test", "-C", BUILD / build, "--no-rebuild", "--print-errorlogs", "--num-processes", "2",
                "--timeout-multiplier", "4", *arguments], env=env)
    junit(report, outcome, build)
    if code != 0 and not outcome.failures:
        outcome.failures.append(f"{build}: meson test ended with {code}")
    return outcome


def cpp(full):
    return meson("test", env={"MASTHEAD_KILLS": "20" if full else "3"})


def web(_):
    outcome = Outcome()
    report = BUILD / "web-junit.xml"
    report.unlink(missing_ok=True)
    code = run(["npm", "run", "--silent", "test", "--", "--reporter=default", "--reporter=junit", f"--outputFile.junit={report}"],
               cwd=ROOT / "web")
    junit(report, outcome, "web")
    if code != 0 and not outcome.failures:
        outcome.failures.append(f"web: vitest ended with {code}")
    return outcome


def e2e(full):
    outcome = Outcome()
    report = BUILD / "e2e-junit.xml"
    report.unlink(missing_ok=True)
    code = run(["./dev", "npm-install", "tests/e2e"]) or run(["./dev", "npm-install", "tests/integration/links"]) or run(
        # Two cores play, encode and browse at once: what fails is tried once more, and Playwright names it as flaky.
        ["npx", "--no-install", "playwright", "test", *([] if full else ["--retries=1"])], cwd=ROOT / "tests/e2e",
        env={"PLAYWRIGHT_JUNIT_OUTPUT_NAME": str(report), "MASTHEAD_E2E_SECONDS": "120" if full else "15",
             "MASTHEAD_E2E_SEEKS": "100" if full else "20", "MASTHEAD_E2E_RECORDED_SECONDS": "600" if full else "180"})
    junit(report, outcome, "e2e")
    if code != 0 and not outcome.failures:
        outcome.failures.append(f"e2e: playwright ended with {code}")
    return outcome


def script(path, *arguments):
    def suite(_):
        code = run([path, *arguments])
        return Outcome(1) if code == 0 else Outcome(0, [f"{path}: ended with {code}"])
    return suite


# name -> (what it does, in the short form too?, function)
SUITES = {
    "house": ("house rules: who may include whom", True, house),
    "cpp": ("C++ units, elements, links, worker and server against real services; sanitized", True, cpp),
    "web": ("the page's units", True, web),
    "e2e": ("everything in headless Chromium", True, e2e),
    "fuzz": ("each fuzz target for 60 s", False, script("tests/fuzz/run")),
    "soak": ("200 viewers joining and leaving", False, lambda _: meson("test", "--suite", "soak")),
    "tsan": ("the C++ suites that have threads under ThreadSanitizer", False, script("tests/tsan")),
    "debian13": ("built here, run on Debian 13", False, script("tests/debian13")),
}


def main():
    parser = argparse.ArgumentParser(prog="./dev test", description="Runs the suites; ends with 'N passed, N failed'.")
    parser.add_argument("suites", nargs="*", metavar="NAME", help="'full' for everything, or suites by name")
    parser.add_argument("--list", action="store_true", help="list the suites")
    arguments = parser.parse_args()
    if arguments.list:
        for name, (what, short, _) in SUITES.items():
            print(f"{name:10} {'' if short else '(full) '}{what}")
        return 0
    full = "full" in arguments.suites
    names = [name for name in arguments.suites if name != "full"]
    if unknown := [name for name in names if name not in SUITES]:
        parser.error(f"no suite named '{unknown[0]}' (./dev test --list)")
    chosen = names or [name for name, (_, short, _) in SUITES.items() if short or full]

    total = Outcome()
    for name in chosen:
        print(f"\n── {name}: {SUITES[name][0]}", flush=True)
        began = time.monotonic()
        outcome = SUITES[name][2](full)
        total.passed += outcome.passed
        total.failures += outcome.failures
        print(f"── {name}: {outcome.passed} passed, {len(outcome.failures)} failed in {time.monotonic() - began:.0f} s", flush=True)
    print()
    for failure in total.failures:
        print(f"FAILED {failure}")
    print(f"{total.passed} passed, {len(total.failures)} failed")
    return 1 if total.failures or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
