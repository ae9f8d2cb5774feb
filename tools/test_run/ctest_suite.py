"""Runs ctest and counts what its entries hold. cmake/tests.cmake says how an entry declares itself."""

import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

from . import process
from .result import Result, Status, tail

SANITIZERS = {  # Harmless where no sanitizer is built in.
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
}


def run(folder, jobs):
    """Runs every ctest entry of the build folder and returns the results of all their tests."""
    entries = _entries(folder)
    if not entries:
        return [Result("ctest", "ctest", Status.FAILED, f"no test is registered in {folder}")]
    results_folder = folder / "results"
    shutil.rmtree(results_folder, ignore_errors=True)  # A result of an earlier run must not stand in for a missing one.
    results_folder.mkdir(parents=True)
    process.say(f"ctest: {len(entries)} entries")
    junit = results_folder / "ctest.junit.xml"
    # What a failing program says last is worth the most: should its output be too long, the head of it goes.
    code = process.run(["ctest", "-j", jobs, "--output-junit", junit, "--test-output-size-failed", "100000",
                        "--test-output-truncation", "head"], results_folder / "ctest.log", cwd=folder,
                       environment=SANITIZERS, progress=lambda line: "Test #" in line)
    outcomes = read_outcomes(junit)
    results = []
    for name, labels in entries:
        results += judge(name, labels, outcomes.get(name), results_folder / f"{name}.xml")
    if code != 0 and not any(result.status is Status.FAILED for result in results):
        results.append(Result("ctest", "ctest", Status.FAILED, f"ctest {process.describe_exit(code)}"))
    return results


def judge(name, labels, outcome, result_file):
    """The results of one ctest entry. `outcome` is (passed, output), or None if ctest never said anything about it."""
    if outcome is None:
        return [Result("ctest", name, Status.FAILED, "ctest did not run it")]
    passed, output = outcome
    if "gtest" in labels:
        return _judge_gtest(name, passed, output, result_file)
    if "check" in labels:
        return [Result("check", name, Status.PASSED if passed else Status.FAILED, "" if passed else tail(output))]
    return [Result("ctest", name, Status.FAILED,
                   "registered by a bare add_test(); use counterfoil_gtest() or counterfoil_check() (cmake/tests.cmake)")]


def read_outcomes(junit):
    """name -> (passed, output) from ctest's JUnit file."""
    outcomes = {}
    if junit.exists():
        for case in ElementTree.parse(junit).getroot().iter("testcase"):
            outcomes[case.get("name")] = (case.get("status") == "run", case.findtext("system-out") or "")
    return outcomes


def _judge_gtest(name, passed, output, result_file):
    try:
        cases = list(ElementTree.parse(result_file).getroot().iter("testcase"))
    except (FileNotFoundError, ElementTree.ParseError):
        return [Result(name, "(whole program)", Status.FAILED, f"left no results: it crashed or never ran\n{tail(output)}")]
    results = [_case(name, case) for case in cases]
    if not results:
        results = [Result(name, "(whole program)", Status.FAILED, "holds no test")]
    if not passed and not any(result.status is Status.FAILED for result in results):
        results.append(Result(name, "(whole program)", Status.FAILED,
                              f"every case passed, but the program failed\n{tail(output)}"))
    return results


def _case(suite, case):
    name = f"{case.get('classname')}.{case.get('name')}"
    failures = [failure.text or failure.get("message") or "" for failure in case.findall("failure")]
    if failures:
        return Result(suite, name, Status.FAILED, tail("\n".join(failures)))
    if case.get("result") in ("skipped", "suppressed") or case.get("status") == "notrun":
        skipped = case.find("skipped")
        return Result(suite, name, Status.SKIPPED, "" if skipped is None else (skipped.get("message") or ""))
    return Result(suite, name, Status.PASSED)


def _entries(folder):
    listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                             check=True)
    entries = []
    for test in json.loads(listing.stdout)["tests"]:
        labels = next((row["value"] for row in test.get("properties", []) if row["name"] == "LABELS"), [])
        entries.append((test["name"], labels))
    return entries
