#!/usr/bin/env python3
"""One configuration, two spellings: a KrakenD file served stand-alone, and the same endpoints as annotations of Services,
through the controller. Both must give the same answers and ask the backends for the same.

  same_answers.py --binaries build/release/bin
"""
import argparse, http.client, http.server, json, socket, subprocess, sys, tempfile, threading, time
from pathlib import Path

CATALOGUE = {"data": {"id": 7, "name": "rope", "price": 1.10, "secret": "s", "maker": {"name": "Ada", "vat": "x"}}, "meta": 1}
STOCK = [{"place": "A", "n": 9007199254740993}, {"place": "B", "n": 0}]

# endpoint -> its parts: (Service, the backend in KrakenD's words); the endpoint's own keys beside them.
ENDPOINTS = {
    "item": ({"endpoint": "/v1/items/{id}", "input_query_strings": ["lang"], "input_headers": ["X-Tenant"], "timeout": "1500ms"},
             [("catalogue", {"url_pattern": "/catalogue/{id}", "target": "data", "deny": ["secret", "maker.vat"]}),
              ("stock", {"url_pattern": "/stock/{id}?all=1", "is_collection": True, "mapping": {"collection": "stock"}}),
              ("gone", {"url_pattern": "/gone", "group": "gone"})]),
    "short": ({"endpoint": "/v1/short"}, [("catalogue", {"url_pattern": "/catalogue/1", "allow": ["data.id", "data.maker.name"]})]),
    "write": ({"endpoint": "/v1/orders", "method": "POST", "input_headers": ["Content-Type", "X-Tenant"]},
              [("catalogue", {"url_pattern": "/orders", "group": "order"})]),
    "raw": ({"endpoint": "/v1/raw/{id}", "output_encoding": "no-op", "input_query_strings": ["*"]},
            [("catalogue", {"url_pattern": "/raw/{id}", "encoding": "no-op"})]),
    "dead": ({"endpoint": "/v1/dead"}, [("gone", {"url_pattern": "/gone"})]),
}
REQUESTS = [
    ("GET", "/v1/items/7?lang=de&x=1", {"X-Tenant": "acme", "X-Other": "no"}, None),
    ("GET", "/v1/items/a%20b?lang=a%26b", {}, None),
    ("GET", "/v1/items/a%252Fb", {}, None),
    ("GET", "/v1/short", {"Accept-Language": "de"}, None),
    ("POST", "/v1/orders", {"Content-Type": "application/json", "X-Tenant": "acme"}, '{"n": 1.10}'),
    ("GET", "/v1/orders", {}, None),
    ("GET", "/v1/raw/9?b=2&a=1", {}, None),
    ("GET", "/v1/dead", {}, None),
    ("GET", "/v1/nothing", {}, None),
    ("GET", "/v1/short/", {}, None),
]
ANNOTATION = {"endpoint": "endpoint", "method": "method", "timeout": "timeout", "output_encoding": "output-encoding",
              "input_headers": "input-headers", "input_query_strings": "input-query-strings", "url_pattern": "url-pattern",
              "target": "target", "allow": "allow", "deny": "deny", "mapping": "mapping", "group": "group",
              "is_collection": "is-collection", "encoding": "encoding"}


class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = sorted((k.title(), v) for k, v in self.headers.items() if k not in ("Host", "Content-Length"))
        Backend.seen.append([self.command, self.path, headers, body])
        status, out = 200, CATALOGUE
        if self.path.startswith("/stock"):
            out = STOCK
        elif self.path.startswith("/orders"):
            status, out = 201, {"got": body}
        elif self.path.startswith("/raw"):
            status, out = 418, {"path": self.path}
        elif self.path.startswith("/gone"):
            status, out = 503, {"why": "gone"}
        data = json.dumps(out).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Backend", "yes")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *arguments):
        pass


def krakend_file(port):
    endpoints = []
    for own, parts in ENDPOINTS.values():
        backends = [dict(part, host=[f"http://127.0.0.1:{port}"]) for _, part in parts]
        endpoints.append(dict(own, backend=backends))
    return {"version": 3, "port": 8080, "endpoints": endpoints}


def annotation_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, dict):
        return ",".join(f"{k}={v}" for k, v in value.items())
    return value


def manifests(port):
    """A Service and an EndpointSlice for each part: the first part of an endpoint owns it, the others join."""
    objects = []
    for name, (own, parts) in ENDPOINTS.items():
        for i, (service, part) in enumerate(parts):
            full = f"{name}-{service}"
            keys = dict(own, **part) if i == 0 else dict(part)
            notes = {f"ropewalk.dev/{ANNOTATION[k]}": annotation_value(v) for k, v in keys.items()}
            notes["ropewalk.dev/expose"] = "true"
            if i:
                notes |= {"ropewalk.dev/join": f"{name}-{parts[0][0]}", "ropewalk.dev/order": str(i)}
            objects.append({"apiVersion": "v1", "kind": "Service",
                            "metadata": {"name": full, "namespace": "shop", "annotations": notes},
                            "spec": {"ports": [{"name": "http", "port": 80}]}})
            objects.append({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                            "metadata": {"name": f"{full}-1", "namespace": "shop", "labels": {"kubernetes.io/service-name": full}},
                            "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
                            "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}]})
    return {"apiVersion": "v1", "kind": "List", "items": objects}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, method, path, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {"Host": "gateway.test", "User-Agent": "test", **headers})
    answer = connection.getresponse()
    text = answer.read().decode()
    try:
        text = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        pass
    kept = {k.title(): v for k, v in answer.getheaders() if k.title() not in ("Date", "X-Request-Id", "Content-Length")}
    connection.close()
    return answer.status, kept, text


def answers(port):
    out = []
    for request in REQUESTS:
        Backend.seen = []
        answer = ask(port, *request)
        out.append((answer, sorted(Backend.seen)))
    return out


def await_ready(admin, processes, folder):
    deadline = time.monotonic() + 20
    while True:
        for process in processes:
            if process.poll() is not None:
                sys.exit(f"a program ended:\n{(folder / 'log').read_text()[-2000:]}")
        try:
            if ask(admin, "GET", "/readyz", {}, None)[0] == 200:
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            sys.exit(f"not ready within 20 s:\n{(folder / 'log').read_text()[-2000:]}")
        time.sleep(0.02)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--binaries", type=Path, required=True)
    binaries = ap.parse_args().binaries
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    backend = server.server_address[1]
    processes = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = open(folder / "log", "wb")
        start = lambda *command: processes.append(subprocess.Popen([str(c) for c in command], stdout=log, stderr=log))
        try:
            (folder / "krakend.json").write_text(json.dumps(krakend_file(backend)))
            (folder / "objects").mkdir()
            (folder / "objects" / "shop.json").write_text(json.dumps(manifests(backend)))
            alone, alone_admin, driven, driven_admin, stream, controller = (free_port() for _ in range(6))
            start(binaries / "ropewalk", "run", "-c", folder / "krakend.json", "-p", alone, f"--admin=127.0.0.1:{alone_admin}")
            start(binaries / "ropewalk-controller", "run", f"--source=dir={folder}/objects", f"--listen=127.0.0.1:{stream}",
                  f"--admin=127.0.0.1:{controller}")
            start(binaries / "ropewalk", "run", f"--controller=127.0.0.1:{stream}", "-p", driven, "--tls-port=0",
                  f"--admin=127.0.0.1:{driven_admin}")
            await_ready(alone_admin, processes, folder)
            await_ready(driven_admin, processes, folder)
            passed = failed = 0
            for request, one, other in zip(REQUESTS, answers(alone), answers(driven)):
                if one == other:
                    passed += 1
                else:
                    failed += 1
                    print(f"FAIL {request[0]} {request[1]}\n  file:        {one}\n  annotations: {other}")
            if answers(alone)[0][0][0] != 200:
                sys.exit("the first request is not even answered")
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(20)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
