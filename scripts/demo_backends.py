"""The demo's backends: products (HTTPS, three addresses), offers and details (HTTP), reviews (HTTP, slow)."""

import json
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SLOW = 2.0  # seconds; the endpoint's timeout is 500 ms


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def some_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Backends:
    def __init__(self, ports, certificate, products, offers):
        self.servers = []
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
        details = {str(p["id"]): {**p, "metres": 20} for p in products}
        for address in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            self.start(address, ports["products"], {"/products": {"products": products}}, tls=tls)
        self.start(
            "127.0.0.1", ports["offers"], {"/offers": offers, **{f"/details/{id_}": d for id_, d in details.items()}}
        )
        self.start("127.0.0.1", ports["reviews"], {f"/reviews/{id_}": {"stars": 5} for id_ in details}, delay=SLOW)

    def start(self, address, port, answers, tls=None, delay=0.0):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                time.sleep(delay)
                answer = answers.get(self.path.partition("?")[0])
                body = json.dumps(answer or {"error": "not here"}).encode()
                try:
                    self.send_response(200 if answer else 404)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:  # the gateway did not wait
                    self.close_connection = True

            def log_message(self, *_):
                pass

        server = Server((address, port), Handler)
        if tls:
            # The handshake belongs to the connection's thread, not to the one that accepts.
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.servers.append(server)

    def stop(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A connection that breaks is the client's affair."""
