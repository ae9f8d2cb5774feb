"""Runs a folder of Node tests (*.test.mjs) against the program that was built."""

import concurrent.futures
import hashlib
import shutil
import xml.etree.ElementTree as ElementTree

from . import process
from .result import Result, Status, tail

FILE_LIMIT_SECONDS = 600
INSTALL_LIMIT_SECONDS = 900


def run(root, suite_folder, build_folder, jobs):
    """Installs the suite's locked packages and runs each of its files in a process of its own."""
    suite = suite_folder.name
    files = sorted(suite_folder.glob("*.test.mjs"))
    if not files:
        return [Result(suite, suite, Status.FAILED, f"{suite_folder} holds no *.test.mjs")]
    process.say(f"{suite}: {len(files)} files")
    node_env = root / "tools" / "node-env"
    why = _install(node_env, suite_folder, root / "build" / "logs" / f"npm-{suite}.log")
    if why:
        return [Result(suite, "npm ci", Status.FAILED, why)]
    results_folder = build_folder / "results" / suite
    shutil.rmtree(results_folder, ignore_errors=True)
    results_folder.mkdir(parents=True)
    environment = {"COUNTERFOIL_BIN": str(build_folder / "counterfoil")}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = [pool.submit(_run_file, node_env, file, results_folder, environment) for file in files]
        return [result for run_of_file in runs for result in run_of_file.result()]


def _install(node_env, folder, log):
    """Runs npm ci unless the lock file installed last is today's. Returns what went wrong, or nothing."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    mark = folder / "node_modules" / ".counterfoil-lock"
    if mark.exists() and mark.read_text() == lock:
        return ""
    code = process.run([node_env, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], log, cwd=folder,
                       limit_seconds=INSTALL_LIMIT_SECONDS)
    if code != 0:
        return f"npm ci {process.describe_exit(code)}\n{tail(process.read(log))}"
    mark.write_text(lock)
    return ""


def _run_file(node_env, file, results_folder, environment):
    name = file.name.removesuffix(".test.mjs")
    junit, log = results_folder / f"{name}.xml", results_folder / f"{name}.log"
    command = [node_env, "node", "--test", "--test-reporter=spec", "--test-reporter-destination=stdout",
               "--test-reporter=junit", f"--test-reporter-destination={junit}", file.name]
    code = process.run(command, log, cwd=file.parent, environment=environment, limit_seconds=FILE_LIMIT_SECONDS)
    results = judge(f"{file.parent.name}/{name}", code, junit, process.read(log))
    failed = sum(result.status is Status.FAILED for result in results)
    process.say(f"  {file.name}: {len(results)} tests, {failed} failed")
    return results


def judge(suite, code, junit, output):
    """The results of one test file that ended with `code`."""
    try:
        cases = list(ElementTree.parse(junit).getroot().iter("testcase"))
    except (FileNotFoundError, ElementTree.ParseError):
        cases = []
    results = [_case(suite, case) for case in cases]
    if not results:
        return [Result(suite, "(whole file)", Status.FAILED, f"{process.describe_exit(code)}, no results\n{tail(output)}")]
    if code != 0 and not any(result.status is Status.FAILED for result in results):
        results.append(Result(suite, "(whole file)", Status.FAILED,
                              f"every test passed, but the file {process.describe_exit(code)}\n{tail(output)}"))
    return results


def _case(suite, case):
    name = case.get("name") or "(unnamed)"
    failure = case.find("failure")
    if failure is not None:
        return Result(suite, name, Status.FAILED, tail(failure.text or failure.get("message") or ""))
    skipped = case.find("skipped")
    if skipped is not None:
        return Result(suite, name, Status.SKIPPED, skipped.get("message") or "")
    return Result(suite, name, Status.PASSED)
