#!/usr/bin/env python3
"""The command line, above all of `check`: KrakenD's flags are taken (-n and -s lint as -l does, -i changes nothing).

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
ADVISED = """{"version": 3, "host": ["http://a"], "endpoints": [{"endpoint": "/a", "method": "POST",
    "backend": [{"url_pattern": "/b"}, {"url_pattern": "/c"}]}]}"""
said = check(ADVISED, "-l")
assert said.returncode == 0 and "2 backends" in said.stdout and " 0 ignored or unknown" in said.stdout, said

NO_OP = """{"version": 3, "host": ["http://a"], "endpoints": [{"endpoint": "/a", "output_encoding": "no-op",
    "backend": [{"url_pattern": "/b", "encoding": "no-op"}]}]}"""
said = check(NO_OP, "-d").stdout
assert "Output encoding: no-op\n" in said and " Encoding: no-op\n" in said, said

# In the order of the two streams' writes.
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "krakend.json"
    path.write_text("{")
    done = subprocess.run([gateway, "check", "-c", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    assert done.stdout.startswith("Parsing configuration file"), done

# What is said of a command line that is not understood.
for arguments, expected in (
    ([], "a command is missing: one of run, check"),
    (["chekc"], 'unknown command "chekc": expected one of run, check, migrate, version (did you mean check?)'),
    (["foo", "-c", "a.json"], 'unknown command "foo"'),
    (["--foo"], "unknown option --foo before the command"),
    (["run", "-p", "99999"], "--port: expected a port from 0 to 65535, got 99999"),
    (["run", "-p", "-1"], "--port: expected a port from 0 to 65535, got -1"),
    (["check", "ok.yaml"], 'check: unexpected "ok.yaml" (did you mean -c ok.yaml?)'),
    (["migrate", "old.json"], "did you mean -c old.json?"),
    (["check", "--foo"], "--foo"),
):
    done = subprocess.run([gateway, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and expected in done.stderr, (arguments, done)
for arguments in (["--help"], ["run", "--help"], ["--version"]):
    assert subprocess.run([gateway, *arguments], capture_output=True, timeout=60).returncode == 0, arguments

said = check(GOOD, "-s", "schema.json")
assert "schema.json: not read" in said.stdout, said
