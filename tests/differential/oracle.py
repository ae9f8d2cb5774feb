"""What no upstream may see: judges what a parser recorded against what was signed and what the gateway answered.

For every request that an upstream parsed:
  1  it carries the seven identity headers, each once, with a proof that is right for the method, target and body that this
     upstream parsed; or it is of a public route, and carries the request id and nothing else of an identity;
  2  its request id is one that the gateway told a client, and was not seen before;
  3  its identity is that of the key whose holder signed the very parameters that were parsed, on the connection where the
     request id was answered;
  4  of where it comes from, X-Forwarded-For alone tells, once and truly;
and for every answer that came from the upstream, and no other, there is one such request.
"""

import dataclasses
import hashlib
import hmac
import re
import tomllib
import urllib.parse

from messages import source_of
from testbed import profile_text

IDENTITY = ("x-counterfoil-account", "x-counterfoil-gateway", "x-counterfoil-key", "x-counterfoil-permissions",
            "x-counterfoil-proof", "x-counterfoil-request-id", "x-counterfoil-timestamp")  # sorted
FAILURES = (500, 502, 503, 504)  # 501 and 505 are refusals
REQUEST_ID = "x-counterfoil-request-id"
API_KEY = "x-mbx-apikey"
ORIGIN = "x-forwarded-for"
ORIGIN_NAMES = re.compile(r"x-forwarded.*|forwarded|x-real-ip|true-client-ip")
PROOF = re.compile(r"v1;kid=([A-Za-z0-9._-]{1,64});ts=([0-9]{1,15});mac=([0-9a-f]{64})")
NUMBER = re.compile(r"(?:^|[?&])[nm]=(\d+)(?=[&\s]|$)")


@dataclasses.dataclass(frozen=True)
class Holder:
    """Who may appear upstream: the account and permissions of an API key that signs here, and its secret."""

    account: str
    permissions: str
    secret: bytes


@dataclasses.dataclass(frozen=True)
class Answer:
    """`id` is the request id that the gateway gave, `seen` the one that an upstream read: None if the gateway answered."""

    status: int
    id: str | None
    seen: str | None


class Oracle:
    def __init__(self, holders, proof_secrets):
        """`holders` by API key, `proof_secrets` by kid."""
        self.holders, self.proof_secrets = holders, proof_secrets
        self.routes = routes()
        self.issued = {}      # request id -> the number of the conversation in which it was told
        self.relayed = set()  # those whose answer came from the upstream
        self.parsed = set()

    def take_answers(self, number, answers):
        """Learns what a conversation was answered. Returns faults."""
        faults = []
        for answer in answers:
            if not re.fullmatch(r"[0-9a-f]{32}", answer.id or ""):
                faults.append(f"an answer {answer.status} has the request id {answer.id!r}")
                continue
            if answer.id in self.issued:
                faults.append(f"the request id {answer.id} was told before, in conversation {self.issued[answer.id]}")
            else:
                self.issued[answer.id] = number
            if answer.seen is not None:
                self.relayed.add(answer.id)
                if answer.seen != answer.id:
                    faults.append(f"the answer to {answer.id} is the upstream's to {answer.seen!r}")
            elif answer.status in FAILURES:
                faults.append(f"the gateway, or the parser behind it, failed: {answer.status}")
        return faults

    def judge(self, record):
        """One record of an upstream: (number of the conversation or None, faults)."""
        if "refused" in record:
            return None, [f"the upstream's parser refused what it got: {record}"]
        headers = [(name.lower().replace("_", "-"), name, value) for name, value in record["headers"]]
        identity = [header for header in headers if header[0].startswith("x-counterfoil-") or header[0] == API_KEY]
        origin = [(name.lower(), value) for plain, name, value in headers if ORIGIN_NAMES.fullmatch(plain)]
        values = {name: value for name, _, value in identity}
        faults = [] if record["isWhole"] else ["the upstream did not take it whole"]
        faults += self._judge_id(values.get(REQUEST_ID, ""))
        number = self.issued.get(values.get(REQUEST_ID, ""))
        if number is not None and origin != [(ORIGIN, source_of(number))]:
            faults.append(f"it comes from {source_of(number)} and says {origin}")
        method = "GET" if record["method"] == "HEAD" else record["method"]
        security = self.routes.get(f"{method} {record['target'].partition('?')[0]}")
        names = sorted(name.lower() for _, name, _ in identity)
        if names == [REQUEST_ID]:
            faults += [] if security == "public" else [f"it is of no public route ({security}), and nobody is named"]
        elif names != list(IDENTITY):
            faults.append(f"its identity headers are {[name for _, name, _ in identity]}")
        else:
            faults += [] if security == "signed" else [f"it is of no signed route ({security}), and somebody is named"]
            faults += self._judge_proof(record, values) + self._judge_signature(record, values, number)
        return number_in(record) if number is None else number, [f"{fault}: {record}" for fault in faults]

    def unparsed(self):
        """The request ids of answers from the upstream without a request that it recorded."""
        return self.relayed - self.parsed

    def unanswered(self):
        return self.parsed - self.relayed

    def forget(self, request_ids):
        """What was said of these once is not said again."""
        self.relayed -= request_ids
        self.parsed -= request_ids

    def _judge_id(self, request_id):
        faults = []
        if request_id not in self.issued:
            faults.append(f"the gateway never told the request id {request_id!r}")
        if request_id in self.parsed:
            faults.append(f"the request id {request_id!r} was parsed before")
        self.parsed.add(request_id)
        return faults

    def _judge_proof(self, record, values):
        proof = PROOF.fullmatch(values["x-counterfoil-proof"])
        if not proof or proof.group(2) != values["x-counterfoil-timestamp"]:
            return [f"the proof has no form or another timestamp: {values}"]
        kid, timestamp, mac = proof.groups()
        lines = ["counterfoil-proof-v1", kid, timestamp, record["method"], record["target"],
                 hashlib.sha256(record["body"].encode("latin-1")).hexdigest(),
                 *(values[f"x-counterfoil-{name}"] for name in ("account", "key", "permissions", "gateway", "request-id"))]
        right = hmac.new(self.proof_secrets.get(kid, "").encode(), "\n".join(lines).encode("latin-1"), "sha256").hexdigest()
        return [] if kid in self.proof_secrets and mac == right else ["the proof is not right for what was parsed"]

    def _judge_signature(self, record, values, number):
        holder = self.holders.get(values["x-counterfoil-key"])
        if holder is None:
            return [f"the API key {values['x-counterfoil-key']!r} never signed anything"]
        faults = []
        if (values["x-counterfoil-account"], values["x-counterfoil-permissions"]) != (holder.account, holder.permissions):
            faults.append("account or permissions are not those of the API key")
        parts = [record["target"].partition("?")[2].split("&"), record["body"].split("&")]
        signatures = [word for part in parts for word in part if word.startswith("signature=")]
        payload = "".join("&".join(word for word in part if not word.startswith("signature=")) for part in parts)
        right = hmac.new(holder.secret, payload.encode("latin-1"), "sha256").hexdigest()
        if [urllib.parse.unquote(word.partition("=")[2]).lower() for word in signatures] != [right]:
            faults.append(f"the holder of the API key did not sign {payload!r}")
        if number_in(record) != number:
            faults.append(f"it was answered in conversation {number}, but signed for another")
        return faults


def number_in(record):
    """The number that the author of a message wrote into its target or body; None if it is there no more."""
    named = NUMBER.search(record["target"]) or NUMBER.search(record["body"])
    return int(named.group(1)) if named else None


def routes():
    """"METHOD /path" -> its security, in the shipped profile."""
    return {name: route["security"] for name, route in tomllib.loads(profile_text("binance-spot"))["routes"].items()}


def answers_in(received):
    """The final answers in what a connection gave, and what is wrong with it, or None. A body never begins like an answer,
    so one that is only told of (HEAD) can be told from one that is there."""
    answers = []
    while received:
        head, blank, rest = received.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        if not blank or not status:
            return answers, f"this is no answer: {received[:200]!r}"
        lines = (line.decode("latin-1").partition(":") for line in head.split(b"\r\n")[1:])
        fields = {name.lower(): value.strip() for name, _, value in lines}
        size = 0 if not rest or rest.startswith(b"HTTP/1.") else int(fields.get("content-length", 0))
        if len(rest) < size:
            return answers, f"an answer is cut off: {received[:200]!r}"
        received = rest[size:]
        if int(status.group(1)) >= 200:
            answers.append(Answer(int(status.group(1)), fields.get(REQUEST_ID), fields.get("x-seen")))
    return answers, None
