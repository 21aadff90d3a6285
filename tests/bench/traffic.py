# bench: traffic         5,000 AIS targets against 10 own vehicles: CPU of CPA, server and worker, and the map's frame rate; medians of 5
"""Runs the look for encounters alone, then tests/e2e/bench/traffic.bench.ts, which prints the rest."""

import os
import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parents[2]
build = Path(os.environ.get("MASTHEAD_BUILD", root / "build/run"))
subprocess.run([build / "tests/bench/traffic_look", "5000", "10"], check=True)
subprocess.run([root / "dev", "npm-install", "tests/e2e"], check=True)
sys.exit(subprocess.run(["npx", "--no-install", "playwright", "test", "--config", "bench.config.ts", "--reporter=line", "traffic"],
                        cwd=root / "tests/e2e", env=os.environ, check=False).returncode)
