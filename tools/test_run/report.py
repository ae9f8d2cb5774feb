"""Tells the outcome: failing tests with the tail of their output, the skipped ones, the list of all, and the count line."""

from .process import say
from .result import Status

FAILURES_SHOWN = 25


def close(results, folder, seconds):
    """Prints the outcome, the count line last, writes folder/tests.txt and folder/test-count.txt; returns the exit code."""
    failed = [result for result in results if result.status is Status.FAILED]
    skipped = [result for result in results if result.status is Status.SKIPPED]
    _show_failures(failed)
    for result in skipped:
        say(f"skipped: {result.suite}: {result.name}{': ' + result.why.strip().splitlines()[0] if result.why.strip() else ''}")
    count = count_line(results)
    folder.mkdir(parents=True, exist_ok=True)
    listing = "".join(f"{result.status.value}  {result.suite}: {result.name}\n" for result in results)
    (folder / "tests.txt").write_text(listing, encoding="utf-8")
    (folder / "test-count.txt").write_text(count + "\n", encoding="utf-8")
    say(f"\n{seconds:.0f} s; every test by name: {folder.name}/tests.txt")
    say(count)
    return exit_code(results)


def count_line(results):
    """"N passed, N failed", and ", N skipped" where a test was."""
    number = {status: sum(result.status is status for result in results) for status in Status}
    line = f"{number[Status.PASSED]} passed, {number[Status.FAILED]} failed"
    return f"{line}, {number[Status.SKIPPED]} skipped" if number[Status.SKIPPED] else line


def exit_code(results):
    """0 only if a test passed and none failed: a run that tested nothing proves nothing."""
    some_passed = any(result.status is Status.PASSED for result in results)
    none_failed = not any(result.status is Status.FAILED for result in results)
    return 0 if some_passed and none_failed else 1


def _show_failures(failed):
    for result in failed[:FAILURES_SHOWN]:
        say(f"\nFAILED {result.suite}: {result.name}")
        for line in result.why.splitlines():
            say(f"    {line}")
    for result in failed[FAILURES_SHOWN:]:
        say(f"FAILED {result.suite}: {result.name}")
