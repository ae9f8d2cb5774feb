"""Requests that come too slowly, all at once and beside the other cases, for each takes its ten seconds."""

import threading
import time

from raw_http import HOST

HEAD_LIMIT_S = 10       # from the first byte to the empty line
IDLE_LIMIT_S = 10       # between two bytes of a body, and the credit of a body below the minimum rate
LATE_S = 5              # how much later than its limit a busy machine may answer

HEAD = f"GET /api/v3/time?slow=1 HTTP/1.1\r\nHost: {HOST}\r\n"
BODY = f"POST /api/v3/userDataStream?slow=1 HTTP/1.1\r\nHost: {HOST}\r\n"

# name -> (sent at once, sent byte by byte until the answer, seconds between bytes, seconds until the answer)
SLOW = {
    "slow/head_stops": (HEAD[:-20], "", 1, HEAD_LIMIT_S),
    "slow/head_byte_by_byte": (HEAD[:20], HEAD[20:], 0.5, HEAD_LIMIT_S),
    "slow/head_field_after_field": (HEAD, "A: 1\r\n" * 100, 0.2, HEAD_LIMIT_S),
    "slow/head_stops_before_last_line_feed": (HEAD + "\r", "", 1, HEAD_LIMIT_S),
    "slow/body_never_comes": (BODY + "Content-Length: 100\r\n\r\n", "", 1, IDLE_LIMIT_S),
    "slow/body_stops": (BODY + "Content-Length: 100\r\n\r\nabc", "", 1, IDLE_LIMIT_S),
    "slow/body_byte_by_byte": (BODY + "Content-Length: 4096\r\n\r\n", "x" * 100, 0.25, IDLE_LIMIT_S),
    "slow/chunked_byte_by_byte": (BODY + "Transfer-Encoding: chunked\r\n\r\n", "40\r\n" + "x" * 64, 0.25, IDLE_LIMIT_S),
}


def slow_cases(bed):
    """Starts them all. What it returns waits for them and gives (name, faults) of each."""
    outcomes = {}

    def attempt(name):
        outcomes[name] = try_one(bed, *SLOW[name])

    threads = [threading.Thread(target=attempt, args=(name,)) for name in SLOW]
    for thread in threads:
        thread.start()

    def finish():
        for thread in threads:
            thread.join()
        late = bed.upstream.take()
        return [(name, outcomes.get(name, ["it was not tried to its end"]) + ([f"upstream got {late}"] if late else []))
                for name in SLOW]
    return finish


def try_one(bed, first, rest, pause_s, limit_s):
    began = time.monotonic()
    with bed.connect() as connection:
        connection.send(first.encode())
        stop = threading.Event()
        drip = threading.Thread(target=drip_bytes, args=(connection, rest, pause_s, stop))
        drip.start()
        answer = connection.answer()
        took = time.monotonic() - began
        stop.set()
        drip.join()
        faults = []
        if answer is None or answer.status != 408:
            faults.append(f"expected 408, came {answer}")
        if not limit_s - 0.5 <= took <= limit_s + LATE_S:
            faults.append(f"expected an answer after {limit_s} s, came after {took:.1f} s")
        if connection.rest() != (b"", True):
            faults.append("the connection was not closed behind one answer")
    return faults


def drip_bytes(connection, rest, pause_s, stop):
    for byte in rest:
        if stop.wait(pause_s):
            return
        connection.send(byte.encode())
