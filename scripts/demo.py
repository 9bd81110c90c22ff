#!/usr/bin/env python3
"""The demo behind `make run`: three backends, the controller reading a folder of Kubernetes manifests, the
data plane with an HTTPS listener. Prints what to try with the answers it gave and runs until Ctrl-C.

  demo.py [--binaries DIR]           keep running
  demo.py --once                     check the answers, edit a manifest, check the change, exit
"""

import argparse
import base64
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent))
from demo_backends import Backends, port_is_free, some_port  # noqa: E402

PRODUCTS = [{"id": 1, "name": "hemp rope"}, {"id": 2, "name": "bowline"}]
OFFERS = {"today": "2 for 1"}
# What the example's manifests say, and what the programs listen on.
PORTS = {
    "products": 9443,
    "offers": 9001,
    "reviews": 9002,
    "http": 8080,
    "https": 8443,
    "admin": 9180,
    "stream": 9181,
    "controller": 9182,
}


class Demo:
    def __init__(self, binaries, folder):
        self.binaries, self.folder = binaries, folder
        self.shop = folder / "shop"
        self.children = []
        self.ports = {name: port if port_is_free(port) else some_port() for name, port in PORTS.items()}
        for name, port in self.ports.items():
            if port != PORTS[name]:
                print(f"port {PORTS[name]} ({name}) is in use; this run takes {port}")

    def prepare(self):
        """The folder to edit: the example, with this run's ports and a TLS Secret made on the spot."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(ROOT / "examples" / "shop", self.shop)
        for name in ("products", "offers", "reviews"):
            if self.ports[name] != PORTS[name]:
                for file in self.shop.glob("*.yaml"):
                    file.write_text(re.sub(rf"\b{PORTS[name]}\b", str(self.ports[name]), file.read_text()))
        authority, _ = self.certificate("backend", "products.shop.svc", "DNS:products.shop.svc")
        crt, key = self.certificate("gateway", "localhost", "DNS:localhost,IP:127.0.0.1")
        self.secret("gateway-tls", "kubernetes.io/tls", {"tls.crt": crt, "tls.key": key})
        self.secret("products-ca", "Opaque", {"ca.crt": authority})

    def secret(self, name, kind, files):
        data = {key: base64.b64encode(file.read_bytes()).decode() for key, file in files.items()}
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": "shop"},
            "type": kind,
            "data": data,
        }
        (self.shop / f"{name}.json").write_text(json.dumps(secret, indent=2) + "\n")

    def certificate(self, name, subject, names):
        crt, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "30",
                "-subj",
                f"/CN={subject}",
                "-addext",
                f"subjectAltName={names}",
                "-keyout",
                key,
                "-out",
                crt,
            ],
            check=True,
            capture_output=True,
        )
        return crt, key

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "wb")
        # A session of its own: Ctrl-C is the demo's, which ends its children in order.
        child = subprocess.Popen(
            [str(c) for c in command], stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.children.append((name, child))

    def start_all(self):
        p = self.ports
        self.backends = Backends(p, (self.folder / "backend.crt", self.folder / "backend.key"), PRODUCTS, OFFERS)
        self.start(
            "controller",
            self.binaries / "ropewalk-controller",
            "run",
            f"--source=dir={self.shop}",
            f"--listen=127.0.0.1:{p['stream']}",
            f"--admin=127.0.0.1:{p['controller']}",
            "--default-tls-secret=shop/gateway-tls",
        )
        self.start(
            "ropewalk",
            self.binaries / "ropewalk",
            "run",
            f"--controller=127.0.0.1:{p['stream']}",
            f"--port={p['http']}",
            f"--tls-port={p['https']}",
            f"--admin=127.0.0.1:{p['admin']}",
        )
        self.await_status(f"http://127.0.0.1:{p['admin']}/readyz", "200")
        self.await_status(f"http://127.0.0.1:{p['http']}/v1/products", "200")

    def await_status(self, url, status, seconds=20):
        deadline = time.monotonic() + seconds
        while curl("-o", "/dev/null", "-w", "%{http_code}", url).stdout != status:
            for name, child in self.children:
                if child.poll() is not None:
                    sys.exit(
                        f"demo: {name} ended; {self.folder}/{name}.log says:\n{(self.folder / f'{name}.log').read_text()[-1500:]}"
                    )
            if time.monotonic() > deadline:
                sys.exit(f"demo: {url} does not answer {status} within {seconds} s; logs: {self.folder}/*.log")
            time.sleep(0.05)

    def stop(self):
        for _, child in reversed(self.children):
            child.terminate()
        codes = {name: child.wait(30) for name, child in self.children}
        self.backends.stop()
        return codes

    def commands(self):
        return [
            (
                f"curl -k https://localhost:{self.ports['https']}/v1/products",
                "merged from two Services, over TLS on both sides",
            ),
            (
                f"curl http://localhost:{self.ports['http']}/v1/products/1",
                "one part is too slow: the answer comes without it",
            ),
        ]


def curl(*arguments):
    return subprocess.run(["curl", "-s", "--max-time", "10", *arguments], capture_output=True, text=True)


def check(demo):
    """The answers of the README, and that an edit of a manifest changes the endpoint."""
    products = f"https://localhost:{demo.ports['https']}/v1/products"
    wanted = {"products": PRODUCTS, "offers": OFFERS}
    expect("merged answer", products, wanted, completed="true")
    expect(
        "partial answer",
        f"http://localhost:{demo.ports['http']}/v1/products/1",
        {"id": 1, "name": "hemp rope", "metres": 20},
        completed="false",
    )
    file = demo.shop / "offers.yaml"
    file.write_text(file.read_text().replace("ropewalk.dev/group: offers", "ropewalk.dev/group: deals"))
    deadline = time.monotonic() + 10
    while "deals" not in curl("-k", products).stdout:
        if time.monotonic() > deadline:
            sys.exit(f"demo: the edit of {file} does not show: {curl('-k', products).stdout}")
        time.sleep(0.02)
    expect("after the edit", products, {"products": PRODUCTS, "deals": OFFERS}, completed="true")


def expect(what, url, wanted, completed):
    answer = curl("-k", "-i", url).stdout
    head, _, body = answer.partition("\n\n")  # text mode: CRLF reads as LF
    seen = re.search(r"^x-krakend-completed: *(\S+)", head, re.I | re.M)
    if not seen or seen.group(1) != completed or json.loads(body or "null") != wanted:
        sys.exit(f"demo: {what}: expected {json.dumps(wanted)}, completed={completed}; got\n{answer}")
    print(f"ok: {what}: {body.strip()}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--binaries", type=Path, default=ROOT / "build" / "release" / "bin")
    ap.add_argument("--folder", type=Path, default=ROOT / "build" / "demo")
    ap.add_argument("--once", action="store_true")
    options = ap.parse_args()
    demo = Demo(options.binaries.resolve(), options.folder.resolve())
    # A plain `kill` ends the children too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        demo.prepare()
        demo.start_all()
        for command, note in demo.commands():
            print(f"\n  {command}        # {note}\n  {curl(*command.split()[1:]).stdout.strip()}", flush=True)
        if options.once:
            print()
            check(demo)
        else:
            print(
                f"\nThe Kubernetes manifests behind it: {demo.shop.relative_to(Path.cwd()) if demo.shop.is_relative_to(Path.cwd()) else demo.shop}"
                "\nEdit one, save, curl again. Logs beside that folder. Ctrl-C ends the demo.",
                flush=True,
            )
            signal.pause()
    except KeyboardInterrupt:
        print()
    finally:
        codes = demo.stop() if demo.children else {}
    if any(codes.values()):
        sys.exit(f"demo: a program did not end cleanly: {codes}")


if __name__ == "__main__":
    main()
