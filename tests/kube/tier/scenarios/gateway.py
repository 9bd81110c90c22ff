"""What a user of annotations sees: merged answers, held entries, verification of backends, 404."""

import base64
import ssl
import time
import urllib.request

from tier.check import await_answer, fetch, merged
from tier.cluster import NAMESPACE


def owner(path, **more):
    return {
        "expose": "true",
        "endpoint": path,
        "url-pattern": "/products",
        "allow-insecure-connections": "true",
        **more,
    }


def part(name, **more):
    return {"expose": "true", "join": name, "url-pattern": "/offers", "allow-insecure-connections": "true", **more}


def shop(world, namespace, path, owner_more=None, part_more=None):
    """Two Services whose pods have self-signed certificates: products owns GET `path`, offers joins it."""
    world.cluster.namespace(namespace)
    pods = {}
    for member in ("products", "offers"):
        pair = world.certificate(f"{namespace}-{member}", [f"{member}.{namespace}.svc"])
        pods[member] = world.start_pod(f"{namespace}-{member}-1", member, pair)
    world.service(namespace, "products", owner(path, **(owner_more or {})), True, [pods["products"]])
    world.service(namespace, "offers", part("products", **(part_more or {})), True, [pods["offers"]])
    return pods


def wait_programmed(world, namespace, *names, seconds=15):
    world.cluster.kubectl(
        "-n",
        namespace,
        "wait",
        "--for=condition=ropewalk.dev/Programmed",
        f"--timeout={seconds}s",
        *(f"service/{name}" for name in names),
    )


def two_services_one_answer(world):
    shop(world, "merged", "/merged/products")
    wait_programmed(world, "merged", "products", "offers")
    for target in world.targets():
        seen = fetch(target, "/merged/products")
        assert merged("products", "offers")(seen), f"after kubectl wait, {target} answered {seen}"
        assert seen.json["products"] == {"pod": "merged-products-1", "path": "/products"}, seen
        assert seen.json["offers"] == {"pod": "merged-offers-1", "path": "/offers"}, seen
    return "endpoint and join over TLS, complete at every data plane"


def over_https(world):
    """The gateway's own certificate comes from a Secret and is chosen by SNI."""
    world.cluster.namespace("secure")
    crt, key = world.certificate("secure-front", ["shop.test"])
    world.cluster.kubectl("-n", "secure", "create", "secret", "tls", "front", f"--cert={crt}", f"--key={key}")
    address = world.start_pod("secure-products-1", "products")
    world.service(
        "secure",
        "products",
        {"expose": "true", "endpoint": "/secure/products", "hostnames": "shop.test", "tls-secret": "front"},
        False,
        [address],
    )
    wait_programmed(world, "secure", "products")
    trust = ssl.create_default_context(cafile=str(crt))
    for dataplane in world.dataplanes.values():
        host, port = dataplane.tls_address
        with open("/etc/hosts", "a", encoding="utf-8") as hosts:
            hosts.write(f"{host} shop.test\n")
        with urllib.request.urlopen(f"https://shop.test:{port}/secure/products", context=trust, timeout=10) as answer:
            assert answer.status == 200 and b"secure-products-1" in answer.read()
    return "tls-secret serves its host name"


def wait_means_serving(world):
    """No data plane answers anything else once kubectl wait came back."""
    world.cluster.namespace("wait")
    address = world.start_pod("wait-1", "wait")
    for i in range(8):
        world.service(
            "wait", f"s{i}", {"expose": "true", "endpoint": f"/wait/{i}", "url-pattern": "/"}, False, [address]
        )
        wait_programmed(world, "wait", f"s{i}")
        for target in world.targets():
            seen = fetch(target, f"/wait/{i}")
            assert merged("wait")(seen), f"service s{i}: kubectl wait came back, {target} answers {seen}"
    return "8 Services, each served by every data plane at the first try"


def broken_annotation_is_held(world):
    shop(world, "broken", "/broken/products")
    wait_programmed(world, "broken", "products", "offers")
    cases = [
        ({"ropewalk.dev/timeout": "soon"}, ["timeout", "soon"]),
        ({"ropewalk.dev/url-patern": "/x"}, ["url-patern", "url-pattern"]),
        ({"ropewalk.dev/method": "FETCH"}, ["method", "FETCH"]),
        ({"ropewalk.dev/scheme": "http"}, ["allow-insecure-connections", "scheme"]),
    ]
    for wrong, said in cases:
        world.api.annotate("broken", "products", {**wrong, "ropewalk.dev/url-pattern": "/never"})
        held = world.api.await_condition("broken", "products", "Accepted", lambda c: c and c["status"] == "False")
        assert all(word in held["message"] for word in said), f"{wrong}: the condition says {held['message']!r}"
        for target in world.targets():
            seen = fetch(target, "/broken/products")
            assert (
                merged("products", "offers")(seen) and seen.json["products"]["path"] == "/products"
            ), f"{wrong}: not kept: {seen}"
        events = world.api("GET", "/api/v1/namespaces/broken/events")["items"]
        assert any(said[0] in event.get("message", "") for event in events), f"{wrong}: no Event names it"
        world.api.annotate(
            "broken", "products", {**{key: None for key in wrong}, "ropewalk.dev/url-pattern": "/products"}
        )
        world.api.await_condition("broken", "products", "Accepted", lambda c: c and c["status"] == "True")
    return f"{len(cases)} mistakes: the old version is kept, condition and Event name key and value"


def never_good_answers_503(world):
    world.cluster.namespace("never")
    address = world.start_pod("never-1", "never")
    world.service("never", "products", {"expose": "true", "endpoint": "/never", "timeout": "soon"}, False, [address])
    world.api.await_condition("never", "products", "Accepted", lambda c: c and c["status"] == "False")
    await_answer(world.targets(), "/never", lambda seen: seen.status == 503, "503")
    address = world.start_pod("never-2", "part")
    world.service("never", "offers", {"expose": "true", "join": "products"}, False, [address])
    world.api.await_condition("never", "offers", "Accepted", lambda c: c and c["status"] == "True")
    waits = world.api.await_condition("never", "offers", "Programmed", lambda c: c and c["reason"] == "Pending")
    assert "is held" in waits["message"], f"a part of what answers 503: {waits}"
    world.api.annotate("never", "products", {"ropewalk.dev/timeout": "1s"})
    wait_programmed(world, "never", "products", "offers")
    for target in world.targets():
        seen = fetch(target, "/never")
        assert merged("never", "part")(seen), f"after the repair and kubectl wait: {seen}"
    return "503 until repaired, and its part is not Programmed before"


def names_both_certificates(log):
    lines = [line for line in log.splitlines() if "certificate" in line]
    return all(any(f"{name}.verify.svc" in line for line in lines) for name in ("offers", "products"))


def unverified_backend_is_refused(world):
    """Neither allow-insecure-connections nor a CA: partial or 500, and the log names the certificate."""
    shop(world, "verify", "/verify/products", part_more={"allow-insecure-connections": ""})
    wait_programmed(world, "verify", "products", "offers")
    for target in world.targets():
        seen = fetch(target, "/verify/products")
        assert (
            seen.status == 200 and not seen.completed and set(seen.json) == {"products"}
        ), f"expected a partial answer, got {seen}"
    world.api.annotate("verify", "products", {"ropewalk.dev/allow-insecure-connections": None})
    await_answer(world.targets(), "/verify/products", lambda seen: seen.status == 500, "500")
    for dataplane in world.dataplanes.values():
        # The access log is written behind the answers.
        deadline = time.monotonic() + 5
        while not names_both_certificates(dataplane.text()):
            assert (
                time.monotonic() < deadline
            ), f"{dataplane.name} does not name the certificates; {dataplane.last_words()}"
            time.sleep(0.02)
    return "one unverified part: partial; all of them: 500; the log names both"


def ca_secret_verifies(world):
    world.cluster.namespace("authority")
    authority = world.certificate("company", ["company-ca"])
    pair = world.certificate("authority-products", ["products.authority.svc"], authority)
    world.api(
        "POST",
        "/api/v1/namespaces/authority/configmaps",
        {"metadata": {"name": "company"}, "data": {"ca.crt": authority[0].read_text()}},
    )
    address = world.start_pod("authority-products-1", "products", pair)
    world.service(
        "authority",
        "products",
        {"expose": "true", "endpoint": "/authority/products", "ca-secret": "company"},
        True,
        [address],
    )
    missing = world.api.await_condition("authority", "products", "Accepted", lambda c: c and "company" in c["message"])
    assert "ca-secret" in missing["message"] or "Secret" in missing["message"], missing
    assert not any(
        fetch(t, "/authority/products").status == 200 for t in world.targets()
    ), "a backend was called without its CA"
    world.api(
        "POST",
        "/api/v1/namespaces/authority/secrets",
        {"metadata": {"name": "company"}, "data": {"ca.crt": base64.b64encode(authority[0].read_bytes()).decode()}},
    )
    await_answer(
        world.targets(), "/authority/products", merged("products"), "a verified answer once the Secret is there"
    )
    world.api.annotate(
        "authority", "products", {"ropewalk.dev/ca-secret": None, "ropewalk.dev/ca-configmap": "company"}
    )
    wait_programmed(world, "authority", "products")
    await_answer(world.targets(), "/authority/products", merged("products"), "a verified answer by ca-configmap")
    return "no call before the CA is there, verified after"


def secret_elsewhere_is_a_condition(world):
    """The chart gave no Role in this namespace: said on the Service, asked for nowhere else."""
    world.cluster.namespace("closed")
    pair = world.certificate("closed-products", ["products.closed.svc"])
    address = world.start_pod("closed-products-1", "products", pair)
    world.service(
        "closed",
        "products",
        {"expose": "true", "endpoint": "/closed/products", "ca-secret": "company"},
        True,
        [address],
    )
    said = world.api.await_condition("closed", "products", "Accepted", lambda c: c and "company" in c["message"])
    return said["message"][:160]


def deleted_annotation_is_404(world):
    shop(world, "deleted", "/deleted/products")
    wait_programmed(world, "deleted", "products", "offers")
    world.api.annotate("deleted", "offers", {"ropewalk.dev/expose": None})
    await_answer(world.targets(), "/deleted/products", merged("products"), "the answer without the part")
    world.api.annotate("deleted", "products", {"ropewalk.dev/expose": None})
    await_answer(world.targets(), "/deleted/products", lambda seen: seen.status == 404, "404")
    world.api.await_condition("deleted", "products", "Programmed", lambda c: not c or c["status"] != "True")
    return "the part goes first, then the endpoint"


def no_refusal_before_a_restart(world):
    refused = [r for r in world.cluster.refusals() if "/namespaces/closed/" not in r[3]]
    assert not refused, f"the chart's role lacks something: {refused[:5]}"
    expected = [r for r in world.cluster.refusals() if "/namespaces/closed/" in r[3]]
    return f"no 403 beside {len(expected)} for the Secret of a closed namespace ({NAMESPACE} has its Role)"


SCENARIOS = [
    two_services_one_answer,
    over_https,
    wait_means_serving,
    broken_annotation_is_held,
    never_good_answers_503,
    unverified_backend_is_refused,
    ca_secret_verifies,
    secret_elsewhere_is_a_condition,
    deleted_annotation_is_404,
    no_refusal_before_a_restart,
]
