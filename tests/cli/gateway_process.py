"""A counterfoil process of a test: started in a folder of its own, asked over its admin socket, stopped or killed."""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

START_LIMIT_S = 120  # A debug build on a busy machine; a normal start takes a fraction of this.
CALL_LIMIT_S = 60
UPSTREAM_DOWN = 502  # What an accepted request ends with at a gateway without an upstream.


class AdminConnection(http.client.HTTPConnection):
    """HTTP over the admin socket. A long path is reached from its folder, for a socket's name holds 107 bytes."""

    def __init__(self, path):
        super().__init__("localhost", timeout=CALL_LIMIT_S)
        self.path = pathlib.Path(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        folder = os.open(self.path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.sock.connect(f"/proc/self/fd/{folder}/{self.path.name}")
        finally:
            os.close(folder)


class Gateway:
    """`counterfoil serve` with free ports and no upstream behind it."""

    def __init__(self, program, data, *settings):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
        environment |= {"COUNTERFOIL_REST_LISTEN": "127.0.0.1:0", "COUNTERFOIL_REST_THREADS": "2",
                        "COUNTERFOIL_NODE_ALLOW_UNLOCKED_MEMORY": "true", "COUNTERFOIL_LOG_LEVEL": "warn",
                        "COUNTERFOIL_CONSOLE_LISTEN": "",  # its usual port is one for the whole machine
                        # A test is one address that opens connections as fast as it can.
                        "COUNTERFOIL_REST_NEW_CONNECTIONS_PER_ADDRESS_MAX": "0",
                        # Port 1 of loopback has no listener: what was accepted ends as 502, each time.
                        "COUNTERFOIL_UPSTREAM_URL": "http://127.0.0.1:1", "COUNTERFOIL_UPSTREAM_FAILURES_MAX": "0"} | dict(settings)
        self.log = open(pathlib.Path(data).parent / "serve.log", "ab")
        self.process = subprocess.Popen([program, "serve", "--json", "--data", str(data)], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()  # ends at the end of the process at the latest
        if not line:
            self.process.wait(START_LIMIT_S)
            self.log.close()
            raise RuntimeError(f"serve ended with {self.process.returncode}: " +
                               pathlib.Path(self.log.name).read_text(encoding="utf-8")[-2000:])
        facts = json.loads(line)
        self.url, self.admin_socket, self.console = facts["gateway"], facts["admin_socket"], facts["console"]

    def call(self, method, path, body=None):
        """One call of the management API: (status, answer)."""
        status, answer = self.fetch(method, path, body)
        return status, json.loads(answer or b"null")

    def fetch(self, method, path, body=None):
        """The same for an answer that is not JSON: (status, bytes)."""
        connection = AdminConnection(self.admin_socket)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def must(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        if status not in (200, 201):
            raise RuntimeError(f"{method} {path} answered {status}: {answer}")
        return answer

    def request(self, method, target, headers=None):
        """One request to the REST door: (status, body)."""
        host, port = self.url.removeprefix("http://").rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=CALL_LIMIT_S)
        try:
            connection.request(method, target, headers=headers or {})
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"null")
        finally:
            connection.close()

    def accepts(self, api_key, secret):
        """Whether a request that is signed with an HMAC secret gets as far as the upstream that is not there."""
        return self.ask_signed(api_key, secret)[0] == UPSTREAM_DOWN

    def ask_signed(self, api_key, secret):
        query = f"timestamp={time.time_ns() // 1_000_000}"
        signature = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        return self.request("GET", f"/api/v3/account?{query}&signature={signature}", {"X-MBX-APIKEY": api_key})

    def wait_until_in_force(self):
        deadline = time.monotonic() + START_LIMIT_S
        while not self.must("GET", "/api/v1/status")["accepts_signed_requests"]:
            if time.monotonic() > deadline:
                raise RuntimeError("the gateway never got its right to accept requests")
            time.sleep(0.02)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self._ended()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self):
        code = self.process.wait(START_LIMIT_S)
        self.process.stdout.close()
        self.log.close()
        return code


def init(program, data):
    subprocess.run([program, "init", "--data", str(data), "--quiet"], check=True, timeout=START_LIMIT_S)


def refusal_is_clear(status, answer):
    """Whether a fault was told as one: 503, with a name for programs and a sentence for people."""
    return status == 503 and bool(answer.get("reason")) and len(answer.get("detail", "")) > 20


def audit_faults(program, data, folder):
    """What is wrong with the audit log of a running node, as `audit verify` tells it; empty when it is whole."""
    exported = pathlib.Path(folder) / "audit.ndjson"
    exported.unlink(missing_ok=True)
    for words in (["audit", "export", "-o", exported, "--data", data], ["audit", "verify", exported]):
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=CALL_LIMIT_S, check=False)
        if done.returncode != 0:
            return f"audit {words[1]} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return ""
