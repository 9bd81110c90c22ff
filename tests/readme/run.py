#!/usr/bin/env python3
"""Runs the shell blocks of README.md in order, in the root of the checkout, and compares the answers shown.

A block ```sh is run by bash -e. A block ```json right after it is its output as JSON, ```text its output as
text; output that is expected to change after an edit is asked for again until it fits. A comment before a block:

  <!-- readme: background until "TEXT" -->   started, awaited, ended by SIGINT at the end
  <!-- readme: not run: REASON -->           listed, not run

  run.py --list      only shows what would be done
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(
    r"(?:^ *<!-- readme: (?P<mark>.*?) -->\n)?^(?P<indent> *)```(?P<kind>\w+)\n(?P<text>.*?)^ *```$", re.M | re.S
)


class Block:
    def __init__(self, match, readme):
        self.mark, self.kind = match["mark"] or "", match["kind"]
        self.text = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.M)
        self.line = readme.count("\n", 0, match.start("text"))
        self.expected = None


def blocks(readme):
    """The shell blocks, each with the block of expected output that follows it."""
    out, previous = [], None
    for match in BLOCK.finditer(readme):
        block = Block(match, readme)
        if block.kind == "sh":
            out.append(block)
        elif block.kind in ("json", "text") and previous and previous.kind == "sh":
            previous.expected = block
        previous = block
    return out


def broken_links(readme):
    """Links to files that are not there, and to headings that the page does not have."""
    headings = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", readme, re.M)}
    out = []
    for target in re.findall(r"\]\(([^)]+)\)", readme):
        if target.startswith("#"):
            if target[1:] not in headings:
                out.append(target)
        elif "://" not in target and not (ROOT / target).exists():
            out.append(target)
    return out


def as_expected(block, done):
    if done.returncode:
        return False
    if block.expected is None:
        return True
    if block.expected.kind == "text":
        return done.stdout.strip() == block.expected.text.strip()
    try:
        return json.loads(done.stdout) == json.loads(block.expected.text)
    except json.JSONDecodeError:
        return False


def bash(text):
    return subprocess.run(["bash", "-e", "-c", text], cwd=ROOT, text=True, capture_output=True, timeout=600)


def run(block, seconds=10):
    """'' or what was wrong. Only the last command is asked again: the ones before it changed something."""
    done = bash(block.text)
    last = block.text.strip().splitlines()[-1]
    deadline = time.monotonic() + seconds
    while not as_expected(block, done) and time.monotonic() < deadline:
        time.sleep(0.1)
        done = bash(last)
    if as_expected(block, done):
        return ""
    wanted = f", expected\n{block.expected.text}" if block.expected else ""
    return f"exit {done.returncode}, output\n{done.stdout}{done.stderr}{wanted}"


def start(block, seconds=3600):
    """The background process, once it printed what the comment says."""
    wanted = re.fullmatch(r'background until "(.*)"', block.mark)[1]
    log = tempfile.NamedTemporaryFile("w+", prefix="readme-", suffix=".log")
    child = subprocess.Popen(
        ["bash", "-e", "-c", block.text], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    deadline = time.monotonic() + seconds
    while wanted not in (text := Path(log.name).read_text()):
        if child.poll() is not None or time.monotonic() > deadline:
            stop(child)
            raise SystemExit(f"README.md:{block.line}: never said {wanted!r}; output:\n{text[-3000:]}")
        time.sleep(0.1)
    return child


def stop(child):
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGINT)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--list", action="store_true")
    options = ap.parse_args()
    readme = (ROOT / "README.md").read_text()
    failed = [f"link to {target}" for target in broken_links(readme)]
    for problem in failed:
        print(f"FAILED  README.md: {problem}")
    background, counts = [], {"run": 0, "not run": 0}
    try:
        for block in blocks(readme):
            place = f"README.md:{block.line}"
            first = block.text.strip().splitlines()[0]
            if block.mark.startswith("not run: "):
                counts["not run"] += 1
                print(f"not run {place}: {block.mark[9:]}: {first}", flush=True)
                continue
            counts["run"] += 1
            if options.list:
                print(f"would run {place}: {first}")
                continue
            if block.mark:
                background.append(start(block))
                problem = ""
            else:
                problem = run(block)
            print(f"{'FAILED ' if problem else 'ok     '} {place}: {first}{problem and chr(10) + problem}", flush=True)
            failed += [place] if problem else []
    finally:
        for child in background:
            stop(child)
    print(f"{counts['run']} blocks run, {counts['not run']} listed, {len(failed)} failed")
    sys.exit(1 if failed or not counts["run"] else 0)


if __name__ == "__main__":
    main()
