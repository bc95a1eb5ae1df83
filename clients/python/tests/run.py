"""Run the tests of matching files and print a JSON object for each, or list their names: `run.py PATTERN [--list]`."""

import json
import sys
import unittest
from pathlib import Path


class JsonResult(unittest.TestResult):
    """Prints the outcome of each test."""

    def startTest(self, test):
        super().startTest(test)
        self._faults = []

    def addError(self, test, err):
        self._faults.append(self._exc_info_to_string(err, test))

    def addFailure(self, test, err):
        self.addError(test, err)

    def addSubTest(self, test, subtest, err):
        if err:
            self.addError(subtest, err)

    def addSkip(self, test, reason):
        self._faults.append(f"skipped: {reason}")

    def stopTest(self, test):
        super().stopTest(test)
        print(json.dumps({"name": test.id(), "faults": self._faults}), flush=True)


def list_names(suite):
    """Return the names of all tests of a suite."""
    return [name for one in suite for name in (list_names(one) if isinstance(one, unittest.TestSuite) else [one.id()])]


tests = unittest.defaultTestLoader.discover(str(Path(__file__).parent), sys.argv[1])
if "--list" in sys.argv:
    print(json.dumps(list_names(tests)))
else:
    tests.run(JsonResult())
