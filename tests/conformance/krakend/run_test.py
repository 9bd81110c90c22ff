#!/usr/bin/env python3
"""run.py itself, on two cases and a gateway that always gives the same answer."""
import json, subprocess, sys, tempfile, unittest
from pathlib import Path

RUN = Path(__file__).resolve().parent / "run.py"
GATEWAY = """#!/usr/bin/env python3
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(200)
        self.end_headers()
        self.wfile.write(b'{"a": 1}')

    def log_message(self, *a):
        pass

http.server.HTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""


def case(body, **more):
    out = {"status_code": 200, "header": {}, "body": body}
    return dict({"about": "x", "config": {"endpoints": []}, "steps": [{"in": {"url": "/"}, "out": out, "seen": []}]}, **more)


class RunTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.cases = self.folder / "recorded" / "cases" / "area"
        self.cases.mkdir(parents=True)
        (self.folder / "expectations" / "area").mkdir(parents=True)
        self.gateway = self.folder / "gateway"
        self.gateway.write_text(GATEWAY)
        self.gateway.chmod(0o755)
        self.write("good", case('{"a":1}'))
        self.write("bad", case('{"a":2}'))

    def write(self, name, content):
        (self.cases / f"{name}.json").write_text(json.dumps(content))

    def run_it(self, pending="", one_worker=""):
        (self.folder / "pending.txt").write_text(pending)
        (self.folder / "one-worker.txt").write_text(one_worker)
        r = subprocess.run([sys.executable, RUN, "--gateway", self.gateway, "--folder", self.folder], capture_output=True, text=True)
        if r.returncode == 77:
            self.skipTest(r.stdout)
        return r.returncode, (r.stdout + r.stderr).splitlines()

    def test_an_unlisted_failure_is_an_error(self):
        code, lines = self.run_it()
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("FAIL area/bad (workers: 1)", lines)

    def test_a_listed_failure_waits(self):
        code, lines = self.run_it("# why\narea/bad a feature\n")
        self.assertEqual((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))

    def test_a_listed_case_that_holds_is_an_error(self):
        code, lines = self.run_it("area/bad a feature\narea/good another\n")
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 1 skipped"))
        self.assertIn("FAIL area/good: holds, but pending.txt says it waits for: another", lines)

    def test_a_case_that_differs_on_purpose_needs_an_expectation(self):
        self.write("bad", case('{"a":2}', ours="one, not two"))
        code, lines = self.run_it()
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
        own = {"reason": "one, not two", "rule": "design 0", "steps": {"1": {"out": case('{"a":1}')["steps"][0]["out"]}}}
        (self.folder / "expectations" / "area" / "bad.json").write_text(json.dumps(own))
        code, lines = self.run_it()
        self.assertEqual((code, lines[-1]), (0, "2 passed, 0 failed, 0 skipped"))

    def test_lists_name_cases_with_reasons(self):
        for pending in ("area/gone a feature\n", "area/bad\n", "area/bad a\narea/bad b\n"):
            code, lines = self.run_it(pending)
            self.assertEqual(code, 1)
            self.assertEqual(len(lines), 1, lines)

    def test_a_gateway_that_does_not_start_fails_the_case(self):
        self.gateway.write_text("#!/bin/sh\nexit 1\n")
        code, lines = self.run_it()
        self.assertEqual((code, lines[-1]), (1, "0 passed, 2 failed, 0 skipped"))


if __name__ == "__main__":
    unittest.main()
