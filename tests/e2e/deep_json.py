#!/usr/bin/env python3
"""JSON nested almost as deep as it may be, from a backend and from a client, through every way that walks it: nothing dies of it,
although the program is started with a stack of 1 MiB.

  deep_json.py --gateway build/release/bin/ropewalk
"""
import argparse, http.client, http.server, json, resource, subprocess, sys, tempfile, threading, time
from pathlib import Path

LEVELS = 9990
DOCUMENTS = {"lists": '{"a":' + "[" * LEVELS + "]" * LEVELS + "}", "objects": '{"a":' * LEVELS + "1" + "}" * LEVELS,
             "both": '{"a":[' * (LEVELS // 2) + "1" + "]}" * (LEVELS // 2)}
MOVE = {"flatmap_filter": [{"type": "move", "args": ["a", "b"]}]}
BACKEND = {"plain": {}, "flatmap": {"extra_config": {"proxy": MOVE}}, "cel": {"extra_config": {"validation/cel": [{"check_expr": "has(resp_data.a)"}]}},
           "lua": {"extra_config": {"modifier/lua-backend": {"post": "local r = response.load(); local a = r:data():get('a')"}}},
           "allow": {"allow": ["a.a"]}, "deny": {"deny": ["a.a.b"], "group": "g"}, "safejson": {"encoding": "safejson"},
           "cache": {"extra_config": {"qos/http-cache": {}}}}
OUTPUT = ["fast-json", "xml", "yaml", "negotiate"]
SCHEMA = {"type": "object", "properties": {"a": {"$ref": "#"}}}


class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = DOCUMENTS.get(self.path.strip("/"), "{}").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def endpoints(host):
    for name in DOCUMENTS:
        part = {"url_pattern": f"/{name}", "host": host}
        for way, more in BACKEND.items():
            yield {"endpoint": f"/{way}/{name}", "backend": [dict(part, **more)]}
        for output in OUTPUT:
            yield {"endpoint": f"/{output}/{name}", "output_encoding": output, "backend": [part]}
    nothing = [{"url_pattern": "/", "host": host}]
    yield {"endpoint": "/schema", "method": "POST", "extra_config": {"validation/json-schema": SCHEMA}, "backend": nothing}
    script = {"pre": "local r = request.load(); r:body(r:body())"}
    yield {"endpoint": "/script", "method": "POST", "extra_config": {"modifier/lua-proxy": script}, "backend": nothing}


def small_stack():
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--gateway", required=True)
    gateway = ap.parse_args().gateway
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    with http.server.HTTPServer(("127.0.0.1", 0), Backend) as unused:
        port = unused.server_port
    routes = list(endpoints([f"http://127.0.0.1:{backend.server_port}"]))
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "krakend.json"
        config.write_text(json.dumps({"version": 3, "port": port, "listen_ip": "127.0.0.1", "timeout": "60s", "endpoints": routes}))
        log = open(Path(folder) / "log", "w+")
        process = subprocess.Popen([gateway, "run", "-c", config, "--workers", "1"], stdout=log, stderr=log, preexec_fn=small_stack)
        failed = passed = 0
        try:
            for route in routes:
                for body in DOCUMENTS.values() if "method" in route else [None]:
                    try:
                        status = ask(process, port, route, body)
                        passed += 1
                        print(f"{status} {route['endpoint']}")
                    except (OSError, http.client.HTTPException) as e:
                        failed += 1
                        print(f"FAIL {route['endpoint']}: {e!r}, exit status {process.poll()}")
        finally:
            process.kill()
            process.wait()
            if failed:
                log.seek(0)
                print(log.read()[-3000:])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def ask(process, port, route, body):
    end = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.connect()
        except ConnectionRefusedError:  # not listening yet, or not any more
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
            continue
        with connection.sock:
            connection.request(route.get("method", "GET"), route["endpoint"], body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            answer.read()
            return answer.status


if __name__ == "__main__":
    sys.exit(main())
