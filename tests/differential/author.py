"""Writes what clients send: good requests, changed ones, and what would be a crime if anybody took it for a request."""

import random
import time

from byte_faults import mangled
from gentle import GENTLE
from harsh import HARSH
from messages import Seeds, pieces_of, plain
from raw_http import HOST

VICTIM = "victim"
IDENTITY_NAMES = ("Account", "Key", "Permissions", "Request-Id", "Timestamp", "Gateway", "Proof")
KINDS = {"good": 20, "gentle": 44, "harsh": 25, "mangled": 9, "published": 2}  # of messages, in percent


class Author:
    """Writes conversations: what one client sends on one connection. The same seed and number give the same conversation,
    but for the API keys, the time and what follows from them."""

    def __init__(self, seed, callers, victim_key):
        self.seed, self.victim_key = seed, victim_key
        self.seeds = Seeds(callers)

    def conversation(self, number):
        """The messages, as bytes."""
        choose, size = self._begin(number)
        return [self._message(choose, number) for _ in range(size)]

    def size(self, number):
        """How many messages a conversation holds."""
        return self._begin(number)[1]

    def pieces(self, number, data):
        """How the bytes of a conversation are handed to the kernel: half of them in one piece, the others in some."""
        choose = random.Random(f"{self.seed}/pieces/{number}")
        return pieces_of(choose, data) if choose.random() < 0.5 else [data]

    def plain_conversation(self, number):
        """One good request of each kind."""
        choose = random.Random(f"{self.seed}/plain/{number}")
        drafts = [make(choose, number) for make in (self.seeds.public, self.seeds.order, self.seeds.public_with_body)]
        for draft in drafts:
            draft.frame_by_length()
        return [draft.to_bytes() for draft in drafts]

    def _begin(self, number):
        choose = random.Random(f"{self.seed}/{number}")
        return choose, choose.choices((1, 2, 3), (6, 3, 1))[0]

    def _message(self, choose, number):
        kind = choose.choices(tuple(KINDS), tuple(KINDS.values()))[0]
        if kind == "published":
            return mangled(choose, self.seeds.smuggling(choose, number))
        draft = self.seeds.any(choose, number)
        if kind == "good":
            return draft.to_bytes()
        for _ in range(choose.randrange(kind == "gentle", 4)):
            choose.choice(GENTLE)(self, choose, draft, number)
        if kind == "harsh":
            for _ in range(choose.choices((1, 2), (4, 1))[0]):
                choose.choice(HARSH)(self, choose, draft, number)
        is_mangled = kind == "mangled" or kind == "harsh" and choose.random() < 0.1
        return mangled(choose, draft.to_bytes()) if is_mangled else draft.to_bytes()

    # --- A foreign identity, a hidden request ------------------------------------------------------------------------

    def identity_lines(self, choose):
        """The victim's identity, or a part of it, as the gateway would write it, but for the proof that nobody can make."""
        now = time.time_ns() // 1_000_000
        values = (VICTIM, self.victim_key, "USER_DATA,TRADE", "%032x" % choose.getrandbits(128), str(now), "gw-1",
                  f"v1;kid=1;ts={now};mac={choose.getrandbits(256):064x}")
        pairs = list(zip(IDENTITY_NAMES, values))
        if choose.random() < 0.5:
            pairs = choose.sample(pairs, choose.randrange(1, 4))
        return [(f"X-Counterfoil-{name}", value) for name, value in pairs]

    def forged(self, choose, number):
        """A whole request in the victim's name."""
        if choose.random() < 0.3:
            return plain(number)
        now = time.time_ns() // 1000
        query = f"hidden=1&n={number}&timestamp={now}&signature={choose.getrandbits(256):064x}"
        method = choose.choice(("GET", "POST", "DELETE"))
        head = [f"{method} /api/v3/order?{query} HTTP/1.1", f"Host: {HOST}", f"X-MBX-APIKEY: {self.victim_key}"]
        head += [f"{name}: {value}" for name, value in self.identity_lines(choose)]
        return "\r\n".join(head).encode() + b"\r\n\r\n"
