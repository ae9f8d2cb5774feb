#!/usr/bin/env python3
"""Peer address: those rows of the bad-input tables against three running gateways, one for each way to learn it.

client_address_test.py PROGRAM
"""

import sys

import cases
from cases import LOOPBACK, closed, passes, refused
from raw_http import Connection, request
from testbed import Testbed

TIME = "/api/v3/time?own=1"
ACCOUNT = "/api/v3/account"
CLIENT = "203.0.113.7"
FORGED = "198.51.100.66"
NEVER_BELIEVED = {name: f"{name}: {value}" for name, value in {
    "X-Real-IP": FORGED, "Forwarded": f"for={FORGED}", "True-Client-IP": FORGED, "X-Forwarded-Host": FORGED}.items()}
LINE = f"PROXY TCP4 {CLIENT} 192.0.2.1 1 443\r\n".encode()
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
ADDRESSES = bytes((203, 0, 113, 7, 192, 0, 2, 1, 0, 1, 1, 187))


def block(command, family, behind):
    """A PROXY header of version 2."""
    return SIGNATURE + bytes((command, family)) + len(behind).to_bytes(2, "big") + behind


def told(address):
    """How the upstream is told who the client is."""
    return f"\r\nX-Forwarded-For: {address}\r\n".encode()


def from_(name, address, *fields, send=None):
    """A request that reaches the upstream as that of `address`. Whatever was forged is not passed on."""
    return passes(name, send or request("GET", TIME, *fields), carries=(told(address),), lacks=(FORGED.encode(),))


def signed(caller, *fields):
    return lambda: request("GET", f"{ACCOUNT}?{caller.signed()}", caller.field, *fields)


def expecting_no_proxy(caller):
    for name, field in NEVER_BELIEVED.items():
        yield from_(f"untrusted/{name}", LOOPBACK, field)
    for name, value in {"one": FORGED, "list": f"{FORGED}, {FORGED}", "nonsense": f"{FORGED}:80", "empty": ""}.items():
        yield from_(f"untrusted/X-Forwarded-For_{name}", LOOPBACK, f"X-Forwarded-For: {value}")
    for name, header in {"v1": LINE, "v1_unknown": b"PROXY UNKNOWN\r\n", "v2": block(0x21, 0x11, ADDRESSES),
                         "v2_local": block(0x20, 0, b"")}.items():
        yield closed(f"proxy_line_where_not_expected/{name}", header + request("GET", TIME))
    yield refused("untrusted/allow_list", signed(caller, f"X-Forwarded-For: {CLIENT}"), 401, -2015)


def behind_http_proxies(caller):
    for name, field in NEVER_BELIEVED.items():
        yield from_(f"trusted/{name}", LOOPBACK, field)
        yield from_(f"trusted/{name}_beside_the_right_one", CLIENT, f"X-Forwarded-For: {CLIENT}", field)
    for name, value in {
        "one": CLIENT, "forged_before": f"{FORGED}, {CLIENT}", "past_trusted_hops": f"{FORGED}, {CLIENT}, 127.0.0.1",
        "nonsense_before": f"{FORGED}:80, {CLIENT}", "mapped": f"::ffff:{CLIENT}",
        "ten_hops": ",".join([FORGED, CLIENT] + ["127.0.0.1"] * 9),
    }.items():
        yield from_(f"x_forwarded_for/{name}", CLIENT, f"X-Forwarded-For: {value}")
    yield from_("x_forwarded_for/two_lines", CLIENT, f"X-Forwarded-For: {FORGED}", f"X-Forwarded-For: {CLIENT}")
    for name, value in {
        "port": f"{CLIENT}:80", "brackets": "[2001:db8::7]", "name": "client.test", "unknown": "unknown",
        "empty": "", "empty_entry": f"{CLIENT},,127.0.0.1", "comma_last": f"{CLIENT},", "zone": "fe80::1%eth0",
        "leading_zero": "203.0.113.07", "number": "3405803783", "network": "203.0.113.0/24", "quotes": f'"{CLIENT}"',
        "eleven_hops": ",".join([CLIENT] + ["127.0.0.1"] * 10),
    }.items():
        yield closed(f"x_forwarded_for_malformed/{name}", request("GET", TIME, f"X-Forwarded-For: {value}"))
    yield passes("x_forwarded_for/allowed", signed(caller, f"X-Forwarded-For: {FORGED}, {CLIENT}"))
    yield refused("x_forwarded_for/not_allowed", signed(caller, f"X-Forwarded-For: {CLIENT}, {FORGED}"), 401, -2015,
                  reason="address_not_allowed")
    yield closed("proxy_line_where_not_expected/behind_http_proxies", LINE + request("GET", TIME))
    yield passes("x_forwarded_for/no_proxy_of_ours", request("GET", TIME, f"X-Forwarded-For: {FORGED}"),
                 carries=(told("127.0.0.2"),), lacks=(FORGED.encode(),), source="127.0.0.2")


class Balanced(Testbed):
    """Every connection of its clients comes through a balancer that says CLIENT in a PROXY header."""

    def connect(self, source=LOOPBACK):
        connection = Connection(self.address, source)
        connection.send(LINE)
        return connection


def behind_a_balancer(caller):
    for name, field in (NEVER_BELIEVED | {"X-Forwarded-For": f"X-Forwarded-For: {FORGED}",
                                          "nonsense": f"X-Forwarded-For: {FORGED}:80"}).items():
        yield from_(f"proxy_protocol/{name}", CLIENT, field)
    yield passes("proxy_protocol/allowed", signed(caller))
    yield closed("proxy_protocol/twice", LINE + request("GET", TIME))


NOT_A_HEADER = {
    "missing": b"", "v1_line_feed": LINE.replace(b"\r", b""), "v1_blanks": LINE.replace(b" ", b"  "),
    "v1_other_family": LINE.replace(b"TCP4", b"TCP6"), "v1_port": LINE.replace(b" 443", b" 65536"),
    "v1_endless": b"PROXY UNKNOWN " + b"x" * 200, "v2_version": block(0x31, 0x11, ADDRESSES),
    "v2_command": block(0x22, 0x11, ADDRESSES), "v2_udp": block(0x21, 0x12, ADDRESSES),
    "v2_unix": block(0x21, 0x31, bytes(216)), "v2_short": block(0x21, 0x11, ADDRESSES[1:]),
    "v2_tlv_past_the_end": block(0x21, 0x11, ADDRESSES + b"\x04\xff\xff"),
    "v2_announces_64_kib": SIGNATURE + b"\x21\x11\xff\xff",
}


def cut_off(bed, header, source=LOOPBACK):
    """What differs from a connection that is closed without a word, and of which nothing reaches the upstream."""
    with Connection(bed.address, source) as connection:
        connection.send(header + request("GET", TIME))
        rest, is_closed = connection.rest()
    faults = [] if is_closed else ["the connection was not closed"]
    faults += [f"it was answered {rest!r}"] if rest else []
    return faults + [f"the upstream got {late!r}" for late in bed.upstream.take()]


def stops_in_the_middle(bed):
    with Connection(bed.address) as connection:
        connection.send(LINE[:20])
        rest, is_closed = connection.rest(bed.close_limit_s)
    return [] if is_closed and not rest else [f"not closed in {bed.close_limit_s} s, or answered: {rest!r}"]


def cut_off_cases(report, bed):
    for name, header in NOT_A_HEADER.items():
        report.add(f"proxy_line_missing_where_required/{name}", cut_off(bed, header))
    report.add("proxy_line_missing_where_required/stops", stops_in_the_middle(bed))
    for name, header in {"v1": LINE, "v2": block(0x21, 0x11, ADDRESSES)}.items():
        report.add(f"proxy_line_from_an_untrusted_peer/{name}", cut_off(bed, header, "127.0.0.2"))


def settings(method):
    return (("COUNTERFOIL_REST_CLIENT_ADDRESS", method), ("COUNTERFOIL_REST_TRUSTED_PROXIES", LOOPBACK))


def main():
    program = sys.argv[1]
    report = cases.Report("client_address")
    for bed_class, method, rows in ((Testbed, (), expecting_no_proxy),
                                    (Testbed, settings("x_forwarded_for"), behind_http_proxies),
                                    (Balanced, settings("proxy_protocol"), behind_a_balancer)):
        with bed_class(program, *method) as bed:
            report.run(bed, rows(bed.hmac_caller(allow_list=[CLIENT])))
            if bed.refused:
                cases.judge_reasons(report, bed)
            if bed_class is Balanced:
                cut_off_cases(report, bed)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
