#!/usr/bin/env python3
"""Pods without a kubelet: HTTP/1.1 servers on addresses of their own, driven by JSON lines on stdin.

  {"op": "start", "name": "products-1", "address": "192.0.2.1", "port": 8443, "certificate": FILE|null,
   "key": FILE|null, "member": "products", "delay": 0.0}
  {"op": "stop", "name": "products-1"}       finishes what is in flight, then closes every connection
  {"op": "served", "name": "products-1"}     -> {"served": N}

Each answer is {MEMBER: {"pod": NAME, "path": TARGET}}.
"""

import asyncio
import json
import ssl
import sys


class Pod:
    def __init__(self, order):
        self.name, self.member, self.delay = order["name"], order["member"], order.get("delay", 0)
        self.address, self.port = order["address"], order["port"]
        self.tls = None
        if order.get("certificate"):
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(order["certificate"], order["key"])
        self.idle, self.busy, self.ending = set(), set(), False
        self.served = 0

    async def start(self):
        self.server = await asyncio.start_server(self.serve, self.address, self.port, ssl=self.tls, reuse_address=True)

    async def serve(self, reader, writer):
        try:
            while not self.ending:
                self.idle.add(writer)
                head = await reader.readuntil(b"\r\n\r\n")
                self.idle.discard(writer)
                self.busy.add(writer)
                target = head.split(b" ", 2)[1].decode()
                if self.delay:
                    await asyncio.sleep(self.delay)
                body = json.dumps({self.member: {"pod": self.name, "path": target}}).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                    + str(len(body)).encode()
                    + b"\r\n\r\n"
                    + body
                )
                await writer.drain()
                self.served += 1
                self.busy.discard(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.idle.discard(writer)
            self.busy.discard(writer)
            writer.close()

    async def stop(self):
        self.ending = True
        self.server.close()
        for writer in list(self.idle):
            writer.close()
        for _ in range(500):
            if not self.busy:
                break
            await asyncio.sleep(0.01)


async def main():
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    pods = {}
    while line := await orders.readline():
        order = json.loads(line)
        reply = {}
        try:
            if order["op"] == "start":
                pod = Pod(order)
                await pod.start()
                pods[pod.name] = pod
            elif order["op"] == "stop":
                await pods.pop(order["name"]).stop()
            else:
                reply["served"] = pods[order["name"]].served
        except (OSError, KeyError) as error:
            reply["error"] = repr(error)
        print(json.dumps(reply), flush=True)


asyncio.run(main())
