"""etcd and kube-apiserver of the kit, with an audit log, and the command lines of kubectl and Helm."""

import json
import os
import subprocess
import time
from pathlib import Path

from tier.api import Api

KIT = Path(__file__).resolve().parent.parent
CHART = KIT.parent.parent / "helm" / "ropewalk"
RELEASE, NAMESPACE = "rw", "ropewalk-system"

# One line per answered request of a ServiceAccount: this is where a refusal (403) shows.
AUDIT = """apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - level: Metadata
    userGroups: ["system:serviceaccounts"]
  - level: None
"""


def programs():
    """Folder of the kit's programs."""
    ready = os.environ.get("KUBEBUILDER_ASSETS")
    return Path(ready or subprocess.check_output([KIT / "build.sh", "--where"], text=True).strip())


class Cluster:
    def __init__(self, folder):
        self.folder = folder
        self.audit_log = folder / "audit.log"
        self.directory = folder / "api"
        (folder / "audit.yaml").write_text(AUDIT)

    def start(self):
        print(
            self.kit(
                "start",
                str(self.directory),
                f"--audit-policy-file={self.folder}/audit.yaml",
                f"--audit-log-path={self.audit_log}",
                "--audit-log-mode=blocking",
            ),
            flush=True,
        )
        self.kubeconfig = self.directory / "admin.kubeconfig"
        self.environment = {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "KUBECACHEDIR": str(self.directory / "kubectl-cache"),
            **{
                f"HELM_{name}_HOME": str(self.directory / "helm" / name.lower()) for name in ("CACHE", "CONFIG", "DATA")
            },
            "PATH": f"{programs()}:{os.environ['PATH']}",
        }
        self.api = Api(self.kubeconfig)

    def kit(self, *arguments):
        done = subprocess.run([KIT / "apiserver.sh", *arguments], text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"apiserver.sh {arguments[0]}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def namespace(self, name):
        self.kit("namespace", str(self.directory), name)

    def kill(self):
        self.kit("kill", str(self.directory))

    def restart(self):
        """Returns the wall clock at which the API server said it was ready."""
        self.kit("start", str(self.directory))
        return time.time()

    def stop(self):
        self.kit("stop", str(self.directory))

    def run(self, *command, check=True, text=None):
        """A program of the kit (kubectl, helm, kubeconform) as administrator."""
        done = subprocess.run(command, env=self.environment, input=text, text=True, capture_output=True)
        if check and done.returncode:
            raise AssertionError(
                f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        return done

    def kubectl(self, *arguments, **options):
        return self.run("kubectl", *arguments, **options)

    def template(self, *flags, check=True):
        return self.run(
            "helm",
            "template",
            RELEASE,
            CHART,
            "-n",
            NAMESPACE,
            "--set",
            "image.repository=registry.test/ropewalk",
            *flags,
            check=check,
        )

    def refusals(self):
        """(epoch seconds, user, verb, URI) of every 403 that a ServiceAccount got."""
        out = []
        for line in self.audit_log.read_text().splitlines() if self.audit_log.exists() else ():
            try:
                event = json.loads(line)
            except json.JSONDecodeError:  # the API server was killed while it wrote
                continue
            if event.get("responseStatus", {}).get("code") == 403:
                stamp = event["stageTimestamp"]
                seconds = (
                    time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S"))
                    - time.timezone
                    + float("0" + stamp[19:-1])
                )
                out.append((seconds, event["user"]["username"], event["verb"], event["requestURI"]))
        return out
