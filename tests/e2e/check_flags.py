#!/usr/bin/env python3
"""The flags of KrakenD's `check` are taken: -n and -s lint as -l does, -i changes nothing.

  check_flags.py --gateway build/release/bin/ropewalk
"""
import argparse, subprocess, tempfile
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--gateway", required=True)
gateway = parser.parse_args().gateway


def check(text, *flags):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "krakend.json"
        path.write_text(text)
        return subprocess.run([gateway, "check", "-c", path, *flags], capture_output=True, text=True, timeout=60)


GOOD, WARNED = '{"version": 3}', '{"version": 3, "tiemout": "3s"}'
for flags in ([], ["-i", "4"], ["--indent", "2"]):
    for text in (GOOD, WARNED):
        done = check(text, *flags)
        assert done.returncode == 0, (flags, text, done)
for flags in (["-l"], ["-n"], ["--lint-no-network"], ["-s", "schema.json"], ["--lint-schema", "schema.json"]):
    assert check(GOOD, *flags).returncode == 0, flags
    assert check(WARNED, *flags).returncode == 1, flags
said = check(GOOD, "-s", "schema.json")
assert "schema.json: not read" in said.stdout, said
