#!/usr/bin/env python3
"""compat.py on two gateways that answer differently."""
import json, subprocess, sys, tempfile, unittest
from pathlib import Path

COMPAT = Path(__file__).resolve().parent / "compat.py"
GATEWAY = """#!/usr/bin/env python3
import http.server, sys
if sys.argv[1:] == ["version"]:
    sys.exit(print("KrakenD Version: 2.9.1"))

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(200)
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *a):
        pass

http.server.HTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""


class CompatTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "cases" / "area").mkdir(parents=True)
        self.write("one")

    def write(self, name, **more):
        case = dict({"config": {"endpoints": []}, "steps": [{"in": {"url": "/"}}]}, **more)
        (self.folder / "cases" / "area" / f"{name}.json").write_text(json.dumps(case))

    def gateway(self, name, answer):
        path = self.folder / name
        path.write_text(GATEWAY.replace("ANSWER", answer))
        path.chmod(0o755)
        return path

    def run_it(self, left, right, *more):
        command = [sys.executable, COMPAT, "--krakend", left, "--gateway", right, self.folder / "cases",
                   "--expectations", self.folder / "expectations", *more]
        r = subprocess.run(command, capture_output=True, text=True)
        if "no network namespaces" in r.stderr:
            self.skipTest(r.stderr)
        return r.returncode, (r.stdout + r.stderr).splitlines()

    def test_equal_answers_are_silent(self):
        left = self.gateway("left", """b'{"a":1,"b":2}'""")
        right = self.gateway("right", """b'{"b": 2, "a": 1}'""")
        self.assertEqual(self.run_it(left, right), (0, ["1 same, 0 differ, 0 differ on purpose"]))

    def test_a_difference_is_printed_with_both_sides(self):
        left, right = self.gateway("left", """b'{"a":1}'"""), self.gateway("right", """b'{"a":2}'""")
        code, lines = self.run_it(left, right)
        self.assertEqual((code, lines[-1]), (1, "0 same, 1 differ, 0 differ on purpose"))
        self.assertEqual(lines[0], "area/one")
        self.assertEqual(lines[1].strip(), """step 1 (GET /): body '{"a":2}', KrakenD: '{"a":1}'""")

    def test_a_wanted_difference_names_its_reason(self):
        left, right = self.gateway("left", """b'{"a":1}'"""), self.gateway("right", """b'{"a":2}'""")
        own = self.folder / "expectations" / "area"
        own.mkdir(parents=True)
        (own / "one.json").write_text(json.dumps({"reason": "two is better", "rule": "design 7.9"}))
        code, lines = self.run_it(left, right)
        self.assertEqual((code, lines[-1]), (0, "0 same, 0 differ, 1 differ on purpose"))
        self.assertEqual(lines[1].strip(), "on purpose: two is better (design 7.9)")

    def test_a_gateway_that_does_not_start_is_a_difference(self):
        left, right = self.gateway("left", "b'{}'"), self.gateway("right", "b'{}'")
        right.write_text("#!/bin/sh\necho no such key >&2\nexit 1\n")
        code, lines = self.run_it(left, right)
        self.assertEqual(code, 1)
        self.assertEqual([line.strip() for line in lines[1:3]], ["start: refused, KrakenD: ok", "no such key"])

    def test_no_case_is_an_error(self):
        left = self.gateway("left", "b'{}'")
        code, lines = self.run_it(left, left, "-k", "nothing")
        self.assertEqual((code, len(lines)), (1, 1))


if __name__ == "__main__":
    unittest.main()
