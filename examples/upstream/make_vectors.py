#!/usr/bin/env python3
"""Writes testdata/upstream-proof.json: requests as a gateway forwards them, and what an upstream must say to each.

It knows nothing but docs/upstream.md and the standard library, so that the gateway and the verifiers are measured against
a third hand. The secrets are for tests alone. Run it after a change of the proof's form; the file is committed.
"""

import hashlib
import hmac
import json
import pathlib

SECRETS = {"1": "TESTONLY-upstream-proof-secret-one-0000", "2027-01": "TESTONLY-upstream-proof-secret-two-0000"}
STRANGER = "TESTONLY-upstream-proof-secret-of-nobody"
NOW = 1_790_000_000_000
KEY = "TESTONLYapikey00000000000000000000000000000000000000000000000000"
FORM = "quantity=1&price=0.1&recvWindow=5000&timestamp=1789999999990"
EVENT = json.dumps({"id": "evt-5f1c", "type": "key.revoked", "api_key": KEY, "account": "demo", "reason": "leaked",
                    "cancel_open_orders": True}, separators=(",", ":"))


def request(method="GET", target="/api/v3/account?timestamp=1789999999990", body="", **claims):
    """What a gateway forwards, and when the upstream reads it."""
    claims = {"account": "demo", "key": KEY, "permissions": "USER_DATA,TRADE", "gateway": "gw-1", "id": "r-0001",
              "ts": str(NOW)} | claims
    return {"method": method, "target": target, "body": body} | claims


def text_of(kid, sent):
    body_hash = hashlib.sha256(sent["body"].encode()).hexdigest()
    return "\n".join(["counterfoil-proof-v1", kid, sent["ts"], sent["method"], sent["target"], body_hash, sent["account"],
                      sent["key"], sent["permissions"], sent["gateway"], sent["id"]])


def proof_of(kid, sent, secret=None):
    secret = secret or SECRETS[kid]
    mac = hmac.new(secret.encode(), text_of(kid, sent).encode(), hashlib.sha256).hexdigest()
    return f"v1;kid={kid};ts={sent['ts']};mac={mac}"


def headers_of(sent, proof):
    return [["X-Counterfoil-Account", sent["account"]], ["X-Counterfoil-Key", sent["key"]],
            ["X-Counterfoil-Permissions", sent["permissions"]], ["X-Counterfoil-Request-Id", sent["id"]],
            ["X-Counterfoil-Timestamp", sent["ts"]], ["X-Counterfoil-Gateway", sent["gateway"]],
            ["X-Counterfoil-Proof", proof]]


def case(name, expect, sent, proof, now=NOW, headers=None, text=None):
    row = {"name": name, "expect": expect, "now_ms": now, "method": sent["method"], "target": sent["target"],
           "body": sent["body"], "headers": headers or headers_of(sent, proof)}
    return row | ({"text": text} if text else {})


def good(name, kid="1", now=NOW, **sent):
    sent = request(**sent)
    return case(name, "accepted", sent, proof_of(kid, sent), now, text=text_of(kid, sent))


def altered(name, field, value):
    """A proof that was right before one thing was changed."""
    sent = request(id="r-altered")
    proof = proof_of("1", sent)
    return case(name, "wrong_mac", sent | {field: value}, proof)


def misshapen(name, change, expect="malformed"):
    sent = request(id="r-misshapen")
    return case(name, expect, sent, change(proof_of("1", sent)))


def without(name, header):
    sent = request(id="r-without")
    headers = [pair for pair in headers_of(sent, proof_of("1", sent)) if pair[0] != header]
    return case(name, "malformed", sent, "", headers=headers)


def twice(name, header, value):
    sent = request(id="r-twice")
    headers = headers_of(sent, proof_of("1", sent))
    return case(name, "malformed", sent, "", headers=[*headers, [header, value]])


def cases():
    order = {"method": "POST", "target": "/api/v3/order?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC", "body": FORM}
    escaped = {"target": "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D&x=%e9+%2B"}
    old = request(id="r-old", ts=str(NOW - 5_001))
    ahead = request(id="r-ahead", ts=str(NOW + 5_001))
    crossed = request(id="r-crossed")
    stamped = request(id="r-stamped")
    return [
        good("get_without_body", id="r-get"),
        good("post_with_query_and_body", id="r-post", **order),
        good("escapes_as_they_stand", id="r-escaped", **escaped),
        good("body_beyond_ascii", id="r-utf8", method="POST", target="/v1/notes", body="{\"text\":\"caf\u00e9\"}"),
        good("second_secret_while_rotating", kid="2027-01", id="r-second"),
        good("no_permissions", id="r-none", permissions=""),
        good("key_event", id="r-event", method="POST", target="/counterfoil/events", body=EVENT, permissions=""),
        good("exactly_five_seconds_old", id="r-five", ts=str(NOW - 5_000)),
        good("exactly_five_seconds_ahead", id="r-five-ahead", ts=str(NOW + 5_000)),
        case("one_millisecond_too_old", "too_old", old, proof_of("1", old)),
        case("one_millisecond_too_far_ahead", "from_the_future", ahead, proof_of("1", ahead)),
        good("get_repeated", id="r-get"),
        case("post_repeated", "replayed", request(id="r-post", **order), proof_of("1", request(id="r-post", **order))),
        good("post_of_another_gateway", id="r-post", gateway="gw-2", **order),
        altered("method_altered", "method", "DELETE"),
        altered("target_altered", "target", "/api/v3/account?timestamp=1789999999991"),
        altered("body_altered", "body", "quantity=2"),
        altered("account_altered", "account", "demo2"),
        altered("key_altered", "key", KEY[:-1] + "1"),
        altered("permissions_altered", "permissions", "USER_DATA,TRADE,WITHDRAW"),
        altered("request_id_altered", "id", "r-other"),
        altered("gateway_altered", "gateway", "gw-2"),
        case("secret_of_somebody_else", "wrong_mac", crossed, proof_of("1", crossed, STRANGER)),
        case("secret_of_the_other_kid", "wrong_mac", crossed, proof_of("1", crossed, SECRETS["2027-01"])),
        case("kid_unknown", "unknown_secret", crossed, proof_of("3", crossed, SECRETS["1"])),
        case("timestamps_differ", "malformed", stamped | {"ts": str(NOW + 1)}, proof_of("1", stamped)),
        misshapen("another_version", lambda proof: proof.replace("v1;", "v2;", 1)),
        misshapen("a_field_too_many", lambda proof: proof + ";x=1"),
        misshapen("fields_in_another_order", lambda proof: ";".join([proof.split(";")[i] for i in (0, 2, 1, 3)])),
        misshapen("mac_in_capitals", lambda proof: proof.rsplit("=", 1)[0] + "=" + proof.rsplit("=", 1)[1].upper()),
        misshapen("mac_cut", lambda proof: proof[:-1]),
        misshapen("timestamp_with_a_sign", lambda proof: proof.replace("ts=", "ts=+", 1)),
        misshapen("kid_empty", lambda proof: proof.replace("kid=1", "kid=", 1)),
        misshapen("empty_proof", lambda proof: ""),
        without("no_proof", "X-Counterfoil-Proof"),
        without("no_account", "X-Counterfoil-Account"),
        without("no_permissions_line", "X-Counterfoil-Permissions"),
        without("no_gateway", "X-Counterfoil-Gateway"),
        twice("account_twice", "X-Counterfoil-Account", "demo"),
        twice("proof_twice", "x-counterfoil-proof", "v1"),
    ]


def main():
    vectors = {"about": "Requests as a gateway forwards them (docs/upstream.md). Judge them in this order: what is refused as "
                        "replayed was accepted before. These secrets are for tests alone.",
               "secrets": [{"kid": kid, "secret": secret} for kid, secret in SECRETS.items()], "cases": cases()}
    path = pathlib.Path(__file__).resolve().parents[2] / "testdata" / "upstream-proof.json"
    path.write_text(json.dumps(vectors, indent=1) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(vectors['cases'])} cases")


if __name__ == "__main__":
    main()
