#!/usr/bin/env python3
"""Runs KrakenD's public suite (suite/README.md) on a gateway and holds the result against suite-pending.txt.

  suite.py --gateway build/release/bin/ropewalk            all specs, with one worker and with two
  suite.py --gateway ... -k jwt -v                         some of them, with the gateway's log of failures
  suite.py --gateway ... --specs FOLDER --config FILE      other specs of the same form

One gateway answers all specs, in a network namespace of its own, with this folder as its working directory, so that the
configuration finds fixtures/lua. A spec holds when it holds with every number of workers. suite-pending.txt, where there is one, names those
that do not hold yet, each with what it waits for; such a spec that holds is an error, and so is any other that fails.

Where the suite compares bodies byte by byte, JSON is compared as JSON here: the order of keys is not part of an answer.
Ends with 'N passed, N failed, N skipped'; skipped are the pending.
"""
import argparse, gzip, http.client, json, os, shutil, subprocess, sys, tempfile, time, urllib.parse
from pathlib import Path

import run  # puts recorded/ on the path of modules
import mock
from recorded import canonical, same_body

HERE = Path(__file__).resolve().parent
READY_SECONDS, ANSWER_SECONDS, MOST_REDIRECTS = 10, 15, 10


# --- what Go's client does ---------------------------------------------------------------------------------------------
def one_request(method, url, headers, body):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=ANSWER_SECONDS)
    given = {canonical(k): v for k, v in headers.items()}
    try:
        connection.putrequest(method, parts.path + ("?" + parts.query if parts.query else "") or "/", skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", given.pop("Host", parts.netloc))
        connection.putheader("User-Agent", given.pop("User-Agent", "Go-http-client/1.1"))
        if body is not None or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body or b"")))
        for name, value in given.items():
            connection.putheader(name, value)
        if "Accept-Encoding" not in given:
            connection.putheader("Accept-Encoding", "gzip")
        connection.endheaders(body)
        response = connection.getresponse()
        data = response.read()
    finally:
        connection.close()
    got = {}
    for name, value in response.getheaders():
        got.setdefault(canonical(name), []).append(value)
    if got.get("Content-Encoding") == ["gzip"]:
        data = gzip.decompress(data)
    return response.status, got, data


def fetch(request):
    """(status, {header: [values]}, body) after redirects, as net/http follows them."""
    method, url, headers = request.get("method") or "GET", request["url"], dict(request.get("header") or {})
    body = request.get("body")
    if body is not None:
        body = body.encode() if isinstance(body, str) else json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
    for _ in range(MOST_REDIRECTS):
        status, got, data = one_request(method, url, headers, body)
        location = got.get("Location", [""])[0]
        if status not in (301, 302, 303, 307, 308) or not location:
            return status, got, data
        if status in (301, 302, 303):
            method, body = "HEAD" if method == "HEAD" else "GET", None
        headers["Referer"] = url
        url = urllib.parse.urljoin(url, location)
    raise OSError(f"more than {MOST_REDIRECTS} redirects")


# --- one spec ----------------------------------------------------------------------------------------------------------
def wrong_schema(schema, data):
    try:
        import jsonschema
    except ImportError:
        return "python3-jsonschema is missing (apt-get install python3-jsonschema)"
    try:
        value = json.loads(data)
    except ValueError:
        return f"body {data[:300]!r} is no JSON"
    schema_of = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    error = jsonschema.exceptions.best_match(schema_of(schema).iter_errors(value))
    return error and f"body against the schema: {error.message}"


def same_answer(want, data):
    if isinstance(want, str):
        return want.encode() == data or same_body(want, data.decode("utf-8", "replace"))
    try:
        return json.loads(data, parse_int=float) == json.loads(json.dumps(want), parse_int=float)
    except ValueError:
        return False


def problems(spec):
    """What differs from the spec's expectation, one line each."""
    try:
        status, got, data = fetch(spec["in"])
    except (OSError, http.client.HTTPException, ValueError) as e:
        return [f"no answer: {type(e).__name__}: {e}"]
    want, wrong = spec["out"], []
    if status != want["status_code"]:
        wrong.append(f"status {status}, want {want['status_code']}")
    for name, values in (want.get("header") or {}).items():
        found = got.get(canonical(name), [])
        if found != values and not (values[:1] == [""] and not found):
            wrong.append(f"header {canonical(name)}: {found}, want {values}")
    if want.get("schema"):
        if problem := wrong_schema(want["schema"], data):
            wrong.append(problem)
    elif "body" in want and not same_answer(want["body"], data):
        wrong.append(f"body {data[:600]!r}, want {want['body']!r}")
    return wrong


# --- all of them -------------------------------------------------------------------------------------------------------
def wait_for_gateway(process):
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            return one_request("GET", "http://127.0.0.1:8080/__health", {}, None)[0] == 200
        except OSError:
            time.sleep(0.02)
    return False


def job(specs, gateway, config, workers):
    def work():
        for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
            os.environ.pop(name, None), os.environ.pop(name.upper(), None)
        mock.start()
        env = dict(os.environ, USAGE_DISABLE="1", ROPEWALK_WORKERS=str(workers), ROPEWALK_COMPAT_VERSION="2.13.8")
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen([gateway, "run", "-d", "-c", str(config)], cwd=HERE, env=env, stdout=log, stderr=log)
            try:
                if wait_for_gateway(process):
                    wrong = {name: problems(spec) for name, spec in specs.items()}
                else:
                    wrong = {name: ["the gateway does not start"] for name in specs}
            finally:
                process.kill()
                process.wait()
            log.seek(0)
            return {"wrong": wrong, "log": log.read().decode("utf-8", "replace")[-6000:]}

    return work


def read_pending(path, known):
    if not path.exists():
        return {}
    listed = run.read_list(path)
    unknown = [f"{path}: {name} is no spec" for name in listed if name not in known]
    if unknown:
        sys.exit("\n".join(unknown))
    return listed


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--gateway", required=True, help="the gateway's binary")
    ap.add_argument("--config", type=Path, default=HERE / "suite" / "krakend.json")
    ap.add_argument("--specs", type=Path, default=HERE / "suite" / "specs", help="folder of specs, not searched deeply")
    ap.add_argument("--pending", type=Path, default=HERE / "suite-pending.txt")
    ap.add_argument("--workers", default="1,2", help="numbers of workers to run with (default 1,2)")
    ap.add_argument("-k", default="", help="only specs whose name contains this")
    ap.add_argument("-v", action="store_true", help="show the gateway's log when a spec fails")
    a = ap.parse_args()

    specs = {p.stem: json.loads(p.read_text()) for p in sorted(a.specs.glob("*.json"))}
    pending = read_pending(a.pending, specs)
    specs = {name: spec for name, spec in specs.items() if a.k in name}
    if why := run.namespaces_work():
        print(f"SKIPPED: no network namespaces here ({why[0]}); root or user namespaces are needed")
        print(f"0 passed, 0 failed, {len(specs)} skipped")
        return run.SKIPPED
    gateway = os.path.abspath(shutil.which(a.gateway) or a.gateway)
    if not os.access(gateway, os.X_OK):
        sys.exit(f"suite: {a.gateway} is not a program; build it first")

    failed, logs = {}, []
    jobs = [(workers, job(specs, gateway, a.config.resolve(), workers)) for workers in a.workers.split(",")]
    for workers, result in run.in_parallel(jobs, len(jobs)):
        for name in specs:
            wrong = [result["broken"]] if "broken" in result else result["wrong"][name]
            if wrong:
                failed.setdefault(name, [f"(workers: {workers})", *wrong])
        logs.append(result.get("log", ""))
    return report(specs, failed, pending, logs if a.v else [])


def report(specs, failed, pending, logs):
    passed = [name for name in specs if name not in failed and name not in pending]
    waiting = [name for name in specs if name in failed and name in pending]
    errors = len(specs) - len(passed) - len(waiting)
    for name in specs:
        if name in failed and name not in pending:
            print(f"FAIL {name} " + "\n    ".join(failed[name]))
        elif name in pending and name not in failed:
            print(f"FAIL {name}: holds, but suite-pending.txt says it waits for: {pending[name]}")
    if errors:
        print("\n".join(logs))
    print(f"{len(passed)} passed, {errors} failed, {len(waiting)} skipped")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
