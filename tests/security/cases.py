"""Tries one case after another on a testbed, says what differs from the table, and leaves the results to be counted."""

import dataclasses
import os
import pathlib
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

SHOWN_BYTES = 600
LOOPBACK = "127.0.0.1"
JOURNAL_LIMIT_S = 30  # It is written in batches.
PAUSE_S = 0.01  # long enough for the first piece to be read alone


@dataclasses.dataclass(frozen=True)
class Case:
    """One input of one row.

      name       row and input, "row/input"; unique.
      send       the bytes, or what makes them when it is their turn (a timestamp is young for seconds only).
      status     the status codes that the table allows.
      closes     whether the gateway closes the connection behind its answer; else it has to take another request.
      code, msg  of the body of a refusal; None: any code, any words.
      forwarded  the request reaches the upstream, and only once; else nothing of it does.
      carries, lacks   bytes that the forwarded request must hold, and words that it must not hold in any letter case.
      check      of the answer: gives what is wrong, or None.
      reason     why it is refused, as the journal has it; judge_reasons() compares them when all cases are through.
      cut        it is sent twice: in one piece, and in two with a pause between them.
    """

    name: str
    send: bytes | Callable[[], bytes]
    status: tuple
    closes: bool
    code: int | None = None
    msg: str | None = None
    forwarded: bool = False
    carries: tuple = ()
    lacks: tuple = ()
    source: str = LOOPBACK
    check: Callable | None = None
    reason: str | None = None
    cut: bool = False


def refused(name, send, status, code=None, **more):
    """A refusal after which the connection goes on."""
    return Case(name, send, _tuple(status), closes=False, code=code, **more)


def closed(name, send, status=400, code=None, **more):
    """A refusal after which the connection is closed and not a byte more is read."""
    return Case(name, send, _tuple(status), closes=True, code=code, **more)


def passes(name, send, **more):
    """Not bad at all, or made harmless: the upstream gets it."""
    return Case(name, send, (200,), closes=False, forwarded=True, **more)


def spread(generated, network):
    """Gives each case an address of its own unless it has one: wrong signatures count for a pair of address and API key."""
    for number, case in enumerate(generated):
        address = f"127.{network}.{number // 250}.{number % 250 + 1}"
        yield dataclasses.replace(case, source=address) if case.source == LOOPBACK else case


def _tuple(status):
    return status if isinstance(status, tuple) else (status,)


def judge(bed, case):
    """What differs from what the case expects: sentences, none when all is right."""
    sent = case.send if isinstance(case.send, bytes) else case.send()
    faults = judge_delivery(bed, case, [sent])
    if case.cut and not faults:
        middle = len(sent) // 2
        faults = [f"in two pieces: {fault}" for fault in judge_delivery(bed, case, [sent[:middle], sent[middle:]])]
    return [f"sent {shown(sent)}", *faults] if faults else []


def judge_delivery(bed, case, pieces):
    faults = [f"before it began, the upstream got {shown(late)}" for late in bed.upstream.take()]
    expected_upstream = []
    with bed.connect(case.source) as connection:
        for number, piece in enumerate(pieces):
            time.sleep(PAUSE_S if number else 0)
            connection.send(piece)
        is_head = pieces[0].startswith(b"HEAD ")  # its answer has no body, whatever its length says
        answer = connection.answer("HEAD" if is_head else "GET")
        faults += judge_answer(case, answer, has_body=not is_head)
        if case.reason is not None and answer is not None:
            bed.refused.append((case.name, answer.field("x-counterfoil-request-id"), case.reason))
        if case.closes:
            faults += judge_end(connection, bed.close_limit_s)
        elif answer is not None:
            expected_upstream.append(keep_on(bed, connection, faults))
    with bed.connect() as connection:
        expected_upstream.append(keep_on(bed, connection, faults, "on a new connection"))
    return faults + judge_upstream(case, bed.upstream.take(), expected_upstream)


def judge_answer(case, answer, has_body=True):
    if answer is None:
        return [f"expected {words(case.status)}, came the end of the connection"]
    faults = []
    if answer.status not in case.status:
        faults.append(f"expected {words(case.status)}, came {answer.status} {shown(answer.body)}")
    if not answer.field("x-counterfoil-request-id"):
        faults.append("the answer names no request id")
    says_close = answer.field("connection") == "close"
    if says_close != case.closes:
        faults.append(f"the answer says {'Connection: close' if says_close else 'nothing of closing'}")
    if has_body and not case.forwarded and answer.status in case.status:
        faults += judge_body(case, answer)
    if case.check and (wrong := case.check(answer)):
        faults.append(wrong)
    return faults


def judge_body(case, answer):
    document = answer.document()
    if not isinstance(document, dict):
        return [f"the body is no JSON object: {shown(answer.body)}"]
    faults = []
    if case.code is not None and document.get("code") != case.code:
        faults.append(f"expected code {case.code}, came {shown(answer.body)}")
    if case.msg is not None and document.get("msg", document.get("detail")) != case.msg:
        faults.append(f"expected the words {case.msg!r}, came {shown(answer.body)}")
    return faults


def judge_end(connection, limit_s):
    rest, is_closed = connection.rest(limit_s)
    faults = [] if is_closed else ["the connection was not closed"]
    return faults + ([f"after the answer came {shown(rest)}"] if rest else [])


def judge_reasons(report, bed):
    """The caller is told little, so a case might be refused for another reason than its own: the journal knows the true one."""
    deadline = time.monotonic() + JOURNAL_LIMIT_S
    faults = [] if bed.refused else ["no case was refused for a reason"]
    for name, request_id, reason in bed.refused:
        status, refusal = bed.gateway.call("GET", f"/api/v1/refusals/{request_id}")
        while status == 404 and time.monotonic() < deadline:
            time.sleep(0.1)
            status, refusal = bed.gateway.call("GET", f"/api/v1/refusals/{request_id}")
        if status != 200 or refusal["reason"] != reason:
            faults.append(f"{name} was refused for {refusal.get('reason')}, not for {reason}")
    report.add("true_reasons_in_the_journal", faults)


def keep_on(bed, connection, faults, where="on the same connection"):
    """Sends a valid request, and returns how it must arrive upstream."""
    data, arrival = bed.follow_up()
    connection.send(data)
    answer = connection.answer()
    if answer is None or answer.status != 200:
        faults.append(f"a valid request {where} got {answer}")
    return arrival


def judge_upstream(case, arrived, follow_ups):
    own = []
    for request in arrived:
        if not any(request.startswith(first_line) for first_line in follow_ups):
            own.append(request)
    faults = []
    if len(arrived) - len(own) != len(follow_ups):
        faults.append(f"of {len(follow_ups)} valid requests behind it the upstream got {len(arrived) - len(own)}")
    if len(own) != int(case.forwarded):
        faults.append(f"expected {'one request' if case.forwarded else 'nothing'} upstream, came {[shown(r) for r in own]}")
    for request in own if case.forwarded else ():
        faults += [f"upstream lacks {part!r}: {shown(request)}" for part in case.carries if part not in request]
        faults += [f"upstream got {word!r}: {shown(request)}" for word in case.lacks if word.lower() in request.lower()]
    return faults


def words(status):
    return " or ".join(map(str, status))


def shown(data):
    return repr(data[:SHOWN_BYTES]) + (f"... {len(data)} bytes" if len(data) > SHOWN_BYTES else "")


class Report:
    """Counts cases; a case of `known_wrong` must differ from the table, and does not fail for that."""

    def __init__(self, suite, known_wrong=None):
        self.suite, self.known_wrong = suite, known_wrong or {}
        self.began = time.monotonic()
        self.results = {}  # name -> (passed, skipped, why)

    def run(self, bed, cases):
        for case in cases:
            try:
                faults = judge(bed, case)
            except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as fault:
                # No answer in time, no connection, an answer that is not HTTP, no request to be made of it: all are findings.
                faults = [f"could not be tried to its end: {fault!r}"]
                bed.upstream.take()
            self.add(case.name, faults)

    def add(self, name, faults):
        assert name not in self.results, f"two cases are called {name}"
        why = "; ".join(faults)
        reason = self.known_wrong.get(name)
        if reason is None:
            self.results[name] = ("failed" if faults else "passed", why)
        elif faults:
            self.results[name] = ("skipped", f"known wrong: {reason}")
        else:
            self.results[name] = ("failed", f"is right now; take it out of KNOWN_WRONG ({reason})")
        outcome, told = self.results[name]
        if outcome != "passed":
            print(f"{'known wrong' if outcome == 'skipped' else 'FAILED'} {name}: {why or told}", flush=True)

    def skip(self, name, why):
        self.results[name] = ("skipped", why)
        print(f"SKIPPED {name}: {why}", flush=True)

    def close(self, results=os.environ.get("GTEST_OUTPUT")):
        """Prints the count, leaves the results for the runner of all tests ("xml:FILE"), and returns the exit code."""
        for name in self.known_wrong.keys() - self.results.keys():
            self.results[name] = ("failed", "is in KNOWN_WRONG, and no case is called so")
            print(f"FAILED {name}: {self.results[name][1]}")
        number = {outcome: sum(result[0] == outcome for result in self.results.values())
                  for outcome in ("passed", "failed", "skipped")}
        print(f"{self.suite}: {len(self.results)} cases, {number['failed']} failed, {number['skipped']} skipped or known wrong, "
              f"{time.monotonic() - self.began:.1f} s")
        if results:
            self._write(pathlib.Path(results.removeprefix("xml:")))
        return 1 if number["failed"] or not number["passed"] else 0

    def _write(self, path):
        suite = ElementTree.Element("testsuite", name=self.suite)
        for name, (outcome, why) in self.results.items():
            case = ElementTree.SubElement(suite, "testcase", classname=self.suite, name=name, status="run")
            if outcome == "failed":
                ElementTree.SubElement(case, "failure", message=printable(why))
            elif outcome == "skipped":
                case.set("result", "skipped")
                ElementTree.SubElement(case, "skipped", message=printable(why))
        path.parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def printable(text):
    return text.encode("ascii", "backslashreplace").decode()
