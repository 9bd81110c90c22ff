"""The chart: lint, schemas, the real API server's word on every rendered variant, and what its roles give."""

import shutil
import tempfile
from pathlib import Path

import yaml

from tier.cluster import CHART, KIT, NAMESPACE, RELEASE

GATEWAY = '{"version": 3, "timeout": "3s", "endpoints": []}\n'

DIGEST = "sha256:" + 64 * "a"

VARIANTS = {
    "defaults": [],
    "namespaced": ["--set", "watch.namespaces={shop,web}", "--set", "secretNamespaces={shop,web}"],
    "everything": [
        "--set",
        "dataplane.tls.defaultSecret=web-tls",
        "--set",
        "dataplane.caConfigMap=company-ca",
        "--set",
        "policy.allowExternalName=true",
        "--set",
        "policy.allowInsecureBackends=false",
        "--set",
        "image.pullSecrets={registry}",
        "--set",
        "dataplane.workers=2",
        "--set",
        "controller.replicas=2",
        "--set",
        "dataplane.service.type=LoadBalancer",
        "--set",
        "dataplane.service.externalTrafficPolicy=Local",
        "--set",
        "dataplane.podDisruptionBudget.maxUnavailable=50%",
        "--set",
        "dataplane.nodeSelector.disk=ssd",
        "--set",
        "controller.priorityClassName=system-cluster-critical",
        "--set-json",
        'dataplane.tolerations=[{"key":"edge","operator":"Exists"}]',
        "--set",
        "dataplane.autoscaling.enabled=true",
        "--set-json",
        'dataplane.extraEnv=[{"name":"HTTPS_PROXY","value":"http://proxy.corp:3128"}]',
        "--set-json",
        'controller.extraEnv=[{"name":"TZ","value":"UTC"}]',
        "--set",
        "dataplane.service.loadBalancerClass=example.test/edge",
        "--set",
        "dataplane.service.loadBalancerSourceRanges={192.0.2.0/24}",
        "--set",
        f"image.digest={DIGEST}",
        "--set",
        "networkPolicy.enabled=true",
        "--set-json",
        'networkPolicy.adminFrom=[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"monitoring"}}}]',
    ],
    "no disruption budget": ["--set", "dataplane.podDisruptionBudget.enabled=false", "--set", "fullnameOverride=edge"],
    "gateway config": None,  # with files, below
}


def variants(folder):
    document = Path(folder) / "krakend.json"
    document.write_text(GATEWAY)
    script = Path(folder) / "shop.lua"
    script.write_text("-- nothing yet\n")
    flags = ["--set-file", f"gateway.config={document}", "--set-file", f"gateway.files.scripts/shop\\.lua={script}"]
    return {**VARIANTS, "gateway config": flags}


def lint(cluster):
    with tempfile.TemporaryDirectory() as folder:
        for flags in variants(folder).values():
            cluster.run("helm", "lint", "--strict", CHART, "--set", "image.repository=registry.test/ropewalk", *flags)
    return f"{len(VARIANTS)} variants"


def schemas(cluster):
    with tempfile.TemporaryDirectory() as folder:
        openapi = cluster.kubectl("get", "--raw", "/openapi/v2").stdout
        cluster.run(KIT / "kubeconform_schemas.py", folder, text=openapi)
        location = folder + "/{{.ResourceKind}}{{.KindSuffix}}.json"
        for name, flags in variants(folder).items():
            rendered = cluster.template(*flags).stdout
            done = cluster.run("kubeconform", "-strict", "-summary", "-schema-location", location, text=rendered)
            assert "Invalid: 0, Errors: 0, Skipped: 0" in done.stdout, f"{name}: {done.stdout}"
        for manifest in ("manifests.yaml", "sidecar.yaml"):
            done = cluster.run(
                "kubeconform",
                "-strict",
                "-summary",
                "-schema-location",
                location,
                KIT.parent.parent / "deploy" / manifest,
            )
            assert "Invalid: 0, Errors: 0, Skipped: 0" in done.stdout, f"{manifest}: {done.stdout}"
    return f"{len(VARIANTS)} variants, deploy/manifests.yaml, deploy/sidecar.yaml"


def server_side_apply(cluster):
    for namespace in (NAMESPACE, "shop", "web"):
        cluster.namespace(namespace)
        # The namespace refuses (and warns of) what Pod Security's strictest level does.
        cluster.kubectl(
            "label",
            "namespace",
            namespace,
            "pod-security.kubernetes.io/enforce=restricted",
            "pod-security.kubernetes.io/warn=restricted",
            "--overwrite",
        )
    with tempfile.TemporaryDirectory() as folder:
        for name, flags in variants(folder).items():
            done = cluster.kubectl(
                "apply",
                "--server-side",
                "--force-conflicts",
                "--field-manager=chart",
                "--dry-run=server",
                "-f",
                "-",
                text=cluster.template(*flags).stdout,
            )
            assert "Warning" not in done.stderr, f"{name}: {done.stderr}"
    for manifest in ("manifests.yaml", "sidecar.yaml"):
        done = cluster.kubectl(
            "apply",
            "--server-side",
            "--field-manager=manifests",
            "-n",
            "shop" if manifest == "sidecar.yaml" else NAMESPACE,
            "-f",
            KIT.parent.parent / "deploy" / manifest,
        )
        assert "Warning" not in done.stderr, f"{manifest}: {done.stderr}"
    return f"{len(VARIANTS)} variants under Pod Security restricted, manifests and sidecar"


def install_upgrade_uninstall(cluster):
    cluster.namespace("helm")
    chart = ["--set", "image.repository=registry.test/ropewalk", "-n", "helm"]
    notes = cluster.run("helm", "install", "edge", CHART, *chart).stdout
    assert "Not there yet" in notes and "kubectl wait --for=condition=ropewalk.dev/Programmed" in notes, notes
    cluster.run("helm", "upgrade", "edge", CHART, *chart, "--set", "watch.namespaces={helm}")
    assert "NotFound" in cluster.kubectl("get", "clusterrole", "helm-edge-controller", check=False).stderr
    cluster.kubectl("-n", "helm", "get", "role", "helm-edge-controller")
    # Another release of that name, elsewhere, has roles of its own in the watched namespace.
    cluster.namespace("helm2")
    shared = ["--set", "watch.namespaces={helm}", "--set", "secretNamespaces={helm}"]
    cluster.run("helm", "install", "edge", CHART, *chart[:2], "-n", "helm2", *shared)
    cluster.kubectl("-n", "helm", "get", "role", "helm2-edge-controller", "helm2-edge-controller-references")
    cluster.run("helm", "uninstall", "edge", "-n", "helm2")
    cluster.run("helm", "uninstall", "edge", "-n", "helm")
    left = cluster.kubectl(
        "-n", "helm", "get", "deployments,services,roles,rolebindings,poddisruptionbudgets", "-o", "name"
    ).stdout
    assert not left.strip(), left
    return "install, upgrade to namespaced roles, a second one of that name, uninstall"


def values_of_an_older_chart(cluster):
    """`upgrade --reuse-values` brings the defaults of the chart that was installed: no key that is newer."""
    cluster.namespace("older")
    flags = ["-n", "older", "--set", "image.repository=registry.test/ropewalk"]
    with tempfile.TemporaryDirectory() as folder:
        older = Path(folder) / "ropewalk"
        shutil.copytree(CHART, older)
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        del values["networkPolicy"], values["image"]["digest"], values["gateway"]["files"]
        del values["dataplane"]["autoscaling"], values["dataplane"]["shutdownDelaySeconds"]
        (older / "values.yaml").write_text(yaml.dump(values))
        shutil.rmtree(older / "templates")  # they are not the older ones, and the values are all that counts
        cluster.run("helm", "install", "edge", older, *flags)
    fresh = cluster.run("helm", "template", "edge", CHART, *flags).stdout
    cluster.run("helm", "upgrade", "edge", CHART, "-n", "older", "--reuse-values")
    upgraded = cluster.run("helm", "get", "manifest", "edge", "-n", "older").stdout
    assert objects(upgraded) == objects(fresh), "an upgrade that reuses values differs from an installation"
    cluster.run("helm", "uninstall", "edge", "-n", "older")
    return "as a fresh installation"


def objects(rendered):
    every = [each for each in yaml.safe_load_all(rendered) if each]
    return {(each["kind"], each["metadata"]["name"]): each for each in every}


def leaves(values, path=()):
    for key, value in values.items():
        if isinstance(value, dict) and value and key != "resources":
            yield from leaves(value, (*path, key))
        elif key != "repository":
            yield ".".join((*path, key))


def null_is_the_default(cluster):
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    plain = objects(cluster.template().stdout)
    each = ",".join(f"{path}=null" for path in leaves(values))
    assert objects(cluster.template("--set", each).stdout) == plain, each
    whole = ",".join(f"{key}=null" for key in values if key != "image")
    assert objects(cluster.template("--set", whole).stdout) == plain, whole
    # What is false, 0 or empty is no null, and a limit can be taken away.
    off = "policy.allowInsecureBackends=false,dataplane.replicas=0,dataplane.resources.limits=null"
    changed = objects(cluster.template("--set", off).stdout)
    container = changed["Deployment", f"{RELEASE}-controller"]["spec"]["template"]["spec"]["containers"][0]
    assert "--allow-insecure-backends=false" in container["args"], container["args"]
    dataplane = changed["Deployment", f"{RELEASE}-dataplane"]["spec"]
    assert dataplane["replicas"] == 0, dataplane["replicas"]
    assert set(dataplane["template"]["spec"]["containers"][0]["resources"]) == {"requests"}
    return f"{each.count('null')} values"


def works_as_a_subchart(cluster):
    with tempfile.TemporaryDirectory() as folder:
        parent = Path(folder) / "shop"
        shutil.copytree(CHART, parent / "charts" / "ropewalk")
        (parent / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
        values = {
            "global": {"team": "shop"},
            "ropewalk": {"image": {"repository": "registry.test/ropewalk"}, "log": {"level": None}},
        }
        (parent / "values.yaml").write_text(yaml.dump(values))
        done = cluster.run("helm", "template", RELEASE, parent, "-n", NAMESPACE)
    assert objects(done.stdout) == objects(cluster.template().stdout)
    return "with global values and a null"


def autoscaling_keeps_the_replicas(cluster):
    cluster.namespace("scaled")
    flags = ["-n", "scaled", "--set", "image.repository=registry.test/ropewalk"]

    def replicas():
        path = "jsonpath={.spec.replicas}"
        return int(cluster.kubectl("-n", "scaled", "get", "deployment", "edge-dataplane", "-o", path).stdout)

    cluster.run("helm", "install", "edge", CHART, *flags)
    cluster.kubectl("-n", "scaled", "scale", "deployment", "edge-dataplane", "--replicas=7")
    cluster.run("helm", "upgrade", "edge", CHART, *flags, "--set", "dataplane.autoscaling.enabled=true")
    assert replicas() == 7, f"the upgrade made {replicas()} of 7"
    cluster.kubectl("-n", "scaled", "scale", "deployment", "edge-dataplane", "--replicas=5")  # as the autoscaler does
    cluster.run("helm", "upgrade", "edge", CHART, *flags, "--set", "dataplane.autoscaling.enabled=true")
    assert replicas() == 5, f"the second upgrade made {replicas()} of 5"
    more = "dataplane.autoscaling.enabled=true,dataplane.autoscaling.minReplicas=6"
    cluster.run("helm", "upgrade", "edge", CHART, *flags, "--set", more)
    assert replicas() == 6, f"minReplicas 6, {replicas()} replicas"
    cluster.run("helm", "uninstall", "edge", "-n", "scaled")
    return "7, 5, at least 6"


def renders_what_the_values_say(cluster):
    def render(*flags):
        return objects(cluster.run("helm", "template", "my.edge", CHART, *image, *flags).stdout)

    def pod(rendered, part):
        return rendered["Deployment", f"my-edge-{part}"]["spec"]["template"]["spec"]

    image = ["--set", "image.repository=registry.test/ropewalk"]
    plain = render()
    assert not [name for kind, name in plain if "." in name], "a dot of the release's name is in an object's"
    assert ("PodDisruptionBudget", "my-edge-controller") not in plain
    assert "topologySpreadConstraints" not in pod(plain, "controller")
    assert "topologySpreadConstraints" in pod(plain, "dataplane")
    assert not [kind for kind, _ in plain if kind == "NetworkPolicy"]

    two = render("--set", "controller.replicas=2")
    assert two["PodDisruptionBudget", "my-edge-controller"]["spec"]["maxUnavailable"] == 1
    spread = pod(two, "controller")["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]
    assert spread["app.kubernetes.io/component"] == "controller", spread

    pinned = render("--set", f"image.controllerDigest={DIGEST}")
    assert pod(pinned, "controller")["containers"][0]["image"] == f"registry.test/ropewalk-controller@{DIGEST}"
    assert pod(pinned, "dataplane")["containers"][0]["image"] == "registry.test/ropewalk:0.1.0"

    peer = {"podSelector": {"matchLabels": {"app": "prometheus"}}}
    for flags, peers in (
        ([], []),
        (["--set", "networkPolicy.adminFrom[0].podSelector.matchLabels.app=prometheus"], [peer]),
    ):
        rendered = render("--set", "networkPolicy.enabled=true", *flags)
        labels = pod_labels(rendered, "my-edge-dataplane")
        stream = {"ports": [{"port": 9181}], "from": [{"podSelector": {"matchLabels": labels}}]}
        open_ = {"ports": [{"port": 8080}, {"port": 8443}]}
        for part, first, admin in (("controller", stream, 9182), ("dataplane", open_, 9180)):
            # A rule without peers would be one for all: none at all, then.
            expected = [first] + [{"ports": [{"port": admin}], "from": peers} for _ in peers]
            policy = rendered["NetworkPolicy", f"my-edge-{part}"]["spec"]
            assert policy["ingress"] == expected, policy
            assert policy["podSelector"]["matchLabels"] == pod_labels(rendered, f"my-edge-{part}"), policy
    return "names, standby controllers, digests, network policies"


def pod_labels(rendered, deployment):
    return rendered["Deployment", deployment]["spec"]["selector"]["matchLabels"]


def double_render_is_equal(cluster):
    first, second = cluster.template().stdout, cluster.template().stdout
    assert first == second, "two renderings differ: Argo CD would never be in sync"
    assert "kind: Secret" not in first, "the chart makes a Secret; the controller mints certificates"
    return "no random value, no Secret"


def manifests_are_the_chart(cluster):
    rendered = cluster.run(KIT.parent.parent / "scripts" / "render-manifests.sh").stdout
    assert (
        rendered == (KIT.parent.parent / "deploy" / "manifests.yaml").read_text()
    ), "deploy/manifests.yaml is not what the chart renders: run scripts/render-manifests.sh >deploy/manifests.yaml"
    return "deploy/manifests.yaml"


def refuses_bad_values(cluster):
    done = cluster.run("helm", "template", RELEASE, CHART, check=False)
    errors = [line for line in done.stderr.splitlines() if "image.repository" in line]
    assert done.returncode and len(errors) == 1 and "docker build -f deploy/Dockerfile" in errors[0], done.stderr
    cases = {
        "policy.allowExternalNames=true": "allowExternalNames",
        "watch.namespaces={Shop}": "/watch/namespaces/0",
        "dataplane.shutdownDelaySeconds=-1": "shutdownDelaySeconds",
        "log.format=xml": "/log/format",
        "dataplane.tls.defaultSecret=a/b/c": "defaultSecret",
        "dataplane.autoscaling.enabled=true,dataplane.autoscaling.minReplicas=20": "greater than maxReplicas",
        "dataplane.autoscaling.enabled=true,dataplane.resources.requests.cpu=null": "resources.requests.cpu",
        "dataplane.terminationGracePeriodSeconds=9": "terminationGracePeriodSeconds is 9",
        "dataplane.shutdownDelaySeconds=60": "terminationGracePeriodSeconds is 60",
        "dataplane.service.httpsPort=80": "httpPort and httpsPort are both 80",
        "dataplane.service.externalTrafficPolicy=Local": "only for type NodePort or LoadBalancer",
        "dataplane.service.loadBalancerClass=a/b": "loadBalancerClass is only for type LoadBalancer",
        "dataplane.service.loadBalancerSourceRanges={192.0.2.0/24},dataplane.service.type=NodePort": (
            "loadBalancerSourceRanges is only for type LoadBalancer"
        ),
        "dataplane.podDisruptionBudget.maxUnavailable=101%": "maxUnavailable",
        "image.digest=sha256:abc": "/image/digest",
        "networkPolicy.adminFrom={monitoring}": "/networkPolicy/adminFrom/0",
    }
    for value, said in cases.items():
        done = cluster.template("--set", value, check=False)
        assert done.returncode and said in done.stderr, f"{value}: {done.stderr or 'accepted'}"
    return f"no image, {len(cases)} bad values"


def roles_are_minimal(cluster):
    for namespace in (NAMESPACE, "shop", "bystander"):
        cluster.namespace(namespace)
    flags = ["--set", "secretNamespaces={shop}", "--set", "dataplane.tls.defaultSecret=bystander/edge"]
    cluster.kubectl(
        "apply",
        "--server-side",
        "--force-conflicts",
        "--field-manager=chart",
        "-f",
        "-",
        text=cluster.template(*flags).stdout,
    )
    account = f"system:serviceaccount:{NAMESPACE}:{RELEASE}-controller"

    def may(verb, resource, namespace, name=""):
        resource, _, subresource = resource.partition("/")
        target = f"{resource}/{name}" if name else resource
        scope = ["-n", namespace] if namespace else ["-A"]
        scope += [f"--subresource={subresource}"] if subresource else []
        return (
            cluster.kubectl("auth", "can-i", verb, target, *scope, f"--as={account}", check=False).stdout.strip()
            == "yes"
        )

    expected = {
        ("list", "services", ""): True,
        ("watch", "endpointslices.discovery.k8s.io", ""): True,
        ("watch", "namespaces", ""): False,
        ("patch", "services/status", "bystander"): True,
        ("update", "services", "bystander"): False,
        ("patch", "services", "bystander"): False,
        ("create", "events.events.k8s.io", "bystander"): True,
        ("patch", "events.events.k8s.io", "bystander"): True,
        ("create", "events", "bystander"): False,
        ("list", "secrets", ""): False,
        ("get", "secrets", "bystander"): False,
        ("get", "secrets", "bystander", "edge"): True,
        ("watch", "secrets", "bystander", "edge"): True,
        ("watch", "secrets", "shop"): True,
        ("get", "secrets", NAMESPACE): False,
        ("create", "secrets", NAMESPACE): True,
        ("get", "secrets", NAMESPACE, f"{RELEASE}-ca"): True,
        ("update", "secrets", NAMESPACE, f"{RELEASE}-dataplane-tls"): True,
        ("update", "secrets", NAMESPACE, "other"): False,
        ("delete", "secrets", NAMESPACE, f"{RELEASE}-ca"): False,
        ("watch", "configmaps", "shop"): True,
        ("get", "configmaps", "bystander"): False,
        ("create", "pods", NAMESPACE): False,
        ("create", "leases.coordination.k8s.io", NAMESPACE): True,
        ("update", "leases.coordination.k8s.io", "bystander"): False,
    }
    wrong = [question for question, answer in expected.items() if may(*question) != answer]
    assert not wrong, f"the role differs for {wrong}"
    assert not cluster.kubectl("get", "clusterrole,clusterrolebinding", "-o", "name").stdout.count("rw-dataplane")
    return f"{len(expected)} questions"


SCENARIOS = [
    lint,
    schemas,
    manifests_are_the_chart,
    refuses_bad_values,
    null_is_the_default,
    renders_what_the_values_say,
    works_as_a_subchart,
    double_render_is_equal,
    install_upgrade_uninstall,
    values_of_an_older_chart,
    autoscaling_keeps_the_replicas,
    server_side_apply,
    roles_are_minimal,
]
