#!/usr/bin/env python3
"""Runs the recorded KrakenD cases on a gateway and holds the result against pending.txt.

  run.py --gateway build/release/bin/ropewalk            all cases, with one worker and with two
  run.py --gateway ... -k manipulation/allow -v          some of them, with the gateway's log of failures
  run.py --gateway ... --workers 1 --lines               also prints the lines that pending.txt lacks or has too many

A case holds when it holds with every number of workers; those in one-worker.txt, each with the reason, run with one only.
pending.txt, where there is one, names the cases that do not hold yet, each with what it waits for; such a case that holds is an
error, and so is any other that fails. A case whose recording the project contradicts on purpose (`ours`) needs an expectation of
the project in expectations/<area>/<case>.json; recorded/README.md has the formats.

Every case runs in a network namespace of its own, so that ports never clash. What fails is run once more, alone, before it
counts: a case with timing may suffer from its neighbours. Ends with 'N passed, N failed, N skipped'; skipped are the pending.
"""
import argparse, ctypes, fcntl, json, os, select, shutil, signal, socket, struct, sys, tempfile, time, traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
SYSTEM_PYTHON = "/usr/bin/python3"  # where Debian's python3-jwt and python3-cryptography are
try:
    import cryptography, jwt  # noqa: F401  (recorded.py needs them)
except ImportError:
    if os.path.exists(SYSTEM_PYTHON) and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
    sys.exit("conformance: python3-jwt and python3-cryptography are missing (apt-get install python3-jwt python3-cryptography)")

sys.path.insert(0, str(HERE / "recorded"))
import recorded  # noqa: E402

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41
CASE_SECONDS = 90
SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def enter_namespace():
    """A network namespace with loopback up; through a user namespace where this process is not root."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    flags = CLONE_NEWNET | (CLONE_NEWUSER if uid else 0)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare: " + os.strerror(ctypes.get_errno()))
    if uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP_RUNNING))


class Child:
    """A forked process that runs `work` in a namespace and sends its result as JSON."""

    def __init__(self, work):
        self.reader, writer = os.pipe()
        self.end, self.text = time.monotonic() + CASE_SECONDS, b""
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid:
            os.close(writer)
            return
        try:
            os.setsid()
            os.close(self.reader)
            enter_namespace()
            result = work()
        except BaseException:
            result = {"broken": traceback.format_exc()[-1500:]}
        with os.fdopen(writer, "w") as out:
            json.dump(result, out)
        os._exit(0)

    def fileno(self):
        return self.reader

    def read(self):
        """True at the end."""
        piece = os.read(self.reader, 1 << 16)
        self.text += piece
        return not piece

    def finish(self):
        os.close(self.reader)
        try:
            os.killpg(self.pid, signal.SIGKILL)  # also a gateway that outlived its case
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        try:
            return json.loads(self.text)
        except ValueError:
            return {"broken": f"no result within {CASE_SECONDS} s"}


def in_parallel(jobs, limit):
    """Runs (name, work) pairs; yields (name, result) as they come."""
    waiting, running = list(reversed(jobs)), {}
    try:
        while waiting or running:
            while waiting and len(running) < limit:
                name, work = waiting.pop()
                running[Child(work)] = name
            timeout = max(0.0, min(c.end for c in running) - time.monotonic())
            ready = select.select(list(running), [], [], timeout)[0]
            late = [c for c in running if time.monotonic() >= c.end]
            for child in [c for c in ready if c.read()] + [c for c in late if c not in ready]:
                name = running.pop(child)
                yield name, child.finish()
    finally:
        for child in running:
            child.finish()


class Case:
    def __init__(self, path, expectations):
        self.path, self.name = path, f"{path.parent.name}/{path.stem}"
        recording = json.loads(path.read_text())
        self.content, own = recorded.expected(recording, path, expectations)
        self.undecided = "ours" in recording and not own
        steps = self.content.get("steps", [])
        self.sleeps = sum(s["in"].get("wait_ms", 0) + 20 for s in steps)

    def job(self, gateway, keys, workers):
        def work():
            for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
                os.environ.pop(name, None), os.environ.pop(name.upper(), None)
            os.environ["ROPEWALK_WORKERS"] = str(workers)
            os.environ.setdefault("TSAN_OPTIONS", "halt_on_error=1")  # as the other sanitizers do
            got = recorded.play(self.content, gateway, keys)
            log = got.get("log", "")
            reports = [line for line in log.splitlines() if "Sanitizer: " in line or "runtime error: " in line]
            return {"wrong": reports + recorded.verdict(self.content, got), "log": log}

        return work


def problems(result):
    return [result["broken"]] if "broken" in result else result["wrong"]


def run_all(cases, gateway, keys, workers, limit):
    """{case name: problems, log} of the cases that fail, and the names that only failed beside others."""
    by_name = {c.name: c for c in cases}
    ordered = sorted(cases, key=lambda c: -c.sleeps)
    failed = {}
    for name, result in in_parallel([(c.name, c.job(gateway, keys, workers)) for c in ordered], limit):
        if problems(result):
            failed[name] = result
    return failed, by_name


def read_list(path):
    """Lines of 'area/case reason' as a dictionary."""
    listed = {}
    if not path.exists():
        return listed
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, reason = line.partition(" ")
        if not reason.strip() or name in listed:
            sys.exit(f"{path}:{number}: expected 'area/case reason', every case once")
        listed[name] = reason.strip()
    return listed


def namespaces_work():
    (_, result), = in_parallel([("probe", lambda: {"wrong": []})], 1)
    return result.get("broken", "").strip().splitlines()[-1:]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--gateway", required=True, help="the ropewalk binary")
    ap.add_argument("--folder", type=Path, default=HERE, help="where recorded/cases, expectations and the lists are (default: here)")
    ap.add_argument("--workers", default="1,2", help="numbers of workers to run with (default 1,2)")
    ap.add_argument("-k", default="", help="only cases whose name contains this, or one of these (a,b)")
    ap.add_argument("-j", type=int, default=6 * (os.cpu_count() or 1), help="cases at a time; they mostly sleep")
    ap.add_argument("-v", action="store_true", help="show the gateway's log of failing cases")
    ap.add_argument("--lines", action="store_true", help="print the lines that pending.txt lacks (+) or has too many (-)")
    a = ap.parse_args()

    expectations = a.folder / "expectations"
    cases = [Case(p, expectations) for p in sorted((a.folder / "recorded" / "cases").rglob("*.json"))]
    known = {c.name for c in cases}
    pending, one_worker = read_list(a.folder / "pending.txt"), read_list(a.folder / "one-worker.txt")
    unknown = [f"{n} is listed, but is no case" for n in [*pending, *one_worker] if n not in known]
    unknown += [f"{p} is for no case" for p in expectations.rglob("*.json") if f"{p.parent.name}/{p.stem}" not in known]
    if unknown:
        sys.exit("\n".join(unknown))
    cases = [c for c in cases if any(k in c.name for k in a.k.split(","))]
    if why := namespaces_work():
        print(f"SKIPPED: no network namespaces here ({why[0]}); root or user namespaces are needed")
        print(f"0 passed, 0 failed, {len(cases)} skipped")
        return SKIPPED
    gateway = os.path.abspath(shutil.which(a.gateway) or a.gateway)
    if not os.access(gateway, os.X_OK):
        sys.exit(f"conformance: {a.gateway} is not a program; build it first")

    keys = Path(tempfile.mkdtemp(prefix="keys-"))
    failed, shaky, started = {}, {}, time.monotonic()
    try:
        recorded.make_keys(keys)
        for workers in a.workers.split(","):
            # Known failures need not fail again with more workers, and the undecided have nothing to hold.
            todo = [c for c in cases if c.name not in failed and not c.undecided and (workers == "1" or c.name not in one_worker)]
            wrong, by_name = run_all(todo, gateway, keys, workers, a.j)
            for name in sorted(wrong):
                if name not in pending:
                    (_, again), = in_parallel([(name, by_name[name].job(gateway, keys, workers))], 1)
                    if not problems(again):
                        shaky[name] = f"{wrong[name]['wrong'][:1] if 'wrong' in wrong[name] else 'broken'}"
                        continue
                    wrong[name] = again
                failed[name] = dict(wrong[name], workers=workers)
    finally:
        shutil.rmtree(keys, ignore_errors=True)
    return report(a, cases, pending, failed, shaky, time.monotonic() - started)


def report(a, cases, pending, failed, shaky, seconds):
    areas, errors, lines = {}, 0, []
    for case in cases:
        holds = case.name not in failed and not case.undecided
        waits = case.name in pending
        tally = areas.setdefault(case.path.parent.name, [0, 0, 0])
        tally[0 if holds and not waits else 2 if waits and not holds else 1] += 1
        if holds != waits:
            continue
        errors += 1
        if holds:
            print(f"FAIL {case.name}: holds, but pending.txt says it waits for: {pending[case.name]}")
            lines.append(f"-{case.name} {pending[case.name]}")
        elif case.undecided:
            print(f"FAIL {case.name}: differs on purpose, but expectations/{case.name}.json is missing")
            lines.append(f"+{case.name}")
        else:
            result = failed[case.name]
            print(f"FAIL {case.name} (workers: {result['workers']})" + "".join("\n    " + p for p in problems(result)))
            if a.v:
                print(result.get("log", ""))
            lines.append(f"+{case.name}")
    for name, problem in shaky.items():
        print(f"held only when run alone: {name}: {problem[:300]}")
    if a.lines:
        print("\n".join(lines))
    for area, (good, bad, waiting) in sorted(areas.items()):
        print(f"  {area:14} {good:4} passed {bad:4} failed {waiting:4} waiting")
    total = [sum(t[i] for t in areas.values()) for i in range(3)]
    print(f"workers {a.workers}, {seconds:.0f} s")
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
