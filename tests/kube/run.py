#!/usr/bin/env python3
"""Tests against a real Kubernetes API server (etcd and kube-apiserver on loopback, no kubelet).

  run.py chart                     the Helm chart alone
  run.py gateway --binaries DIR    controller and data planes, installed by the chart's roles and arguments
  ... --only NAME                  scenarios whose name contains NAME
  ... --keep                       leave the folder with all logs

Exit code 77: what it needs is missing (one line says what), nothing was tested.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
SKIPPED = 77


def skip(reason):
    print(f"skipped: {reason}", flush=True)
    sys.exit(SKIPPED)


def check_tools(options):
    from tier.cluster import programs

    needed = ["etcd", "kube-apiserver", "kubectl", "helm", "kubeconform"]
    missing = [p for p in needed if not os.access(programs() / p, os.X_OK)]
    if missing:
        hint = (
            "run `make kube-tools`"
            if shutil.which("go")
            else "install Go 1.26 and run `make kube-tools`, or set KUBEBUILDER_ASSETS"
        )
        skip(f"no Kubernetes programs ({', '.join(missing)}): {hint}")
    if options.tier == "gateway":
        for program in ("ropewalk", "ropewalk-controller"):
            if not os.access(options.binaries / program, os.X_OK):
                skip(f"{options.binaries / program} is not built")
    probe = subprocess.run([HERE / "netns.sh", "true"], capture_output=True, text=True)
    if probe.returncode:
        skip(probe.stderr.strip().splitlines()[-1])


def run(scenarios, subject, options, failed):
    for scenario in scenarios:
        name = scenario.__name__
        if options.only and options.only not in name:
            continue
        begin = time.monotonic()
        try:
            detail = scenario(subject)
            print(f"ok      {name} ({time.monotonic() - begin:.1f} s): {detail}", flush=True)
        except Exception:  # one broken scenario must not hide the next
            failed.append(name)
            print(f"FAILED  {name} ({time.monotonic() - begin:.1f} s)\n{traceback.format_exc()}", flush=True)
        yield name


def inside(options, folder):
    from tier.cluster import Cluster
    from tier.scenarios import CHART, GATEWAY
    from tier.world import World

    cluster = Cluster(folder)
    failed, world = [], None
    try:
        cluster.start()
        if options.tier == "chart":
            count = sum(1 for _ in run(CHART, cluster, options, failed))
        else:
            world = World(cluster, options.binaries, folder)
            world.install()
            world.start_controller()
            for _ in range(2):
                world.start_dataplane()
            count = sum(1 for _ in run(GATEWAY, world, options, failed))
    finally:
        if world:
            world.close()
        cluster.stop()
    print(f"{count - len(failed)} passed, {len(failed)} failed", flush=True)
    return 1 if failed or not count else 0


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("tier", choices=["chart", "gateway"])
    ap.add_argument("--binaries", type=Path, default=HERE.parent.parent / "build" / "release" / "bin")
    ap.add_argument("--only", default="")
    ap.add_argument("--keep", action="store_true")
    ap.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = ap.parse_args()
    options.binaries = options.binaries.resolve()
    try:
        import yaml  # noqa: F401
    except ImportError:
        skip("python3-yaml is missing")
    if options.inside:
        sys.exit(inside(options, options.inside))
    check_tools(options)
    folder = Path(tempfile.mkdtemp(prefix="ropewalk-kube-"))
    command = [
        HERE / "netns.sh",
        sys.executable,
        __file__,
        options.tier,
        "--binaries",
        options.binaries,
        "--only",
        options.only,
        "--inside",
        folder,
    ]
    code = subprocess.run(command).returncode
    if options.keep or code:
        print(f"logs: {folder}", flush=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
