"""The table of authentication for any profile: its `Rules`, callers, and the rows about API keys and what they may do.

signature_rows.py and replay_rows.py hold the other rows.
"""

import dataclasses
import datetime
import time

import cases
from cases import Case
from raw_http import request
from signing import Caller, Ed25519Pair, HmacPair, RsaPair
from testbed import crc_checked

FORM = "Content-Type: application/x-www-form-urlencoded"


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a profile makes of the table.

      read, change      method and target of a route that may be called again, and of one whose signed text counts once.
      may_read, may_all permissions: for `read` alone, and for both.
      answers           reason -> (status codes, code or None, words or None).
    """

    public: str
    header: str
    read: tuple
    change: tuple
    may_read: list
    may_all: list
    answers: dict

    def refused(self, name, send, reason, **more):
        status, code, msg = self.answers[reason]
        return Case(name, send, status, closes=False, code=code, msg=msg, reason=reason, **more)


class Bench:
    """Callers of a testbed, and the requests that they send."""

    def __init__(self, bed, rules):
        self.bed, self.rules = bed, rules
        self.expired, self.expired_at = expiring(bed, rules.may_all)
        self.hmac = bed.hmac_caller(permissions=rules.may_all)
        self.ed25519 = bed.ed25519_caller(permissions=rules.may_all)
        self.rsa = bed.rsa_caller(permissions=rules.may_all)
        self.other_ed25519 = Ed25519Pair(bed.folder.name, "other-ed25519")
        self.other_rsa = RsaPair(bed.folder.name, "other-rsa")
        self.larger_rsa = RsaPair(bed.folder.name, "larger-rsa", 3072)
        self.by_type = {"hmac": self.hmac, "ed25519": self.ed25519, "rsa": self.rsa}

    def read(self, caller, *fields, parameters="", signature=None, key_fields=None):
        """A signed read. `signature(payload)` gives its text as it stands in the query, in place of the caller's own."""
        method, target = self.rules.read
        return lambda: self._signed(method, target, caller, fields, parameters, signature, key_fields)

    def change(self, caller, *fields, parameters="", signature=None):
        method, target = self.rules.change
        return lambda: self._signed(method, target, caller, fields, parameters, signature, None)

    def _signed(self, method, target, caller, fields, parameters, signature, key_fields):
        payload = caller.payload(parameters)
        text = signature(payload.encode()) if signature else caller.sign(payload)
        names = [caller.field] if key_fields is None else key_fields
        return request(method, f"{target}?{payload}&signature={text}", *names, *fields)

    def accepted(self, data, source="127.0.0.1"):
        """Sends what must be accepted, and forgets what the upstream got of it."""
        with self.bed.connect(source) as connection:
            connection.send(data)
            answer = connection.answer()
        self.bed.upstream.take()
        if answer is None or answer.status != 200:
            raise RuntimeError(f"a valid request got {answer}")
        return data


def wait_for_changes(bench):
    """Signs changes until one passes: one from just behind the start might have been received before it."""
    deadline = time.monotonic() + 30
    while True:
        with bench.bed.connect() as connection:
            connection.send(bench.change(bench.hmac)())
            answer = connection.answer()
        bench.bed.upstream.take()
        if answer.status == 200:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"no change was accepted: {answer}")
        time.sleep(0.05)


def controls(bench):
    """Without these, refusals would prove nothing."""
    for name, caller in bench.by_type.items():
        yield cases.passes(f"control/{name}_read_passes", bench.read(caller),
                           carries=(b"X-Counterfoil-Account: desk\r\n",),
                           lacks=(caller.header.encode() + b":",))
        yield cases.passes(f"control/{name}_change_passes", bench.change(caller),
                           carries=(b"X-Counterfoil-Account: desk\r\n",))
    spoof = ("X-Counterfoil-Account: admin", "x-counterfoil-key: admin", "X-COUNTERFOIL-PROOF: v1;kid=1;ts=1;mac=00")
    yield cases.passes("control/identity_headers_of_clients_dropped", bench.read(bench.hmac, *spoof),
                       lacks=(b": admin", b"mac=00"))


def api_keys(bench):
    caller, header = bench.hmac, bench.rules.header
    key = caller.api_key
    refused = bench.rules.refused

    def named(*values):
        return bench.read(caller, key_fields=[f"{header}: {value}" for value in values])

    yield refused("api_key/missing", bench.read(caller, key_fields=[]), "api_key_missing")
    yield refused("api_key/empty", named(""), "api_key_missing")
    yield refused("api_key/only_white_space", named(" \t "), "api_key_missing")
    yield refused("api_key/in_the_query_only", bench.read(caller, key_fields=[], parameters=f"apiKey={key}"),
                  "api_key_missing")
    yield refused("api_key/in_another_header", bench.read(caller, key_fields=[f"Authorization: Bearer {key}"]),
                  "api_key_missing")
    yield refused("api_key/twice_equal", named(key, key), "api_key_repeated")
    yield refused("api_key/twice_right_first", named(key, bench.ed25519.api_key), "api_key_repeated")
    yield refused("api_key/twice_right_last", named(bench.ed25519.api_key, key), "api_key_repeated")
    yield refused("api_key/twice_second_empty", named(key, ""), "api_key_repeated")
    yield refused("api_key/twice_first_empty", named("", key), "api_key_repeated")
    yield refused("api_key/twice_in_other_letter_case", bench.read(caller, f"{header.lower()}: {key}"),
                  "api_key_repeated")
    yield refused("api_key/three_times", named(key, key, key), "api_key_repeated")
    for name, value in {
        "comma": f"{key},{key}", "comma_and_space": f"{key}, {bench.ed25519.api_key}", "comma_last": f"{key},",
        "comma_first": f",{key}", "63": key[:-1],
        "65": key + "a", "128": key * 2, "1": "a", "inner_space": key[:32] + " " + key[33:],
        "inner_tab": key[:32] + "\t" + key[33:], "quoted": f'"{key}"',
        "quote_inside": '"' + key[1:-1] + '"', "minus": key[:-1] + "-", "underscore": key[:-1] + "_",
        "high_byte": key[:-1] + "\xe4", "encoded": "%" + f"{ord(key[0]):02x}" + key[1:],
        "semicolon": f"{key};a", "8000": "a" * 8000,
    }.items():
        yield refused(f"api_key/{name}", named(value), "api_key_malformed")
    yield refused("api_key/checksum_last", named(key[:-1] + ("a" if key[-1] != "a" else "b")), "api_key_checksum")
    yield refused("api_key/checksum_inside", named(key[:20] + ("a" if key[20] != "a" else "b") + key[21:]),
                  "api_key_checksum")
    yield refused("api_key/checksum_letter_case", named(swapped_case(key)), "api_key_checksum")


def swapped_case(key):
    """The key with its last letter behind the marker in the other case."""
    at = next(place for place in range(len(key) - 1, 3, -1) if key[place].isalpha())
    return key[:at] + key[at].swapcase() + key[at + 1:]


def states(bench, bodies):
    """Keys that end, each at rest before its case comes. The bodies of those that must look alike are kept in `bodies`."""
    bed, refused = bench.bed, bench.rules.refused
    may = {"permissions": bench.rules.may_all}

    def alike(name, send, reason, **more):
        return refused(name, send, reason, check=lambda answer: bodies.append((name, answer.body)), **more)

    stranger = HmacPair("a" * 64)
    for name, key in {"foreign_form": "A" * 64, "own_form": crc_checked("cfk1" + "Z" * 54),
                      "digits": "0123456789" * 6 + "0123"}.items():
        yield alike(f"unknown/{name}", bench.read(Caller(key, stranger, bench.rules.header)), "api_key_unknown")
    revoked, suspended, rotated = (bed.hmac_caller(**may) for _ in range(3))
    bed.change(revoked, "revoke")
    bed.change(suspended, "suspend")
    wrong = wrong_hex
    yield alike("revoked/right_signature", bench.read(revoked), "api_key_revoked")
    yield alike("revoked/wrong_signature", bench.read(revoked, signature=wrong), "api_key_revoked")
    yield alike("revoked/change", bench.change(revoked), "api_key_revoked")
    yield alike("suspended/right_signature", bench.read(suspended), "api_key_suspended")
    yield alike("suspended/change", bench.change(suspended), "api_key_suspended")
    yield refused("suspended/wrong_signature", bench.read(suspended, signature=wrong), "signature_wrong")
    expired, ends_at = bench.expired, bench.expired_at
    yield alike("expired/right_signature", after(ends_at, bench.read(expired)), "api_key_expired")
    yield alike("expired/change", after(ends_at, bench.change(expired)), "api_key_expired")
    yield refused("expired/wrong_signature", after(ends_at, bench.read(expired, signature=wrong)), "signature_wrong")
    bed.gateway.must("POST", "/api/v1/accounts", {"id": "closed", "name": "Closed"})
    of_closed = bed.hmac_caller("closed", **may)
    bed.gateway.must("POST", "/api/v1/accounts/closed/suspend", {"cause": "bad-input table"})
    yield alike("suspended/account", bench.read(of_closed), "account_suspended")
    yield refused("suspended/account_wrong_signature", bench.read(of_closed, signature=wrong), "signature_wrong")
    bed.gateway.must("POST", f"/api/v1/keys/{rotated.api_key}/rotate", {"type": "hmac-sha256", "overlap_s": 0})
    yield refused("retired_pair/right_signature", bench.read(rotated), "signature_wrong")


def expiring(bed, permissions):
    """A key that is made early, to end before its cases come."""
    ends_at = int(time.time()) + 3
    text = datetime.datetime.fromtimestamp(ends_at, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return bed.hmac_caller(expires_at=text, permissions=permissions), ends_at


def after(moment, build):
    def wait_and_build():
        time.sleep(max(0, moment + 0.01 - time.time()))
        return build()
    return wait_and_build


def addresses_and_permissions(bench, bodies):
    bed, refused = bench.bed, bench.rules.refused

    def alike(name, send, reason, **more):
        return refused(name, send, reason, check=lambda answer: bodies.append((name, answer.body)), **more)

    home = "127.0.0.77"
    caller = bed.hmac_caller(permissions=bench.rules.may_all, allow_list=[home, "127.8.0.0/16"])
    yield cases.passes("address/on_the_list_passes", bench.read(caller), source=home)
    yield cases.passes("address/in_the_network_passes", bench.read(caller), source="127.8.255.254")
    for source in ("127.0.0.1", "127.0.0.78", "127.9.0.1", "127.7.255.255"):
        yield alike(f"address/{source}_is_not", bench.read(caller), "address_not_allowed", source=source)
    yield alike("address/change", bench.change(caller), "address_not_allowed")
    yield refused("address/wrong_signature", bench.read(caller, signature=wrong_hex), "signature_wrong")
    for name in ("X-Forwarded-For", "x-forwarded-for", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP",
                 "X-Originating-IP"):
        yield alike(f"forwarded/{name}_does_not_let_in", bench.read(caller, f"{name}: {home}"), "address_not_allowed")
    for value in (f"{home}, 127.0.0.1", f"127.0.0.1, {home}", f'"{home}"', f"::ffff:{home}", f"{home}:80"):
        yield alike(f"forwarded/list_{value}", bench.read(caller, f"X-Forwarded-For: {value}"), "address_not_allowed")
    yield alike("forwarded/twice", bench.read(caller, f"X-Forwarded-For: {home}", f"X-Forwarded-For: {home}"),
                "address_not_allowed")
    yield alike("forwarded/Forwarded_does_not_let_in", bench.read(caller, f"Forwarded: for={home}"),
                "address_not_allowed")
    for field in ("X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: nonsense", "X-Real-IP: 192.0.2.1",
                  "Forwarded: for=192.0.2.1"):
        yield cases.passes(f"forwarded/{field.split(':')[0]}_{field.split(' ')[1]}_does_not_shut_out",
                           bench.read(caller, field), source=home,
                           carries=(f"X-Forwarded-For: {home}\r\n".encode(),),
                           lacks=(b"X-Forwarded-For: 192", b"X-Forwarded-For: non"))
    reader = bed.hmac_caller(permissions=bench.rules.may_read)
    yield cases.passes("permission/for_reading_passes", bench.read(reader))
    yield alike("permission/missing", bench.change(reader), "permission_missing")
    yield refused("permission/missing_and_wrong_signature", bench.change(reader, signature=wrong_hex),
                  "signature_wrong")


def wrong_hex(payload):
    return "0" * 64


def judge_alike(report, name, bodies):
    """Those who ask must not be able to tell these refusals apart."""
    bodies = list(bodies)
    first = bodies[0][1]
    report.add(name, [f"{other} has {body!r}, {bodies[0][0]} has {first!r}" for other, body in bodies if body != first])
