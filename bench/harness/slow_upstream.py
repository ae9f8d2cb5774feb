"""An upstream that takes its time and looks for itself whether what arrives is signed.

slow_upstream.py PORT KEYS MILLISECONDS    each answer takes so long, however many are under way; on SIGTERM prints what arrived.
"""

import asyncio
import hashlib
import hmac
import json
import re
import signal
import sys
from pathlib import Path

BODY = b"x" * 118  # as bench_upstream's
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class SlowUpstream:
    def __init__(self, keys: Path, takes_s: float):
        # The proof says which key; the signature has to fit it.
        self.secrets = {key["api_key"]: key["secret"].encode() for key in json.loads(keys.read_text())}
        self.takes_s = takes_s
        self.arrived = self.unverified = self.under_way = self.most_under_way = 0

    def is_signed(self, head: bytes) -> bool:
        target = head.split(b" ", 2)[1]
        payload, _, signature = target.partition(b"?")[2].partition(b"&signature=")
        key = re.search(rb"(?i)\r\nx-counterfoil-key: *([^\r]*)", head)
        secret = self.secrets.get(key.group(1).decode()) if key else None
        return secret is not None and hmac.new(secret, payload, hashlib.sha256).hexdigest().encode() == signature

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.arrived += 1
                self.unverified += not self.is_signed(head)
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                await asyncio.sleep(self.takes_s)
                self.under_way -= 1
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def main() -> None:
    upstream = SlowUpstream(Path(sys.argv[2]), float(sys.argv[3]) / 1000)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await asyncio.start_server(upstream.serve, "127.0.0.1", int(sys.argv[1]), backlog=512)
    await ended.wait()
    told = {name: getattr(upstream, name) for name in ("arrived", "unverified", "most_under_way")}
    print(json.dumps(told), flush=True)


asyncio.run(main())
