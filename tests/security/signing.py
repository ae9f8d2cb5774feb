"""API keys of callers: each signs with the key pair that was made for it here, by the schemes of the gateway."""

import base64
import hashlib
import hmac
import pathlib
import re
import subprocess
import time
import urllib.parse


def now_ms():
    return time.time_ns() // 1_000_000


def openssl(*words, data=None):
    return subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, check=True).stdout


class HmacPair:
    type = "hmac-sha256"

    def __init__(self, secret):
        self.secret = secret.encode()

    def sign(self, payload, digest="sha256"):
        return hmac.new(self.secret, payload, digest).hexdigest()


class AsymmetricPair:
    """A key pair in a PEM file of a folder that is thrown away with the test."""

    def __init__(self, folder, name, *genpkey):
        self.private_file = pathlib.Path(folder) / f"{name}.pem"
        openssl("genpkey", *genpkey, "-out", self.private_file)
        self.public_pem = openssl("pkey", "-in", self.private_file, "-pubout").decode()

    def sign(self, payload):
        return base64.b64encode(self.sign_bytes(payload)).decode()


class Ed25519Pair(AsymmetricPair):
    type = "ed25519"
    ORDER = 2**252 + 27742317777372353535851937790883648493

    def __init__(self, folder, name):
        super().__init__(folder, name, "-algorithm", "ed25519")
        seed = openssl("pkey", "-in", self.private_file, "-outform", "DER")[-32:]
        scalar = bytearray(hashlib.sha512(seed).digest()[:32])
        scalar[0] &= 248
        scalar[31] = scalar[31] & 127 | 64
        self.scalar = int.from_bytes(scalar, "little")
        self.public_bytes = openssl("pkey", "-in", self.private_file, "-pubout", "-outform", "DER")[-32:]

    def sign_bytes(self, payload):
        message = self.private_file.with_suffix(".message")
        message.write_bytes(payload)
        return openssl("pkeyutl", "-sign", "-inkey", self.private_file, "-rawin", "-in", message)

    def sign_with_identity(self, payload, encoded_r):
        """A signature whose R is the identity, however that is written: S*B = R + k*A holds, as the holder can arrange."""
        k = int.from_bytes(hashlib.sha512(encoded_r + self.public_bytes + payload).digest(), "little")
        return encoded_r + (k * self.scalar % self.ORDER).to_bytes(32, "little")


class RsaPair(AsymmetricPair):
    type = "rsa-sha256"

    def __init__(self, folder, name, bits=2048):
        super().__init__(folder, name, "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}")
        printed = openssl("rsa", "-in", self.private_file, "-noout", "-modulus").decode()
        self.modulus = int(re.search("Modulus=([0-9A-F]+)", printed).group(1), 16)
        self.size = bits // 8

    def sign_bytes(self, payload, *options):
        return openssl("dgst", "-sha256", *options, "-sign", self.private_file, data=payload)


class Caller:
    """One API key in the hands of its holder."""

    latest_us = 0

    def __init__(self, api_key, pair, header="X-MBX-APIKEY"):
        self.api_key, self.pair, self.header = api_key, pair, header

    @property
    def field(self):
        return f"{self.header}: {self.api_key}"

    def payload(self, parameters=""):
        """Parameters with the present time behind them, in microseconds: no two payloads are equal unless a test means it."""
        Caller.latest_us = max(Caller.latest_us + 1, time.time_ns() // 1000)
        stamp = f"timestamp={Caller.latest_us}"
        return f"{parameters}&{stamp}" if parameters else stamp

    def sign(self, payload):
        """The signature's text for `payload`, written as it stands in a query."""
        return quoted(self.pair.sign(payload.encode("latin-1")))

    def signed(self, parameters=""):
        """A query or form with timestamp and signature."""
        payload = self.payload(parameters)
        return f"{payload}&signature={self.sign(payload)}"


def quoted(signature):
    return urllib.parse.quote(signature, safe="")
