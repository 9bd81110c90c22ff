"""Rollouts of a backend and of the data plane under load."""

import time

from tier.scenarios.gateway import shop, wait_programmed
from tier.world import TERMINATING, LoadRun

ROLLOUTS = 20


def backend_rollouts_lose_nothing(world):
    """A new pod gets ready, the old one terminates and goes; every second one does so without a grace period."""
    pods = shop(world, "rollout", "/rollout/products")
    wait_programmed(world, "rollout", "products", "offers")
    pair = (world.folder / "rollout-products.crt", world.folder / "rollout-products.key")
    old_name, old = "rollout-products-1", pods["products"]
    with LoadRun(world, "/rollout/products", ["products", "offers"]) as load:
        for i in range(ROLLOUTS):
            name = f"rollout-products-{i + 2}"
            new = world.start_pod(name, "products", pair)
            world.endpoints("rollout", "products", [old, new])
            await_served(world, name)
            world.endpoints("rollout", "products", [(old, TERMINATING), new])
            if i % 2 == 0:
                await_quiet(world, old_name)
            world.order(op="stop", name=old_name)
            world.endpoints("rollout", "products", [new])
            old_name, old = name, new
    return f"{ROLLOUTS} rollouts, {load.lost_nothing()}"


def await_served(world, name, seconds=10):
    deadline = time.monotonic() + seconds
    while not world.order(op="served", name=name)["served"]:
        assert time.monotonic() < deadline, f"the ready pod {name} gets no request"
        time.sleep(0.01)


def await_quiet(world, name, seconds=10):
    """A terminating pod gets no new request: its count stands still for 100 ms."""
    deadline = time.monotonic() + seconds
    last, since = -1, time.monotonic()
    while time.monotonic() - since < 0.1:
        served = world.order(op="served", name=name)["served"]
        if served != last:
            last, since = served, time.monotonic()
        assert time.monotonic() < deadline, f"the terminating pod {name} still gets requests"
        time.sleep(0.01)


def no_ready_pod_uses_terminating_ones(world):
    pods = shop(world, "lastpod", "/lastpod/products")
    wait_programmed(world, "lastpod", "products", "offers")
    with LoadRun(world, "/lastpod/products", ["products", "offers"]) as load:
        world.endpoints("lastpod", "products", [(pods["products"], TERMINATING)])
        begin = world.order(op="served", name="lastpod-products-1")["served"]
        deadline = time.monotonic() + 10
        while world.order(op="served", name="lastpod-products-1")["served"] < begin + 100:
            assert time.monotonic() < deadline, "the last, terminating pod gets no requests"
            time.sleep(0.02)
    return load.lost_nothing()


def dataplane_rollouts_lose_nothing(world):
    """As a Deployment with maxSurge 1 does: a new one gets ready, an old one is ended, the Service hears of it later."""
    shop(world, "surge", "/surge/products")
    wait_programmed(world, "surge", "products", "offers")
    with LoadRun(world, "/surge/products", ["products", "offers"]) as load:
        for _ in range(ROLLOUTS):
            old = next(iter(world.dataplanes))
            world.start_dataplane()
            load.set_targets(world.targets())
            ending = world.dataplanes.pop(old)
            ending.begin_end()
            time.sleep(0.1)  # the time that a Service's endpoints take to follow, part of the scenario
            load.set_targets(world.targets())
            code = ending.await_end()
            assert code == 0, f"{old} ended with {code}; {ending.last_words()}"
    return f"{ROLLOUTS} rollouts, {load.lost_nothing()}"


SCENARIOS = [backend_rollouts_lose_nothing, no_ready_pod_uses_terminating_ones, dataplane_rollouts_lose_nothing]
