# bench: first-frame     click to first frame in Chromium and until it is live, with 1 s and 4 s between key frames; median of 20
"""Runs tests/e2e/bench/first_frame.bench.ts, which prints the figures."""

import os
import subprocess
import sys
from pathlib import Path

e2e = Path(__file__).resolve().parents[1] / "e2e"
subprocess.run([str(e2e.parents[1] / "dev"), "npm-install", "tests/e2e"], check=True)
sys.exit(subprocess.run(["npx", "--no-install", "playwright", "test", "--config", "bench.config.ts", "--reporter=line", "first_frame"],
                        cwd=e2e, env=os.environ, check=False).returncode)
