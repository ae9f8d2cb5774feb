#!/usr/bin/env python3
"""Target and parameters: that bad-input table against a running gateway.  target_test.py PROGRAM

The codes are those of the profile `binance-spot`. What the table says of JSON is tried in management_json_test.py.
"""

import pathlib
import sys
import tempfile

import cases
import parameter_rows
import time_rows
from cases import closed, passes, refused
from raw_http import HOST, request
from signed_requests import ACCOUNT, FORM, ORDER, Requests
from testbed import Testbed, edited, profile_text

UNREAD = request("GET", "/api/v3/time?unread=1")

# name of a case -> what the program does instead
KNOWN_WRONG = {}


def paths(requests):
    for name, path in {
        "two_slashes_first": "//api/v3/time", "two_slashes": "/api//v3/time", "two_slashes_last": "/api/v3/time//",
        "dot": "/api/./v3/time",
        "dot_last": "/api/v3/time/.", "two_dots": "/api/v3/x/../time", "two_dots_first": "/../api/v3/time",
        "two_dots_last": "/api/v3/time/..", "encoded_dot": "/api/%2e/v3/time", "encoded_dots": "/api/v3/x/%2e%2e/time",
        "encoded_dots_capital": "/api/v3/x/%2E%2E/time",
        "half_encoded_dots": "/api/v3/x/.%2e/time", "encoded_dot_in_a_word": "/api/v3/ti%2eme",
        "encoded_slash": "/api%2fv3/time",
        "encoded_slash_capital": "/api/v3%2Ftime", "encoded_backslash": "/api/v3%5ctime",
        "encoded_backslash_capital": "/api%5Cv3/time",
        "backslash": "/api\\v3/time", "backslash_dots": "/api/v3/..\\time", "semicolon": "/api/v3/time;a=b",
        "semicolon_segment": "/api/;/v3/time",
        "semicolon_dots": "/api/v3/..;/time", "encoded_nul": "/api/v3/time%00", "encoded_line_feed": "/api/v3/time%0a",
        "encoded_cr_lf": "/api/v3/time%0d%0aX:1",
        "encoded_del": "/api/v3/time%7f", "fragment": "/api/v3/time#a", "empty_fragment": "/api/v3/time#",
        "no_hex": "/api/v3/ti%zzme",
        "half_hex": "/api/v3/ti%4zme", "one_digit": "/api/v3/time%4", "percent_last": "/api/v3/time%",
        "percent_percent": "/api/v3/time%%32",
        "high_byte": "/api/v3/tim\xe9", "utf_8": "/api/v3/tim\xc3\xa9", "overlong_slash": "/api\xc0\xafv3/time",
        "high_byte_ff": "/api/v3/time\xff",
        "brace": "/api/v3/{time}", "quote": '/api/v3/"time"', "pipe": "/api/v3|time", "caret": "/api/v3/^",
        "backquote": "/api/v3/`", "less_than": "/api/v3/<time>",
    }.items():
        yield closed(f"path/{name}", request("GET", path) + UNREAD)
    for name, path in {"two_slashes": "/api/v3//account", "two_dots": "/api/v3/time/../account",
                       "encoded_dots": "/api/v3/time/%2e%2e/account",
                       "encoded_slash": "/api/v3%2faccount", "semicolon": "/api/v3/account;x",
                       "encoded_nul": "/api/v3/account%00",
                       "no_hex": "/api/v3/account%zz", "high_byte": "/api/v3/account\xff"}.items():
        yield closed(f"path/{name}_signed", requests.query("timestamp={now}", target=path))
    for name, path in {"other_word": "/api/v3/nothing", "root": "/", "slash_behind": "/api/v3/time/",
                       "other_letter_case": "/API/v3/time",
                       "encoded_letter": "/api/v3/%74ime", "encoded_semicolon": "/api/v3/time%3b",
                       "encoded_high_byte": "/api/v3/tim%c3%a9",
                       "three_dots": "/api/v3/.../time", "hidden_file": "/api/v3/.time", "longer": "/api/v3/time/more",
                       "colon": "/api/v3/time:1"}.items():
        yield refused(f"path_unknown/{name}", request("GET", path), 404, -5000)
    for name, query in {"fragment": "a=1#b", "backslash": "a=\\b", "high_byte": "a=\xff",
                        "utf_8": "a=\xc3\xa9"}.items():
        yield closed(f"query/{name}_on_a_public_route", request("GET", f"/api/v3/time?{query}") + UNREAD)
    for name, query in {"no_hex": "a=%zz", "percent": "a=%"}.items():
        yield closed(f"query/{name}_on_a_public_route", request("GET", f"/api/v3/time?{query}") + UNREAD)
    for name, query in {"fragment": "a=1#b", "backslash": "a=\\b"}.items():
        yield closed(f"query/{name}_signed", requests.query(query + "&timestamp={now}"))
    for name, query in {"high_byte": "a=\xff", "utf_8": "a=\xc3\xa9", "high_byte_in_a_name": "\xe4=1",
                        "overlong": "a=\xc0\xaf"}.items():
        yield refused(f"query/{name}_signed", requests.query(query + "&timestamp={now}"), 400, -1022)
    for name, query in {"no_hex": "a=%zz", "half_hex": "a=%4g", "one_digit": "a=%4&b=1", "percent": "a=%",
                        "in_a_name": "a%zz=1", "percent_percent": "a=%%41"}.items():
        yield refused(f"query/{name}", requests.query(query + "&timestamp={now}"), 400, -1100)


def bodies(requests):
    caller = requests.caller

    def with_body(target, *fields, body=b"a=1", method="GET"):
        def build():
            payload = caller.payload()
            signature = caller.sign(payload + body.decode())
            return request(method, f"{target}?{payload}&signature={signature}", caller.field, *fields, body=body)
        return build

    def chunked(target):
        def build():
            lines = [f"GET {target}?{caller.signed()} HTTP/1.1", f"Host: {HOST}", caller.field]
            return "\r\n".join(lines).encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + b"3\r\na=1\r\n0\r\n\r\n"
        return build

    yield closed("body_not_expected/signed_get", with_body(ACCOUNT), 400, -1106)
    yield closed("body_not_expected/signed_get_form", with_body(ACCOUNT, f"Content-Type: {FORM}"), 400, -1106)
    yield closed("body_not_expected/signed_get_json",
                 with_body(ACCOUNT, "Content-Type: application/json", body=b'{"a":1}'), 400, -1106)
    yield closed("body_not_expected/signed_get_chunked", chunked(ACCOUNT), 400, -1106)
    yield closed("body_not_expected/signed_get_is_a_request", with_body(ACCOUNT, body=UNREAD), 400, -1106)
    yield closed("body_not_expected/order_query", with_body(ORDER), 400, -1106)
    yield closed("body_not_expected/public_get", request("GET", "/api/v3/time", body=b"a=1"), 400, -1106)
    yield closed("body_not_expected/public_get_is_a_request", request("GET", "/api/v3/time", body=UNREAD), 400, -1106)
    yield closed("body_not_expected/public_get_chunked", chunked("/api/v3/time"), 400, -1106)
    yield closed("body_not_expected/all_parameters_in_it",
                 lambda: request("GET", ACCOUNT, caller.field, f"Content-Type: {FORM}", body=caller.signed().encode()),
                 400, -1106)
    yield passes("body_not_expected/content_length_0_passes", request("GET", "/api/v3/time?own=1", "Content-Length: 0"))


def content_types(requests):
    everything = "a=1&timestamp={now}&signature={signature}"
    stamp = "timestamp={now}&signature={signature}"
    for name, types in {
        "text": "text/plain", "json": "application/json", "multipart": "multipart/form-data; boundary=a", "none": (),
        "empty": "", "latin_1": f"{FORM}; charset=ISO-8859-1",
        "utf_16": f"{FORM};charset=utf-16", "utf_7": f"{FORM}; charset=UTF-7", "twice_equal": (FORM, FORM),
        "twice_different": (FORM, "application/json"),
        "twice_form_last": ("text/plain", FORM), "list": f"{FORM}, {FORM}", "longer": f"{FORM}ed", "shorter": FORM[:-1],
        "two_charsets": f"{FORM}; charset=utf-8; charset=utf-16",
        "other_parameter": f"{FORM}; a=b", "quoted": f'"{FORM}"', "inner_space": "application/ x-www-form-urlencoded",
    }.items():
        yield refused(f"content_type/{name}", requests.form("", everything, types), 400, -1102)
        yield refused(f"content_type/{name}_signature_in_query", requests.form(stamp, "a=1", types), 400, -1102)
    for name, type_ in {"plain": FORM, "utf_8": f"{FORM}; charset=utf-8", "utf_8_capitals": f"{FORM};charset=UTF-8",
                        "other_letter_case": FORM.title()}.items():
        yield passes(f"content_type/{name}_passes", requests.form("", everything, type_),
                     carries=(b"\r\n\r\na=1&timestamp=",))
    for name, type_ in {"json": "application/json", "text": "text/plain", "latin_1": f"{FORM}; charset=ISO-8859-1",
                        "nonsense": "a"}.items():
        yield passes(f"content_type/{name}_without_a_body_passes", requests.form(stamp, "", type_))
        yield passes(f"content_type/{name}_on_get_passes",
                     requests.form(stamp, "", type_, target=ACCOUNT, method="GET"))


def run(report, program, rows, *settings):
    """A gateway of its own for `rows`."""
    with Testbed(program, *settings) as bed:
        requests = Requests(bed.hmac_caller(permissions=["USER_DATA", "TRADE"]))
        for network, row in enumerate(rows, start=1):
            report.run(bed, cases.spread(row(requests), network))


def main():
    report = cases.Report("target", KNOWN_WRONG)
    run(report, sys.argv[1], (paths, parameter_rows.reserved, parameter_rows.behind_signature,
                              parameter_rows.names_and_numbers, time_rows.timestamps, time_rows.windows, bodies,
                              content_types))
    with tempfile.TemporaryDirectory(prefix="counterfoil-profile-") as folder:
        profile = pathlib.Path(folder) / "profile.toml"
        profile.write_text(edited(profile_text("binance-spot"), 'signature_position = "anywhere"',
                                  'signature_position = "last"'), encoding="utf-8")
        profile.chmod(0o600)
        run(report, sys.argv[1], (parameter_rows.signature_last,), ("COUNTERFOIL_PROFILE_FILE", str(profile)))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
