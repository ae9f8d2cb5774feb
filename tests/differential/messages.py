"""Good requests, in parts that can still be changed before they become bytes."""

import dataclasses
import pathlib

from raw_http import HOST
from signed_requests import FORM

SMUGGLING = sorted((pathlib.Path(__file__).resolve().parents[2] / "testdata" / "smuggling").glob("*.http"))
PUBLIC = ("/api/v3/time", "/api/v3/ping", "/api/v3/depth", "/api/v3/exchangeInfo", "/api/v3/ticker/24hr",
          "/sapi/v1/system/status")
PUBLIC_WITH_BODY = "/api/v3/userDataStream"
SIGNED = ("/api/v3/account", "/api/v3/openOrders", "/api/v3/order", "/api/v3/myTrades", "/sapi/v1/account/status",
          "/sapi/v1/account/apiRestrictions")  # the last one is answered by the gateway itself
SIGNED_WITH_FORM = (("POST", "/api/v3/order"), ("POST", "/api/v3/order/test"), ("POST", "/api/v3/order/cancelReplace"),
                    ("DELETE", "/api/v3/order"))
LARGE_BODY = 64 * 1024  # more than a gateway keeps in one buffer
VALUES = ("LTCBTC", "1", "0.10", "a%20b", "%0d%0aX-Counterfoil-Account:%20victim", "%E2%82%AC", "a+b", "x~-._", "%00",
          "a;b", "a/b?c")


@dataclasses.dataclass
class Draft:
    """`coded` is the body as it is sent behind `framing`, the lines that say where it ends."""

    method: bytes
    target: bytes
    lines: list
    body: bytes = b""
    framing: list = dataclasses.field(default_factory=list)
    coded: bytes = b""
    version: bytes = b"HTTP/1.1"

    def frame_by_length(self):
        self.framing, self.coded = [b"Content-Length: %d" % len(self.body)], self.body

    def frame_by_chunks(self, pieces, size=lambda piece: b"%x" % len(piece), trailers=()):
        self.framing = [b"Transfer-Encoding: chunked"]
        self.coded = b"".join(size(piece) + b"\r\n" + piece + b"\r\n" for piece in pieces)
        self.coded += b"".join(line + b"\r\n" for line in (b"0", *trailers)) + b"\r\n"

    def to_bytes(self):
        first = b" ".join((self.method, self.target, self.version))
        return b"".join(line + b"\r\n" for line in (first, *self.lines, *self.framing)) + b"\r\n" + self.coded


def pieces_of(choose, body):
    """The body in up to four pieces, none of them empty."""
    cuts = sorted({0, len(body), *(choose.randrange(len(body) + 1) for _ in range(choose.randrange(4)))})
    return [body[begin:end] for begin, end in zip(cuts, cuts[1:])]


class Seeds:
    """Makes the good requests that `callers` may send. Each names the number of its conversation in its target or body."""

    def __init__(self, callers):
        self.callers = callers

    def any(self, choose, number):
        make = choose.choices((self.public, self.public_with_body, self.signed, self.signed_with_form), (3, 3, 3, 4))[0]
        draft = make(choose, number)
        if draft.body and choose.random() < 0.4:
            draft.frame_by_chunks(pieces_of(choose, draft.body))
        elif draft.body:
            draft.frame_by_length()
        return draft

    def public(self, choose, number):
        method = choose.choices((b"GET", b"HEAD"), (4, 1))[0]
        return Draft(method, f"{choose.choice(PUBLIC)}?n={number}".encode(), [b"Host: " + HOST.encode()])

    def public_with_body(self, choose, number):
        method = choose.choice((b"POST", b"PUT", b"DELETE"))
        body = choose.choice((b"hello", b'{"a":[1,2]}', b"a=1&b=2", choose.randbytes(choose.randrange(1, 200)),
                              b"0\r\n\r\n" + plain(number), plain(number), b"\r\n" + plain(number),
                              plain(number) * choose.randrange(1, LARGE_BODY // len(plain(number)))))
        return Draft(method, f"{PUBLIC_WITH_BODY}?n={number}".encode(), [b"Host: " + HOST.encode()], body)

    def signed(self, choose, number):
        caller = choose.choice(self.callers)
        return self._signed_draft(caller, "GET", choose.choice(SIGNED), self._parameters(choose, caller, number), "")

    def order(self, choose, number):
        caller = choose.choice(self.callers)
        return self._signed_draft(caller, "POST", "/api/v3/order", "", self._parameters(choose, caller, number))

    def signed_with_form(self, choose, number):
        caller = choose.choice(self.callers)
        method, path = choose.choice(SIGNED_WITH_FORM)
        form = self._parameters(choose, caller, number)
        # The signature covers the query and then the body, as they stand.
        if choose.random() < 0.3:
            query = f"side=BUY&quantity={choose.choice(VALUES)}"
            form = f"m={number}&{caller.payload()}"
            return self._signed_draft(caller, method, path, query, f"{form}&signature={caller.sign(query + form)}")
        if choose.random() < 0.3:
            return self._signed_draft(caller, method, path, form, "")
        return self._signed_draft(caller, method, path, "", form)

    def _parameters(self, choose, caller, number):
        parameters = f"n={number}&a={choose.choice(VALUES)}"
        if choose.random() < 0.8:
            return caller.signed(parameters)
        payload = caller.payload(parameters)
        return f"signature={caller.sign(payload)}&{payload}"

    def _signed_draft(self, caller, method, path, query, form):
        lines = [f"Host: {HOST}", caller.field] + ([f"Content-Type: {FORM}"] if form else [])
        target = f"{path}?{query}" if query else path
        return Draft(method.encode(), target.encode(), [line.encode() for line in lines], form.encode())

    def smuggling(self, choose, number):
        """One of the published smuggling messages, on routes that there are."""
        text = choose.choice(SMUGGLING).read_bytes()
        return text.replace(b"/api/v3/echo", PUBLIC_WITH_BODY.encode()).replace(b"/smuggled", b"/api/v3/time?n=%d" % number)


def source_of(number):
    """The address that a conversation comes from. Each has its own, for wrong signatures count for an address and an API key."""
    return f"127.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def plain(number):
    """A request that would be forwarded if anybody took it for one."""
    return f"GET /api/v3/time?hidden=1&n={number} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def recased(choose, name):
    return "".join(choose.choice((letter.upper(), letter.lower())) for letter in name)


def put_line(choose, draft, line):
    draft.lines.insert(choose.randrange(len(draft.lines) + 1), line)
