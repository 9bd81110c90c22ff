#!/usr/bin/env python3
"""The gateway with every kind of telemetry on, a collector and a backend beside it: a client's trace reaches the backend and
the collector, metrics come by OTLP, Prometheus and /__stats, logs and the access log look as configured.

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


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--gateway", type=Path, required=True)
    gateway = ap.parse_args().gateway.resolve()
    backend, collector = serve(), serve()
    port, prometheus, stats = free_ports(3)
    config = {
        "version": 3, "name": "shop", "port": port, "host": [f"http://127.0.0.1:{backend.server_port}"],
        "extra_config": {
            "telemetry/logging": {"level": "INFO", "prefix": "[SHOP]", "stdout": True, "access_log_format": "httpdCommon"},
            "telemetry/metrics": {"listen_address": f"127.0.0.1:{stats}"},
            "telemetry/opentelemetry": {
                "service_version": "9", "metric_reporting_period": 1,
                "exporters": {"prometheus": [{"name": "p", "port": prometheus, "listen_ip": "127.0.0.1", "process_metrics": True}],
                              "otlp": [{"name": "c", "host": "127.0.0.1", "port": collector.server_port, "use_http": True}]}}},
        "endpoints": [{"endpoint": "/stock/{id}", "input_headers": ["*"],
                       "backend": [{"url_pattern": "/a/{id}"}, {"url_pattern": "/b", "group": "b"}]}]}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "krakend.json"
        file.write_text(json.dumps(config))
        log = open(Path(folder) / "log", "w+")
        process = subprocess.Popen([gateway, "run", "-c", file, "--workers", "2", "--admin", "127.0.0.1:0"],
                                   stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            for _ in range(200):
                try:
                    if get(port, "/__health")[0] == 200:
                        break
                except OSError:
                    check(process.poll() is None, "the gateway ended")
                    time.sleep(0.05)
            status, body = get(port, "/stock/7?x=1", {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "v=1"})
            check(status == 200 and json.loads(body) == {"sku": "A-1", "b": {"sku": "A-1"}}, f"{status} {body}")
            spans = set()
            for path in ("/a/7", "/b"):
                headers = {k.lower(): v for k, v in wait_for(backend, lambda s, p=path: s[1] == p)[2].items()}
                found = re.fullmatch(f"00-{TRACE}-([0-9a-f]{{16}})-01", headers.get("traceparent", ""))
                check(found and found[1] != SPAN, f"traceparent at the backend: {headers.get('traceparent')}")
                check(headers.get("tracestate") == "v=1", "tracestate at the backend")
                spans.add(found[1])
            check(len(spans) == 2, "each call has a span of its own")
            traces = wait_for(collector, lambda s: s[1] == "/v1/traces")
            check(traces[2]["Content-Type"] == "application/x-protobuf", "content type of OTLP")
            for part in [bytes.fromhex(TRACE), bytes.fromhex(SPAN), b"GET /stock/{id}", b"service.name", b"shop"] + [
                    bytes.fromhex(s) for s in spans]:
                check(part in traces[3], f"{part!r} in the spans")
            check(b"x=1" not in traces[3], "the query stays out of the spans")
            metrics = wait_for(collector, lambda s: s[1] == "/v1/metrics" and b"/stock/{id}" in s[3])
            check(b"http.server.duration" in metrics[3] and b"krakend.backend.duration" in metrics[3], "metrics by OTLP")
            text = get(prometheus, "/metrics")[1]
            check('http_server_duration_count{http_request_method="GET",http_route="/stock/{id}"} 1' in text, text)
            check("process_resident_memory_bytes " in text, "process metrics")
            page = json.loads(get(stats, "/__stats")[1])
            check(page["krakend"]["Counters"]["krakend.router.response./stock/{id}.status.2xx.count"] == 1, str(page))
            # Health checks are no traces.
            check(not any(b"/__health" in s[3] for s in collector.seen), "health checks are skipped")
        finally:
            process.terminate()
            code = process.wait(20)
        check(code == 0, f"ended with {code}")
        log.seek(0)
        text = log.read()
        check(re.search(r'^127\.0\.0\.1 - - \[.*\] "GET /stock/7\?x=1 HTTP/1\.1" 200 \d+$', text, re.M), text)
        check(re.search(r"^\[SHOP\] \d{4}/\d\d/\d\d - \d\d:\d\d:\d\d\.\d{3} ▶ INFO serving", text, re.M), text)
    print("telemetry holds")


main()
