"""Rows of the table of authentication about what comes again, what comes too often, and objects of others."""

import cases
from authentication import wrong_hex
from raw_http import request
from signing import now_ms

MINUTE_MS = 60_000


def replays(bench):
    refused = bench.rules.refused
    change, read = bench.rules.change, bench.rules.read

    def again(build, rewritten=lambda data: data):
        """Sends it once, to be accepted, and gives it for a second time."""
        return lambda: rewritten(bench.accepted(build()))

    for name, caller in bench.by_type.items():
        yield refused(f"replay/{name}_twice", again(bench.change(caller)), "replayed")
        yield cases.passes(f"replay/{name}_read_twice_passes", again(bench.read(caller)))
    hmac = bench.hmac
    yield refused("replay/signature_in_capitals", again(bench.change(hmac), capitals), "replayed")
    yield refused("replay/from_another_address", again(bench.change(hmac)), "replayed", source="127.0.3.3")
    yield refused("replay/of_a_read", again(bench.read(hmac), lambda data: moved(data, read, change)), "replayed")
    yield refused("replay/signature_moved", again(bench.change(hmac), signature_first), "replayed")
    yield refused("replay/other_headers", again(bench.change(hmac),
                                                lambda data: data.replace(b"\r\n\r\n", b"\r\nX-Try: 2\r\n\r\n")),
                                                "replayed")


def capitals(data):
    at = data.index(b"signature=") + len(b"signature=")
    return data[:at] + data[at:at + 64].upper() + data[at + 64:]


def moved(data, old, new):
    """The same signed text at another route."""
    first = " ".join(old).encode()
    assert data.startswith(first)
    return " ".join(new).encode() + data[len(first):]


def signature_first(data):
    """The signature pair before the parameters; the signed text is the same."""
    line, rest = data.split(b" HTTP/1.1", 1)
    target, query = line.split(b"?")
    payload, signature = query.split(b"&signature=")
    return target + b"?signature=" + signature + b"&" + payload + b" HTTP/1.1" + rest


def self_revokes(bench, target):
    """A key of one account, and another account's key as its object."""
    bed, refused = bench.bed, bench.rules.refused
    bed.gateway.must("POST", "/api/v1/accounts", {"id": "other", "name": "Other"})
    victim = bed.hmac_caller("other", permissions=bench.rules.may_read)

    def revoke(parameters):
        def build():
            caller = bench.hmac
            return request("POST", f"{target}?{caller.signed(parameters)}", caller.field)
        return build

    yield refused("object/key_of_another_account", revoke(f"action=self-revoke&apiKey={victim.api_key}"),
                  "self_revoke_malformed")
    yield refused("object/no_key_named", revoke("action=self-revoke"), "self_revoke_malformed")
    yield cases.passes("object/that_key_is_alive", bench.read(victim), carries=(b"X-Counterfoil-Account: other\r\n",))
    yield cases.passes("object/own_key_is_alive", bench.read(bench.hmac))


def judge_budget(report, bench, limit=20):
    """More than `limit` wrong signatures of one address for one API key hold back that pair, and no other."""
    for attempt in range(3):  # The count begins anew with each minute of the clock: one that ends meanwhile spoils it.
        caller = bench.bed.hmac_caller(permissions=bench.rules.may_read)
        minute = now_ms() // MINUTE_MS
        outcomes = dict(try_budget(bench, caller, f"127.200.{attempt}.1", f"127.200.{attempt}.2", limit))
        if now_ms() // MINUTE_MS == minute:
            break
    for name, faults in outcomes.items():
        report.add(f"budget/{name}", faults)


def try_budget(bench, caller, source, other_source, limit):
    rules = bench.rules
    wrong = bench.read(caller, signature=wrong_hex)

    def judge(name, send, reason, at=source):
        return name, cases.judge(bench.bed, rules.refused(name, send, reason, source=at))

    def over(name, send):
        return name, cases.judge(bench.bed, rules.refused(name, send, "pair_over_budget", source=source, check=tells_when))

    def passes(name, send, at):
        return name, cases.judge(bench.bed, cases.passes(name, send, source=at))

    for count in range(1, limit + 1):
        yield judge(f"wrong_{count}", bench.read(caller, signature=wrong_hex if count % 2 else lambda payload: "short"),
                    "signature_wrong" if count % 2 else "signature_malformed")
    yield over(f"wrong_{limit + 1}", wrong)
    yield over("right_signature_held_back", bench.read(caller))
    yield over("again", wrong)
    yield passes("same_key_from_elsewhere_passes", bench.read(caller), other_source)
    yield passes("other_key_from_there_passes", bench.read(bench.hmac), source)
    yield passes("public_route_from_there_passes", request("GET", f"{rules.public}?own=1"), source)


def tells_when(answer):
    text = answer.field("retry-after") or ""
    return None if text.isdigit() and 1 <= int(text) <= 60 else f"Retry-After is {text!r}"
