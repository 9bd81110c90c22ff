"""A client of the API server for the tests: one keep-alive connection, opened anew when it broke."""

import base64
import http.client
import json
import re
import ssl
import tempfile
import time


class ApiError(Exception):
    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {body[:300].decode(errors='replace')}")
        self.status = status


class Api:
    """Speaks as the user of a kubeconfig that holds its certificates inline."""

    def __init__(self, kubeconfig):
        with open(kubeconfig, encoding="utf-8") as file:
            text = file.read()

        def value(key):
            return re.search(rf"^\s*-?\s*{key}:\s*(\S+)", text, re.M).group(1)

        host, port = re.match(r"https://([^:/]+):(\d+)", value("server")).groups()
        self.server = (host, int(port))
        authority = base64.b64decode(value("certificate-authority-data"))
        self.tls = ssl.create_default_context(cadata=authority.decode())
        with tempfile.NamedTemporaryFile() as pem:
            pem.write(base64.b64decode(value("client-certificate-data")))
            pem.write(base64.b64decode(value("client-key-data")))
            pem.flush()
            self.tls.load_cert_chain(pem.name)
        self.connection = None

    def raw(self, method, path, body=None, kind="application/json"):
        """(status, bytes). A connection that the server closed meanwhile is opened once more."""
        data = None if body is None else json.dumps(body)
        for last in (False, True):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(*self.server, context=self.tls, timeout=20)
            try:
                self.connection.request(method, path, data, {"Content-Type": kind})
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
                if last:
                    raise

    def __call__(self, method, path, body=None, kind="application/json", accept=()):
        status, data = self.raw(method, path, body, kind)
        if status >= 300 and status not in accept:
            raise ApiError(f"{method} {path}", status, data)
        return json.loads(data)

    def annotate(self, namespace, name, annotations):
        """Merges into a Service's annotations; None removes a key."""
        self(
            "PATCH",
            f"/api/v1/namespaces/{namespace}/services/{name}",
            {"metadata": {"annotations": annotations}},
            "application/merge-patch+json",
        )

    def conditions(self, namespace, name):
        service = self("GET", f"/api/v1/namespaces/{namespace}/services/{name}")
        return {c["type"]: c for c in service.get("status", {}).get("conditions", [])}

    def await_condition(self, namespace, name, kind, accept, seconds=15):
        """Polls until accept(condition or None); returns it or fails with what was there."""
        deadline = time.monotonic() + seconds
        while True:
            condition = self.conditions(namespace, name).get(f"ropewalk.dev/{kind}")
            if accept(condition):
                return condition
            if time.monotonic() > deadline:
                raise AssertionError(f"{kind} of {namespace}/{name} stays {condition}")
            time.sleep(0.02)
