"""Cases of every mistake, of pairs of them, of right requests and of random signatures; and how many the doctor names rightly."""

import base64
import collections
import itertools
import json
import random
import subprocess
import tempfile

import mistakes
import signers
from requests_of_clients import Client

# Two mistakes of one axis would undo each other, and these axes are not combined at all.
ALONE = {"whole"}
# Pairs that make one request that shows the first mistake only, or another one.
HIDDEN = [({"signature-missing"}, None), ({"duplicate-param"}, None), ({"timestamp-missing"}, {"timestamp-regenerated-after-signing",
          "template-variable-signed", "signed-param-not-sent", "only-some-params-signed", "params-added-after-signing", "json-payload-signed"}),
          ({"timestamp-not-integer"}, None), ({"unread-parameter", "null-literal-param"}, None),
          ({"whole-query-encoded", "json-body-instead-of-form", "multipart-body-instead-of-form"}, None)]
SIGNED = {"payload", "render", "wrap", "value", "key"}


def is_hidden(one, two):
    return any((one in a and (b is None or two in b)) or (two in a and (b is None or one in b)) for a, b in HIDDEN)


def make_case(rng, pairs, causes, rows, scheme, transport, name):
    client = Client(rng, pairs, scheme, transport)
    alternatives = {}
    for cause, row in zip(causes, rows):
        if row[0](client) is False:
            return None
        alternatives[cause] = list(row[4])
    case = client.case(name, list(causes), alternatives)
    return None if getattr(client, "unchanged", False) else case


def singles(rng, pairs, count):
    for cause, rows in mistakes.ROWS.items():
        combinations = [(row, transport, scheme) for row in rows for transport in row[1] for scheme in row[2]
                        if transport != "fix" or scheme == "ed25519" or cause == "key-type-not-allowed-here"]
        made = tries = 0
        while made < count and tries < 60 * count:
            row, transport, scheme = combinations[tries % len(combinations)] if tries < len(combinations) else rng.choice(combinations)
            tries += 1
            case = make_case(rng, pairs, [cause], [row], scheme, transport, f"{cause}-{made}")
            if case:
                made += 1
                yield case


def couples(rng, pairs, count):
    every = [(cause, row) for cause, rows in mistakes.ROWS.items() for row in rows if row[3] not in ALONE]
    candidates = [(a, b) for a, b in itertools.combinations(every, 2) if a[0] != b[0] and a[1][3] != b[1][3] and not is_hidden(a[0], b[0])]
    rng.shuffle(candidates)
    made = 0
    for (one, first), (two, second) in itertools.cycle(candidates):
        transports = [t for t in first[1] if t in second[1]]
        schemes = [s for s in first[2] if s in second[2]]
        if not transports or not schemes:
            continue
        transport = rng.choice(transports)
        scheme = "ed25519" if transport == "fix" else rng.choice(schemes)
        if scheme not in schemes:
            continue
        case = make_case(rng, pairs, [one, two], [first, second], scheme, transport, f"pair-{made}")
        if case:
            yield case
            made += 1
            if made == count:
                return


def controls(rng, pairs, count, spoilt):
    for at in range(count):
        transport = rng.choice(["rest", "rest", "rest", "ws", "fix"])
        scheme = "ed25519" if transport == "fix" else rng.choice(["hmac", "hmac", "ed25519", "rsa"] if not spoilt else ["hmac", "ed25519", "rsa"])
        client = Client(rng, pairs, scheme, transport)
        if spoilt:
            size = {"hmac": 32, "ed25519": 64, "rsa": 256}[scheme]
            client.sign = lambda payload: rng.randbytes(size)
        yield client.case(f"{'random' if spoilt else 'right'}-{at}", ["unknown-signature" if spoilt else "none"])


def answers_of(program, cases):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"format": "apikey-autopsy-cases/1", "cases": cases}, file)
        file.flush()
        done = subprocess.run([*program, file.name], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def is_right(case, answer):
    """All causes, or what stands for them, and nothing else."""
    rest = set(answer)
    for cause in case["causes"]:
        accepted = {cause, *case["alternatives_by_cause"].get(cause, ())}
        if not rest & accepted:
            return False
        rest -= accepted
    return not rest


def score(cases, answers):
    wrong = [(case, answers[case["id"]]) for case in cases if not is_right(case, answers[case["id"]])]
    return 1 - len(wrong) / len(cases), wrong
