#!/usr/bin/env python3
"""coverage.yaml is complete and true, and docs/krakend-compatibility.md is made of it."""
import re, unittest

import compatibility
from compatibility import ROOT, cases, inventory, matching, namespaces

STATUSES = {"supported", "better", "different", "not yet"}
KEYS = {"feature", "keys", "level", "edition", "priority", "namespaces", "cases", "tests", "status", "how", "why", "switch", "waits", "outside"}
# How many features the inventory counts: none gets lost.
INVENTORY = {"P0": 71, "P1": 69, "P2": 53, "P3": 25}


def rows():
    return [(f"{section['number']} {row['feature']}", row) for section in inventory() for row in section["rows"]]


def test_exists(reference):
    file, name = reference.split(":", 1)
    path = ROOT / file
    if not path.is_file():
        return False
    if name == "*":
        return True
    if path.suffix == ".py":
        return re.search(rf"def {re.escape(name)}\(", path.read_text()) is not None
    suite, test = name.split(".")
    return re.search(rf"TEST(_F|_P)?\({suite},\s*{test}\)", path.read_text()) is not None


class CoverageTest(unittest.TestCase):
    def test_no_feature_is_lost(self):
        counted = {}
        for _, row in rows():
            counted[row["priority"]] = counted.get(row["priority"], 0) + 1
        self.assertEqual(counted, INVENTORY)

    def test_what_matters_is_proven(self):
        for name, row in rows():
            self.assertLessEqual(set(row), KEYS, name)
            self.assertIn(row.get("status", "supported"), STATUSES, name)
            if row["priority"] in ("P0", "P1"):
                self.assertTrue(any(row.get(key) for key in ("cases", "tests", "waits", "outside")),
                                f"{name}: name the cases or tests that prove it")

    def test_a_difference_is_explained(self):
        for name, row in rows():
            if row.get("status") in ("better", "different"):
                self.assertTrue(row.get("how"), f"{name}: say how")

    def test_proofs_exist(self):
        known = cases()
        for name, row in rows():
            for pattern in row.get("cases", []):
                self.assertTrue(matching([pattern], known), f"{name}: no case {pattern}")
            for reference in row.get("tests", []):
                self.assertTrue(test_exists(reference), f"{name}: no test {reference}")

    def test_every_namespace_is_in_a_row(self):
        built = namespaces()
        self.assertGreater(len(built), 60)
        used = {space for _, row in rows() for space in row.get("namespaces", [])}
        self.assertEqual(used - set(built), set(), "not in config/registry.cc")
        self.assertEqual({name for name in built if not name.startswith("ropewalk/")} - used, set())

    def test_what_is_built_waits_for_nothing(self):
        built = namespaces()
        for name, row in rows():
            spaces = row.get("namespaces", [])
            if row.get("waits") and spaces:
                self.assertFalse(all(built[space] for space in spaces), f"{name}: is built; name its cases or tests in place of `waits`")

    def test_the_document_is_up_to_date(self):
        path = compatibility.DOCUMENT
        self.assertTrue(path.exists() and path.read_text() == compatibility.render(),
                        "run tests/conformance/krakend/compatibility.py --write")


if __name__ == "__main__":
    unittest.main()
