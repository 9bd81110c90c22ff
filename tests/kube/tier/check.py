"""What a client sees, asked until it is so."""

import http.client
import json
import time


class Seen:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.completed = headers.get("X-Krakend-Completed") == "true"
        try:
            self.json = json.loads(body)
        except json.JSONDecodeError:
            self.json = None

    def __str__(self):
        return f"{self.status} completed={self.completed} {self.body[:300]!r}"


def fetch(address, path, host="gateway.test", timeout=20):
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return Seen(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def await_answer(addresses, path, accept, what, seconds=15):
    """Every address must come to give an answer that `accept` takes."""
    deadline = time.monotonic() + seconds
    seen = None
    for address in addresses:
        while not accept(seen := fetch(address, path)):
            assert time.monotonic() < deadline, f"GET {path} at {address}: expected {what}, still {seen}"
            time.sleep(0.02)
    return seen


def merged(*members):
    """A complete answer with exactly these members."""
    return (
        lambda seen: seen.status == 200
        and seen.completed
        and isinstance(seen.json, dict)
        and set(seen.json) == set(members)
    )
