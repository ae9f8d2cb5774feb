#!/usr/bin/env python3
"""Mutated HTTP messages through the gateway to three parsers that others wrote: none of them may see a request, or an
identity, that the gateway did not verify (oracle.py says what that means).

  differential_test.py --binary PROGRAM [--messages N] [--seed S] [--upstream node|python|nginx] [--only K]

N messages are shared by the upstreams, each of which gets the same ones, but for keys and time. What is wrong is printed
with the seed, the number of the conversation and its bytes; --only K sends that conversation alone and says what came of it.
"""

import argparse
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "security"))

import cases  # noqa: E402
from campaign import Campaign  # noqa: E402
from author import VICTIM, Author  # noqa: E402
from oracle import Holder, Oracle  # noqa: E402
from testbed import Testbed  # noqa: E402
from upstreams import UPSTREAMS, Missing  # noqa: E402

SIGNING_ACCOUNTS = ("desk", "desk-2")
PERMISSIONS = ("USER_DATA", "TRADE")
FORWARDED_SHARE_MIN = 0.2  # below it the messages would be too bad to prove anything
SHOWN = 10


class Bed(Testbed):
    """A gateway before the upstream given, with two accounts that sign and one that never does."""

    def __init__(self, program, upstream):
        super().__init__(program, ("COUNTERFOIL_UPSTREAM_URL", upstream.url))
        for account in (*SIGNING_ACCOUNTS[1:], VICTIM):
            self.gateway.must("POST", "/api/v1/accounts", {"id": account, "name": account})
        self.callers = {account: self.hmac_caller(account, permissions=PERMISSIONS)
                        for account in (*SIGNING_ACCOUNTS, VICTIM)}

    def campaign(self, upstream, seed):
        signing = [self.callers[account] for account in SIGNING_ACCOUNTS]
        holders = {self.callers[account].api_key: Holder(account, ",".join(PERMISSIONS), self.callers[account].pair.secret)
                   for account in SIGNING_ACCOUNTS}
        secret = pathlib.Path(self.folder.name, "data", "upstream-proof.secret").read_text(encoding="ascii").rstrip("\n")
        return Campaign(self.connect, upstream, Oracle(holders, {"1": secret}),
                        Author(seed, signing, self.callers[VICTIM].api_key))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the gateway's program")
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--upstream", choices=UPSTREAMS)
    parser.add_argument("--only", type=int, metavar="K")
    return parser.parse_args()


def try_upstream(options, name, messages):
    """What is wrong, as sentences."""
    began = time.monotonic()
    with UPSTREAMS[name]() as upstream:
        with Bed(options.binary, upstream) as bed:
            campaign = bed.campaign(upstream, options.seed)
            campaign.begin()
            if options.only is None:
                campaign.run(messages)
            else:
                show_outcomes(campaign.round([options.only]))
        campaign.end()
    print(f"{name}: {told(campaign.counts)}; {time.monotonic() - began:.1f} s", flush=True)
    faults = [describe(options, name, campaign, violation) for violation in campaign.violations[:SHOWN]]
    if len(campaign.violations) > SHOWN:
        faults.append(f"and {len(campaign.violations) - SHOWN} more")
    if options.only is None and campaign.counts["forwarded"] < FORWARDED_SHARE_MIN * campaign.counts["messages"]:
        faults.append("too few messages were forwarded: this proves nothing")
    return faults


def told(counts):
    refused = {status: count for status, count in sorted(counts.items()) if status.isdigit()}
    by_class = {f"{digit}xx": sum(count for status, count in refused.items() if status[0] == digit) for digit in "45"}
    return (f"{counts['messages']} messages on {counts['connections']} connections: {counts['forwarded']} requests "
            f"forwarded, {counts['parsed']} parsed upstream, {counts['own']} answered by the gateway itself, "
            f"refused {by_class['4xx']} with 4xx and {by_class['5xx']} with 5xx {refused}")


def describe(options, name, campaign, violation):
    where = f"upstream {name}, seed {options.seed}"
    if violation.number not in campaign.sent:
        return f"{where}, one of {min(campaign.sent)} to {max(campaign.sent)}: {violation.text}"
    return (f"{where}, number {violation.number}: {violation.text}\n  sent {b''.join(campaign.sent[violation.number])!r}\n"
            f"  again: --upstream {name} --seed {options.seed} --only {violation.number}")


def show_outcomes(outcomes):
    for outcome in outcomes:
        for message in outcome.sent:
            print(f"sent {message!r}")
        for answer in outcome.answers:
            print(f"answered {answer}")


def main():
    options = arguments()
    names = [options.upstream] if options.upstream else list(UPSTREAMS)
    report = cases.Report("differential")
    for name in names:
        try:
            report.add(name, try_upstream(options, name, -(-options.messages // len(names))))
        except Missing as missing:
            report.skip(name, str(missing))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
