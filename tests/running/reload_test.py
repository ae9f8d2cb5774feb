"""A node takes over another configuration under load: not one request fails, and what is faulty changes nothing.

Clients that keep their connection and clients that come anew sign requests over TLS as fast as they can while certificate, host
names, profile, limits and time-outs change with each SIGHUP.

    reload_test.py [--reloads N] PROGRAM
"""

import argparse
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "security"))
from cases import Report  # noqa: E402
from recording_upstream import RecordingUpstream  # noqa: E402
from signing import Caller, HmacPair, openssl  # noqa: E402
import testbed  # noqa: E402
from testbed import gateway_process  # noqa: E402

PATIENCE_S = 60
KEEPING, COMING = 3, 2


def certificate(folder, name):
    """A certificate and its key in files of their own: (paths, DER)."""
    made, key = folder / f"{name}.crt", folder / f"{name}.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
            f"/CN={name}", "-keyout", key, "-out", made)
    key.chmod(0o600)
    return (made, key), ssl.PEM_cert_to_DER_cert(made.read_text(encoding="ascii"))


def profiles(folder):
    """Two profiles that hold nobody back; the second one has a route less and other limits."""
    text = testbed.profile_text("binance-spot")
    text = text.replace("limit = 6000", "limit = 100000000").replace("limit = 50\n", "limit = 10000000\n")
    other = testbed.edited(text, '"GET /api/v3/avgPrice" ', '"GET /api/v3/otherPrice" ')
    other = other.replace("limit = 100000000", "limit = 200000000")
    files = folder / "one.toml", folder / "other.toml"
    for file, content in zip(files, (text, other)):
        file.write_text(content, encoding="utf-8")
    return files


class Setup:
    """What the node is told: two versions, by turns."""

    def __init__(self, folder, data):
        self.file = data / "counterfoil.toml"
        (self.one, self.one_der), (self.two, self.two_der) = certificate(folder, "one"), certificate(folder, "two")
        self.profiles = profiles(folder)
        # In place, as a renewal does it: the names of the files do not change.
        self.live = folder / "live.crt", folder / "live.key"

    def write(self, version, more=""):
        pair = (self.one, self.two)[version]
        for target, source in zip(self.live, pair):
            target.write_bytes(source.read_bytes())
            target.chmod(0o600)
        self.write_file(f"""
[profile]
file = "{self.profiles[version]}"
[rest]
tls_certificate = "{self.live[0]}"
tls_key = "{self.live[1]}"
hosts = "{("gw.test", "gw.test, other.test")[version]}"
connections_max = {(2000, 3000)[version]}
connections_per_address_max = {(1000, 1500)[version]}
[upstream]
timeout_ms = {(20000, 30000)[version]}
{more}
[limits]
enabled = {("true", "false")[version]}
""")

    def write_file(self, text):
        self.file.write_text(text, encoding="utf-8")
        self.file.chmod(0o600)

    def der(self, version):
        return (self.one_der, self.two_der)[version]


class Session:
    """One TLS connection."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def __init__(self, address):
        self.plain = socket.create_connection(address, PATIENCE_S)
        self.socket = self.context.wrap_socket(self.plain)
        self.received = b""

    def shown_certificate(self):
        return self.socket.getpeercert(binary_form=True)

    def call(self, request):
        """(status, head); status 0 when the connection ended before an answer."""
        self.socket.sendall(request)
        while b"\r\n\r\n" not in self.received:
            piece = self.socket.recv(65536)
            if not piece:
                return 0, b""
            self.received += piece
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        size = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head).group(1))
        while len(self.received) < size:
            self.received += self.socket.recv(65536)
        self.received = self.received[size:]
        return int(head.split(b" ", 2)[1]), head

    def close(self):
        self.socket.close()


def get(target, caller=None, host="gw.test"):
    field = f"{caller.field}\r\n" if caller else ""
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{field}\r\n".encode()


class Client(threading.Thread):
    """Reads and orders by turns, on one connection or each time on a new one."""

    lock = threading.Lock()

    def __init__(self, address, caller, keeps):
        super().__init__(daemon=True)
        self.address, self.caller, self.keeps = address, caller, keeps
        self.answered, self.failed = 0, []
        self.is_over = False

    def signed(self):
        with Client.lock:
            return self.caller.signed()

    def request(self):
        if self.answered % 2:
            return get(f"/api/v3/account?{self.signed()}", self.caller)
        body = self.signed()
        return (f"POST /api/v3/order HTTP/1.1\r\nHost: gw.test\r\n{self.caller.field}\r\nContent-Type: "
                f"application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

    def run(self):
        session = None
        while not self.is_over:
            try:
                session = session or Session(self.address)
                status, head = session.call(self.request())
            except (OSError, AttributeError) as fault:
                status, head = repr(fault), b""
            if status != 200:
                self.failed.append(f"{'kept' if self.keeps else 'new'} connection: {status} {head[:300]!r}")
                session = None
            self.answered += 1
            if session and (not self.keeps or b"connection: close" in head.lower()):
                session.close()
                session = None


class Node:
    def __init__(self, program, folder, upstream):
        data = folder / "data"
        gateway_process.init(program, data)
        self.program, self.data = program, data
        self.setup = Setup(folder, data)
        self.setup.write(0)
        self.gateway = gateway_process.Gateway(program, data, ("COUNTERFOIL_UPSTREAM_URL", upstream.url),
                                               ("COUNTERFOIL_LOG_LEVEL", "info"))
        host, port = self.gateway.url.removeprefix("https://").rsplit(":", 1)
        self.address = (host, int(port))
        self.gateway.wait_until_in_force()

    def settle(self, caller):
        """Waits until an order of this moment is accepted: right after the very first start none is."""
        client = Client(self.address, caller, keeps=False)
        deadline = time.monotonic() + PATIENCE_S
        while (status := Session(self.address).call(client.request())[0]) != 200:
            if time.monotonic() > deadline:
                raise RuntimeError(f"an order is answered {status}")
            time.sleep(0.05)

    def status(self):
        return self.gateway.must("GET", "/api/v1/status")

    def hang_up(self):
        """Sends SIGHUP, and waits until the node has told what became of it."""
        before = self.log().count('"event":"reload')
        self.gateway.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE_S
        while self.log().count('"event":"reload') == before:
            if time.monotonic() > deadline:
                raise RuntimeError("the node did not say what became of SIGHUP")
            time.sleep(0.005)

    def log(self):
        return pathlib.Path(self.gateway.log.name).read_text(encoding="utf-8")

    def reload(self):
        """The command: (exit code, answer, talk)."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
        done = subprocess.run([self.program, "reload", "--json", "--data", self.data], capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False, env=environment)
        return done.returncode, json.loads(done.stdout or "null"), done.stderr

    def caller(self):
        self.gateway.must("POST", "/api/v1/accounts", {"id": "desk", "name": "Desk"})
        made = self.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "allow_list": ["127.0.0.1"],
                                                          "permissions": ["USER_DATA", "TRADE"]})
        return Caller(made["api_key"], HmacPair(made["secret"]))


def differs(node, version):
    """What a new connection finds otherwise than `version` has it."""
    session = Session(node.address)
    faults = [] if session.shown_certificate() == node.setup.der(version) else ["a new handshake shows the other certificate"]
    for target, host, expected in (("/api/v3/ping", "other.test", (421, 200)), ("/api/v3/avgPrice", "gw.test", (200, 404))):
        status, head = session.call(get(target, host=host))
        if status != expected[version]:
            faults.append(f"{target} of {host} is answered {status}, not {expected[version]}")
        if status == 421:  # closes
            session.close()
            session = Session(node.address)
    status, head = session.call(get("/api/v3/ping"))
    if (b"x-mbx-used-weight" in head.lower()) != (version == 0):
        faults.append(f"limits are not {('on', 'off')[version]}: {head!r}")
    session.close()
    return faults


def under_load(node, report, reloads):
    caller = node.caller()
    node.settle(caller)
    clients = [Client(node.address, caller, keeps=number < KEEPING) for number in range(KEEPING + COMING)]
    for client in clients:
        client.start()
    old, lives = Session(node.address), True
    faults, answered = [], [0] * len(clients)
    for number in range(1, reloads + 1):
        node.setup.write(number % 2)
        node.hang_up()
        faults += [f"after reload {number}: {fault}" for fault in differs(node, number % 2)]
        lives = lives and old.call(get("/api/v3/ping"))[0] == 200
        deadline = time.monotonic() + PATIENCE_S  # each client is answered by each version
        while any(client.answered <= seen for client, seen in zip(clients, answered)) and time.monotonic() < deadline:
            time.sleep(0.001)
        answered = [client.answered for client in clients]
    for client in clients:
        client.is_over = True
    for client in clients:
        client.join(PATIENCE_S)
    report.add("each_reload_is_in_force_when_it_is_told", faults)
    report.add("no_request_fails", [failed for client in clients for failed in client.failed])
    report.add("a_connection_of_before_lives_on_with_its_certificate",
               [] if lives and old.shown_certificate() == node.setup.der(0) else ["it does not"])
    served = [client.answered for client in clients]
    report.add("every_client_was_served", [] if min(served) >= reloads else [f"answered: {served}"])
    print(f"{reloads} reloads under {sum(served)} requests, {sum(served[KEEPING:])} of them on connections of their own")
    return reloads % 2


def faulty(node, report, version):
    """Everything that can be wrong with the files, one after the other."""
    good = node.setup.file.read_text(encoding="utf-8")
    key = node.setup.live[1]
    rows = {
        "broken_toml": (lambda: node.setup.write_file(good + "[rest\n"), "counterfoil.toml:"),
        "unknown_setting": (lambda: node.setup.write_file(good + "[log]\nlevl = \"info\"\n"), "did you mean log.level?"),
        "value_out_of_range": (lambda: node.setup.write_file(good.replace("connections_max = ", "connections_max = -")),
                               "rest.connections_max"),
        "file_that_others_may_write": (lambda: node.setup.file.chmod(0o666), "others may write to it"),
        "file_that_is_gone": (node.setup.file.unlink, "counterfoil.toml: No such file"),
        "key_of_another_certificate": (lambda: key.write_bytes((node.setup.one, node.setup.two)[1 - version][1].read_bytes()),
                                       "is not the PEM private key of"),
        "key_that_everybody_may_read": (lambda: key.chmod(0o644), "may be read or written by everybody"),
        "certificate_that_is_none": (lambda: node.setup.live[0].write_text("nonsense", encoding="ascii"), "not a PEM certificate"),
        "profile_that_is_gone": (lambda: node.setup.write_file(re.sub("file = .*", 'file = "/nowhere.toml"', good)), "/nowhere.toml"),
        "client_address_without_proxies": (
            lambda: node.setup.write_file(good.replace("[rest]", '[rest]\nclient_address = "x_forwarded_for"')),
            "rest.trusted_proxies"),
    }
    for name, (spoil, says) in rows.items():
        node.setup.write(version)
        spoil()
        code, answer, talk = node.reload()
        faults = differs(node, version)
        if code != 2 or says not in talk:
            faults.append(f"`counterfoil reload` ended with {code} and said {talk!r}")
        node.hang_up()
        faults += differs(node, version)
        troubles = {trouble["reason"]: trouble["detail"] for trouble in node.status()["troubles"]}
        if says not in troubles.get("reload_failed", ""):
            faults.append(f"the status tells {troubles}")
        report.add(f"faulty_{name}", faults)
    node.setup.write(version)
    code, answer, talk = node.reload()
    left = [trouble for trouble in node.status()["troubles"] if trouble["reason"] == "reload_failed"]
    report.add("mended_files_end_the_trouble", [] if code == 0 and not left else [f"{code} {talk} {left}"])


def outcome(node, report, version):
    """What the command and the status say, and the audit log."""
    node.setup.write(version, more="connections_max = 7")
    node.setup.write_file(node.setup.file.read_text(encoding="utf-8").replace("gw.test", "gw.test, third.test"))
    code, answer, talk = node.reload()
    expected = {"taken_over": ["rest.hosts"], "needs_restart": ["upstream.connections_max"]}
    report.add("the_command_tells_what_became_of_it", [] if code == 0 and answer == expected else [f"{code} {answer} {talk}"])
    status = node.status()
    wrong = [] if status["needs_restart"] == ["upstream.connections_max"] and status["reloaded_at"] else [str(status)]
    report.add("the_status_tells_what_waits_for_a_restart", wrong)
    deadline = time.monotonic() + PATIENCE_S  # records go to the journal one after the other
    while node.status()["audit_waiting"] and time.monotonic() < deadline:
        time.sleep(0.02)
    records, after = [], "0"
    while after is not None:
        page = node.gateway.must("GET", f"/api/v1/audit?limit=500&after={after}")
        records += [json.dumps(item) for item in page["items"] if "node.reload" in json.dumps(item)]
        after = page["next"]
    by_signal = [record for record in records if "signal:SIGHUP" in record]
    faults = [] if by_signal and "rest.hosts" in records[-1] and "socket:uid=" in records[-1] else [str(records[-1:])]
    faults += [f"a value is recorded: {record}" for record in records if "third.test" in record or ".crt" in record]
    report.add("the_audit_log_has_each_reload_and_no_value", faults)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reloads", type=int, default=50)
    parser.add_argument("program")
    arguments = parser.parse_args()
    report = Report("running_reload")
    upstream = RecordingUpstream()
    with tempfile.TemporaryDirectory(prefix="counterfoil-reload-") as name:
        node = Node(arguments.program, pathlib.Path(name).resolve(), upstream)
        try:
            version = under_load(node, report, arguments.reloads)
            faulty(node, report, version)
            outcome(node, report, version)
            code = node.gateway.stop()
            report.add("the_node_ends_well", [] if code == 0 else [f"it ended with {code}"])
        finally:
            if node.gateway.process.poll() is None:
                node.gateway.kill()
            upstream.close()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
