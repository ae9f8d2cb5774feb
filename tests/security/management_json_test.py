#!/usr/bin/env python3
"""JSON: that row of the bad-input tables, and the framing around it, at the management API.  management_json_test.py PROGRAM

The admin socket takes the one kind of JSON bodies that Counterfoil reads. After each refusal no account may have been made.
"""

import itertools
import json
import os
import pathlib
import socket
import sys

import cases
from raw_http import HOST, Connection, request
from testbed import Testbed

ACCOUNTS = "/api/v1/accounts"
JSON = "Content-Type: application/json"
GOOD = b'{"id":"made","name":"Made"}'
UNREAD = request("POST", ACCOUNTS, JSON, body=GOOD)

# name of a case -> what the program does instead
KNOWN_WRONG = {}


class AdminConnection(Connection):
    def __init__(self, path):
        path = pathlib.Path(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(15)
        self.received = b""
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.socket.connect(f"/proc/self/fd/{folder}/{path.name}")  # a socket's name holds 107 bytes
        finally:
            os.close(folder)


def nested(depth):
    """A document of `depth` levels, the outer object among them."""
    return b'{"id":"made","name":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


BODIES = {  # name -> (body, reason)
    "duplicate_key": (b'{"id":"made","name":"Made","name":"Made"}', "json_member_repeated"),
    "duplicate_key_other_value": (b'{"id":"made","id":"other","name":"Made"}', "json_member_repeated"),
    "duplicate_key_escaped": (b'{"id":"made","name":"Made","n\\u0061me":"Other"}', "json_member_repeated"),
    "duplicate_key_inside": (b'{"id":"made","name":{"a":1,"a":1}}', "json_member_repeated"),
    "nan": (b'{"id":"made","name":NaN}', None),
    "infinity": (b'{"id":"made","name":Infinity}', None),
    "minus_infinity": (b'{"id":"made","name":-Infinity}', None),
    "17_deep": (nested(17), "json_too_deep"),
    "17_deep_objects": (b'{"id":"made","name":' + b'{"a":' * 16 + b"1" + b"}" * 17, "json_too_deep"),
    "10000_deep": (nested(10000), "json_too_deep"),
    "10000_deep_unclosed": (b"[" * 10000, "json_too_deep"),
    "trailing_word": (GOOD + b"x", None),
    "trailing_object": (GOOD + b"{}", None),
    "trailing_same": (GOOD + GOOD, None),
    "trailing_nul": (GOOD + b"\0", None),
    "trailing_nul_and_more": (GOOD + b"\0{", None),
    "trailing_comma": (GOOD + b",", None),
    "trailing_comma_inside": (b'{"id":"made","name":"Made",}', None),
    "trailing_request": (GOOD + UNREAD, None),
    "bom": (b"\xef\xbb\xbf" + GOOD, None),
    "bom_utf_16": (b"\xff\xfe" + GOOD.decode().encode("utf-16-le"), None),
    "utf_16": (GOOD.decode().encode("utf-16-be"), None),
    "invalid_utf_8": (b'{"id":"made","name":"Ma\xffde"}', None),
    "invalid_utf_8_in_a_name": (b'{"id":"made","name\xff":"Made"}', None),
    "utf_8_cut_short": (b'{"id":"made","name":"Mad\xc3"}', None),
    "overlong": (b'{"id":"made","name":"\xc1\xa1"}', None),
    "surrogate_as_utf_8": (b'{"id":"made","name":"\xed\xa0\x80"}', None),
    "beyond_unicode": (b'{"id":"made","name":"\xf4\x90\x80\x80"}', None),
    "latin_1": ('{"id":"made","name":"Mäde"}'.encode("latin-1"), None),
    "lone_high_surrogate": (b'{"id":"made","name":"\\ud800"}', None),
    "lone_low_surrogate": (b'{"id":"made","name":"\\udc00"}', None),
    "surrogates_swapped": (b'{"id":"made","name":"\\udc00\\ud800"}', None),
    "high_surrogate_and_letter": (b'{"id":"made","name":"\\ud800a"}', None),
    "number_2_to_63": (b'{"id":"made","name":9223372036854775808}', "json_number_refused"),
    "number_2_to_64": (b'{"id":"made","name":18446744073709551616}', "json_number_refused"),
    "number_below_64_bits": (b'{"id":"made","name":-9223372036854775809}', "json_number_refused"),
    "number_400_digits": (b'{"id":"made","name":' + b"9" * 400 + b"}", None),
    "number_1e400": (b'{"id":"made","name":1e400}', None),
    "number_with_fraction": (b'{"id":"made","name":1.5}', "json_number_refused"),
    "number_leading_zero": (b'{"id":"made","name":01}', None),
    "number_plus": (b'{"id":"made","name":+1}', None),
    "number_hex": (b'{"id":"made","name":0x1}', None),
    "comment": (b'{"id":"made",/*a*/"name":"Made"}', None),
    "line_comment": (b'//a\n{"id":"made","name":"Made"}', None),
    "single_quotes": (b"{'id':'made','name':'Made'}", None),
    "name_without_quotes": (b'{id:"made","name":"Made"}', None),
    "raw_line_feed": (b'{"id":"made","name":"Ma\nde"}', None),
    "raw_nul": (b'{"id":"made","name":"Ma\0de"}', None),
    "unknown_escape": (b'{"id":"made","name":"\\x41"}', None),
    "unclosed": (GOOD[:-1], None),
    "array": (b"[" + GOOD + b"]", None),
    "text": (b'"made"', None),
    "null": (b"null", None),
    "only_blanks": (b"  ", None),
    "1001_values": (b'{"id":"made","name":[' + b"1," * 1000 + b"1]}", "json_too_large"),
    "unknown_member": (b'{"id":"made","name":"Made","admin":true}', None),
}


def own(data, numbers=itertools.count(1000)):
    """The same bytes with an account id that no other case has; so long, too."""
    return data.replace(b'"id":"made"', b'"id":"%d"' % next(numbers))


class AdminSocket:
    def __init__(self, bed):
        self.bed = bed

    def connect(self):
        return AdminConnection(self.bed.gateway.admin_socket)

    def accounts(self):
        return self.bed.gateway.must("GET", ACCOUNTS)["items"]


def refused(admin, sent, status, reason):
    """Sends bytes that must be refused with a problem document, after which nothing has changed."""
    before = admin.accounts()
    with admin.connect() as connection:
        connection.send(sent)
        answer = connection.answer()
        faults = judge_problem(answer, status, reason)
        faults += after(admin, connection, answer)
    if made := [account["id"] for account in admin.accounts() if account not in before]:
        faults.append(f"accounts were made or changed: {made}")
    return [f"sent {cases.shown(sent)}", *faults] if faults else []


def judge_problem(answer, status, reason):
    if answer is None:
        return [f"expected {cases.words(status)}, came the end of the connection"]
    faults = []
    document = answer.document()
    if answer.status not in status:
        faults.append(f"expected {cases.words(status)}, came {answer.status} {cases.shown(answer.body)}")
    elif not isinstance(document, dict) or document.get("status") != answer.status or not document.get("reason"):
        faults.append(f"no problem document: {cases.shown(answer.body)}")
    elif reason is not None and document["reason"] != reason:
        faults.append(f"expected the reason {reason}, came {document['reason']}")
    return faults


def after(admin, connection, answer):
    """A connection that is to be closed ends without another answer; every other takes a valid request."""
    faults = []
    if answer is not None and answer.field("connection") == "close":
        if connection.rest() != (b"", True):
            faults.append("the connection was not closed behind one answer")
    elif answer is not None:
        faults += answers(connection, "the same connection")
    with admin.connect() as fresh:
        faults += answers(fresh, "a new connection")
    return faults


def answers(connection, where):
    connection.send(request("GET", "/api/v1/status"))
    answer = connection.answer()
    return [] if answer is not None and answer.status == 200 else [f"a valid request on {where} got {answer}"]


def framing():
    """Some rows of the table of framing: the same parser serves this socket."""
    def post(*fields, body=GOOD):
        lines = [f"POST {ACCOUNTS} HTTP/1.1", f"Host: {HOST}", JSON, *fields]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    length = f"Content-Length: {len(GOOD)}"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    yield "length_and_coding", post(length, "Transfer-Encoding: chunked", body=chunks), (400,)
    yield "length_twice", post(length, length), (400,)
    yield "length_plus", post(f"Content-Length: +{len(GOOD)}"), (400,)
    yield "coding_gzip", post("Transfer-Encoding: gzip"), (400, 501)
    yield "no_length", post(body=b""), (400, 411)
    yield "chunked", post("Transfer-Encoding: chunked", body=chunks), (400, 411)
    yield "bare_lf", post(length).replace(b"\r\n", b"\n"), (400,)
    yield "space_before_colon", post(f"Content-Length : {len(GOOD)}"), (400,)
    yield "underscore_in_length", post(f"Content_Length: {len(GOOD)}"), (400,)
    yield "nul_in_value", post(length, "X-A: \0"), (400,)
    yield "host_twice", post(length, f"Host: {HOST}"), (400,)
    yield "path_with_dots", request("GET", f"{ACCOUNTS}/../status"), (400,)
    yield "path_with_encoded_slash", request("GET", "/api/v1%2faccounts"), (400,)
    yield "content_type_text", request("POST", ACCOUNTS, "Content-Type: text/plain", body=GOOD), (400, 415)
    yield "content_type_missing", request("POST", ACCOUNTS, body=GOOD), (400, 415)
    yield "content_type_twice", request("POST", ACCOUNTS, JSON, JSON, body=GOOD), (400, 415)
    yield "content_type_utf_16", request("POST", ACCOUNTS, f"{JSON}; charset=utf-16", body=GOOD), (400, 415)
    yield "body_above_64_KiB", request("POST", ACCOUNTS, JSON, body=GOOD + b" " * 65536), (413,)


def passes(admin):
    """The strict reader does not refuse what is right: 16 levels are refused for their meaning, not their depth."""
    status, answer = admin.bed.gateway.call("POST", ACCOUNTS, {"id": "emoji", "name": "Emoji \U0001f600 \u00e4"})
    faults = [] if status == 201 and answer["name"].startswith("Emoji") else [f"came {status} {answer}"]
    with admin.connect() as connection:
        connection.send(request("POST", ACCOUNTS, JSON, body=nested(16)))
        answer = connection.answer()
        if answer.status != 400 or json.loads(answer.body)["reason"] == "json_too_deep":
            faults.append(f"16 levels came back as {answer.status} {cases.shown(answer.body)}")
    return faults


def main():
    report = cases.Report("management_json", KNOWN_WRONG)
    with Testbed(sys.argv[1]) as bed:
        admin = AdminSocket(bed)
        for name, (body, reason) in BODIES.items():
            report.add(f"json/{name}", refused(admin, request("POST", ACCOUNTS, JSON, body=own(body)), (400,), reason))
        for name, sent, status in framing():
            report.add(f"admin_framing/{name}", refused(admin, own(sent), status, None))
        report.add("json/right_documents_pass", passes(admin))
        report.add("json/nothing_reached_the_upstream", [f"upstream got {late}" for late in bed.upstream.take()])
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
