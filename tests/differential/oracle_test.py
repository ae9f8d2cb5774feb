#!/usr/bin/env python3
"""Proves that differential_test.py can fail: in the gateway's place stands a proxy that believes what it should not, and
for each parser the very same messages must find that out, while good requests through it must not.  oracle_test.py"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "security"))

import cases  # noqa: E402
from campaign import Campaign  # noqa: E402
from author import VICTIM, Author  # noqa: E402
from naive_proxy import NaiveProxy  # noqa: E402
from oracle import Holder, Oracle  # noqa: E402
from signing import Caller, HmacPair  # noqa: E402
from upstreams import UPSTREAMS, Missing  # noqa: E402

KID, PROOF_SECRET = "1", "TESTONLY-proof-secret-of-the-naive-proxy"
CALLERS = {account: Caller(f"TESTONLY{number}".ljust(64, "0"), HmacPair(f"TESTONLY-secret-{number}"))
           for number, account in enumerate(("desk", "desk-2", VICTIM))}
GOOD_MESSAGES, MESSAGES = 100, 600
# What the mutated messages must bring to light, and in what words.
FOUND = {
    "hidden_request": ("the gateway never told the request id",),
    "unverified_request": ("did not sign",),
    "forged_identity": ("its identity headers are", "it is of no signed route", "account or permissions are not those",
                        "never signed anything"),
    "proof_of_something_else": ("the proof is not right", "the proof has no form"),
    "answer_of_another": ("is the upstream's to",),
    "forged_origin": ("it comes from",),
}


class GoodRequests(Author):
    def conversation(self, number):
        return self.plain_conversation(number)


def holders(accounts):
    callers = {account: CALLERS[account] for account in accounts}
    return {caller.api_key: Holder(account, "USER_DATA,TRADE", caller.pair.secret) for account, caller in callers.items()}


def violations(name, author, messages):
    """What is found with one parser behind the naive proxy."""
    signing = {account: caller for account, caller in CALLERS.items() if account != VICTIM}
    with UPSTREAMS[name]() as upstream:
        with NaiveProxy(upstream.url, holders(CALLERS), KID, PROOF_SECRET) as proxy:
            campaign = Campaign(proxy.connect, upstream, Oracle(holders(signing), {KID: PROOF_SECRET}),
                                author(1, list(signing.values()), CALLERS[VICTIM].api_key))
            campaign.begin()
            campaign.run(messages)
        campaign.end()
    return [violation.text for violation in campaign.violations]


def main():
    report = cases.Report("differential_oracle")
    for name in UPSTREAMS:
        try:
            report.add(f"{name}/good_requests_pass", violations(name, GoodRequests, GOOD_MESSAGES))
            found = violations(name, Author, MESSAGES)
            for what, words in FOUND.items():
                report.add(f"{name}/{what}", [] if any(word in text for word in words for text in found)
                           else [f"none of {words} was said in {len(found)} violations"])
        except Missing as missing:
            report.skip(name, str(missing))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
