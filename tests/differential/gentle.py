"""Changes that leave a good request a good one, though they bring along a foreign identity or a second request.

Each is called with (author, choose, draft, number).
"""

from messages import pieces_of, put_line, recased
from raw_http import HOST

BENIGN_LINES = (b"Accept: */*", b"User-Agent: bot/1.0", b"Cookie: a=1; b=2", b"X-Note:\tone \t two\t", b"X-Empty:",
                b"X-High: \xe9\xff\x80", b"!#$%&'*+.^`|~09aZ: 1", b"X-Method-Override: DELETE",
                b"X-Original-URL: /api/v3/account", b"Range: bytes=0-1", b"X-Rewrite-URL: /api/v3/account",
                b"X_Note: 1", b"Accept-Encoding: gzip", b"Origin: http://gw.test")
HOP_LINES = (b"TE: trailers", b"Keep-Alive: timeout=5", b"Proxy-Connection: keep-alive",
             b"Proxy-Authorization: Basic AAAA", b"Expect: 100-continue", b"Upgrade: h2c", b"Upgrade: websocket",
             b"HTTP2-Settings: AAMAAABkAAQAAP__", b"Trailer: X-Checksum", b"Forwarded: for=192.0.2.1",
             b"X-Forwarded-For: 192.0.2.1", b"X-Real-IP: 192.0.2.1", b"X-Forwarded-Host: other.test")
NAMED_BY_CONNECTION = (b"X-Counterfoil-Account", b"X-Counterfoil-Proof", b"X-Counterfoil-Request-Id",
                       b"X-Counterfoil-Key", b"X-MBX-APIKEY", b"Content-Length", b"Transfer-Encoding", b"Host",
                       b"Content-Type", b"Upgrade", b"X-Forwarded-For", b"keep-alive", b"te")


def recase_names(_, choose, draft, __):
    for lines in (draft.lines, draft.framing):
        for at, line in enumerate(lines):
            name, colon, value = line.partition(b":")
            lines[at] = recased(choose, name.decode("latin-1")).encode("latin-1") + colon + value


def shuffle_lines(_, choose, draft, __):
    draft.lines += draft.framing
    draft.framing = []
    choose.shuffle(draft.lines)


def add_benign_lines(_, choose, draft, __):
    for line in choose.sample(BENIGN_LINES, choose.randrange(1, 5)):
        put_line(choose, draft, line)


def add_hop_lines(_, choose, draft, __):
    for line in choose.sample(HOP_LINES, choose.randrange(1, 4)):
        put_line(choose, draft, line)


def add_identity(author, choose, draft, _):
    for name, value in author.identity_lines(choose):
        put_line(choose, draft, f"{recased(choose, name) if choose.random() < 0.5 else name}: {value}".encode())


def add_connection_list(_, choose, draft, __):
    names = choose.sample(NAMED_BY_CONNECTION, choose.randrange(1, 5))
    put_line(choose, draft, b"Connection: " + choose.choice((b", ", b",", b" ,\t", b",,")).join(names))


def chunk_anew(_, choose, draft, __):
    """Sizes in any letter case with zeros before them, extensions, trailers."""
    def size(piece):
        digits = choose.choice((b"%x", b"%X", b"%04x", b"%016x")) % len(piece)
        return digits + choose.choice((b"", b"", b";a", b";a=b", b';a="b c"', b";X-Counterfoil-Account=victim"))
    if draft.body:
        trailers = choose.choice(((), (), (b"X-Checksum: 1",), (b"X-Note: a", b"X-Other: b")))
        draft.frame_by_chunks(pieces_of(choose, draft.body), size, trailers)


def use_absolute_form(_, __, draft, ___):
    if draft.target.startswith(b"/"):
        draft.target = b"http://" + HOST.encode() + draft.target


def use_old_version(_, choose, draft, __):
    if b"Transfer-Encoding: chunked" not in draft.framing:
        draft.version = b"HTTP/1.0"
        if choose.random() < 0.5:
            put_line(choose, draft, b"Connection: keep-alive")


def add_empty_lines(_, choose, draft, __):
    draft.method = choose.choice((b"\r\n", b"\r\n\r\n")) + draft.method


def pad_values(_, choose, draft, __):
    for at, line in enumerate(draft.lines):
        name, colon, value = line.partition(b":")
        before, behind = choose.choice((b"", b" ", b"\t", b"  \t ")), choose.choice((b"", b" ", b"\t "))
        draft.lines[at] = name + colon + before + value.strip() + behind


def follow_with_forged(author, choose, draft, number):
    """Behind the body's end: the gateway has to take it for a request of its own, and to refuse it."""
    draft.coded += author.forged(choose, number)


GENTLE = (recase_names, shuffle_lines, add_benign_lines, add_benign_lines, add_hop_lines, add_identity, add_identity,
          add_identity, add_connection_list, add_connection_list, chunk_anew, chunk_anew, chunk_anew, use_absolute_form,
          use_old_version, add_empty_lines, pad_values, follow_with_forged)
