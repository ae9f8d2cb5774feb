#!/usr/bin/env python3
"""Authentication: that bad-input table against a running gateway with the profile `binance-spot`.

  authentication_test.py PROGRAM

The table's general codes are tried in general_codes_test.py; here the vendor's stand in their place (docs/errors.md).
"""

import sys
import threading

import authentication
import cases
import replay_rows
import signature_rows
from authentication import Bench, Rules
from raw_http import request
from testbed import Testbed

NOT_FOR_YOU = ((401,), -2015, "Invalid API-key, IP, or permissions for action.")
NO_KEY = ((401,), -2014, "API-key format invalid.")
WRONG = ((400,), -1022, "Signature for this request is not valid.")

RULES = Rules(
    public="/api/v3/time", header="X-MBX-APIKEY", read=("GET", "/api/v3/account"), change=("POST", "/api/v3/order"),
    may_read=["USER_DATA"], may_all=["USER_DATA", "TRADE"],
    answers={
        "api_key_missing": NO_KEY, "api_key_malformed": NO_KEY, "api_key_checksum": NO_KEY,
        "api_key_repeated": ((400,), *NO_KEY[1:]),
        "api_key_unknown": NOT_FOR_YOU, "api_key_revoked": NOT_FOR_YOU, "api_key_suspended": NOT_FOR_YOU,
        "api_key_expired": NOT_FOR_YOU,
        "account_suspended": NOT_FOR_YOU, "address_not_allowed": NOT_FOR_YOU, "permission_missing": NOT_FOR_YOU,
        "symbol_not_allowed": NOT_FOR_YOU,
        "signature_wrong": WRONG, "signature_malformed": WRONG,
        "signature_missing": ((400,), -1102,
                              "Mandatory parameter 'signature' was not sent, was empty/null, or malformed."),
        "replayed": ((400,), -1021, "This signed request was already received; sign each attempt anew."),
        "pair_over_budget": ((429,), -1003,
                             "Too many requests with an invalid signature; current limit is 20 per 1 MINUTE."),
        "self_revoke_malformed": ((400,), -1102, "A mandatory parameter was not sent, was empty/null, or malformed."),
    })

# name of a case -> what the program does instead
KNOWN_WRONG = {}


def in_a_form(bench):
    """What can only be said in a form body, which other profiles need not have."""
    hmac, refused = bench.hmac, RULES.refused
    method, target = RULES.change

    def form(query, body):
        def build():
            payload = hmac.payload()
            values = {"{payload}": payload, "{signature}": hmac.sign(payload)}
            texts = [query, body]
            for name, value in values.items():
                texts = [text.replace(name, value) for text in texts]
            return request(method, target + (f"?{texts[0]}" if texts[0] else ""), hmac.field, authentication.FORM,
                           body=texts[1].encode())
        return build

    yield refused("form/signature_missing", form("", "{payload}"), "signature_missing")
    yield refused("form/signature_empty", form("", "{payload}&signature="), "signature_missing")
    for type_, caller in bench.by_type.items():
        huge = "0" * 65536 if type_ == "hmac" else "A" * 65532 + "AA%3D%3D"

        def build(caller=caller, huge=huge):
            return request(method, target, caller.field, authentication.FORM,
                           body=f"{caller.payload()}&signature={huge}".encode())
        yield cases.refused(f"encoding/{type_}_64_KiB_in_a_body", build, 400, -1130)

    def moved_to_body():
        data = bench.accepted(form("{payload}&signature={signature}", "")())
        query = data.split(b"?", 1)[1].split(b" ", 1)[0]
        return request(method, target, hmac.field, authentication.FORM, body=query)
    yield refused("replay/moved_from_query_to_body", moved_to_body, "replayed")

    def signature_moved_to_body():
        data = bench.accepted(form("{payload}&signature={signature}", "")())
        payload, signature = data.split(b"?", 1)[1].split(b" ", 1)[0].split(b"&signature=")
        return request(method, f"{target}?{payload.decode()}", hmac.field, authentication.FORM,
                       body=b"signature=" + signature)
    yield refused("replay/signature_moved_to_body", signature_moved_to_body, "replayed")
    harmless = request  # POST /api/v3/order/test reaches no book
    yield cases.passes("replay/of_a_test_order_passes", lambda: bench.accepted(
        harmless("POST", f"/api/v3/order/test?{hmac.signed()}", hmac.field)))
    for other in ("DELETE /api/v3/order", "DELETE /api/v3/openOrders", "POST /api/v3/order/cancelReplace"):
        yield refused(f"replay/of_a_read_as_{other}", lambda other=other: replay_rows.moved(
            bench.accepted(bench.read(hmac)()), RULES.read, other.split(" ")), "replayed")


def symbols(bench):
    caller = bench.bed.hmac_caller(permissions=RULES.may_all, symbols=["BTCUSDT"])
    yield cases.passes("symbol/on_the_list_passes", bench.change(caller, parameters="symbol=BTCUSDT"))
    yield RULES.refused("symbol/not_on_the_list", bench.change(caller, parameters="symbol=ETHUSDT"),
                        "symbol_not_allowed")
    yield RULES.refused("symbol/other_letter_case", bench.change(caller, parameters="symbol=btcusdt"),
                        "symbol_not_allowed")


def judge_race(report, bench, copies=16):
    """Copies of one signed change that arrive together: exactly one passes, and reaches the upstream once."""
    data = bench.change(bench.hmac)()
    answers = []
    start = threading.Barrier(copies)

    def send():
        with bench.bed.connect() as connection:
            start.wait()
            connection.send(data)
            answers.append(connection.answer())
    threads = [threading.Thread(target=send) for _ in range(copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status if answer else 0 for answer in answers)
    faults = [] if statuses == [200] + [400] * (copies - 1) else [f"came {statuses}"]
    if len(arrived := bench.bed.upstream.take()) != 1:
        faults.append(f"upstream got {len(arrived)} of them")
    report.add(f"replay/{copies}_copies_at_once", faults)


def main():
    report = cases.Report("authentication", KNOWN_WRONG)
    with Testbed(sys.argv[1]) as bed:
        bench = Bench(bed, RULES)
        authentication.wait_for_changes(bench)
        alike = []
        rows = (authentication.controls(bench), authentication.api_keys(bench), authentication.states(bench, alike),
                authentication.addresses_and_permissions(bench, alike), symbols(bench),
                signature_rows.wrong_signatures(bench),
                signature_rows.encodings(bench), signature_rows.ed25519_signatures(bench),
                signature_rows.rsa_signatures(bench),
                replay_rows.replays(bench), replay_rows.self_revokes(bench, "/counterfoil/v1/self/revoke"),
                in_a_form(bench))
        for network, row in enumerate(rows, start=20):
            report.run(bed, cases.spread(row, network))
        authentication.judge_alike(report, "alike/unknown_revoked_suspended_expired_address_permission", alike)
        judge_race(report, bench)
        replay_rows.judge_budget(report, bench)
        cases.judge_reasons(report, bed)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
