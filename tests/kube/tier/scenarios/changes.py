"""Changes of a live endpoint under load: nothing is lost, and how long each takes to be served."""

import http.client
import statistics
import time

from tier.scenarios.gateway import shop, wait_programmed
from tier.world import LoadRun

CHANGES = 200


def url_pattern_changes_lose_nothing(world):
    shop(world, "changes", "/changes/products")
    wait_programmed(world, "changes", "products", "offers")
    watchers = [http.client.HTTPConnection(target, timeout=20) for target in world.targets()]
    taken = []
    with LoadRun(world, "/changes/products", ["products", "offers"], rate=100) as load:
        for i in range(CHANGES):
            # Each data plane is asked in turn: a change counts when it is served, not when it is sent.
            taken.append(change(world, watchers[i % len(watchers)], f"/v/{i}"))
    ms = sorted(1000 * t for t in taken)
    p50, p99 = statistics.median(ms), ms[int(len(ms) * 0.99)]
    print(
        f"        annotation -> answer: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {ms[-1]:.1f} ms of {len(ms)}",
        flush=True,
    )
    return f"{CHANGES} changes, {load.lost_nothing()}"


def change(world, connection, pattern):
    """Seconds from sending the annotation to the first answer made with it."""
    begin = time.monotonic()
    world.api.annotate("changes", "products", {"ropewalk.dev/url-pattern": pattern})
    wanted = f'"{pattern}"'.encode()
    while True:
        connection.request("GET", "/changes/products", headers={"Host": "gateway.test"})
        body = connection.getresponse().read()
        if wanted in body:
            return time.monotonic() - begin
        assert time.monotonic() - begin < 10, f"{pattern} is not served after 10 s: {body[:300]!r}"
        time.sleep(0.001)


SCENARIOS = [url_pattern_changes_lose_nothing]
