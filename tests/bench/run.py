#!/usr/bin/env python3
"""CPU time per request of the gateway beside nginx, HAProxy and Envoy, instructions per request, idle memory.

  run.py --binaries build/release/bin                     the whole table, about two minutes
  run.py --binaries ... --update-baseline                 also writes the instruction counts to baseline.json
  run.py --binaries ... --only instructions               nothing but these, compared with baseline.json

Nobody writes an access log, but for the row that says so. Core 0 runs the program measured, one worker; core 1 runs `wrk -t1 -c64` and the nginx backends. CPU time is the scheduler's run time
of all threads of the program. Programs take turns, `--rounds` times; the median counts. On a virtual machine compare the multiples of
nginx 1->1, not the microseconds. Instructions are callgrind's, user space, as the difference of two runs. Exit 1 when an answer is
wrong or fails, when 1,500 endpoints with limits need too much memory, or when instructions grew by more than --tolerance.
"""
import argparse, http.client, json, os, re, shutil, signal, statistics, subprocess, sys, tempfile
from pathlib import Path

import servers
from servers import SIZES

GATEWAY_CORE, LOAD_CORE = 0, 1
BASELINE = Path(__file__).resolve().parent / "baseline.json"
CASES = [("no-op 1->1", "noop", "97 B"), ("no-op 1->1", "noop", "20 KB"), ("one JSON backend", "one", "97 B"),
         ("aggregate 1->3", "three", "97 B"), ("aggregate 1->3", "three", "2 KB"), ("aggregate 1->3", "three", "20 KB"),
         ("1->3 allow+group, mapping, deny", "shaped", "20 KB"), ("router and client limit", "limited", "97 B"),
         ("JWT RS256", "jwt", "97 B"), ("cache hit", "cached", "2 KB")]
# Multiples of nginx 1->1.
BUDGETS = {("ropewalk no-op 1->1", "97 B"): 1.0, ("ropewalk one JSON backend", "97 B"): 1.1, ("ropewalk aggregate 1->3", "97 B"): 2.0,
           ("ropewalk aggregate 1->3", "2 KB"): 2.4, ("ropewalk aggregate 1->3", "20 KB"): 7,
           ("ropewalk 1->3 allow+group, mapping, deny", "20 KB"): 8, ("ropewalk router and client limit", "97 B"): 1.15,
           ("ropewalk JWT RS256", "97 B"): 1.25,
           ("ropewalk cache hit", "2 KB"): 0.8}
MANY, MANY_MIB = 1500, 100  # endpoints with limits, and what they may take
COUNTED = [("no-op 1->1 97 B", "/noop/97"), ("aggregate 1->3 97 B", "/three/97"), ("aggregate 1->3 2 KB", "/three/2034")]


class Failed(Exception):
    pass


def wanted(path, size):
    """The object of the first part, or what the three make."""
    if path.startswith("/shaped"):
        return servers.shaped_answer(size)
    want = {}
    for part in servers.PARTS if path.startswith("/three") else "a":
        want.update(json.loads(servers.flat_object(part, size)))
    return want


def check(port, path, size, token):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    c.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    r = c.getresponse()
    body = r.read()
    c.close()
    if r.status != 200 or json.loads(body) != wanted(path, size):
        raise Failed(f"{path} answers {r.status} {body[:200]!r}")


def load(port, path, seconds, token):
    """Requests that wrk completed; any error raises. Only paths that need the token get it."""
    header = ["-H", f"Authorization: Bearer {token}"] if path.startswith("/jwt") else []
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", "-c64", f"-d{seconds}s", *header, f"http://127.0.0.1:{port}{path}"]
    text = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60).stdout
    bad = re.search(r"Non-2xx.*|Socket errors:(?! connect 0, read 0, write 0, timeout 0).*", text)
    done = re.search(r"(\d+) requests in", text)
    if bad or not done or not int(done[1]):
        raise Failed(f"{path}: {bad[0] if bad else text.strip()[-200:] or 'wrk printed nothing'}")
    return int(done[1])


def microseconds(server, path, seconds, token):
    before = server.cpu_ns()
    requests = load(server.port, path, seconds, token)
    return (server.cpu_ns() - before) / 1000 / requests


def table(a, folder, backend, token):
    """{row: [us per round]} of all programs, which take turns."""
    starters = [("nginx 1->1", "97 B", lambda: servers.nginx_proxy(backend.port, GATEWAY_CORE, folder), "/a/97"),
                ("nginx 1->1", "20 KB", lambda: servers.nginx_proxy(backend.port, GATEWAY_CORE, folder), "/a/19980"),
                ("HAProxy 1->1", "97 B", lambda: servers.haproxy(backend.port, GATEWAY_CORE, folder), "/a/97")]
    if not a.no_envoy and (program := servers.find_envoy()):
        starters.append(("Envoy 1->1", "97 B", lambda: servers.envoy(program, backend.port, GATEWAY_CORE, folder), "/a/97"))
    def ropewalk(**more):
        return lambda: servers.ropewalk(a.program, backend.port, GATEWAY_CORE, folder, **more)

    for name, path, size in CASES:
        starters.append((f"ropewalk {name}", size, ropewalk(), f"/{path}/{SIZES[size]}"))
    starters.append(("ropewalk no-op 1->1, access log", "97 B", ropewalk(access_log=True), f"/noop/{SIZES['97 B']}"))
    rows = {}
    for _ in range(a.rounds):
        for name, size, start, path in starters:
            server = start()
            try:
                check(server.port, path, SIZES[size], token)
                load(server.port, path, 1, token)  # warm: connections, caches
                rows.setdefault((name, size), []).append(microseconds(server, path, a.seconds, token))
            finally:
                server.stop()
    return rows


def print_table(rows):
    base = statistics.median(rows["nginx 1->1", "97 B"])
    print(f"{'':40} {'body':>6} {'CPU us/request':>15} {'spread':>13} {'x nginx 1->1':>13}")
    for (name, size), all_ in rows.items():
        middle = statistics.median(all_)
        times = middle / base
        budget = BUDGETS.get((name, size))
        note = f"  (at most {budget}: {'kept' if times <= budget else 'EXCEEDED'})" if budget else ""
        print(f"{name:40} {size:>6} {middle:15.1f} {min(all_):6.1f}-{max(all_):<6.1f} {times:13.2f}{note}")


def idle_memory(a, folder, backend):
    server = servers.ropewalk(a.program, backend.port, GATEWAY_CORE, folder)
    try:
        anon, rss = server.memory_kib()
    finally:
        server.stop()
    print(f"idle memory of `run -c`: RssAnon {anon / 1024:.1f} MiB, RSS {rss / 1024:.1f} MiB")


def many_endpoints(a, folder, backend):
    """Memory of many endpoints with limits, each of which has seen some clients. False: more than allowed."""
    server = servers.ropewalk(a.program, backend.port, GATEWAY_CORE, folder, routes=lambda host: servers.many_limited(host, MANY))
    try:
        c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for i in range(2 * MANY):
            c.request("GET", f"/limited/{i % MANY}", headers={"X-Client": f"client-{i}"})
            r = c.getresponse()
            r.read()
            if r.status != 200:
                raise Failed(f"/limited/{i % MANY} answers {r.status}")
        c.close()
        anon, rss = server.memory_kib()
    finally:
        server.stop()
    kept = rss / 1024 <= MANY_MIB
    print(f"{MANY} endpoints with limits: RssAnon {anon / 1024:.1f} MiB, RSS {rss / 1024:.1f} MiB (at most {MANY_MIB}: {'kept' if kept else 'EXCEEDED'})")
    return kept


def counted_run(program, backend, folder, path, requests):
    """Instructions of a whole run with so many requests on one connection."""
    prefix = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out"]
    server = servers.ropewalk(program, backend.port, GATEWAY_CORE, folder, prefix)
    try:
        c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for _ in range(requests):
            c.request("GET", path)
            r = c.getresponse()
            r.read()
            if r.status != 200:
                raise Failed(f"{path} answers {r.status} under callgrind")
        c.close()
    finally:
        server.stop(signal.SIGTERM)
    found = re.search(r"Collected : (\d+)", server.log.read_text(errors="replace"))
    if not found:
        raise Failed(f"callgrind says nothing: {server.log.read_text(errors='replace')[-500:]}")
    return int(found[1])


def instructions(a, folder, backend):
    """{row: instructions per request}, compared with the baseline. False: one grew too much."""
    # Debian's valgrind does not read clang's DWARF 5.
    program = Path(folder) / "ropewalk-stripped"
    subprocess.run(["strip", "--strip-debug", "-o", program, a.program], check=True, timeout=120)
    known = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    counts, good = {}, True
    print(f"{'instructions per request':30} {'now':>10} {'baseline':>10} {'change':>8}")
    for name, path in COUNTED:
        few, many = (counted_run(program, backend, folder, path, n) for n in (200, 1200))
        counts[name] = round((many - few) / 1000)
        old = known.get(name)
        change = (counts[name] - old) / old if old else 0
        print(f"{name:30} {counts[name]:10} {old or '-':>10} {change:+8.1%}")
        good = good and change <= a.tolerance
    if a.update_baseline:
        BASELINE.write_text(json.dumps(counts, indent=1) + "\n")
        print(f"written to {BASELINE.name}")
    elif not good:
        print(f"instructions per request grew by more than {a.tolerance:.0%}: make it cheaper, or --update-baseline and say why")
    return good or a.update_baseline


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--binaries", type=Path, required=True, help="folder of the release programs")
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--seconds", type=int, default=3, help="of load per round and row")
    ap.add_argument("--only", choices=["table", "memory", "instructions"])
    ap.add_argument("--no-envoy", action="store_true")
    ap.add_argument("--update-baseline", action="store_true")
    ap.add_argument("--tolerance", type=float, default=0.02, help="growth of instructions that passes (default 0.02)")
    a = ap.parse_args()
    a.program = (a.binaries / "ropewalk").resolve()
    for needed in ("nginx", "haproxy", "wrk", "taskset", "valgrind", "strip", "openssl"):
        if not shutil.which(needed, path=os.environ.get("PATH", "") + ":/usr/sbin"):
            sys.exit(f"bench: {needed} is missing (apt-get install nginx-light haproxy wrk util-linux valgrind binutils openssl)")
    if not os.access(a.program, os.X_OK):
        sys.exit(f"bench: {a.program} is not there; `make build` makes it")
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("bench: two cores are needed")
    os.environ["PATH"] += ":/usr/sbin"
    folder = tempfile.mkdtemp(prefix="bench-")
    good = True
    backend = None
    try:
        os.chmod(folder, 0o755)  # nginx workers give up root
        backend = servers.backends(LOAD_CORE, folder)
        token = servers.make_token(folder)
        if a.only in (None, "table"):
            print_table(table(a, folder, backend, token))
        if a.only in (None, "memory"):
            idle_memory(a, folder, backend)
            good = many_endpoints(a, folder, backend)
        if a.only in (None, "instructions"):
            good = instructions(a, folder, backend) and good
    except Failed as e:
        print(f"FAILED: {e}")
        good = False
    finally:
        if backend:
            backend.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
