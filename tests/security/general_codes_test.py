#!/usr/bin/env python3
"""Authentication and time, with the codes of the bad-input tables themselves.  general_codes_test.py PROGRAM

The profile `weather` has no codes of its own, so it answers as the tables say: 401, 403, 409, and one body for all that
must look alike.
"""

import sys

import authentication
import cases
import replay_rows
import signature_rows
from authentication import Bench, Rules
from cases import Case
from raw_http import request
from signing import now_ms, quoted
from testbed import Testbed

UNAUTHENTICATED = ((401,), None, "The request is not authenticated.")
FORBIDDEN = ((403,), None, "The API key may not do this from here.")
MALFORMED = ((400,), None, "The request is malformed.")
OUTSIDE = "outside recvWindow"

RULES = Rules(
    public="/v1/status", header="X-Weather-Key", read=("GET", "/v1/forecasts/berlin"),
    change=("POST", "/v1/stations/s1/reports"),
    may_read=["FORECASTS"], may_all=["FORECASTS", "STATION_REPORTS"],
    answers={
        "api_key_missing": UNAUTHENTICATED, "api_key_malformed": UNAUTHENTICATED, "api_key_checksum": UNAUTHENTICATED,
        "api_key_repeated": MALFORMED,
        "api_key_unknown": UNAUTHENTICATED, "api_key_revoked": UNAUTHENTICATED, "api_key_suspended": UNAUTHENTICATED,
        "api_key_expired": UNAUTHENTICATED,
        "account_suspended": UNAUTHENTICATED, "signature_wrong": UNAUTHENTICATED,
        "signature_malformed": UNAUTHENTICATED, "signature_missing": MALFORMED,
        "address_not_allowed": FORBIDDEN, "permission_missing": FORBIDDEN, "self_revoke_malformed": MALFORMED,
        "replayed": ((409,), None, "This signed request was already received; sign each attempt anew."),
        "pair_over_budget": ((429,), None, "Too many requests."),
    })

# name of a case -> what the program does instead
KNOWN_WRONG = {}


def wrong_alike(bench, bodies):
    """A wrong signature must not be told from a key that does not exist."""
    for name, caller in bench.by_type.items():
        yield RULES.refused(f"alike/wrong_{name}_signature",
                            bench.read(caller, signature=lambda payload,
                                       caller=caller: of_another_text(caller, payload)),
                            "signature_wrong", check=lambda answer, name=name: bodies.append((name, answer.body)))


def of_another_text(caller, payload):
    return quoted(caller.pair.sign(payload + b"&more=1"))


def time_rows(bench):
    caller = bench.hmac
    method, target = RULES.read

    def stamped(stamp, behind=""):
        def build():
            payload = f"timestamp={stamp()}{behind}" if stamp else behind
            return request(method, f"{target}?{payload}&signature={caller.sign(payload)}", caller.field)
        return build

    def malformed(name, send):
        return Case(name, send, (400,), closes=False)

    def outside(name, stamp, behind=""):
        return Case(name, stamped(stamp, behind), (401,), closes=False,
                    check=lambda answer: None if OUTSIDE.encode() in answer.body
                    else f"the body does not say {OUTSIDE!r}: {answer.body!r}")

    yield malformed("timestamp/missing", stamped(None, "a=1"))
    for name, stamp in {"empty": lambda: "", "minus": lambda: f"-{now_ms()}", "decimal": lambda: f"{now_ms()}.5",
                        "space": lambda: f"%20{now_ms()}",
                        "12_digits": lambda: str(now_ms())[:12], "14_digits": lambda: f"{now_ms()}0",
                        "17_digits": lambda: f"{now_ms()}0000",
                        "seconds": lambda: str(now_ms() // 1000),
                        "full_width": lambda: "".join("%EF%BC%9" + digit for digit in str(now_ms()))}.items():
        yield malformed(f"timestamp/{name}", stamped(stamp))
    yield outside("timestamp/6_s_late", lambda: str(now_ms() - 6_000))
    yield outside("timestamp/3_s_ahead", lambda: str(now_ms() + 3_000))
    yield outside("timestamp/late_for_its_window", lambda: str(now_ms() - 500), "&recvWindow=100")
    for text in ("0", "-1", "60001", "word", "5000.1234", ""):
        yield malformed(f"recv_window/{text or 'empty'}", stamped(lambda: str(now_ms()), f"&recvWindow={text}"))


def parameter_rows(bench):
    caller = bench.hmac
    method, target = RULES.read

    def query(parameters):
        def build():
            payload = caller.payload(parameters)
            return request(method, f"{target}?{payload}&signature={caller.sign(payload)}", caller.field)
        return build

    for name, parameters in {"reserved_twice": "timestamp=1", "reserved_encoded": "%73ignature=1",
                             "reserved_letter_case": "Signature=1", "empty_name": "=1", "two_ampersands": "a=1&",
                             "missing_equals": "a", "more_than_100": "&".join(f"p{number}=1" for number in range(99)),
                             "twice": "a=1&a=2", "no_hex": "a=%zz"}.items():
        yield Case(f"parameter/{name}", query(parameters), (400,), closes=False)
    yield Case("query/high_byte", query("a=\xff"), (400, 401), closes=False)
    yield cases.refused("content_encoding/gzip", bench.read(caller, "Content-Encoding: gzip"), 415)
    yield cases.closed("body_not_expected/signed_get",
                       lambda: request(method, f"{target}?{caller.signed()}", caller.field, body=b"a=1"), 400)

    def in_both():
        payload = caller.payload("a=1")
        body = "a=2"
        signature = caller.sign(payload + body)
        return request("POST", f"/v1/self/revoke?{payload}&signature={signature}", caller.field, authentication.FORM,
                       body=body.encode())
    yield Case("parameter/in_query_and_body", in_both, (400,), closes=False)


def main():
    report = cases.Report("general_codes", KNOWN_WRONG)
    with Testbed(sys.argv[1], ("COUNTERFOIL_PROFILE_NAME", "weather"), public=RULES.public, header=RULES.header) as bed:
        bench = Bench(bed, RULES)
        authentication.wait_for_changes(bench)
        unauthenticated, forbidden = [], []
        rows = (authentication.controls(bench), authentication.api_keys(bench),
                authentication.states(bench, unauthenticated),
                wrong_alike(bench, unauthenticated), authentication.addresses_and_permissions(bench, forbidden),
                signature_rows.wrong_signatures(bench), signature_rows.encodings(bench),
                signature_rows.ed25519_signatures(bench),
                signature_rows.rsa_signatures(bench), replay_rows.replays(bench),
                replay_rows.self_revokes(bench, "/v1/self/revoke"),
                time_rows(bench), parameter_rows(bench))
        for network, row in enumerate(rows, start=40):
            report.run(bed, cases.spread(row, network))
        authentication.judge_alike(report, "alike/unknown_revoked_suspended_expired_wrong", unauthenticated)
        authentication.judge_alike(report, "alike/address_and_permission", forbidden)
        replay_rows.judge_budget(report, bench)
        cases.judge_reasons(report, bed)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
