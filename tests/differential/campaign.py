"""Sends numbered conversations through a gateway and has every request that comes out at its upstream judged."""

import collections
import concurrent.futures
import dataclasses
import socket
import time

from messages import source_of
from oracle import answers_in

CLIENTS = 16
ROUND = 500             # conversations between two looks at the records
START_LIMIT_S = 30
CLOSE_LIMIT_S = 60      # a busy machine; no client here waits for a time-out of the gateway
RECORD_LIMIT_S = 30


@dataclasses.dataclass
class Outcome:
    """One conversation: `sent` are its messages, `fault` what is wrong with what came back."""

    number: int
    sent: list
    answers: list
    fault: str | None


@dataclasses.dataclass(frozen=True)
class Violation:
    text: str
    number: int | None  # of the conversation, if it can be told


class Campaign:
    """`connect(source)` gives a Connection to the gateway from that address."""

    def __init__(self, connect, upstream, oracle, author):
        self.connect, self.upstream, self.oracle, self.author = connect, upstream, oracle, author
        self.counts = collections.Counter()  # "messages", "connections", "forwarded", "own", "parsed", statuses of refusals
        self.violations = []
        self.sent = {}  # in the last round: number -> messages
        self.clients = concurrent.futures.ThreadPoolExecutor(CLIENTS)

    def begin(self):
        """Waits until good requests pass: a gateway refuses orders that are stamped in the second in which it started."""
        deadline = time.monotonic() + START_LIMIT_S
        while not self._passes(outcome := self._converse(0, self.author.plain_conversation)):
            self._take(outcome)
            if time.monotonic() > deadline:
                raise RuntimeError(f"good requests never passed: {outcome.answers}")
            time.sleep(0.1)
        self._take(outcome)
        self._judge_records()
        self.counts.clear()

    def run(self, messages_max):
        """Conversations from 1 on, until they held so many messages or a round had a violation."""
        number = 0
        while self.counts["messages"] < messages_max and not self.violations:
            conversations = []
            left = messages_max - self.counts["messages"]
            while left > 0 and len(conversations) < ROUND:
                number += 1
                conversations.append((number, self.author.size(number)))
                left -= conversations[-1][1]
            self.round([number for number, _ in conversations])
        if any(violation.number is None for violation in self.violations):
            self._narrow()

    def round(self, numbers):
        """These conversations, and behind them good requests, for the gateway has to be alive. Those are no messages of the
        count, but they are among the forwarded ones."""
        outcomes = list(self.clients.map(lambda number: self._converse(number, self.author.conversation), numbers))
        self.sent = {outcome.number: outcome.sent for outcome in outcomes}
        for outcome in outcomes:
            self._take(outcome)
            self.counts["messages"] += len(outcome.sent)
            self.counts["connections"] += 1
        last = self._converse(numbers[-1], self.author.plain_conversation)
        self._take(last)
        if not self._passes(last):
            self._violate(f"good requests behind the round got {last.answers}", None)
        self._judge_records()
        return outcomes

    def end(self):
        """Stops the upstream and judges what it still recorded: there must be nothing."""
        self.clients.shutdown()
        self.upstream.stop()
        for record in self.upstream.take():
            self._violate(f"after all was answered, the upstream had parsed {record}", None)

    def _narrow(self):
        """A hidden request does not tell where it was hidden, so the conversations of the last round are sent one by one until
        one has a violation. Those it has are put first."""
        sent, known = self.sent, self.violations
        for number in sorted(sent):
            self.violations = []
            self.round([number])
            sent |= self.sent
            if self.violations:
                break
        self.sent, self.violations = sent, [Violation(found.text, number) for found in self.violations] + known

    def _converse(self, number, write):
        sent = write(number)
        with self.connect(source_of(number)) as connection:
            for piece in self.author.pieces(number, b"".join(sent)):
                connection.send(piece)
            try:
                connection.socket.shutdown(socket.SHUT_WR)  # else the gateway would wait for the rest of what is incomplete
            except OSError:
                pass  # closed by a refusal
            received, is_closed = connection.rest(CLOSE_LIMIT_S)
        answers, fault = answers_in(received)
        return Outcome(number, sent, answers, fault if is_closed else "the gateway did not close the connection")

    @staticmethod
    def _passes(outcome):
        return [answer.seen is not None and answer.status for answer in outcome.answers] == [200] * len(outcome.sent)

    def _take(self, outcome):
        faults = self.oracle.take_answers(outcome.number, outcome.answers) + ([outcome.fault] if outcome.fault else [])
        for fault in faults:
            self._violate(fault, outcome.number)
        for answer in outcome.answers:
            name = "forwarded" if answer.seen is not None else "own" if answer.status < 300 else str(answer.status)
            self.counts[name] += 1

    def _judge_records(self):
        """nginx records a request after its answer, so the last ones are awaited."""
        deadline = time.monotonic() + RECORD_LIMIT_S
        while True:
            for record in self.upstream.take():
                self.counts["parsed"] += 1
                number, faults = self.oracle.judge(record)
                for fault in faults:
                    self._violate(fault, number)
            unparsed = self.oracle.unparsed()
            if not unparsed or self.violations or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        for request_id in unparsed:
            self._violate(f"the upstream answered {request_id} and has no record of it", self.oracle.issued[request_id])
        unanswered = self.oracle.unanswered() & self.oracle.issued.keys()
        for request_id in unanswered:
            self._violate(f"the upstream parsed {request_id}, which the gateway refused", self.oracle.issued[request_id])
        self.oracle.forget(unparsed | unanswered)

    def _violate(self, text, number):
        self.violations.append(Violation(text, number))
