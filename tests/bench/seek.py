# bench: seek            from a seek to the right frame on the screen in Chromium, in recordings of 1 h and 24 h; medians of 5 runs
"""Runs tests/e2e/bench/seek.bench.ts, which prints the figures."""

import os
import subprocess
import sys
from pathlib import Path

e2e = Path(__file__).resolve().parents[1] / "e2e"
subprocess.run([str(e2e.parents[1] / "dev"), "npm-install", "tests/e2e"], check=True)
sys.exit(subprocess.run(["npx", "--no-install", "playwright", "test", "--config", "bench.config.ts", "--reporter=line", "seek"],
                        cwd=e2e, env=os.environ, check=False).returncode)
