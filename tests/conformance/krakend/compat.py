#!/usr/bin/env python3
"""Plays the same cases on two gateways and prints each difference: the tool with which a migration is checked.

  compat.py --krakend /usr/bin/krakend --gateway build/release/bin/ropewalk            the cases of this repository
  compat.py --krakend ... --gateway ... MY-CASES                                       your own (recorded/README.md: the format)

A case holds a configuration, what its backends answer, and requests; expected answers in it are not read. Compared are the
answers and what the backends saw; JSON is compared as JSON. A difference that the project wants is printed with its reason and
does not count (expectations/<area>/<case>.json beside the cases' folder, or `ours` in the case). Any two binaries will do.

Ends with 'N same, N differ, N differ on purpose'; the exit code is 1 when one differs that should not.
"""
import argparse, json, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path

import run  # puts recorded/ on the path of modules
import recorded

HERE = Path(__file__).resolve().parent


def program(path):
    found = os.path.abspath(shutil.which(path) or path)
    if not os.access(found, os.X_OK):
        sys.exit(f"compat: {path} is not a program")
    return found


def krakend_version(binary):
    """What `krakend version` says; nothing when the binary is no KrakenD."""
    try:
        said = subprocess.run([binary, "version"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"krakend.*?(\d+\.\d+\.\d+)", said, re.IGNORECASE | re.DOTALL)
    return found and found.group(1)


def job(case, gateway, keys):
    def work():
        for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
            os.environ.pop(name, None), os.environ.pop(name.upper(), None)
        return recorded.play(case, gateway, keys)

    return work


def compare(case, left, right):
    """One line for each difference of the second from the first."""
    for result in (left, right):
        if "broken" in result:
            return [result["broken"].strip().splitlines()[-1]]
    if left["start"] != right["start"]:
        refused = left if left["start"] == "refused" else right
        reason = [line for line in refused.get("log", "").splitlines() if line.strip()][-1:]
        return [f"start: {right['start']}, KrakenD: {left['start']}" + "".join("\n      " + line for line in reason)]
    wrong = []
    for number, step in enumerate(case.get("steps", [])[: len(left.get("steps", []))]):
        request = f"step {number + 1} ({step['in'].get('method', 'GET')} {step['in']['url']})"
        for line in recorded.differences(step, left["steps"][number], right["steps"][number]):
            wrong.append(f"{request}: {line}".replace(", want ", ", KrakenD: ").replace("\n        want ", "\n      KrakenD: "))
    return wrong


def reason_of(case, path, expectations):
    own = expectations / path.parent.name / path.name
    if own.is_file():
        content = json.loads(own.read_text())
        return f"{content['reason']} ({content['rule']})"
    return case.get("ours") and json.dumps(case["ours"], ensure_ascii=False)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("cases", type=Path, nargs="?", default=HERE / "recorded" / "cases", help="a case or a folder of them, searched deeply")
    ap.add_argument("--krakend", required=True, help="the binary that is right")
    ap.add_argument("--gateway", required=True, help="the binary that is looked at")
    ap.add_argument("--expectations", type=Path, default=HERE / "expectations", help="differences that are wanted")
    ap.add_argument("-k", default="", help="only cases whose name contains this")
    ap.add_argument("-j", type=int, default=4 * (os.cpu_count() or 1), help="cases at a time; they mostly sleep")
    a = ap.parse_args()

    left, right = program(a.krakend), program(a.gateway)
    paths = sorted(a.cases.rglob("*.json")) if a.cases.is_dir() else [a.cases]
    cases = {f"{p.parent.name}/{p.stem}": (p, json.loads(p.read_text())) for p in paths}
    cases = {name: value for name, value in cases.items() if a.k in name}
    if not cases:
        sys.exit(f"compat: no case in {a.cases}")
    if why := run.namespaces_work():
        sys.exit(f"compat: no network namespaces here ({why[0]}); root or user namespaces are needed")
    if version := krakend_version(left):
        for _, case in cases.values():  # the headers that name a version then read the same
            case.setdefault("env", {}).setdefault("ROPEWALK_COMPAT_VERSION", version)

    keys, results = Path(tempfile.mkdtemp(prefix="keys-")), {}
    tally = {"same": 0, "differ": 0, "differ on purpose": 0}
    try:
        recorded.make_keys(keys)
        jobs = [((name, side), job(case, binary, keys)) for name, (_, case) in cases.items() for side, binary in enumerate((left, right))]
        for (name, side), result in run.in_parallel(jobs, a.j):
            pair = results.setdefault(name, {})
            pair[side] = result
            if len(pair) < 2:
                continue
            path, case = cases[name]
            wrong = compare(case, pair[0], pair[1])
            if wrong and not reason_of(case, path, a.expectations):
                # A case with timing may suffer from its neighbours: once more, alone.
                again = [next(run.in_parallel([("", job(case, binary, keys))], 1))[1] for binary in (left, right)]
                wrong = compare(case, *again)
            reason = wrong and reason_of(case, path, a.expectations)
            tally["differ on purpose" if reason else "differ" if wrong else "same"] += 1
            if wrong:
                print(name + (f"\n  on purpose: {reason}" if reason else ""))
                print("\n".join("  " + line for line in wrong), flush=True)
    finally:
        shutil.rmtree(keys, ignore_errors=True)
    print(", ".join(f"{count} {word}" for word, count in tally.items()))
    return 1 if tally["differ"] else 0


if __name__ == "__main__":
    sys.exit(main())
