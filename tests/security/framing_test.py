#!/usr/bin/env python3
"""HTTP/1.x framing and lines: every row of that bad-input table against a running gateway.  framing_test.py PROGRAM"""

import sys

import cases
import framing_rows
import line_rows
from bad_requests import CHUNKS, TIME, UNREAD, bad, get, head, post
from cases import Case, closed, passes, refused
from raw_http import HOST, request
from slow import slow_cases
from testbed import Testbed

# name of a case -> what the program does instead
KNOWN_WRONG = {}


def other_protocols():
    yield closed("http_2/preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
    yield closed("http_2/preface_and_request", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + UNREAD)
    gone = (b"upgrade", b"http2-settings", b"h2c")
    settings = "HTTP2-Settings: AAMAAABkAAQAAP__"
    yield passes("http_2/upgrade_ignored", get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", settings),
                 lacks=gone)
    yield passes("http_2/upgrade_without_connection_ignored", get("Upgrade: h2c", settings), lacks=gone)
    yield passes("http_2/upgrade_of_post_ignored",
                 post("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", settings, "Content-Length: 5",
                      body=b"hello"),
                 carries=(b"hello",), lacks=gone)
    yield closed("tls_on_a_cleartext_port", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00" + UNREAD)


def expectations():
    for name, lines in {"other": ("Expect: 200-ok",), "list": ("Expect: 100-continue, 200-ok",),
                        "twice": ("Expect: 100-continue",) * 2,
                        "empty": ("Expect:",), "parameter": ("Expect: 100-continue;a=1",),
                        "word_behind": ("Expect: 100-continues",)}.items():
        yield bad(f"expect/{name}", post(*lines, "Content-Length: 5", body=b"hello"), 417)
    yield bad("expect/other_on_get", get("Expect: more"), 417)
    yield passes("expect/100_continue_passes", post("Expect: 100-Continue", "Content-Length: 5", body=b"hello"),
                 carries=(b"hello",))


def content(bed):
    caller = bed.hmac_caller()

    def signed(method, target, *fields, body=b""):
        return lambda: request(method, f"{target}?{caller.signed()}", caller.field, *fields, body=body)

    for value in ("gzip", "deflate", "br", "identity", "gzip, gzip", "", "x-unknown"):
        name = value.replace(", ", "_") or "empty"
        yield refused(f"content_encoding/{name}", signed("GET", "/api/v3/account", f"Content-Encoding: {value}"), 415,
                      -1020)
    form = "Content-Type: application/x-www-form-urlencoded"
    yield closed("content_encoding/with_body", signed("POST", "/api/v3/order/test", "Content-Encoding: gzip", form,
                                                      body=b"a=1"), 415, -1020)
    yield closed("content_encoding/chunked_body",
                 lambda: head(f"POST /api/v3/order/test?{caller.signed()} HTTP/1.1", f"Host: {HOST}", caller.field,
                              form,
                              "content-encoding: GZIP", "Transfer-Encoding: chunked") + CHUNKS, 415, -1020)
    for line in ("Range: bytes=0-1", "Range: bytes=5-1,-", 'If-None-Match: "a", W/"b"', "If-Match: *",
                 "If-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT", "If-Unmodified-Since: yesterday", 'If-Range: "a"',
                 "Accept-Encoding: gzip;q=1.0, identity; q=0.5, *;q=0", "Accept-Encoding:"):
        name = line.split(":")[0].lower() + ("" if ":" not in line else f"_{len(line)}")
        yield passes(f"no_meaning_here/{name}", get(line), carries=(line.rstrip().encode(),))
        yield passes(f"no_meaning_here/{name}_signed", signed("GET", "/api/v3/account", line),
                     carries=(line.rstrip().encode(),))


def proxy_lines():
    """A PROXY line where none is expected (table of authentication) is no request line either."""
    for name, line in {"v1": b"PROXY TCP4 192.0.2.1 127.0.0.1 56324 443\r\n",
                       "v1_ipv6": b"PROXY TCP6 2001:db8::1 ::1 56324 443\r\n", "v1_unknown": b"PROXY UNKNOWN\r\n",
                       "v1_lower_case": b"proxy TCP4 192.0.2.1 127.0.0.1 56324 443\r\n",
                       "v2": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\1\x7f\0\0\1\xdc\4\1\xbb",
                       "v2_local": b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"}.items():
        yield closed(f"proxy_line/{name}", line + get() + UNREAD, (400, 505))


def all_cases(bed):
    for row in (framing_rows.both_framings, framing_rows.content_length, framing_rows.transfer_encoding,
                framing_rows.chunk_sizes, framing_rows.trailers, line_rows.line_ends, line_rows.control_bytes,
                line_rows.field_lines, line_rows.underscores, line_rows.hosts, line_rows.methods, line_rows.versions,
                other_protocols, expectations, proxy_lines):
        yield from row()
    yield from content(bed)
    yield Case("unread/bytes_behind_a_refused_body",
               post("Content-Length: 1048577", body=b"x" * 70000 + UNREAD), (413,), closes=True)


def foreign_hosts():
    """Where the names that are served are listed: another name is well-formed, and still not ours."""
    for name, host in {"other_name": "evil.test", "longer_name": f"{HOST}.evil.test", "shorter_name": "test",
                       "name_inside": f"x{HOST}", "address": "127.0.0.1", "ipv6": "[::1]", "dot_behind": f"{HOST}.",
                       "other_with_port": "evil.test:80"}.items():
        yield bad(f"foreign_host/{name}", head(f"GET {TIME} HTTP/1.1", f"Host: {host}"), 421)
        yield bad(f"foreign_host/{name}_absolute", head(f"GET http://{host}{TIME} HTTP/1.1", f"Host: {host}"), 421)
    for name, host in {"in_capitals": HOST.upper(), "with_port": f"{HOST}:80"}.items():
        yield passes(f"own_host/{name}_passes", head(f"GET {TIME} HTTP/1.1", f"Host: {host}"))


def main():
    report = cases.Report("framing", KNOWN_WRONG)
    with Testbed(sys.argv[1]) as bed:
        slow = slow_cases(bed)
        report.run(bed, all_cases(bed))
        for name, faults in slow():
            report.add(name, faults)
    with Testbed(sys.argv[1], ("COUNTERFOIL_REST_HOSTS", HOST)) as bed:
        report.run(bed, foreign_hosts())
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
