#!/usr/bin/env python3
"""`doctor --live` against servers of every kind: right and wrong clocks, garbage, closed ports, TLS, refusals, and a real node with
the venue behind it.  doctor_live_test.py PROGRAM"""

import http.server
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import gateway_process

LIMIT_S = 240
API_KEY = "k" * 64
SECRET = "a secret of this test, which nobody may read in any output"
TIME = "/api/v3/time"
RIGHTS = "/sapi/v1/account/apiRestrictions"
ACCOUNT = "/api/v3/account"
FULL = {"ipRestrict": False, "createTime": 1698645219000, "enableReading": True, "enableWithdrawals": False,
        "enableSpotAndMarginTrading": True, "enableNewThing": True}
VENDOR_REFUSES = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}


class FakeServer:
    """An exchange whose clock is `ahead_s` before ours and gains `ppm`, and whose other answers a test writes down:
    path -> (status, body, more headers)."""

    def __init__(self, ahead_s=0.0, ppm=0.0, certificate=None):
        self.answers, self.seen, self.begin = {}, [], time.time()
        self.now = lambda: time.time() + ahead_s + (time.time() - self.begin) * ppm / 1e6
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.partition("?")[0]
                outer.seen.append((self.path, dict(self.headers)))
                default = (200, json.dumps({"serverTime": int(outer.now() * 1000)}), {}) if path == TIME else (404, "{}", {})
                status, body, headers = outer.answers.get(path, default)
                data = body.encode() if isinstance(body, str) else body
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # a client that does not trust it hangs up
        scheme = "http"
        if certificate:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Doctor:
    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.secret = self.folder / "secret"
        self.secret.write_text(SECRET)
        self.secret.chmod(0o600)
        self.key = ["--secret-file", str(self.secret), "--api-key", API_KEY]

    def run(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
        done = subprocess.run([self.program, "doctor", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, env=environment, cwd=self.folder, start_new_session=True)
        assert SECRET not in done.stdout + done.stderr
        assert "\x1b" not in done.stdout + done.stderr, "colours or control characters where no terminal is"
        return done

    def live(self, url, *words):
        return self.run("--live", "--url", url, *words)

    def report(self, code, url, *words):
        """The answer as JSON, after the exit code was looked at."""
        done = self.live(url, "--json", *words)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def cannot_tell(self, url, *sentences):
        """Exit code 3, no answer on standard output, and one sentence that says why."""
        done = self.live(url, "--json")
        assert done.returncode == 3, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == "", done.stdout
        told = [line for line in done.stderr.splitlines() if line.startswith("counterfoil:")]
        assert len(told) == 1, done.stderr
        for sentence in sentences:
            assert sentence in told[0], (sentence, told[0])


def ids(report, kind):
    return [finding["id"] for finding in report[kind]]


def clock_behind(doctor):
    with FakeServer(ahead_s=0.612) as server:
        report = doctor.report(0, server.url)
        clock = report["clock"]
        # The server reads its clock a moment before it answers, within the round trip; ours is the same clock.
        assert abs(clock["offset_ms"] - 612) <= clock["error_ms"] + 0.001, clock
        assert clock["probes"] == 8 and clock["failed_probes"] == 0, clock
        needed = clock["offset_ms"] + clock["error_ms"] + report["network"]["rtt_p95_ms"] + report["recv_window"]["margin_ms"]
        window = report["recv_window"]["smallest_safe_ms"]
        assert needed <= window < needed + 100 and window % 100 == 0, (needed, window)
        assert report["problems"] == [] and report["could_not_tell"] == [], report
        told = doctor.live(server.url, "--probes", "3")
        assert told.returncode == 0
        assert " behind the server (±" in told.stdout and "3 probes)" in told.stdout, told.stdout
        assert "smallest safe recvWindow" in told.stdout and "no problem found" in told.stdout, told.stdout


def clock_ahead(doctor):
    with FakeServer(ahead_s=-3) as server:
        assert ids(doctor.report(1, server.url), "problems") == ["clock_ahead_refused"]
        told = doctor.live(server.url)
        assert "ahead of the server" in told.stdout and "1 problem found" in told.stdout, told.stdout
        assert "timedatectl" in told.stderr, told.stderr


def clock_too_far_behind(doctor):
    with FakeServer(ahead_s=10) as server:
        report = doctor.report(1, server.url)
        assert ids(report, "problems") == ["window_too_short"], report
        assert report["recv_window"]["smallest_safe_ms"] > 10_000
    with FakeServer(ahead_s=3600) as server:
        report = doctor.report(1, server.url)
        assert ids(report, "problems") == ["clock_behind_refused"] and report["recv_window"]["smallest_safe_ms"] is None, report


def drift(doctor):
    with FakeServer(ahead_s=0.2, ppm=20_000) as server:
        report = doctor.report(0, server.url, "--watch", "10s")
        told = report["drift"]
        assert told["samples"] >= 4 and told["seen"], told
        assert 10_000 < told["ppm"] < 30_000, told
        assert 0 < told["refusals_begin_in_s"] < 600, told
        assert "clock_drifts" in ids(report, "warnings"), report


def no_answer(doctor):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    doctor.cannot_tell(f"http://127.0.0.1:{port}", f"127.0.0.1:{port}", "refused", "is --url right?")
    doctor.cannot_tell(f"https://127.0.0.1:{port}", "--ca-file")
    doctor.cannot_tell("http://no-such-host.invalid", "no-such-host.invalid")


def strange_answers(doctor):
    with FakeServer() as server:
        for answer, *sentences in [
                ((200, "garbage", {}), "is not a JSON object"),
                ((200, b"\x1b[2J\x00\xff", {}), "is not a JSON object"),
                ((200, '{"serverTime":"soon"}', {}), 'no whole number "serverTime"'),
                ((200, '{"serverTime":17}', {}), "not of this age"),
                ((200, '{"serverTime":1790000000000,"x":"' + "x" * 16_500 + '"}', {}), "larger than 16384 bytes"),
                ((200, "x" * 70_000, {}), "body limit exceeded"),
                ((404, "<html>", {}), "HTTP 404"),
                ((301, "", {"Location": "https://elsewhere.example/\xe9"}), "a redirect to", "elsewhere.example/?"),
                ((301, "", {"Location": "https://elsewhere.example/\x1b[31m"}), "bad value"),
                ((429, "{}", {}), "HTTP 429", "wait"),
                ((502, "", {}), "HTTP 502")]:
            server.answers[TIME] = answer
            server.seen.clear()
            doctor.cannot_tell(server.url, *sentences)
            assert len(server.seen) <= 2, "it goes on asking where that does not help"


def rights(doctor):
    with FakeServer() as server:
        server.answers[RIGHTS] = (200, json.dumps(FULL), {})
        report = doctor.report(0, server.url, *doctor.key)
        key = report["key"]
        assert key["accepted"] and key["permissions"] == ["USER_DATA", "USER_STREAM", "TRADE", "enableNewThing"], key
        assert key["ip_restricted"] is False and key["created"].startswith("2023-10-30T"), key
        assert ids(report, "warnings") == ["no_allow_list"], report
        path, headers = server.seen[-1]
        assert path.startswith(RIGHTS + "?recvWindow=") and "&timestamp=" in path and "&signature=" in path, path
        assert headers["X-MBX-APIKEY"] == API_KEY
        told = doctor.live(server.url, *doctor.key)
        assert "USER_DATA USER_STREAM TRADE enableNewThing; made 2023-10-30" in told.stdout, told.stdout
        assert "no problem found, 1 warning" in told.stdout, told.stdout


def stamped_with_the_servers_time(doctor):
    """A wrong clock here does not hide what the key may do."""
    with FakeServer(ahead_s=3600) as server:
        server.answers[RIGHTS] = (200, json.dumps(FULL | {"ipRestrict": True}), {})
        report = doctor.report(1, server.url, *doctor.key)
        assert report["key"]["accepted"] and ids(report, "problems") == ["clock_behind_refused"], report
        stamp = int(server.seen[-1][0].partition("timestamp=")[2].partition("&")[0])
        assert abs(stamp / 1000 - server.now()) < 30, stamp


def refusals(doctor):
    with FakeServer() as server:
        for answer, code, kind, name in [
                ((401, VENDOR_REFUSES), 1, "problems", "key_refused"),
                ((400, {"code": -1022, "msg": "Signature for this request is not valid."}), 1, "problems", "signature_wrong"),
                ((401, {"code": -2014, "msg": "API-key format invalid."}), 1, "problems", "api_key_malformed"),
                ((400, {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}), 1, "problems",
                 "timestamp_refused"),
                ((429, {"code": -1003, "msg": "Too many requests."}), 3, "could_not_tell", "limited"),
                ((503, {"code": -1001, "msg": "Internal error."}), 3, "could_not_tell", "server_fault"),
                ((403, "<html>blocked</html>"), 3, "could_not_tell", "blocked"),
                ((400, {"code": -9999, "msg": "\x1b[31mred"}), 3, "could_not_tell", "not_understood"),
                ((200, {"ipRestrict": "yes"}), 3, "could_not_tell", "not_understood"),
                ((200, {"ipRestrict": True, **{f"m{i}": True for i in range(200)}}), 3, "could_not_tell", "not_understood")]:
            status, body = answer
            server.answers[RIGHTS] = (status, body if isinstance(body, str) else json.dumps(body), {})
            report = doctor.report(code, server.url, "--probes", "3", *doctor.key)
            assert ids(report, kind) == [name] and not report["key"]["accepted"], (answer, report)
            assert all(finding["next"] for finding in report[kind]), report
            assert doctor.live(server.url, "--probes", "3", *doctor.key).returncode == code


def keys_of_another_environment(doctor):
    with FakeServer() as server, FakeServer(ahead_s=40) as other:
        server.answers[RIGHTS] = (401, json.dumps(VENDOR_REFUSES), {})
        asked = ["--probes", "3", *doctor.key, "--elsewhere", other.url]
        other.answers[RIGHTS] = (200, json.dumps(FULL), {})
        report = doctor.report(1, server.url, *asked)
        assert ids(report, "problems") == ["key_of_other_environment"] and not report["key"]["accepted"], report
        assert other.url in report["problems"][0]["text"] and other.url in report["problems"][0]["next"], report
        for status, code, words in [(401, -2015, "does not take it either"), (400, -1022, "knows this API key"),
                                    (503, -1001, "could not tell")]:
            other.answers[RIGHTS] = (status, json.dumps({"code": code, "msg": "no"}), {})
            report = doctor.report(1, server.url, *asked)
            assert ids(report, "problems") == ["key_refused"] and words in report["problems"][0]["text"], report
        other.answers[TIME] = (500, "{}", {})
        report = doctor.report(1, server.url, *asked)
        assert "elsewhere_no_answer" in ids(report, "warnings"), report
        server.answers[RIGHTS] = (200, json.dumps(FULL), {})
        other.seen.clear()
        doctor.report(0, server.url, *asked)
        assert not other.seen, "a key that is taken is shown to nobody else"


def servers_that_do_not_tell_rights(doctor):
    with FakeServer() as server:
        server.answers[ACCOUNT] = (200, "{}", {})
        report = doctor.report(0, server.url, *doctor.key)
        assert report["key"]["accepted"] and "permissions" not in report["key"], report
        assert ids(report, "warnings") == ["rights_not_told"], report
        server.answers[ACCOUNT] = (401, json.dumps(VENDOR_REFUSES), {})
        assert ids(doctor.report(1, server.url, *doctor.key), "problems") == ["key_refused"]
        del server.answers[ACCOUNT]
        assert ids(doctor.report(3, server.url, *doctor.key), "could_not_tell") == ["no_signed_route"]


def keys_that_are_not_sent(doctor):
    """What stands where the API key should be is a secret of ours, or mistyped: no server gets to see it."""
    made = doctor.made
    mistyped = made["api_key"][:-1] + ("a" if made["api_key"][-1] != "a" else "b")
    with FakeServer() as server:
        for text, name in [(made["secret"], "secret_for_api_key"), (mistyped, "api_key_mistyped"), ("a\r\nX-Evil: 1", "api_key_malformed")]:
            folder = doctor.folder / name
            folder.mkdir(mode=0o700)
            (folder / "key.json").write_text(json.dumps({"api_key": text, "type": "hmac-sha256", "label": "x"}))
            (folder / "secret").write_text(SECRET)
            (folder / "secret").chmod(0o600)
            server.seen.clear()
            report = doctor.report(1, server.url, "--key", str(folder))
            assert ids(report, "problems") == [name], report
            assert report["key"]["api_key"] == (text if name == "api_key_mistyped" else None), report
            assert all(path == TIME and "X-MBX-APIKEY" not in headers for path, headers in server.seen), server.seen
        shown = doctor.live(server.url, "--key", str(doctor.folder / "secret_for_api_key"))
        assert made["secret"][:8] not in shown.stdout + shown.stderr and made["secret"][-4:] not in shown.stdout + shown.stderr


def usage(doctor):
    with FakeServer() as server:
        for words in [["--url", server.url], ["--probes", "3"], ["--watch", "60s"], ["--ca-file", "x"], [],
                      ["--live", "--cases", "x"], ["--live", "--url", server.url, "--watch", "1s"],
                      ["--live", "--url", server.url, "--watch", "soon"], ["--live", "--url", server.url, "--probes", "2"],
                      ["--live", "--url", server.url, "--probes", "101"], ["--live", "--url", "ftp://x"],
                      ["--live", "--url", server.url + "/api"], ["--live", "--url", server.url, "--ca-file", "/nonexistent"],
                      ["--live", "--url", server.url.replace("http", "https"), "--ca-file", "/nonexistent"],
                      ["--live", "--url", server.url, "--secret-file", str(doctor.secret)],
                      ["--live", "--url", server.url, "--key", "/nonexistent"]]:
            done = doctor.run(*words)
            assert done.returncode == 2, (words, done.returncode, done.stderr)
            assert done.stderr.startswith("counterfoil: ") and done.stdout == "", (words, done.stderr)
        assert server.seen == [], "asked before the flags were understood"


def tls(doctor):
    certificate = doctor.folder / "certificate.pem"
    key = doctor.folder / "certificate.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
                    "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True,
                   capture_output=True, timeout=LIMIT_S)
    both = doctor.folder / "both.pem"
    both.write_text(certificate.read_text() + key.read_text())
    with FakeServer(ahead_s=0.612, certificate=both) as server:
        report = doctor.report(0, server.url, "--ca-file", str(certificate))
        assert abs(report["clock"]["offset_ms"] - 612) <= report["clock"]["error_ms"] + 0.001, report
        doctor.cannot_tell(server.url, "certificate", "--ca-file")
        doctor.cannot_tell(server.url.replace("127.0.0.1", "localhost"), "certificate")


class House:
    """A node with the venue behind it."""

    def __init__(self, program, folder):
        self.program, self.data = program, folder / "node" / "data"  # not where the doctor would look by itself
        self.data.parent.mkdir()
        gateway_process.init(program, self.data)
        self.venue = subprocess.Popen([program, "venue", "--json", "--listen", "127.0.0.1:0", "--proof-secret-file",
                                       str(self.data / "upstream-proof.secret"), "--balances", "USDT=1000"], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        url = json.loads(self.venue.stdout.readline())["venue"]
        self.gateway = gateway_process.Gateway(program, self.data, ("COUNTERFOIL_UPSTREAM_URL", url))
        self.gateway.wait_until_in_force()
        self.cli("accounts", "create", "desk")

    def cli(self, *words):
        done = subprocess.run([self.program, *words, "--json", "--admin-socket", self.gateway.admin_socket], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LIMIT_S, check=False, start_new_session=True)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def key(self, folder, kind, *words):
        return self.cli("keys", "create", "--account", "desk", "--label", folder.name, "--type", kind, "--out", str(folder), *words)

    def stop(self):
        assert self.gateway.stop() == 0
        self.venue.terminate()
        self.venue.wait(LIMIT_S)
        self.venue.stdout.close()


def real_node(doctor):
    house = doctor.house
    bot, reader, away = (doctor.folder / name for name in ("bot", "reader", "away"))
    house.key(bot, "ed25519", "--permissions", "USER_DATA,TRADE", "--ip", "127.0.0.1")
    house.key(reader, "rsa-sha256", "--permissions", "USER_DATA", "--ip", "any")
    house.key(away, "hmac-sha256", "--permissions", "USER_DATA", "--ip", "203.0.113.7")
    url = house.gateway.url

    report = doctor.report(0, url, "--key", str(bot))
    assert report["key"]["accepted"] and report["key"]["ip_restricted"], report
    assert report["key"]["permissions"] == ["USER_DATA", "USER_STREAM", "TRADE"], report
    assert report["key"]["fingerprint"].startswith("SHA256:") and report["key"]["form"] == "counterfoil", report
    assert abs(report["clock"]["offset_ms"]) <= report["clock"]["error_ms"] + 0.001, report
    assert report["warnings"] == [], report
    told = doctor.live(url, "--key", str(bot))
    assert "allowed by the key's IP allow-list" in told.stdout and "agrees with the server's" in told.stdout, told.stdout
    assert doctor.report(0, url, "--key", str(reader))["key"]["permissions"] == ["USER_DATA", "USER_STREAM"]

    # On the gateway's machine its node is asked, too.
    asked_too = ["--admin-socket", str(house.gateway.admin_socket)]
    report = doctor.report(0, url, "--key", str(bot), *asked_too)
    assert report["key"]["allow_list"] == ["127.0.0.1"] and report["key"]["expires_at"], report
    told = doctor.live(url, "--key", str(bot), *asked_too)
    assert "IP allow-list, 127.0.0.1\n" in told.stdout and "; expires in " in told.stdout, told.stdout
    house.cli("keys", "edit", "bot", "--expires", "3d")
    report = doctor.report(0, url, "--key", str(bot), *asked_too)
    assert ids(report, "warnings") == ["key_expires"], report

    # From elsewhere than its allow-list says; nobody but the node itself tells which of the causes it is.
    report = doctor.report(1, url, "--key", str(away))
    assert ids(report, "problems") == ["key_refused"] and report["key"]["request_id"], report
    assert "refusal" not in report["key"] and "counterfoil refusals show" in report["problems"][0]["next"], report
    assert doctor.report(1, url, "--key", str(away), *asked_too)["key"]["refusal"]["reason"] == "address_not_allowed"
    told = doctor.live(url, "--key", str(away), *asked_too)
    assert "address_not_allowed" in told.stdout, (told.stdout, told.stderr)

    # The secret of another API key.
    other = house.cli("keys", "create", "--account", "desk", "--type", "hmac-sha256", "--ip", "any")
    report = doctor.report(1, url, "--secret-file", str(away / "secret"), "--api-key", other["api_key"], *asked_too)
    assert ids(report, "problems") == ["signature_wrong"] and report["key"]["refusal"]["reason"] == "signature_wrong", report

    house.cli("keys", "revoke", "bot", "--yes")
    report = doctor.report(1, url, "--key", str(bot), *asked_too)
    assert ids(report, "problems") == ["key_refused"] and report["key"]["refusal"]["reason"] == "api_key_revoked", report


CASES = (clock_behind, clock_ahead, clock_too_far_behind, drift, no_answer, strange_answers, rights, stamped_with_the_servers_time,
         refusals, keys_of_another_environment, servers_that_do_not_tell_rights, keys_that_are_not_sent, usage, tls, real_node)


def main():
    failures = 0
    with tempfile.TemporaryDirectory(prefix="counterfoil-doctor-") as name:
        folder = pathlib.Path(name).resolve()
        doctor = Doctor(sys.argv[1], folder)
        doctor.house = House(sys.argv[1], folder)
        doctor.made = doctor.house.cli("keys", "create", "--account", "desk", "--type", "hmac-sha256", "--ip", "any")
        for case in CASES:
            if sys.argv[2:] and case.__name__ not in sys.argv[2:]:
                continue
            try:
                case(doctor)
                print("ok    ", case.__name__, flush=True)
            except (AssertionError, RuntimeError, json.JSONDecodeError, subprocess.SubprocessError) as failure:
                failures += 1
                print("FAILED", case.__name__, repr(failure), flush=True)
        doctor.house.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
