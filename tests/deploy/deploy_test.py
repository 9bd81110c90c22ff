#!/usr/bin/env python3
"""What installs and ships the project: the package list, the set-up script, the Dockerfile, the sidecar."""

import os
import re
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = [p for p in (ROOT / "deploy" / "packages.txt").read_text().split("\n") if re.match("[a-z0-9]", p)]


class Setup(unittest.TestCase):
    """scripts/setup.sh with programs of the test in place of the system's."""

    def run_setup(self, missing, uid_is_root=False):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            calls = folder / "calls"
            present = [p for p in PACKAGES if p not in missing]
            self.program(
                folder / "dpkg-query",
                "".join(f"echo 'ii {p}'\n" for p in present) + "".join(f"echo 'un {p}'\n" for p in missing),
            )
            self.program(folder / "apt-get", f'echo "apt-get $*" >>{calls}\n')
            self.program(folder / "sudo", f'echo sudo >>{calls}\n"$@"\n')
            done = subprocess.run(
                ["bash", ROOT / "scripts" / "setup.sh"],
                env={"PATH": f"{folder}:{os.environ['PATH']}"},
                text=True,
                capture_output=True,
            )
            return done, calls.read_text().splitlines() if calls.exists() else []

    def program(self, path, body):
        path.write_text("#!/bin/bash\n" + body)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def test_second_run_installs_nothing_and_asks_for_nothing(self):
        done, calls = self.run_setup([])
        self.assertEqual((done.returncode, calls), (0, []), done.stderr)
        self.assertIn(f"all {len(PACKAGES)} packages are there", done.stdout)

    def test_installs_exactly_what_is_missing(self):
        done, calls = self.run_setup(["wrk", "libcli11-dev"])
        self.assertEqual(done.returncode, 0, done.stderr)
        install = [c for c in calls if "install" in c]
        self.assertEqual(len(install), 1, calls)
        self.assertTrue(install[0].endswith("--no-install-recommends libcli11-dev wrk"), install)
        self.assertEqual("sudo" in calls, os.geteuid() != 0, "root is asked for only by those who are not")


class PackageList(unittest.TestCase):
    def test_each_package_once_in_order(self):
        for part in (ROOT / "deploy" / "packages.txt").read_text().split("["):
            names = [line for line in part.split("]")[-1].split("\n") if line and not line.startswith("#")]
            self.assertEqual(names, sorted(set(names)))

    def test_names_every_library_that_cmake_asks_for(self):
        wanted = {
            "GRPCPP": "libgrpc++-dev",
            "CARES": "libc-ares-dev",
            "LUAJIT": "libluajit-5.1-dev",
            "RE2": "libre2-dev",
            "SPDLOG": "libspdlog-dev",
            "YAMLCPP": "libyaml-cpp-dev",
            "ZLIB": "zlib1g-dev",
            "simdjson": "libsimdjson-dev",
            "nlohmann_json": "nlohmann-json3-dev",
            "GTest": "libgtest-dev",
            "OpenSSL": "libssl-dev",
            "Protobuf": "libprotobuf-dev",
            "Boost": "libboost1.81-dev",
            "PkgConfig": "pkg-config",
        }
        text = "\n".join(path.read_text() for path in (ROOT / "cmake").glob("*.cmake"))
        asked = set(re.findall(r"(?:find_package|pkg_check_modules)\((\w+)", text)) - {"Threads"}
        self.assertEqual(
            asked - set(wanted), set(), "a new dependency: give its package here and in deploy/packages.txt"
        )
        build = (ROOT / "deploy" / "packages.txt").read_text().split("\n[build]\n")[1].split("\n[test]\n")[0].split()
        self.assertEqual({wanted[a] for a in asked} - set(build), set())


class Images(unittest.TestCase):
    DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()

    def test_starts_as_krakend_s_image_does(self):
        last = self.DOCKERFILE[self.DOCKERFILE.rindex("FROM ") :]
        self.assertIn("AS ropewalk\n", last)
        for line in (
            "WORKDIR /etc/krakend",
            'ENTRYPOINT ["ropewalk"]',
            'CMD ["run", "-c", "/etc/krakend/krakend.json"]',
        ):
            self.assertIn(line, last)

    def test_no_image_runs_as_root(self):
        for stage in self.DOCKERFILE.split("\nFROM ")[2:]:
            users = re.findall(r"^USER (.*)$", stage, re.M)
            self.assertIn(users[-1:], ([], ["65532:65532"]), stage)

    def test_holds_every_library_that_the_programs_are_linked_with(self):
        binaries = os.environ.get("ROPEWALK_BINARIES")
        if not binaries:
            self.skipTest("only with the release build")
        runtime = set(re.findall(r"[a-z][a-z0-9+.-]+", self.DOCKERFILE.split("AS base")[1].split("rm -rf")[0]))
        shipped = installs(runtime)
        for program in ("ropewalk", "ropewalk-controller"):
            linked = subprocess.check_output(["ldd", Path(binaries) / program], text=True)
            for library, package in owners(re.findall(r"=> (/\S+)", linked)).items():
                self.assertTrue(package, f"{library} belongs to no package")
                self.assertIn(package, shipped, f"{program} needs {library}: add its package to deploy/Dockerfile")


def owners(libraries):
    """The package of each library; dpkg knows a file under /usr/lib or under /lib, as its package spelled it."""
    paths = {os.path.realpath(library) for library in libraries}
    asked = [*paths, *(path.removeprefix("/usr") for path in paths)]
    found = subprocess.run(["dpkg", "-S", *asked], text=True, capture_output=True).stdout
    by_path = {line.split(": ")[1]: line.split(":")[0] for line in found.splitlines()}
    return {path: by_path.get(path) or by_path.get(path.removeprefix("/usr")) for path in paths}


def installs(packages):
    """The packages, with all that apt installs with them and what debian:bookworm has."""
    wanted = [p for p in packages if subprocess.run(["dpkg", "-s", p], capture_output=True).returncode == 0]
    only = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]
    out = subprocess.check_output(["apt-cache", "depends", "--recurse", "--installed", *only, *wanted], text=True)
    return {line for line in out.split("\n") if re.match("[a-z0-9]", line)}


class Sidecar(unittest.TestCase):
    def test_is_a_native_sidecar_without_privileges(self):
        config, pod = yaml.safe_load_all((ROOT / "deploy" / "sidecar.yaml").read_text())
        (sidecar,) = pod["spec"]["initContainers"]
        self.assertEqual(sidecar["restartPolicy"], "Always")
        self.assertEqual(sidecar["securityContext"]["capabilities"], {"drop": ["ALL"]})
        self.assertIn("startupProbe", sidecar)
        self.assertIn("krakend.json", config["data"])

    def test_the_application_outlives_the_news_that_the_pod_ends(self):
        _, pod = yaml.safe_load_all((ROOT / "deploy" / "sidecar.yaml").read_text())
        (application,), (sidecar,) = pod["spec"]["containers"], pod["spec"]["initContainers"]
        wait = application["lifecycle"]["preStop"]["sleep"]["seconds"]
        self.assertGreaterEqual(wait, 5)
        self.assertGreater(pod["spec"]["terminationGracePeriodSeconds"], wait)
        # It is told to end when the application is gone: to accept for longer is to answer 500.
        self.assertIn("--shutdown-delay=0", sidecar["args"])


class Chart(unittest.TestCase):
    CHART = ROOT / "helm" / "ropewalk"

    def test_templates_read_the_defaults_that_installers_read(self):
        values, defaults = (self.CHART / "values.yaml", self.CHART / "defaults.yaml")
        self.assertEqual(yaml.safe_load(values.read_text()), yaml.safe_load(defaults.read_text()))
        made = subprocess.check_output([ROOT / "scripts" / "render-defaults.sh"], text=True)
        self.assertEqual(made, defaults.read_text(), "run scripts/render-defaults.sh >helm/ropewalk/defaults.yaml")

    def test_every_template_completes_the_values_first(self):
        for template in (self.CHART / "templates").glob("[!_]*"):
            self.assertTrue(template.read_text().startswith('{{- include "ropewalk.complete" . '), template.name)


if __name__ == "__main__":
    unittest.main()
