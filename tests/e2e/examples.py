#!/usr/bin/env python3
"""Each configuration of examples/krakend starts, gets ready and answers: the hosts in it are replaced by a small backend,
and every endpoint is asked once.

  examples.py --binaries build/release/bin [FILE...]
"""
import argparse, http.client, http.server, json, os, re, shutil, socket, ssl, subprocess, sys, tempfile, threading, time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples" / "krakend"
TEMPLATE = EXAMPLES / "flexible" / "gateway.json.tmpl"
FLEXIBLE = {"FC_ENABLE": "1", "FC_SETTINGS": "flexible/settings", "FC_PARTIALS": "flexible/partials",
            "FC_TEMPLATES": "flexible/templates"}
HOST = re.compile(r"(?<=\")(?:https?://)?(?:[\w.:-]+@)?(?:[\w-]+\.internal|api\.partner\.example|127\.\d+\.\d+\.\d+|10\.\d+\.\d+\.\d+|"
                  r"localhost|\[2001:db8::1\])(?::\d+)?(/\w*)?/?(?=\")")
ADDRESSES = re.compile(r"(?s)(?:trusted_proxies|CIDR|listen_ip)\"?:\s*(?:\[.*?\]|\".*?\")")
# What is asked for beside the path, and what the answer is then; 200 for all others.
KEY = {"X-Api-Key": "spring-rope"}
JSON = {"Content-Type": "application/json"}
ADDRESS = {"street": "Quay 1", "city": "Bergen", "country": "NO"}
CASES = {
    ("back-office.json", "PUT", "/articles/{id}"): [({}, None, 401), ({"Authorization": "Basic ZWRpdG9yOmV4YW1wbGUgb25seQ=="}, {}, 200)],
    ("back-office.json", "GET", "/audit"): [({}, None, 401), ({"Authorization": "Basic aW5zcGVjdG9yOmV4YW1wbGUgb25seQ=="}, None, 200)],
    ("bank.json", "GET", "/v1/accounts"): [({}, None, 401)],
    ("bank.json", "POST", "/v1/transfers"): [({}, {}, 401)],
    ("bank.json", "GET", "/v1/statements/{year}"): [({}, None, 401)],
    ("browser.json", "GET", "/cart"): [({}, None, 301), ({"X-Forwarded-Proto": "https"}, None, 200),
                                       ({"Host": "evil.example", "X-Forwarded-Proto": "https"}, None, 500)],
    ("browser.json", "DELETE", "/cart/{item}"): [({"User-Agent": "a spider", "X-Forwarded-Proto": "https"}, None, 403)],
    ("browser.json", "GET", "/embed"): [({"User-Agent": "Mozilla/5.0", "X-Forwarded-Proto": "https"}, None, 500)],
    ("checkout.json", "POST", "/checkout/{cart}"): [(JSON, {"payment": "card"}, 400),
                                                    (JSON, {"payment": "card", "ship_to": ADDRESS}, 200)],
    ("login.json", "GET", "/me"): [({}, None, 401)],
    # Key sets and tokens come from servers that are not there.
    ("login.json", "POST", "/devices/{id}/token"): [({}, {}, 401)],
    ("machine-to-machine.json", "GET", "/invoices/{id}"): [({}, None, 500)],
    ("martian.json", "GET", "/orders"): [({}, None, 500)],
    ("martian.json", "GET", "/pages/{name}"): [({}, None, 500)],
    ("partner-keys.json", "GET", "/products"): [({}, None, 401), (KEY, None, 200)],
    ("partner-keys.json", "POST", "/products"): [({"X-Api-Key": "wrong"}, {}, 401), (KEY, {}, 200)],
    ("partner-keys.json", "GET", "/widget"): [(KEY, None, 401)],
    ("public-api.json", "GET", "/quotes"): [({}, None, 429), (KEY, None, 200)],
    ("rules.json", "GET", "/reports/{year}"): [({}, None, 401)],
    ("scripts.json", "PUT", "/stock/{id}"): [({}, {}, 503)],
    ("service-limit-by-key.json", "GET", "/quotes"): [({}, None, 429), (KEY, None, 200)],
    ("service-limit-by-key.json", "GET", "/rates"): [({}, None, 429)],
    ("validated-writes.json", "POST", "/people"): [(JSON, {"email": 1}, 400), (JSON, {"email": "a@example.com"}, 200),
                                                   ({"Content-Type": "text/plain"}, {"email": "a@example.com"}, 500)],
    ("validated-writes.json", "PUT", "/people/{id}/address"): [(JSON, {}, 400), (JSON, ADDRESS, 200)],
}


class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lists = set()  # paths of url_patterns that answer with a list

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        kind, text = "application/json", '{"id": 1, "name": "rope", "price": 250, "customer": "c1", "reservation": "r1"}'
        if self.command == "GET" and any(shape.fullmatch(path) for shape in Backend.lists):
            text = '[{"id": 1, "title": "rope", "margin": 2}]'
        elif path.endswith(".xml"):
            kind, text = "application/xml", "<customers><name>Ada</name></customers>"
        elif path.endswith(".rss"):
            kind, text = "application/rss+xml", "<rss version='2.0'><channel><title>t</title></channel></rss>"
        elif path.endswith(".txt"):
            kind, text = "text/plain", "hello"
        self.send_response_only(201 if self.command == "POST" and path == "/orders" else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *arguments):
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def with_backend(text, port):
    """The text with every host replaced; lists of addresses that are no hosts stay."""
    out, at = [], 0
    for kept in ADDRESSES.finditer(text):
        out += [HOST.sub(rf"http://127.0.0.1:{port}\1", text[at:kept.start()]), kept[0]]
        at = kept.end()
    return "".join(out) + HOST.sub(rf"http://127.0.0.1:{port}\1", text[at:])


LISTENERS = re.compile(r"(?<=\"port\": )(?:9090|1234)|(?<=\"listen_address\": \":)8090")


def in_list(value):
    return value if isinstance(value, list) else [value]


def endpoints(text, suffix):
    """Method, path and whether each backend answers with a list; empty for what is not JSON."""
    if suffix != ".json":
        return []
    out = []
    for endpoint in in_list(json.loads(text).get("endpoints", [])):
        for backend in in_list(endpoint["backend"]):
            if backend.get("is_collection"):
                pattern = "/" + backend["url_pattern"].split("?")[0].lstrip("/")
                Backend.lists.add(re.compile(re.sub(r"\\{.*?\\}", "[^/]+", re.escape(pattern))))
        out.append((endpoint.get("method", "GET"), endpoint["endpoint"]))
    return out


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A gateway that ends closes its connections as it likes."""


class Gateway:
    def __init__(self, binary, folder, file):
        self.log = open(folder / "log", "w+")
        self.port, self.admin = free_port(), free_port()
        environment = dict(os.environ, **(FLEXIBLE if file.name == TEMPLATE.name else {}))
        self.process = subprocess.Popen([str(binary), "run", "-c", str(file), "-p", str(self.port), "--workers=1",
                                         f"--admin=127.0.0.1:{self.admin}"], cwd=folder, env=environment,
                                        stdout=self.log, stderr=self.log)

    def await_ready(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if ask(self.admin, "GET", "/readyz") == 200:
                    return True
            except OSError:
                time.sleep(0.02)
        return False

    def stop(self):
        self.process.terminate()
        return self.process.wait(20)

    def said(self):
        self.log.seek(0)
        return self.log.read()[-1500:]


def ask(port, method, path, headers=None, body=None, tls=None):
    if tls:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=tls)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    data = json.dumps(body) if body is not None else None
    connection.request(method, path, data, {"Host": "localhost", "User-Agent": "curl/8", **(headers or {})})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def lint_problem(binary, folder, file):
    """What `check -l -t` says against the file, and whether it counts what it read."""
    environment = dict(os.environ, **(FLEXIBLE if file.name == TEMPLATE.name else {}))
    done = subprocess.run([str(binary), "check", "-l", "-t", "-c", str(file)], cwd=folder, env=environment, text=True,
                          capture_output=True)
    counted = re.search(r"^Keys: [1-9][0-9]* supported, 0 ignored or unknown$", done.stdout, re.M)
    return None if done.returncode == 0 and counted else f"{file.name}: {done.stdout}{done.stderr}"


def client_tls(folder, name):
    if not name.startswith("tls-") or name == "tls-off.json":
        return None
    context = ssl.create_default_context(cafile=folder / "tls" / "ca.pem")
    context.check_hostname = False
    context.load_cert_chain(folder / "tls" / "gateway.crt", folder / "tls" / "gateway.key")
    return context


def problems_of(binary, folder, file, port):
    text = LISTENERS.sub(lambda _: str(free_port()), with_backend(file.read_text(), port))
    file.write_text(text)
    if file.name == TEMPLATE.name:
        settings = folder / "flexible" / "settings" / "service.json"
        settings.write_text(with_backend(settings.read_text(), port))
    Backend.lists = set()
    asked = endpoints(text, file.suffix) or [("GET", "/__health")]
    if file.name == TEMPLATE.name:
        Backend.lists = {re.compile("/products|/offers|/reviews")}
        asked = [("GET", "/v1/products"), ("GET", "/v1/offers")]
    gateway = Gateway(binary, folder, file)
    try:
        if not gateway.await_ready():
            return [f"{file.name} is not ready: {gateway.said()}"]
        out = []
        tls = client_tls(folder, file.name)
        for method, path in asked:
            body = {} if method in ("POST", "PUT", "PATCH") else None
            for headers, sent, expected in CASES.get((file.name, method, path), [({}, body, 200)]):
                target = re.sub(r"\{.*?\}", "2020", path).replace("*", "a/b")
                if file.name == "router-no-health.json" and path == "/__health":
                    expected = 404
                status = ask(gateway.port, method, target, headers, sent, tls)
                if status != expected:
                    out.append(f"{file.name}: {method} {target} {headers}: expected {expected}, got {status}")
    finally:
        code = gateway.stop()
    if code:
        out.append(f"{file.name}: ended with {code}: {gateway.said()}")
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--binaries", type=Path, required=True)
    ap.add_argument("files", nargs="*", help="only these")
    arguments = ap.parse_args()
    server = Server(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    files = sorted(f for f in EXAMPLES.iterdir() if f.suffix in (".json", ".yaml", ".toml")) + [TEMPLATE]
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "krakend"
        shutil.copytree(EXAMPLES, folder)
        for file in files:
            if not arguments.files or file.name in arguments.files:
                copied = folder / file.relative_to(EXAMPLES)
                problem = lint_problem(arguments.binaries.resolve() / "ropewalk", folder, copied)
                problems += [problem] if problem else []
                problems += problems_of(arguments.binaries.resolve() / "ropewalk", folder, copied, server.server_address[1])
    for problem in problems:
        print(f"FAIL {problem}")
    print(f"{len(files)} files, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
