#!/usr/bin/env python3
"""The tier's load generator sees what it is there to see: each kind of wrong answer counts, a polite close does not."""

import asyncio
import json
import subprocess
import sys
import threading
import unittest
from pathlib import Path

GOOD = b'{"products": 1, "offers": 2}'


def answer(status="200 OK", body=GOOD, completed="true", more="", cut=0):
    head = (
        f"HTTP/1.1 {status}\r\nX-Krakend-Completed: {completed}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode()
    )
    data = head + body
    return data[:-cut] if cut else data


class Server:
    """Answers what it is told, in turn; b'' closes the connection without an answer."""

    def __init__(self, answers):
        self.answers, self.loop, self.started = answers, asyncio.new_event_loop(), threading.Event()
        threading.Thread(target=self.run, daemon=True).start()
        self.started.wait()

    def run(self):
        async def begin():
            server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
            self.address = "127.0.0.1:%d" % server.sockets[0].getsockname()[1]
            self.started.set()

        self.turn = 0
        self.loop.run_until_complete(begin())
        self.loop.run_forever()

    async def serve(self, reader, writer):
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                reply = self.answers[self.turn % len(self.answers)]
                self.turn += 1
                writer.write(reply)
                await writer.drain()
                declared = int(reply.split(b"Length: ")[1].split(b"\r")[0]) if reply else -1
                if declared != len(reply.partition(b"\r\n\r\n")[2]) or b"close" in reply:
                    break
        except asyncio.IncompleteReadError:
            pass
        writer.close()


def load(*targets, requests=20):
    command = [
        sys.executable,
        Path(__file__).with_name("tier") / "load.py",
        "--path",
        "/x",
        "--members",
        "products,offers",
        "--clients",
        "1",
        "--rate",
        "2000",
        "--requests",
        str(requests),
        "--seconds",
        "20",
        *targets,
    ]
    # Its input stays open: an end of input means that whoever drives it is gone.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        return json.loads(child.stdout.read())


class Load(unittest.TestCase):
    def test_every_second_answer_wrong(self):
        wrong = {
            "status": answer("500 X"),
            "partial": answer(completed="false"),
            "member": answer(body=b'{"products": 1}'),
            "cut body": answer(cut=3),
            "no answer": b"",
        }
        for name, reply in wrong.items():
            with self.subTest(name):
                report = load(Server([answer(), reply]).address)
                self.assertEqual((report["sent"], report["lost"]), (20, 10), report)

    def test_nothing_is_lost_when_nothing_is_wrong(self):
        for name, reply in {"keep alive": answer(), "polite close": answer(more="Connection: close\r\n")}.items():
            with self.subTest(name):
                report = load(Server([reply]).address)
                self.assertEqual((report["sent"], report["lost"], report["refused"]), (20, 0, 0), report)

    def test_a_refused_connection_is_tried_elsewhere(self):
        report = load("127.0.0.1:1", Server([answer(more="Connection: close\r\n")]).address)
        self.assertEqual((report["sent"], report["lost"]), (20, 0), report)
        self.assertGreater(report["refused"], 5)

    def test_the_target_of_a_loss_is_named(self):
        bad = Server([b""])
        report = load(bad.address, requests=3)
        self.assertEqual(report["by_target"], {bad.address: 3})


if __name__ == "__main__":
    unittest.main()
