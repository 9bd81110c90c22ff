#!/usr/bin/env python3
"""Makes docs/krakend-compatibility.md of the inventory (coverage.yaml), the table of namespaces (config/registry.cc), what is
still pending, and the expectations that differ from a recording.

  compatibility.py            tells whether the document is up to date (exit code 1 when it is not)
  compatibility.py --write    writes it
"""
import fnmatch, functools, json, re, sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DOCUMENT = ROOT / "docs" / "krakend-compatibility.md"
EDITIONS = {"CE": "", "EE": " (paid edition)", "none": " (no edition)"}


@functools.cache
def namespaces():
    """{name: whether this build has it}, as config/registry.cc says."""
    text = (ROOT / "config" / "registry.cc").read_text()
    rows = re.findall(r'^\s*\{"([^"]+)", "[^"]*", .*(kBuilt|kMissing)\},$', text, re.MULTILINE)
    return {name: built == "kBuilt" for name, built in rows}


def names_of(path):
    lines = path.read_text().splitlines() if path.exists() else []
    return {line.split(" ", 1)[0] for line in lines if line.strip() and not line.startswith("#")}


@functools.cache
def cases():
    """{area/name or suite/name: whether it is pending}"""
    pending, waiting = names_of(HERE / "pending.txt"), names_of(HERE / "suite-pending.txt")
    found = {f"{p.parent.name}/{p.stem}": None for p in (HERE / "recorded" / "cases").rglob("*.json")}
    out = {name: name in pending for name in found}
    out.update({f"suite/{p.stem}": p.stem in waiting for p in (HERE / "suite" / "specs").glob("*.json")})
    return out


def matching(patterns, known):
    found = {name for pattern in patterns for name in fnmatch.filter(known, pattern)}
    return [name for name in known if name in found]


@functools.cache
def inventory():
    return yaml.safe_load((HERE / "coverage.yaml").read_text())["sections"]


def status_of(row, built, known):
    """The word and what is said beside it."""
    said = " ".join(filter(None, [row.get("how"), row.get("why"), row.get("switch") and f"Switch: {row['switch']}."]))
    missing = [name for name in row.get("namespaces", []) if not built[name]]
    proofs = matching(row.get("cases", []), known)
    waiting = [name for name in proofs if known[name]]
    if row.get("status") == "not yet" or row.get("waits") or row.get("outside") and not proofs:
        return "not yet", said or row.get("outside") or ""
    if missing and len(missing) == len(row["namespaces"]) or len(waiting) * 2 > len(proofs):
        return "not yet", said
    if missing:
        said = f"Not yet: {', '.join(f'`{name}`' for name in missing)}. " + said
    if waiting:
        said = "Some recorded cases still wait. " + said
    return row.get("status", "supported"), said.strip()


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def render():
    built, known = namespaces(), cases()
    out = [
        "# Compatibility with KrakenD",
        "",
        "What KrakenD 2.13.8 does, by feature, and what this gateway makes of it: supported (the same), better, different (how, why,",
        "and the switch, if there is one) or not yet. What is not there yet and protects is refused at start, never left out.",
        "This page is generated: `tests/conformance/krakend/compatibility.py --write`. To compare the two on your own",
        "configuration: `make compat KRAKEND=path/to/krakend CASES=folder`.",
    ]
    tally = {}
    for section in inventory():
        out += ["", f"## {section['title']}", "", "| Feature | Keys | Level | Here | |", "|---|---|---|---|---|"]
        for row in section["rows"]:
            status, said = status_of(row, built, known)
            tally[status] = tally.get(status, 0) + 1
            level = "" if row["level"] == "none" else row["level"]
            out.append(f"| {cell(row['feature'])}{EDITIONS[row['edition']]} | {cell(row.get('keys', ''))} | {level} | {status} | {cell(said)} |")
    own = [name for name in built if name.startswith("ropewalk/")]
    out += ["", "## Namespaces of this gateway", "", "KrakenD ignores them: a configuration with them still serves there.", ""]
    out += [f"- `{name}`" + ("" if built[name] else " (not yet)") for name in own]
    out += ["", "## Recorded answers that differ on purpose", "", "The rules are in [design.md](design.md).", "", "| Case | Why | Rule |", "|---|---|---|"]
    for path in sorted((HERE / "expectations").rglob("*.json")):
        content = json.loads(path.read_text())
        out.append(f"| {path.parent.name}/{path.stem} | {cell(content['reason'])} | {cell(content['rule'])} |")
    counts = ", ".join(f"{count} {status}" for status, count in sorted(tally.items(), key=lambda entry: -entry[1]))
    out.insert(6, f"In numbers: {counts}.")
    out.insert(6, "")
    return "\n".join(out) + "\n"


def main():
    text = render()
    if sys.argv[1:] == ["--write"]:
        DOCUMENT.write_text(text)
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text() == text:
        return 0
    print(f"{DOCUMENT.relative_to(ROOT)} is not up to date: run {Path(__file__).resolve().relative_to(ROOT)} --write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
