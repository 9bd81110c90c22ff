#!/usr/bin/env python3
"""The shape of the tree: includes point one way, Asio and nlohmann/json stay where they belong, files stay small, and the
rules that comments cite are in docs/design.md."""
import re, statistics, sys
from pathlib import Path

ROOT = Path(sys.argv[1])
# Who may include whom; everybody may include the proto's generated headers.
ALLOWED = {
    "common": {"common"},
    "config": {"common", "config"},
    "controller": {"common", "config", "controller"},
    "dataplane": {"common", "config", "dataplane"},
    "cmd": {"common", "config", "controller", "dataplane", "cmd"},
}
GRPC_FOLDERS = ("controller/push/", "dataplane/configsync/", "dataplane/telemetry/otlp_grpc/")
# Asio's headers cost seconds of build time in each module that includes them (its sources are compiled in batches): one
# more is a decision.
MOST_ASIO_MODULES = 9
# Tables by names that strangers may choose have a hash with a secret (common/keyed_table.h).
OPEN_TABLE = re.compile(r"unordered_(?:map|set)<std::string(?:_view)?\b(?!.*Hash)")
MAY_HAVE_OPEN_TABLES = {
    "dataplane/filters/auth/token_cache.h",  # keeps only tokens that were verified
}
INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"]', re.M)


def includes(file):
    return INCLUDE.findall(file.read_text())


def main():
    problems = []
    sources = [f for top in ALLOWED for f in (ROOT / top).rglob("*") if f.suffix in (".h", ".cc")]
    graph = {}
    for file in sources:
        name = file.relative_to(ROOT).as_posix()
        top = name.split("/")[0]
        graph[name] = []
        if top in ("common", "dataplane") and name not in MAY_HAVE_OPEN_TABLES and OPEN_TABLE.search(file.read_text()):
            problems.append(f"{name} has a table by texts with std::hash: use common/keyed_table.h")
        for kind, target in includes(file):
            graph[name].append(target)
            if kind == '"' and target.split("/")[0] in ALLOWED and target.split("/")[0] not in ALLOWED[top]:
                problems.append(f"{name} includes {target}: {top} may include {sorted(ALLOWED[top])} only")
            if top == "dataplane" and target.startswith("nlohmann/"):
                problems.append(f"{name} includes {target}: nlohmann/json is not for the data plane")
            if target.startswith("grpc") and not name.startswith(GRPC_FOLDERS):
                problems.append(f"{name} includes {target}: gRPC belongs to {' '.join(GRPC_FOLDERS)}")
            if target.startswith("CLI/") and top != "cmd":
                problems.append(f"{name} includes {target}: the command line belongs to cmd")

    def reaches_asio(name, seen):
        for target in graph.get(name, []):
            if target.startswith(("boost/asio", "boost/beast")):
                return True
            if target in graph and target not in seen:
                seen.add(target)
                if reaches_asio(target, seen):
                    return True
        return False

    units = [name for name in graph if name.endswith(".cc") and reaches_asio(name, set())]
    modules = sorted({name.rsplit("/", 1)[0] for name in units})
    if len(modules) > MOST_ASIO_MODULES:
        problems.append(f"{len(modules)} modules include Asio, at most {MOST_ASIO_MODULES}: {' '.join(modules)}")
    rules = (ROOT / "docs/design.md").read_text()
    known = set(re.findall(r"^(?:\*\*|## )(\d(?:\.\d+)?)", rules, re.M))
    folders = [*ALLOWED, "proto", "tests/conformance/krakend/expectations"]
    for file in (f for top in folders for f in (ROOT / top).rglob("*") if f.suffix in (".h", ".cc", ".proto", ".json")):
        for cited in re.findall(r"\bdesign (\d(?:\.\d+)?)", file.read_text()):
            if cited not in known:
                problems.append(f"{file.relative_to(ROOT)} cites design {cited}, which docs/design.md does not have")
    lines = sorted(len(f.read_text().splitlines()) for f in sources)
    if lines[len(lines) * 9 // 10] > 400:
        problems.append(f"a tenth of the files has more than 400 lines (90th percentile {lines[len(lines) * 9 // 10]})")
    print("\n".join(problems) or f"{len(sources)} files, median {statistics.median(lines):.0f} lines, {len(modules)} modules with Asio")
    sys.exit(1 if problems else 0)


main()
