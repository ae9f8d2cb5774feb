"""A running gateway before a recording upstream, with accounts and API keys: what every row of the tables is tried on."""

import binascii
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import gateway_process  # noqa: E402

from raw_http import CLOSE_LIMIT_S, Connection, request  # noqa: E402
from recording_upstream import RecordingUpstream  # noqa: E402
from signing import Caller, Ed25519Pair, HmacPair, RsaPair  # noqa: E402


class Testbed:
    """`public` is the target of a route that needs no API key; `header` is where the profile wants the API key."""

    close_limit_s = CLOSE_LIMIT_S

    def __init__(self, program, *settings, public="/api/v3/time", header="X-MBX-APIKEY"):
        self.public, self.header = public, header
        self.folder = tempfile.TemporaryDirectory(prefix="counterfoil-security-")
        self.upstream = RecordingUpstream()
        data = pathlib.Path(self.folder.name).resolve() / "data"
        gateway_process.init(program, data)
        self.gateway = gateway_process.Gateway(program, data, ("COUNTERFOIL_UPSTREAM_URL", self.upstream.url),
                                               ("COUNTERFOIL_LIMITS_ENABLED", "false"), *settings)
        host, port = self.gateway.url.split("://")[1].rsplit(":", 1)
        self.address = (host, int(port))
        self.follow_ups = 0
        self.refused = []  # (name of a case, request id, its reason)
        try:
            self.gateway.wait_until_in_force()
            self.gateway.must("POST", "/api/v1/accounts", {"id": "desk", "name": "Desk"})
        except BaseException:
            self.gateway.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        code = self.gateway.stop()
        self.upstream.close()
        self.folder.cleanup()
        if code != 0 and exception == (None, None, None):
            raise RuntimeError(f"the gateway ended with {code}")

    # --- API keys ---------------------------------------------------------------------------------------------------

    def hmac_caller(self, account="desk", **members):
        answer = self._create(account, {"type": "hmac-sha256"} | members)
        return Caller(answer["api_key"], HmacPair(answer["secret"]), self.header)

    def ed25519_caller(self, name="ed25519", **members):
        return self._asymmetric_caller(Ed25519Pair(self.folder.name, name), members)

    def rsa_caller(self, name="rsa", **members):
        return self._asymmetric_caller(RsaPair(self.folder.name, name), members)

    def _asymmetric_caller(self, pair, members, account="desk"):
        challenge = self.gateway.must("POST", "/api/v1/challenges", {"account": account, "public_key": pair.public_pem})
        possession = {"nonce": challenge["nonce"], "signature": pair.sign(challenge["text"].encode())}
        answer = self._create(account, {"type": pair.type, "public_key": pair.public_pem,
                                        "possession": possession} | members)
        return Caller(answer["api_key"], pair, self.header)

    def _create(self, account, members):
        return self.gateway.must("POST", "/api/v1/keys", {"account": account, "allow_list": ["127.0.0.0/8"]} | members)

    def change(self, caller, action):
        """suspend or revoke."""
        self.gateway.must("POST", f"/api/v1/keys/{caller.api_key}/{action}", {"cause": "bad-input table"})

    # --- What must always work --------------------------------------------------------------------------------------

    def follow_up(self):
        """A valid request that can be told from all others: (bytes, how it arrives upstream)."""
        self.follow_ups += 1
        target = f"{self.public}?follow_up={self.follow_ups}"
        return request("GET", target), f"GET {target} HTTP/1.1\r\n".encode()

    def connect(self, source="127.0.0.1"):
        return Connection(self.address, source)


def crc_checked(body):
    """An API key's last six characters: base62 of the CRC-32 of all before them."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    value, text = binascii.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        text = digits[digit] + text
    return body + text


def profile_text(name):
    return (pathlib.Path(__file__).resolve().parents[2] / "profiles" / f"{name}.toml").read_text(encoding="utf-8")


def edited(text, old, new):
    """The text with its one `old` replaced."""
    assert len(re.findall(re.escape(old), text)) == 1, old
    return text.replace(old, new)
