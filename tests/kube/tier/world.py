"""The gateway as the chart installs it, without a kubelet: RBAC applied to the real API server, the controller
run as the chart's ServiceAccount with the chart's arguments, data planes likewise, backends as pods.

Runs inside netns.sh: the mounts made here are seen by nobody else and end with it.
"""

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import yaml

from tier.cluster import NAMESPACE, RELEASE
from tier.process import Process

CONTROLLER_IP = "192.0.2.200"
ACCOUNT_FILES = Path("/run/secrets/kubernetes.io/serviceaccount")
# Where the chart lets the controller read Secrets and ConfigMaps.
SECRET_NAMESPACES = (NAMESPACE, "secure", "authority")


class World:
    def __init__(self, cluster, binaries, folder):
        self.cluster, self.api = cluster, cluster.api
        self.binaries, self.folder = binaries, folder
        self.controller = None
        self.dataplanes = {}
        self.count = 0
        self.addresses = iter(f"192.0.2.{i}" for i in range(1, 90))
        self.pods = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("pods.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    # --- what a cluster does --------------------------------------------------------------------

    def install(self):
        """The chart's objects, a name for the controller's Service, in-cluster credentials."""
        self.cluster.namespace(NAMESPACE)
        for name in SECRET_NAMESPACES:
            self.cluster.namespace(name)
        rendered = self.cluster.template("--set", "secretNamespaces={" + ",".join(SECRET_NAMESPACES) + "}").stdout
        self.cluster.kubectl("apply", "--server-side", "--field-manager=tier", "-f", "-", text=rendered)
        self.manifests = [d for d in yaml.safe_load_all(rendered) if d]
        hosts = self.folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost\n{CONTROLLER_IP} {RELEASE}-controller.{NAMESPACE}.svc\n")
        subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
        ACCOUNT_FILES.mkdir(parents=True)
        (ACCOUNT_FILES / "namespace").write_text(NAMESPACE)
        (ACCOUNT_FILES / "ca.crt").write_bytes((self.cluster.directory / "pki" / "ca.crt").read_bytes())
        token = self.cluster.kubectl(
            "-n", NAMESPACE, "create", "token", f"{RELEASE}-controller", "--duration=1h"
        ).stdout
        (ACCOUNT_FILES / "token").write_text(token.strip())

    def container(self, component):
        name = f"{RELEASE}-{component}"
        deployment = next(m for m in self.manifests if m["kind"] == "Deployment" and m["metadata"]["name"] == name)
        return deployment["spec"]["template"]["spec"]["containers"][0]

    def arguments(self, component, pod_ip, replacements):
        """The container's arguments; values whose flag is in `replacements` are replaced."""
        out = []
        for argument in self.container(component)["args"]:
            flag, equals, value = argument.partition("=")
            if flag == "--admin":  # the pods have an address each, here they are processes of one machine
                value = pod_ip + value
            value = replacements.get(flag, value)
            out.append(flag + equals + value)
        return out

    # --- the two programs -----------------------------------------------------------------------

    def start_controller(self):
        host, port = self.api.server
        environment = {
            **os.environ,
            "KUBERNETES_SERVICE_HOST": host,
            "KUBERNETES_SERVICE_PORT": str(port),
            "POD_NAME": "controller",
        }
        command = [self.binaries / "ropewalk-controller", *self.arguments("controller", CONTROLLER_IP, {})]
        self.controller = Process("controller", command, self.folder / "controller.log", environment)
        self.controller.await_ready(f"{CONTROLLER_IP}:9182")

    def stream_certificates(self):
        """What the kubelet mounts from the Secret that the controller makes."""
        folder = self.folder / "stream"
        folder.mkdir(exist_ok=True)
        deadline = time.monotonic() + 15
        path = f"/api/v1/namespaces/{NAMESPACE}/secrets/{RELEASE}-dataplane-tls"
        while (answer := self.api.raw("GET", path))[0] != 200:
            assert time.monotonic() < deadline, f"no Secret {RELEASE}-dataplane-tls; {self.controller.last_words()}"
            time.sleep(0.05)
        for name, value in json.loads(answer[1])["data"].items():
            (folder / name).write_bytes(base64.b64decode(value))
        return folder

    def start_dataplane(self, name=None, wait=True, state=None):
        """A data plane on ports of its own (every pod has 8080 to itself; here they share an address)."""
        self.count += 1
        name = name or f"dataplane-{self.count}"
        pod_ip = f"192.0.2.{100 + self.count % 90}"
        http, https = 20000 + self.count, 30000 + self.count
        stream = self.stream_certificates()
        state = state or self.folder / f"{name}-state"
        state.mkdir(exist_ok=True)
        arguments = self.arguments(
            "dataplane",
            pod_ip,
            {
                "--port": str(http),
                "--tls-port": str(https),
                "--state-dir": str(state),
                "--shutdown-delay": "0.5",
                "--node-id": name,
                "--tls-cert": str(stream / "tls.crt"),
                "--tls-key": str(stream / "tls.key"),
                "--tls-ca": str(stream / "ca.crt"),
            },
        )
        # A pod has a host name of its own.
        pod = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', name]
        process = Process(
            name,
            [*pod, self.binaries / "ropewalk", *arguments, "--workers=1"],
            self.folder / f"{name}.log",
            {**os.environ, "POD_NAME": name},
        )
        process.address, process.tls_address, process.admin, process.state = (
            f"127.0.0.1:{http}",
            ("127.0.0.1", https),
            f"{pod_ip}:9180",
            state,
        )
        self.dataplanes[name] = process
        if wait:
            process.await_ready(process.admin)
        return process

    def targets(self):
        return [d.address for d in self.dataplanes.values() if d.running()]

    # --- backends -------------------------------------------------------------------------------

    def order(self, **order):
        self.pods.stdin.write(json.dumps(order) + "\n")
        reply = json.loads(self.pods.stdout.readline())
        if "error" in reply:
            raise AssertionError(f"{order}: {reply['error']}")
        return reply

    def start_pod(self, name, member, certificate=None, delay=0):
        """Returns the pod's address; it listens on 8443 with a certificate, else on 8080."""
        address = next(self.addresses)
        crt, key = certificate or (None, None)
        self.order(
            op="start",
            name=name,
            member=member,
            address=address,
            port=8443 if certificate else 8080,
            certificate=certificate and str(crt),
            key=certificate and str(key),
            delay=delay,
        )
        return address

    def certificate(self, name, names, authority=None):
        """A self-signed pair, or one signed by `authority` (such a pair)."""
        crt, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        sign = ["-CA", authority[0], "-CAkey", authority[1]] if authority else []
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
                f"/CN={names[0]}",
                "-addext",
                "subjectAltName=" + ",".join(f"DNS:{n}" for n in names),
                *sign,
                "-keyout",
                key,
                "-out",
                crt,
            ],
            check=True,
            capture_output=True,
        )
        return crt, key

    def service(self, namespace, name, annotations, tls, pods):
        """A Service without selector and its EndpointSlice. `pods`: addresses, or (address, conditions)."""
        port = (
            {"name": "https", "port": 443, "targetPort": 8443}
            if tls
            else {"name": "http", "port": 80, "targetPort": 8080}
        )
        self.api(
            "POST",
            f"/api/v1/namespaces/{namespace}/services",
            {
                "metadata": {"name": name, "annotations": {f"ropewalk.dev/{k}": v for k, v in annotations.items()}},
                "spec": {"ports": [port]},
            },
        )
        self.api(
            "POST",
            f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices",
            {
                "metadata": {"name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}},
                "addressType": "IPv4",
                "ports": [{"name": port["name"], "port": port["targetPort"], "protocol": "TCP"}],
                "endpoints": endpoints(pods),
            },
        )

    def endpoints(self, namespace, name, pods):
        self.api(
            "PATCH",
            f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/{name}-1",
            {"endpoints": endpoints(pods)},
            "application/merge-patch+json",
        )

    def close(self):
        for process in [*self.dataplanes.values(), self.controller]:
            if process:
                process.kill()
        self.pods.stdin.close()
        self.pods.wait(10)


READY = {"ready": True, "serving": True, "terminating": False}
TERMINATING = {"ready": False, "serving": True, "terminating": True}


def endpoints(pods):
    pairs = [pod if isinstance(pod, tuple) else (pod, READY) for pod in pods]
    return [{"addresses": [address], "conditions": conditions} for address, conditions in pairs]


class LoadRun:
    """load.py as a child; use as a context, then read `report`."""

    def __init__(self, world, path, members, rate=200, seconds=180, host="gateway.test"):
        self.world = world
        self.child = subprocess.Popen(
            [
                sys.executable,
                Path(__file__).with_name("load.py"),
                "--path",
                path,
                "--members",
                ",".join(members),
                "--host",
                host,
                "--rate",
                str(rate),
                "--seconds",
                str(seconds),
                *world.targets(),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.report = None

    def set_targets(self, targets):
        self.child.stdin.write("targets " + " ".join(targets) + "\n")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if self.child.poll() is None:
            self.child.stdin.write("stop\n")
        out, _ = self.child.communicate(timeout=60)
        self.report = json.loads(out)

    def lost_nothing(self):
        assert self.report["sent"] > 50, f"the load sent only {self.report}"
        assert self.report["lost"] == 0, f"lost requests: {self.report}"
        return f"{self.report['sent']} requests, none lost"
