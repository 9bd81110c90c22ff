#!/usr/bin/env python3
"""The gateway with every kind of telemetry on, a collector and a backend beside it: a client's trace reaches the backend and
the collector, metrics come by OTLP, Prometheus and /__stats, logs and the access log look as configured; a collector that
is away harms nobody.

  telemetry_e2e.py --gateway build/release/bin/ropewalk
"""
import argparse, http.client, http.server, json, re, socket, subprocess, sys, tempfile, threading, time
from pathlib import Path

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.seen.append((self.command, self.path, dict(self.headers), body))
            self.server.lock.notify_all()
        if self.path == "/slow":
            self.connection.recv(1)  # until the gateway has left
            return
        answer = b'{"sku":"A-1"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.seen, server.lock = [], threading.Condition()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def wait_for(server, what, seconds=20):
    """The first recorded request for which `what` holds."""
    end = time.monotonic() + seconds
    with server.lock:
        while True:
            for one in server.seen:
                if what(one):
                    return one
            if not server.lock.wait(end - time.monotonic()):
                sys.exit(f"nothing came in {seconds} s; seen: {[s[:2] for s in server.seen]}")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def get(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def check(holds, text):
    if not holds:
        sys.exit("FAIL: " + text)


def fields(message):
    """{number: [value]} of a protobuf message: integers, or the bytes of texts and messages."""
    out, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            value = varint()
        elif tag & 7 == 1:
            value, at = int.from_bytes(message[at:at + 8], "little"), at + 8
        else:
            check(tag & 7 == 2, "wire type")
            size = varint()
            value, at = message[at:at + size], at + size
        out.setdefault(tag >> 3, []).append(value)
    return out


def spans_of(message):
    """(trace, id, parent, name, kind, attributes) of each span of an ExportTraceServiceRequest."""
    out = []
    for resource in fields(message)[1]:
        for scope in fields(resource)[2]:
            for span in map(fields, fields(scope)[2]):
                attributes = {}
                for pair in map(fields, span.get(9, [])):
                    value = fields(pair[2][0])
                    attributes[pair[1][0].decode()] = value[1][0].decode() if 1 in value else value[3][0]
                check(span[7][0] <= span[8][0], "a span begins before it ends")
                out.append((span[1][0].hex(), span[2][0].hex(), span.get(4, [b""])[0].hex(), span[5][0].decode(), span[6][0],
                            attributes))
    return out


class Gateway:
    """Runs with `config` (port filled in); ended() gives what it wrote."""

    def __init__(self, binary, config, *flags):
        self.port = config["port"] = free_ports(1)[0]
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "krakend.json"
        file.write_text(json.dumps(config))
        self.out = open(Path(self.folder.name) / "out", "w+")
        self.err = open(Path(self.folder.name) / "err", "w+")
        self.process = subprocess.Popen([binary, "run", "-c", file, "--workers", "2", "--admin", "127.0.0.1:0", *flags],
                                        stdout=self.out, stderr=self.err, cwd=self.folder.name)
        for _ in range(400):
            try:
                if get(self.port, "/__health")[0] == 200:
                    return
            except OSError:
                check(self.process.poll() is None, "the gateway ended")
                time.sleep(0.025)
        check(False, "the gateway does not serve")

    def ended(self):
        self.process.terminate()
        try:
            code = self.process.wait(20)
        finally:
            self.process.kill()
        self.out.seek(0), self.err.seek(0)
        out, err = self.out.read(), self.err.read()
        check(code == 0, f"ended with {code}: {err}")
        return out, err


def everything_on(binary, backend):
    collector = serve()
    prometheus, stats = free_ports(2)
    gateway = Gateway(binary, {
        "version": 3, "name": "shop", "host": [f"http://127.0.0.1:{backend.server_port}"],
        "extra_config": {
            "telemetry/logging": {"level": "INFO", "prefix": "[SHOP]", "stdout": True, "access_log_format": "httpdCommon"},
            "telemetry/metrics": {"listen_address": f"127.0.0.1:{stats}"},
            "telemetry/opentelemetry": {
                "service_version": "9", "metric_reporting_period": 1,
                "exporters": {"prometheus": [{"name": "p", "port": prometheus, "listen_ip": "127.0.0.1", "process_metrics": True}],
                              "otlp": [{"name": "c", "host": "127.0.0.1", "port": collector.server_port, "use_http": True}]}}},
        "endpoints": [{"endpoint": "/stock/{id}", "input_headers": ["*"],
                       "backend": [{"url_pattern": "/a/{id}"}, {"url_pattern": "/b", "group": "b"}]}]})
    status, body = get(gateway.port, "/stock/7?x=1", {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "v=1"})
    check(status == 200 and json.loads(body) == {"sku": "A-1", "b": {"sku": "A-1"}}, f"{status} {body}")
    heard = set()
    for path in ("/a/7", "/b"):
        headers = {k.lower(): v for k, v in wait_for(backend, lambda s, p=path: s[1] == p)[2].items()}
        found = re.fullmatch(f"00-{TRACE}-([0-9a-f]{{16}})-01", headers.get("traceparent", ""))
        check(found and found[1] != SPAN, f"traceparent at the backend: {headers.get('traceparent')}")
        check(headers.get("tracestate") == "v=1", "tracestate at the backend")
        heard.add(found[1])
    check(len(heard) == 2, "each call has a span of its own")
    traces = wait_for(collector, lambda s: s[1] == "/v1/traces")
    check(traces[2]["Content-Type"] == "application/x-protobuf", "content type of OTLP")
    check(b"service.name" in traces[3] and b"shop" in traces[3], "who reports")
    check(b"x=1" not in traces[3], "the query stays out of the spans")
    spans = spans_of(traces[3])
    check({s[0] for s in spans} == {TRACE}, "one trace")
    request = [s for s in spans if s[4] == 2]
    calls = [s for s in spans if s[4] == 3]
    check(len(request) == 1 and request[0][2:4] == (SPAN, "GET /stock/{id}"), f"the span of the request: {request}")
    check(request[0][5]["http.response.status_code"] == 200 and request[0][5]["http.route"] == "/stock/{id}", str(request))
    check({s[1] for s in calls} == heard, f"the backends heard the spans of their calls: {calls}")
    check({s[2] for s in calls} == {request[0][1]}, f"children of the request: {calls}")
    metrics = wait_for(collector, lambda s: s[1] == "/v1/metrics" and b"/stock/{id}" in s[3])
    check(b"http.server.duration" in metrics[3] and b"krakend.backend.duration" in metrics[3], "metrics by OTLP")
    text = get(prometheus, "/metrics")[1]
    check('http_server_duration_count{http_request_method="GET",http_route="/stock/{id}"} 1' in text, text)
    check("process_resident_memory_bytes " in text, "process metrics")
    page = json.loads(get(stats, "/__stats")[1])
    check(page["krakend"]["Counters"]["krakend.router.response./stock/{id}.status.2xx.count"] == 1, str(page))
    # Health checks are no traces.
    check(not any(b"/__health" in s[3] for s in collector.seen), "health checks are skipped")
    text = gateway.ended()[0]
    check(re.search(r'^127\.0\.0\.1 - - \[.*\] "GET /stock/7\?x=1 HTTP/1\.1" 200 \d+$', text, re.M), text)
    check(re.search(r"^\[SHOP\] \d{4}/\d\d/\d\d - \d\d:\d\d:\d\d\.\d{3} ▶ INFO serving", text, re.M), text)


def json_lines(binary, backend):
    """Logs and access log as JSON: without API keys; what a gate answers on a kept connection has nothing of the request
    before."""
    gateway = Gateway(binary, {
        "version": 3, "host": [f"http://127.0.0.1:{backend.server_port}"],
        "extra_config": {"telemetry/logging": {"level": "INFO", "prefix": "[SHOP]", "stdout": True, "format": "logstash",
                                               "access_log_format": "json"},
                         "auth/api-keys": {"strategy": "query_string", "identifier": "key",
                                           "keys": [{"key": "s3cret", "roles": ["a"]}]}},
        "endpoints": [{"endpoint": "/keyed", "extra_config": {"auth/api-keys": {"roles": ["a"]}},
                       "backend": [{"url_pattern": "/a"}]},
                      {"endpoint": "/late", "timeout": "150ms", "backend": [{"url_pattern": "/slow"}]},
                      {"endpoint": "/once", "extra_config": {"qos/ratelimit/router": {"max_rate": 1, "every": "1h"}},
                       "backend": [{"url_pattern": "/a"}, {"url_pattern": "/b", "group": "b"}]}]})
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    for expected in (200, 503):
        connection.request("GET", "/once")
        answer = connection.getresponse()
        answer.read()
        check(answer.status == expected, f"{answer.status}, expected {expected}")
    for path, expected in (("/keyed?key=s3cret&page=2", 200), ("/kyed?k%65y=s3cret", 404), ("/late", 500)):
        check(get(gateway.port, path)[0] == expected, f"{path}: not {expected}")
    out, err = gateway.ended()
    check("s3cret" not in out + err and "/keyed?key=***&page=2" in out, f"API keys are not logged: {out}")
    lines = [json.loads(line) for line in out.splitlines()]
    logged = [line for line in lines if line.get("path", line.get("target")) == "/once"]
    check([line["status"] for line in logged] == [200, 503], str(lines))
    key = next((k for k, v in logged[0].items() if isinstance(v, list)), None)
    check(key and len(logged[0][key]) == 2 and not logged[1].get(key), f"parts of each request: {logged}")
    late = next(line for line in lines if line.get("path", line.get("target")) == "/late")
    check(late[key][0]["ms"] >= 140, f"a part that came too late took its time: {late}")
    served = [line for line in lines if "@timestamp" in line]
    check(served and served[0]["module"] == "SHOP" and served[0]["level"] == "INFO" and served[0]["message"], str(lines))


def api_keys_are_not_logged(binary, backend):
    """Neither in Referer, which the combined format shows, nor by the debug endpoint, whatever field they stand in."""
    gateway = Gateway(binary, {
        "version": 3, "debug_endpoint": True, "host": [f"http://127.0.0.1:{backend.server_port}"],
        "extra_config": {"telemetry/logging": {"level": "DEBUG", "stdout": True, "access_log_format": "httpdCombine"},
                         "auth/api-keys": {"strategy": "query_string", "identifier": "key",
                                           "keys": [{"key": "s3cret", "roles": ["a"]}]}},
        "endpoints": [{"endpoint": "/keyed", "extra_config": {"auth/api-keys": {"roles": ["a"]}},
                       "backend": [{"url_pattern": "/a"}]},
                      {"endpoint": "/by-field", "backend": [{"url_pattern": "/a"}],
                       "extra_config": {"auth/api-keys": {"roles": ["a"], "strategy": "header", "identifier": "x-shop-key"}}}]})
    fields = {"Referer": "http://shop/list?key=s3cret&page=2", "X-Shop-Key": "s3cret", "X-Other": "seen"}
    for path in ("/keyed?key=s3cret", "/by-field", "/__debug/x?key=s3cret"):
        check(get(gateway.port, path, fields)[0] == 200, f"{path} is not answered")
    out, err = gateway.ended()
    for shown in ("/keyed?key=***", "http://shop/list?key=***&page=2", "/__debug/x?key=***", "seen"):
        check(shown in out + err, f"no {shown} in {out}{err}")
    check("s3cret" not in out + err, f"API keys are logged: {out}{err}")


def dead_collectors(binary, backend):
    """One that refuses, one that never answers: requests are served, and the end does not wait."""
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen(8)
    gateway = Gateway(binary, {
        "version": 3, "host": [f"http://127.0.0.1:{backend.server_port}"],
        "extra_config": {"telemetry/opentelemetry": {"exporters": {"otlp": [
            {"name": "silent", "host": "127.0.0.1", "port": silent.getsockname()[1], "use_http": True},
            {"name": "gone", "host": "127.0.0.1", "port": free_ports(1)[0], "use_http": True},
            {"name": "gone too", "host": "127.0.0.1", "port": free_ports(1)[0]}]}}},
        "endpoints": [{"endpoint": "/x", "backend": [{"url_pattern": "/a"}]}]})
    for _ in range(200):
        check(get(gateway.port, "/x")[0] == 200, "served without collectors")
    out, err = gateway.ended()
    for name in ("silent", "gone", '"gone too"'):
        check(err.count(f"exporter={name} ") == 1, f"{name} is named once: {err}")
    silent.close()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--gateway", type=Path, required=True)
    binary = ap.parse_args().gateway.resolve()
    backend = serve()
    for test in (everything_on, json_lines, api_keys_are_not_logged, dead_collectors):
        test(binary, backend)
        print(test.__name__, "holds")


main()
