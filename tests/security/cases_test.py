#!/usr/bin/env python3
"""Proves that the cases of this folder can fail: expectations that a running gateway must not meet.  cases_test.py PROGRAM"""

import contextlib
import io
import sys

import cases
from cases import closed, passes, refused
from raw_http import request
from testbed import Testbed

GOOD = request("GET", "/api/v3/time?own=1")
UNKNOWN = request("GET", "/api/v3/nothing")
BROKEN = b"GET /api/v3/time HTTP/1.1\nHost: gw.test\r\n\r\n"


def wrong_expectations(bed):
    """(a case that must fail, words that must be said of it)."""
    caller = bed.hmac_caller()
    yield closed("forwarded_after_all", GOOD), "expected nothing upstream"
    yield closed("not_refused", GOOD), "expected 400, came 200"
    yield closed("not_closed", UNKNOWN, 404), "says nothing of closing"
    yield refused("closed", BROKEN, 400), "says Connection: close"
    yield refused("closed_behind_it", BROKEN, 400), "a valid request on the same connection got None"
    yield refused("other_status", UNKNOWN, 400), "expected 400, came 404"
    yield refused("other_code", UNKNOWN, 404, -1100), "expected code -1100"
    yield refused("other_words", UNKNOWN, 404, msg="Nothing."), "expected the words 'Nothing.'"
    yield passes("not_forwarded", UNKNOWN), "expected one request upstream, came []"
    yield passes("lacks_what_it_must_hold", GOOD, carries=(b"X-Kept: 1",)), "upstream lacks b'X-Kept: 1'"
    yield passes("holds_what_it_must_not", GOOD, lacks=(b"HOST",)), "upstream got b'HOST'"
    yield passes("checked", GOOD, check=lambda answer: "of the answer's own"), "of the answer's own"
    yield closed("bytes_behind_it_read", GOOD + GOOD), "after the answer came"
    yield closed("bytes_behind_it_forwarded", GOOD + GOOD), "expected nothing upstream, came"
    yield passes("a_second_request_forwarded", GOOD + GOOD), "expected one request upstream, came"
    yield refused("signed_rightly", lambda: request("GET", f"/api/v3/account?{caller.signed()}", caller.field), 400,
                  -1022), "came 200"


def judge_report():
    """What is known to be wrong does not fail, until it is right."""
    told = cases.Report("told", {"is_wrong": "as known", "is_right": "once", "is_gone": "never"})
    told.add("is_wrong", ["a fault"])
    told.add("is_right", [])
    told.add("fails", ["a fault"])
    told.add("passes", [])
    code = told.close(results=None)
    outcomes = {name: outcome for name, (outcome, _) in told.results.items()}
    expected = {"is_wrong": "skipped", "is_right": "failed", "fails": "failed", "passes": "passed", "is_gone": "failed"}
    return [] if (code, outcomes) == (1, expected) else [f"came {code} {outcomes}"]


def main():
    report = cases.Report("cases_checker")
    with Testbed(sys.argv[1]) as bed:
        bed.close_limit_s = 1.0  # what is not closed here stays open
        for case, words in wrong_expectations(bed):
            faults = cases.judge(bed, case)
            report.add(case.name,
                       [] if any(words in fault for fault in faults) else [f"{words!r} was not said: {faults}"])
        right = passes("", GOOD, carries=(b"GET /api/v3/time?own=1 HTTP/1.1\r\n",))
        report.add("all_is_well_behind_them", cases.judge(bed, right))
    with contextlib.redirect_stdout(io.StringIO()):
        faults = judge_report()
    report.add("known_wrong", faults)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
