#!/usr/bin/env python3
"""Takes a real NMEA 0183 log of a passage out of the npm package that ships it: real_log.py FOLDER. Says where it lies.

The log is left in FOLDER, and taken from there the next time.
"""

import base64
import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path

# Only the Signal K server's package file is fetched: its dependencies are of no use here.
SIGNALK = "signalk-server@2.32.0"
SIGNALK_SHA512 = "z9jEkY02zEoFY/MVObQR+HO/WpwOWlmQuL+vkMRlevQTA41gwVjHMfC6YBEF5QAkhTcmVBA0twiNsE0E/72Kqg=="


def fetch(folder):
    """The log's path."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "plaka.log"
    if not log.exists():
        packed = folder / subprocess.run(["npm", "pack", "--silent", SIGNALK], cwd=folder, check=True, capture_output=True,
                                         text=True).stdout.split()[-1]
        if base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() != SIGNALK_SHA512:
            sys.exit(f"{packed} is not the file it was")
        with tarfile.open(packed) as tar:
            log.write_bytes(tar.extractfile("package/samples/plaka.log").read())
        packed.unlink()
    return log


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(fetch(Path(sys.argv[1]).resolve()))
