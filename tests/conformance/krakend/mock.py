"""The mock backend that KrakenD's public suite talks to (suite/README.md, "Mock backend")."""
import http.server, json, threading, time, urllib.parse

from recorded import canonical

PORT, DELAY_SECONDS = 8081, 0.2
XML = """<?xml version="1.0" encoding="UTF-8"?>
<user type="admin">
  <name>Elliot</name>
  <social>
    <facebook>https://facebook.com</facebook>
    <twitter>https://twitter.com</twitter>
    <youtube>https://youtube.com</youtube>
  </social>
</user>
"""
KEYS = {"keys": [
    {"kty": "oct", "alg": "A128KW", "k": "GawgguFyGrWKav7AX4VKUg", "kid": "sim1"},
    {"kty": "oct", "alg": "HS256", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", "kid": "sim2"},
]}


def go_json(value):
    """As Go's encoder writes it: keys sorted, no blanks, a few characters escaped for HTML, a line feed at the end."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for c in "<>&\u2028\u2029":
        text = text.replace(c, f"\\u{ord(c):04x}")
    return (text + "\n").encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def answer(self, status, body, content_type, *headers):
        self.send_response_only(status)
        for name, value in [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def echo(self, body):
        url = urllib.parse.urlsplit(self.path)
        headers, query = {}, {}
        for name, value in self.headers.items():
            if canonical(name) not in ("Host", "X-Forwarded-For", "Transfer-Encoding"):
                headers.setdefault(canonical(name), []).append(value)
        for name, value in urllib.parse.parse_qsl(url.query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        out = {"foo": 42, "headers": headers, "path": urllib.parse.unquote(url.path), "query": query}
        if query.get("dump_body") == ["1"]:
            out["body"] = body.decode("utf-8", "replace")
        self.answer(200, go_json(out), "application/json", ("Set-Cookie", "test1=test1"), ("Set-Cookie", "test2=test2"))

    def redirect(self, status, location):
        text = f'<a href="{location}">Moved</a>.\n\n'.encode()
        self.answer(status, text, "text/html; charset=utf-8", ("Location", location))

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/jwk/symmetric":
            return self.answer(200, go_json(KEYS), "application/json")
        client = self.headers.get("X-Forwarded-For", "")
        if client != "::1" and not client.startswith("127."):
            return self.answer(400, b"invalid X-Forwarded-For\n", "text/plain; charset=utf-8")
        query = "?" + url.query if url.query else ""
        if url.path.startswith("/param_forwarding/"):
            return self.echo(body)
        if url.path.startswith("/delayed/"):
            time.sleep(DELAY_SECONDS)
            return self.echo(body)
        if url.path in ("/param_forwarding", "/collection", "/delayed", "/redirect"):
            return self.redirect(301, url.path + "/" + query)
        if url.path == "/xml":
            return self.answer(200, XML.encode(), "application/xml; charset=utf-8")
        if url.path.startswith("/collection/"):
            return self.answer(200, go_json([{"i": i, "path": url.path} for i in range(10)]), "application/json")
        if url.path == "/redirect/":
            status = urllib.parse.parse_qs(url.query).get("status", ["301"])[0]
            return self.redirect(int(status), "/param_forwarding/" + query)
        self.answer(404, b"404 page not found\n", "text/plain; charset=utf-8")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = any


class Server(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def handle_error(self, *a):
        pass


def start(port=PORT):
    server = Server(("0.0.0.0", port), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
