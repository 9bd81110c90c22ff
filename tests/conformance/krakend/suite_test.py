#!/usr/bin/env python3
"""suite.py on small specs and a gateway with fixed answers."""
import json, subprocess, sys, tempfile, unittest
from pathlib import Path

SUITE = Path(__file__).resolve().parent / "suite.py"
GATEWAY = """#!/usr/bin/env python3
import http.client, http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def reply(self, status, body, *headers):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/moved":
            return self.reply(301, b"", ("Location", "/agent"))
        if self.path == "/agent":
            return self.reply(200, self.headers["User-Agent"].encode(), ("X-Referer", self.headers.get("Referer", "")))
        if self.path.startswith("/mock"):
            connection = http.client.HTTPConnection("127.0.0.1", 8081)
            connection.request("GET", self.path[5:], headers={"X-Forwarded-For": "127.0.0.1", "User-Agent": "u", "X-odd": "<1>"})
            r = connection.getresponse()
            return self.reply(r.status, r.read(), *[h for h in r.getheaders() if h[0] != "Content-Length"])
        self.reply(200, b'{"b": 2, "a": 1}', ("Content-Type", "application/json"), ("X-Two", "1"), ("X-Two", "2"))

    def log_message(self, *a):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""
URL = "http://localhost:8080"


class SuiteTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "specs").mkdir()
        self.gateway = self.folder / "gateway"
        self.gateway.write_text(GATEWAY)
        self.gateway.chmod(0o755)

    def spec(self, name, path="/", request=None, **out):
        spec = {"in": dict({"url": URL + path}, **(request or {})), "out": dict({"status_code": 200}, **out)}
        (self.folder / "specs" / f"{name}.json").write_text(json.dumps(spec))

    def run_it(self, pending=""):
        (self.folder / "pending.txt").write_text(pending)
        command = [sys.executable, SUITE, "--gateway", self.gateway, "--specs", self.folder / "specs",
                   "--config", self.folder / "krakend.json", "--pending", self.folder / "pending.txt", "--workers", "1"]
        r = subprocess.run(command, capture_output=True, text=True)
        if r.returncode == 77:
            self.skipTest(r.stdout)
        return r.returncode, (r.stdout + r.stderr).splitlines()

    def test_what_holds(self):
        self.spec("json-as-json", body='{"a":1,"b":2}')
        self.spec("object", body={"a": 1.0, "b": 2})
        self.spec("header", header={"x-tWo": ["1", "2"], "X-Absent": [""]})
        self.spec("schema-beats-body", body="no", schema={"required": ["a"], "properties": {"b": {"type": "integer"}}})
        self.spec("redirect", "/moved", body="Go-http-client/1.1", header={"X-Referer": [URL + "/moved"]})
        self.spec("agent", "/agent", {"header": {"user-agent": "me"}}, body="me")
        self.spec("not-found", "/mock/unknown", status_code=404, body="404 page not found\n")
        self.spec("echo", "/mock/param_forwarding/x%20y?a=1&a=", header={"Set-Cookie": ["test1=test1", "test2=test2"]},
                  body='{"foo":42,"headers":{"Accept-Encoding":["identity"],"User-Agent":["u"],"X-Odd":["\\u003c1\\u003e"]},'
                       '"path":"/param_forwarding/x y","query":{"a":["1",""]}}\n')
        self.assertEqual(self.run_it(), (0, ["8 passed, 0 failed, 0 skipped"]))

    def test_what_does_not(self):
        self.spec("status", status_code=404)
        self.spec("body", body='{"a":1}')
        self.spec("header-order", header={"X-Two": ["2", "1"]})
        self.spec("not-absent", header={"X-Two": [""]})
        self.spec("schema", schema={"required": ["c"]})
        code, lines = self.run_it()
        self.assertEqual((code, lines[-1]), (1, "0 passed, 5 failed, 0 skipped"))

    def test_pending(self):
        self.spec("good")
        self.spec("bad", status_code=404)
        code, lines = self.run_it("bad a feature\n")
        self.assertEqual((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))
        code, lines = self.run_it("bad a feature\ngood another\n")
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 1 skipped"))
        code, lines = self.run_it("gone a feature\n")
        self.assertEqual(code, 1)

    def test_a_gateway_that_does_not_start_fails_all(self):
        self.spec("good")
        self.gateway.write_text("#!/bin/sh\nexit 1\n")
        code, lines = self.run_it()
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))


if __name__ == "__main__":
    unittest.main()
