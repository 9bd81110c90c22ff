"""Something is killed under load: nothing is lost beyond that process's own requests, and all recovers."""

import time

from tier.check import await_answer, fetch, merged
from tier.scenarios.gateway import shop, wait_programmed
from tier.world import LoadRun

ALONE = 2.0  # seconds without the killed one, under load


def served_with(pattern):
    return lambda seen: merged("products", "offers")(seen) and seen.json["products"]["path"] == pattern


def killed_dataplane_costs_its_own_requests(world):
    shop(world, "killdp", "/killdp/products")
    wait_programmed(world, "killdp", "products", "offers")
    name, victim = next(iter(world.dataplanes.items()))
    with LoadRun(world, "/killdp/products", ["products", "offers"]) as load:
        time.sleep(ALONE)
        del world.dataplanes[name]
        victim.kill()
        time.sleep(ALONE)
        load.set_targets(world.targets())
        world.start_dataplane()
        load.set_targets(world.targets())
        time.sleep(ALONE)
    report = load.report
    assert report["sent"] > 50 and set(report["by_target"]) <= {
        victim.address
    }, f"requests of the other data plane were lost: {report}"
    # One request at a time on each of the load's 8 connections: no more can have been in flight.
    assert report["lost"] <= 8, f"more than what was in flight: {report}"
    return f"{report['sent']} requests, {report['lost']} lost, all in flight at the killed one"


def killed_controller_costs_nothing(world):
    shop(world, "killctl", "/killctl/products")
    wait_programmed(world, "killctl", "products", "offers")
    with LoadRun(world, "/killctl/products", ["products", "offers"]) as load:
        world.controller.kill()
        time.sleep(ALONE)
        world.api.annotate("killctl", "products", {"ropewalk.dev/url-pattern": "/meanwhile"})
        assert not any(served_with("/meanwhile")(fetch(t, "/killctl/products")) for t in world.targets())
        world.start_controller()
        await_answer(world.targets(), "/killctl/products", served_with("/meanwhile"), "what changed meanwhile")
    return load.lost_nothing()


def killed_api_server_costs_nothing(world):
    shop(world, "killapi", "/killapi/products")
    wait_programmed(world, "killapi", "products", "offers")
    with LoadRun(world, "/killapi/products", ["products", "offers"]) as load:
        world.cluster.kill()
        time.sleep(ALONE)
        ready = world.cluster.restart()
        begin = time.monotonic()
        world.api.annotate("killapi", "products", {"ropewalk.dev/url-pattern": "/after"})
        await_answer(
            world.targets(), "/killapi/products", served_with("/after"), "a change after the restart", seconds=20
        )
        taken = time.monotonic() - begin
        wait_programmed(world, "killapi", "products")
        while time.time() < ready + 3:  # a refusal that lasts shows within this
            time.sleep(0.1)
    late = [r for r in world.cluster.refusals() if r[0] > ready + 2 and "/namespaces/closed/" not in r[3]]
    assert not late, f"refused later than 2 s after the restart: {late[:5]}"
    return f"{load.lost_nothing()}; first change served {taken:.1f} s after the restart"


def restarted_dataplane_serves_its_snapshot(world):
    shop(world, "snapshot", "/snapshot/products")
    wait_programmed(world, "snapshot", "products", "offers")
    name, old = next(iter(world.dataplanes.items()))
    world.controller.kill()
    del world.dataplanes[name]
    assert old.terminate() == 0, old.last_words()
    begin = time.monotonic()
    again = world.start_dataplane(state=old.state)
    taken = time.monotonic() - begin
    seen = fetch(again.address, "/snapshot/products")
    assert merged("products", "offers")(seen), f"without controller, from the snapshot: {seen}"
    fresh = world.start_dataplane(wait=False)
    try:
        world.start_controller()
        fresh.await_ready(fresh.admin)
        assert merged("products", "offers")(fetch(fresh.address, "/snapshot/products"))
    finally:
        del world.dataplanes[fresh.name]
        fresh.kill()
    return f"ready {taken:.1f} s after its start without controller"


def late_dataplane_serves_what_is_held(world):
    shop(world, "late", "/late/products")
    wait_programmed(world, "late", "products", "offers")
    world.api.annotate("late", "products", {"ropewalk.dev/timeout": "soon"})
    world.api.await_condition("late", "products", "Accepted", lambda c: c and c["status"] == "False")
    fresh = world.start_dataplane()
    try:
        await_answer([fresh.address], "/late/products", served_with("/products"), "the last good version", seconds=5)
    finally:
        del world.dataplanes[fresh.name]
        fresh.kill()
    return "a data plane that came after the typo serves what the others do"


def service_that_left_meanwhile_is_cleared(world):
    shop(world, "left", "/left/products")
    wait_programmed(world, "left", "products", "offers")
    world.controller.kill()
    world.api.annotate("left", "products", {"ropewalk.dev/gateway": "nobody"})
    world.start_controller()
    for kind in ("Accepted", "Programmed"):
        world.api.await_condition("left", "products", kind, lambda c: c is None, seconds=25)
    return "no conditions are left on a Service that went to another gateway without a controller"


SCENARIOS = [
    killed_dataplane_costs_its_own_requests,
    killed_controller_costs_nothing,
    killed_api_server_costs_nothing,
    restarted_dataplane_serves_its_snapshot,
    late_dataplane_serves_what_is_held,
    service_that_left_meanwhile_is_cleared,
]
