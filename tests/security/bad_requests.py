"""Requests as bytes, for the rows of framing: what no HTTP library would write.

Behind everything that ends the connection stands another valid request; it must be neither answered nor forwarded.
"""

from cases import closed
from raw_http import HOST, request

TIME = "/api/v3/time"
STREAM = "/api/v3/userDataStream"  # a public POST: whatever is not refused is forwarded
UNREAD = request("GET", f"{TIME}?unread=1")
CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"


def head(*lines):
    """Lines as they stand, each ended by CR LF, and the empty line."""
    return b"".join(text(line) + b"\r\n" for line in lines) + b"\r\n"


def text(line):
    return line if isinstance(line, bytes) else line.encode("latin-1")


def get(*fields, target=TIME, version="HTTP/1.1"):
    return head(f"GET {target} {version}", f"Host: {HOST}", *fields)


def post(*fields, body=b"", version="HTTP/1.1"):
    return head(f"POST {STREAM} {version}", f"Host: {HOST}", *fields) + body


def chunked(body):
    return post("Transfer-Encoding: chunked", body=body)


def bad(name, data, status=400):
    return closed(name, data + UNREAD, status, cut=True)
