"""Changes that may leave anything of a request: where a line, a name, a length, a chunk or a message ends is in doubt.

Each is called with (author, choose, draft, number).
"""

from byte_faults import SPECIAL_BYTES
from messages import PUBLIC, PUBLIC_WITH_BODY, pieces_of, put_line, recased
from raw_http import HOST

LENGTH_VALUES = ("+{n}", "-{n}", "0x{n:x}", "{n}, {n}", "{n},{n}", "{n},", " {n} \t", "00{n}", "{n}.0", "{n};",
                 "{n}\x0b", "\x0c{n}", "\xb2", "", "{n} {n}", "1_{n}", "{n}e0", "18446744073709551616",
                 "9223372036854775807", "{less}", "{more}", "0", '"{n}"', "{n}\0", "{n}\xa0")
CODING_VALUES = ("chunked", "Chunked", "\tchunked ", "chunked, chunked", "chunked,", ", chunked", "identity",
                 "gzip, chunked", "chunked;q=1", "\x0bchunked", "chunked\x0c", "xchunked", '"chunked"', "chunk ed", "",
                 "chunked\0", "chunked\xa0", "identity, chunked", "chunked\x1c")
DISGUISES = ("{name}: {value}", "{name} : {value}", "{name}\t: {value}", " {name}: {value}", "{under}: {value}",
             "{name}\0: {value}", "\x0b{name}: {value}", "X-Note: 1\n{name}: {value}", "X-Note: 1\r{name}: {value}",
             "X-Note: 1\r\r\n{name}: {value}", "X-Note: 1\0\n{name}: {value}", "X-Note:\r\n {name}: {value}",
             "X-Note: 1\r\n\t{name}: {value}", "{name}:\r\n {value}", "{name}:{value}", "{name}\xa0: {value}",
             "X-Note\r\n: 1\r\n{name}: {value}", "{name}", ": {value}", "{name}\x85: {value}", "{name};: {value}",
             "X-Note: 1\x85{name}: {value}")
CHUNK_SIZES = ("0x{n:x}", "+{n:x}", "-{n:x}", " {n:x}", "{n:x} ", "{n:x}\t", "{n:x}\n", "{n:x}\r", "{n:x};a=\n",
               "{n:x};a=\r", "", "ffffffffffffffff", "1000000000000000{n:x}", "00000000000000000{n:x}", "{less:x}",
               "{more:x}", "{n:x}\0", "{n:x} ;a", "{n:x}_", "{n:x};a=\"\r\n\"", "0")
CHUNK_ENDS = (b"0\r\n\n", b"0\n\r\n", b"0\r\n", b"0\r\n\r\r\n", b"00\r\n\r\n", b"0;a=\n\r\n\r\n",
              b"0\r\nX-Counterfoil-Account: victim\r\n\r\n", b"0\r\nContent-Length: 5\r\n\r\n",
              b"0\r\nx_mbx_apikey: a\r\n\r\n", b"0\r\n folded\r\n\r\n", b"0\r\nnonsense\r\n\r\n",
              b"0\r\nA: 1\nB: 2\r\n\r\n")
BODY_MISLEADERS = (b"Expect: 100-continue", b"Expect: 100-Continue, x", b"Upgrade: websocket", b"Connection: Upgrade",
                   b"Connection: Content-Length", b"Connection: close, Content-Length")
PREFACES = (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n", b"\x16\x03\x01\x00\x05",
            b"\r\n\r\n\r\n", b" \r\n", b"GET /api/v3/time\r\n", b"\n")
TARGETS = ("{path}/../account", "{path}/./", "/{path}", "{path}//", "{path}%2f", "{path}%2e%2e", "/%2e%2e{path}",
           "{path}%00", "{path}%zz", "{path}%", "{path}\\", "{path};a=1", "{path}#a", "{path} ", "{path}\t",
           "{path}\xff", "{path}%5c..", "http://{host}{path}", "HTTP://{host}{path}", "https://{host}{path}",
           "http://other.test{path}", "http://user@{host}{path}", "http://{host}:80{path}", "//{host}{path}", "{host}",
           "{host}:80", "*", "http://{host}", "http://{host}?a", "{path} HTTP/1.1\r\nX: ", "/api/v3/%61ccount",
           "/API/v3/time", "/api/v3/account", "{path}?a=b c", "{path}?%zz", "{path}?\x80", "?a=1", "")
VERSIONS = (b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.2", b"HTTP/1.1 ", b" HTTP/1.1", b"http/1.1", b"HTTP/1.10",
            b"HTTP/1", b"", b"HTTP/1.1\0", b"HTTP/1.1\tX", b"HTTP/1.1\r", b"\tHTTP/1.1", b"HTTP/1.1 HTTP/1.1",
            b"HTTP/3")
METHODS = (b"get", b"GETX", b"CONNECT", b"TRACE", b"OPTIONS", b"PRI", b"PATCH", b"DELETE", b"HEAD", b"G\tT", b"",
           b"POST ", b" GET", b"\nGET", b"GET\0")
HOSTS = (b"Host: other.test", b"Host:", b"Host: gw.test, other.test", b"Host: user@gw.test", b"Host: gw.test/a",
         b"Host: gw.test:99999", b"Host: gw test", b"Host : gw.test", b"hOST: GW.TEST", b"Host: gw.test:80",
         b"Host: [::1]", b"Host: gw.test\0", b"Host: gw.test\nX: 1")


def disguised(choose, name, value):
    text = choose.choice(DISGUISES).format(name=name, under=name.replace("-", "_", choose.choice((1, -1))), value=value)
    return text.encode("latin-1")


def disguise_identity(author, choose, draft, _):
    for name, value in author.identity_lines(choose):
        put_line(choose, draft, disguised(choose, recased(choose, name) if choose.random() < 0.3 else name, value))


def disguise_a_line(_, choose, draft, __):
    lines = choose.choice((draft.lines, draft.framing or draft.lines))
    if not lines:
        return
    at = choose.randrange(len(lines))
    name, _, value = lines[at].decode("latin-1").partition(":")
    lines[at] = disguised(choose, name, value.strip())


def repeat_a_line(author, choose, draft, _):
    line = choose.choice(draft.lines + draft.framing + [b"Host: gw.test"])
    name, _, value = line.partition(b":")
    others = {b"x-mbx-apikey": author.victim_key.encode(), b"host": b"other.test", b"content-length": b"0"}
    other = others.get(name.lower(), b"other")
    put_line(choose, draft, choose.choice((line, name + b": " + other, name + b":" + value + b"," + other)))


def merge_lines(_, choose, draft, __):
    if len(draft.lines) > 1:
        at = choose.randrange(len(draft.lines) - 1)
        draft.lines[at:at + 2] = [choose.choice(SPECIAL_BYTES).join(draft.lines[at:at + 2])]


def replace_api_key(author, choose, draft, _):
    keys = [author.victim_key, *(caller.api_key for caller in author.seeds.callers)]
    for at, line in enumerate(draft.lines):
        if line.lower().startswith(b"x-mbx-apikey"):
            draft.lines[at] = disguised(choose, "X-MBX-APIKEY", choose.choice(keys))
    if choose.random() < 0.4:
        draft.lines.append(f"X-MBX-APIKEY: {choose.choice(keys)}".encode())


def change_length(_, choose, draft, __):
    size = len(draft.coded)
    sizes = {"n": size, "less": max(size - choose.randrange(1, 9), 0), "more": size + choose.randrange(1, 99)}
    frame_by(choose, draft, "Content-Length", choose.choice(LENGTH_VALUES).format(**sizes))


def change_coding(_, choose, draft, __):
    frame_by(choose, draft, "Transfer-Encoding", choose.choice(CODING_VALUES))


def frame_by(choose, draft, name, value):
    """Beside the framing that there is, or in its place."""
    line = disguised(choose, name, value) if choose.random() < 0.4 else f"{name}: {value}".encode("latin-1")
    if choose.random() < 0.5:
        draft.framing = []
    draft.framing.insert(choose.randrange(len(draft.framing) + 1), line)


def conflict(author, choose, draft, number):
    """Length and coding together, with a request that only one of them shows."""
    hidden = author.forged(choose, number)
    coding = b"Transfer-Encoding: chunked"
    if choose.random() < 0.5:
        coding = disguised(choose, "Transfer-Encoding", choose.choice(CODING_VALUES))
    if choose.random() < 0.5:
        draft.coded = b"0\r\n\r\n" + hidden
        length = len(draft.coded)
    else:
        draft.coded = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
        length = draft.coded.index(b"\n") + 1
    line = b"Content-Length: %d" % length if choose.random() < 0.5 else disguised(choose, "Content-Length", str(length))
    draft.framing = [coding, line] if choose.random() < 0.5 else [line, coding]
    if draft.method not in (b"POST", b"PUT", b"DELETE") and choose.random() < 0.8:
        draft.method, draft.target = b"POST", f"{PUBLIC_WITH_BODY}?n={number}".encode()


def double_length(author, choose, draft, number):
    hidden = author.forged(choose, number)
    lengths = [0, len(hidden)]
    choose.shuffle(lengths)
    draft.framing, draft.coded = [b"Content-Length: %d" % length for length in lengths], hidden


def hide_in_length(author, choose, draft, number):
    """A body where none is usual, or on a request whose reader may forget it."""
    draft.body = author.forged(choose, number)
    draft.frame_by_length()
    if choose.random() < 0.3:
        draft.method = choose.choice((b"GET", b"HEAD", b"OPTIONS", b"DELETE"))
    if choose.random() < 0.3:
        put_line(choose, draft, choose.choice(BODY_MISLEADERS))


def break_a_chunk(author, choose, draft, number):
    body = draft.body or author.forged(choose, number)
    pieces = pieces_of(choose, body)
    broken = choose.randrange(len(pieces))
    done = []

    def size(piece):
        done.append(piece)
        if len(done) - 1 != broken:
            return b"%x" % len(piece)
        sizes = {"n": len(piece), "less": max(len(piece) - 1, 0), "more": len(piece) + choose.randrange(1, 40)}
        return choose.choice(CHUNK_SIZES).format(**sizes).encode("latin-1")
    draft.frame_by_chunks(pieces, size)
    if choose.random() < 0.3:
        draft.coded += author.forged(choose, number)


def end_chunks_badly(author, choose, draft, number):
    draft.frame_by_chunks(pieces_of(choose, draft.body or b"hello"))
    draft.coded = draft.coded.removesuffix(b"0\r\n\r\n") + choose.choice(CHUNK_ENDS)
    if choose.random() < 0.5:
        draft.coded += author.forged(choose, number)


def change_target(_, choose, draft, __):
    path, _, query = draft.target.decode("latin-1").partition("?")
    target = choose.choice(TARGETS).format(path=path if choose.random() < 0.7 else choose.choice(PUBLIC), host=HOST)
    draft.target = (f"{target}?{query}" if query and "?" not in target else target).encode("latin-1")


def change_version(_, choose, draft, __):
    draft.version = choose.choice(VERSIONS)


def change_method(_, choose, draft, __):
    draft.method = choose.choice(METHODS)


def change_host(_, choose, draft, __):
    others = [line for line in draft.lines if not line.lower().startswith(b"host")]
    draft.lines = others + choose.sample(HOSTS, choose.randrange(3))


def use_bare_line_feeds(_, choose, draft, __):
    joined = b"\r\n".join(draft.lines)
    draft.lines = [joined.replace(b"\r\n", choose.choice((b"\n", b"\r", b"\n\r", b"\r\r\n")), choose.choice((1, -1)))]


def preface(_, choose, draft, __):
    draft.method = choose.choice(PREFACES) + draft.method


HARSH = (disguise_identity, disguise_identity, disguise_a_line, disguise_a_line, repeat_a_line, merge_lines,
         replace_api_key, change_length, change_length, change_coding, change_coding, conflict, conflict, double_length,
         hide_in_length, hide_in_length, break_a_chunk, break_a_chunk, end_chunks_badly, change_target, change_target,
         change_version, change_method, change_host, use_bare_line_feeds, preface)
