#!/usr/bin/env python3
"""A steady client: keep-alive connections that send GETs at a pace and count every answer that is not
the expected one. Bounded in requests and seconds. Driven by lines on stdin:

  targets HOST:PORT HOST:PORT ...     where new connections go (what a Service's endpoints are)
  stop                                finish what is in flight, print the report (JSON), exit

A refused connection is tried at the next target, as kube-proxy's choice would have been another one;
nothing else is ever repeated.
"""

import argparse
import asyncio
import itertools
import json
import sys
import time


class Lost(Exception):
    """A request that did not get the expected answer."""


class Load:
    def __init__(self, options):
        self.options = options
        self.targets = options.targets
        self.turn = itertools.count()
        self.stopping = False
        self.sent = self.refused = 0
        self.lost, self.by_target = [], {}
        self.deadline = time.monotonic() + options.seconds

    def goes_on(self):
        return not self.stopping and self.sent < self.options.requests and time.monotonic() < self.deadline

    async def connect(self):
        for _ in range(2 * len(self.targets) + 2):
            target = self.targets[next(self.turn) % len(self.targets)]
            host, port = target.rsplit(":", 1)
            try:
                return target, *await asyncio.open_connection(host, int(port))
            except OSError:
                self.refused += 1
        raise Lost("every target refused the connection")

    async def exchange(self, reader, writer):
        writer.write(f"GET {self.options.path} HTTP/1.1\r\nHost: {self.options.host}\r\n\r\n".encode())
        await writer.drain()
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, *fields = head.split("\r\n")
            headers = {n.lower(): v.strip() for n, _, v in (f.partition(":") for f in fields if f)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Lost(f"closed before the answer ({type(error).__name__})") from error
        if status.split(" ")[1] != "200":
            raise Lost(f"{status}: {body[:200]!r}")
        if headers.get("x-krakend-completed") != "true":
            raise Lost(f"partial: {body[:200]!r}")
        missing = [m for m in self.options.members if m not in json.loads(body)]
        if missing:
            raise Lost(f"without {missing}: {body[:200]!r}")
        return headers.get("connection", "").lower() != "close"

    async def client(self, pause):
        writer, target = None, "none"
        while self.goes_on():
            try:
                # The server may close between two requests; only a sent request can be lost.
                if writer is None or reader.at_eof() or reader.exception():
                    target, reader, writer = await self.connect()
                self.sent += 1
                if not await asyncio.wait_for(self.exchange(reader, writer), 20):
                    writer.close()
                    writer = None
            except (Lost, OSError, asyncio.TimeoutError) as error:
                self.lost.append(f"{time.strftime('%H:%M:%S')} {target}: {error or type(error).__name__}")
                self.by_target[target] = self.by_target.get(target, 0) + 1
                if writer:
                    writer.close()
                writer = None
            await asyncio.sleep(pause)
        if writer:
            writer.close()

    async def orders(self):
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := (await reader.readline()).decode().split():
            if line[0] == "targets":
                self.targets = line[1:]
            elif line[0] == "stop":
                break
        self.stopping = True

    async def run(self):
        orders = asyncio.create_task(self.orders())
        pause = self.options.clients / self.options.rate
        await asyncio.gather(*(self.client(pause) for _ in range(self.options.clients)))
        orders.cancel()
        print(
            json.dumps(
                {
                    "sent": self.sent,
                    "refused": self.refused,
                    "lost": len(self.lost),
                    "by_target": self.by_target,
                    "samples": self.lost[:5],
                }
            ),
            flush=True,
        )


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--path", required=True)
    ap.add_argument("--host", default="gateway.test")
    ap.add_argument("--members", default="", type=lambda s: [m for m in s.split(",") if m], help="of the JSON answer")
    ap.add_argument("--clients", type=int, default=8)
    ap.add_argument("--rate", type=float, default=200, help="requests per second of all clients")
    ap.add_argument("--requests", type=int, default=100000)
    ap.add_argument("--seconds", type=float, default=120)
    ap.add_argument("targets", nargs="+")
    asyncio.run(Load(ap.parse_args()).run())


main()
