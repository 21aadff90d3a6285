"""./dev lint: formatting, house rules and type checks. Changes nothing unless --fix."""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns], cwd=ROOT,
                            check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def main():
    parser = argparse.ArgumentParser(prog="./dev lint", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="format instead of complaining")
    arguments = parser.parse_args()
    how = ["-i"] if arguments.fix else ["--dry-run", "--Werror"]
    web = ["npm", "run", "--silent", "lint"]
    checks = [
        ("C++ layout", ["clang-format", *how, *tracked("*.cpp", "*.hpp")], ROOT),
        ("house rules", [sys.executable, "tests/house/rooms_test.py"], ROOT),
        ("web", web, ROOT / "web"),
        ("e2e types", ["npx", "--no-install", "tsc", "--noEmit", "-p", "."], ROOT / "tests/e2e"),
    ]
    failed = []
    for name, command, folder in checks:
        print(f"── {name}", flush=True)
        if subprocess.run(command, cwd=folder, check=False).returncode != 0:
            failed.append(name)
    print("lint: " + (f"failed: {', '.join(failed)}" if failed else "clean"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
