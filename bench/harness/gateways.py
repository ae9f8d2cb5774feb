"""The gateways under test: what they are called, whether they verify, and a check of that before any measurement."""

import hashlib
import hmac
import http.client
import json
import os
import ssl
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .processes import Failure, Process, free_port

BENCH = Path(__file__).resolve().parent.parent
NOT_HERE = 69  # a gateway's exit code for "not on this machine"
START_SECONDS = 60
READY_SECONDS = 10
BODY_BYTES = 118  # of every answer of bench_upstream

# name -> whether it verifies signatures
GATEWAYS = {
    "counterfoil": True,
    "nginx-plain": False,
    "nginx-lua-midstate": True,
    "nginx-lua-resty": True,
    "node": True,
}


@dataclass(frozen=True)
class Setting:
    """One way to run a gateway. Two contenders with equal settings share the process."""

    gateway: str
    scheme: str = "hmac"
    tls: bool = False
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Contender:
    """One side of a pair: a gateway and what is asked of it."""

    setting: Setting
    path: str = "/api/v3/order"
    label: str = ""

    @property
    def name(self) -> str:
        return self.label or self.setting.gateway


class KeySet:
    """Keys made for this run, in the forms gateways/README.md lists, and a certificate beside them."""

    def __init__(self, scheme: str, count: int, programs: Path, directory: Path):
        self.scheme = scheme
        self.directory = directory
        directory.mkdir(mode=0o700)
        subprocess.run([str(programs / "bench_keys"), scheme, str(count), str(directory)], check=True)
        self.first = json.loads((directory / "keys.json").read_text())[0]
        if scheme == "hmac":
            _make_certificate(directory)
        else:
            (directory / "first.pem").write_text(self.first["private_key"])

    def sign(self, payload: str) -> str:
        """What follows "signature=" for the first key; written apart from the load generator, to check it as well."""
        if self.scheme == "hmac":
            return hmac.new(self.first["secret"].encode(), payload.encode(), hashlib.sha256).hexdigest()
        with tempfile.NamedTemporaryFile() as message:
            message.write(payload.encode())
            message.flush()
            command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(self.directory / "first.pem")]
            made = subprocess.run([*command, "-in", message.name], check=True, capture_output=True)
        import base64
        import urllib.parse

        return urllib.parse.quote(base64.b64encode(made.stdout), safe="")


def _make_certificate(directory: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        + ["-keyout", str(directory / "tls.key"), "-out", str(directory / "tls.crt")],
        check=True,
        capture_output=True,
    )


def counterfoil(*words: str, data: Path) -> str:
    """What the gateway's own command line prints, on a node's data."""
    done = subprocess.run([os.environ["COUNTERFOIL_BINARY"], *words, "--data", str(data)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"counterfoil {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


class NotHere(Exception):
    """The gateway is not on this machine."""


class Gateway:
    """A running gateway, checked."""

    def __init__(self, setting: Setting, keys: KeySet, upstream_port: int, core: int, work: Path):
        self.setting = setting
        self.keys = keys
        self.port = free_port()
        directory = Path(tempfile.mkdtemp(prefix=f"{setting.gateway}-", dir=work))
        certificate_keys = {"BENCH_TLS": "1"} if setting.tls else {}
        self.process = Process(
            [str(BENCH / "gateways" / setting.gateway), str(directory), str(self.port), str(upstream_port)],
            core,
            directory / "output.log",
            {"BENCH_KEYS": str(keys.directory), **certificate_keys, **dict(setting.environment)},
        )
        try:
            self.process.wait_for_port(self.port, START_SECONDS)
        except Failure:
            self.stop()
            if self.process.popen.returncode == NOT_HERE:
                raise NotHere(setting.gateway) from None
            raise

    def stop(self) -> None:
        self.process.stop()

    def ask(self, api_key: str, payload: str, signature: str, path: str) -> tuple[int, bytes]:
        if self.setting.tls:
            unchecked = ssl._create_unverified_context()  # our own gateway, on loopback, for a minute
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=unchecked)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", f"{path}?{payload}&signature={signature}", headers={"X-MBX-APIKEY": api_key})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def check(self, path: str) -> None:
        """Refuses a gateway that does not forward what is right or, if it says that it verifies, lets pass what is wrong."""
        api_key = self.keys.first["api_key"]
        payload = f"orderId=1&recvWindow=60000&timestamp={time.time_ns() // 1_000_000}"
        right = self.keys.sign(payload)
        status, body = self.ask(api_key, payload, right, path)
        deadline = time.monotonic() + READY_SECONDS
        while status == 503 and time.monotonic() < deadline:  # it listens, but does not vouch for its keys yet
            time.sleep(0.05)
            status, body = self.ask(api_key, payload, right, path)
        if status != 200 or len(body) != BODY_BYTES:
            raise Failure(f"{self.setting.gateway} answers {status} ({len(body)} bytes) to a right signature on {path}")
        if not GATEWAYS[self.setting.gateway] or path != "/api/v3/order":
            return
        wrong = ("1" if right[0] == "0" else "0") + right[1:]
        other_payload = payload.replace("orderId=1", "orderId=2")
        for what, request in {
            "a changed signature": (api_key, payload, wrong),
            "a changed payload": (api_key, other_payload, right),
            "no signature": (api_key, payload, ""),
            "an unknown API key": (api_key[::-1], payload, right),
        }.items():
            status, _ = self.ask(*request, path)
            if status not in (400, 401):
                raise Failure(f"{self.setting.gateway} answers {status} to {what}: it does not verify")


def binary_environment(binary: Path | None) -> None:
    """Tells gateways/counterfoil where the binary is."""
    if binary is not None:
        os.environ["COUNTERFOIL_BINARY"] = str(binary)
