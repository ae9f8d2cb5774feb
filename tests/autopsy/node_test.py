#!/usr/bin/env python3
"""A running node says why it refused: node_test.py PROGRAM

Requests with mistakes go to its REST door; their findings come from the management API and the command line."""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "security"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import gateway_process  # noqa: E402
import raw_http  # noqa: E402
import testbed  # noqa: E402

PROGRAM = None
WAIT_S = 60  # for a thread that gives way to the event loops; it takes a fraction of a second


class Node(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bed = testbed.Testbed(PROGRAM)
        cls.gateway = cls.bed.gateway
        made = cls.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "label": "bot",
                                                         "permissions": ["USER_DATA", "TRADE"], "allow_list": ["127.0.0.0/8"]})
        cls.key, cls.secret = made["api_key"], made["secret"]

    @classmethod
    def tearDownClass(cls):
        cls.bed.__exit__(None, None, None)

    def sign(self, text, secret=None):
        return hmac.new((secret or self.secret).encode(), text.encode(), hashlib.sha256).hexdigest()

    def refused(self, method, target, key=None, body=None, **headers):
        """Sends one request, which is refused, and gives its id."""
        fields = [f"{name}: {value}" for name, value in ({"X-MBX-APIKEY": key or self.key} | headers).items()]
        with raw_http.Connection(self.bed.address) as connection:
            connection.send(raw_http.request(method, target.encode().decode("latin-1"), *fields, body=(body or "").encode()))
            answer = connection.answer()
        self.assertGreaterEqual(answer.status, 400, answer)
        return answer.field("x-counterfoil-request-id")

    def findings(self, request_id):
        deadline = time.monotonic() + WAIT_S
        while True:
            status, refusal = self.gateway.call("GET", f"/api/v1/refusals/{request_id}")
            if status == 200 and refusal["findings"] is not None:
                return refusal
            self.assertLess(time.monotonic(), deadline, f"no findings of {request_id}: {status} {refusal}")
            time.sleep(0.05)

    def causes(self, request_id):
        return [finding["id"] for finding in self.findings(request_id)["findings"]]

    def stamp(self, ahead_ms=0):
        return f"timestamp={time.time_ns() // 1_000_000 + ahead_ms}"

    def run_cli(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments, "--admin-socket", self.gateway.admin_socket], capture_output=True, text=True)
        self.assertNotIn(self.secret, done.stdout + done.stderr)
        return done

    def test_names_the_mistake_with_its_proof(self):
        text = f"symbol=BTCUSDT&newClientOrderId=caf\u00e9&{self.stamp()}"
        sent = text.replace("\u00e9", urllib.parse.quote("\u00e9"))
        refusal = self.findings(self.refused("POST", f"/api/v3/order?{sent}&signature={self.sign(text)}"))
        self.assertEqual([finding["id"] for finding in refusal["findings"]], ["payload-not-percent-encoded"])
        self.assertEqual(refusal["account"], "desk")
        for side, whole, part in (("verified", sent, "%C3%A9"), ("signed", text, "\u00e9")):
            proof = refusal["proof"][side]
            self.assertEqual(proof["text"], whole)
            self.assertEqual(whole[slice(*proof["differs"])], part)
        shown = json.dumps(refusal)
        self.assertNotIn(self.secret, shown)
        self.assertNotIn(self.sign(sent), shown)

    def test_what_the_signature_does_not_tell(self):
        ahead = self.stamp(5_000)
        self.assertEqual(self.causes(self.refused("GET", f"/api/v3/account?{ahead}&signature={self.sign(ahead)}")), ["clock-ahead"])
        made = self.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "label": "reader",
                                                          "permissions": ["USER_DATA"], "allow_list": ["127.0.0.0/8"]})
        now = f"symbol=BTCUSDT&{self.stamp()}"
        request_id = self.refused("POST", f"/api/v3/order?{now}&signature={self.sign(now, made['secret'])}", key=made["api_key"])
        self.assertEqual(self.causes(request_id), ["permission-missing"])

    def test_a_body_is_part_of_what_was_sent(self):
        body = f"symbol=BTCUSDT&{self.stamp()}"
        path = "/api/v3/order?recvWindow=5000"
        wrong = self.sign(body + "recvWindow=5000")
        request_id = self.refused("POST", path, body=f"{body}&signature={wrong}",
                                  **{"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(self.causes(request_id), ["body-before-query"])

    def test_a_secret_sent_as_the_api_key_is_found_and_nowhere_shown(self):
        stamp = self.stamp()
        request_id = self.refused("GET", f"/api/v3/account?{stamp}&signature={self.sign(stamp, self.key)}", key=self.secret)
        refusal = self.findings(request_id)
        self.assertEqual([finding["id"] for finding in refusal["findings"]], ["key-and-secret-swapped"])
        self.assertNotIn(self.secret, json.dumps(refusal))
        self.assertNotIn(self.secret, json.dumps(self.gateway.must("GET", "/api/v1/refusals")))

    def test_the_command_line_tells_it(self):
        text = self.stamp()
        request_id = self.refused("GET", f"/api/v3/account?{text}&signature={self.sign('?' + text)}")
        self.findings(request_id)
        shown = self.run_cli("refusals", "show", request_id, "--language", "Python")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("[question-mark-in-payload]", shown.stdout)
        self.assertIn("we verified", shown.stdout)
        self.assertIn("[?]timestamp=", shown.stdout)
        self.assertIn("      > ", shown.stdout)
        listed = self.run_cli("refusals", "list", "--key", "bot", "--json")
        self.assertIn(request_id, [item["request_id"] for item in json.loads(listed.stdout)])

    def test_keys_fix_tells_what_is_wrong_now_worst_first(self):
        made = self.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "label": "broken",
                                                          "permissions": ["USER_DATA"], "allow_list": ["127.0.0.0/8"]})
        key, secret = made["api_key"], made["secret"]
        self.assertEqual(self.run_cli("keys", "fix", "broken").returncode, 0)  # a warning: never used
        for _ in range(2):
            text = self.stamp()
            last = self.refused("GET", f"/api/v3/account?{text}&signature={self.sign(text + chr(10), secret)}", key=key)
            self.findings(last)
        text = self.stamp()
        self.findings(self.refused("GET", f"/api/v3/account?{text}&signature={self.sign(text, key)}", key=secret))
        answer = self.run_cli("keys", "fix", "broken", "--json")
        self.assertEqual(answer.returncode, 1)
        troubles = json.loads(answer.stdout)["troubles"]
        self.assertEqual([trouble["id"] for trouble in troubles], ["key-and-secret-swapped", "trailing-newline-in-payload", "never-used"])
        self.assertEqual(troubles[0]["rank"], "compromised")
        self.assertEqual((troubles[1]["count"], troubles[1]["last_request_id"]), (2, last))
        self.assertIn("2 times since", self.run_cli("keys", "fix", "broken").stdout)

    def test_keys_fix_takes_a_right_signature_from_elsewhere_for_a_theft(self):
        made = self.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "label": "stolen",
                                                          "permissions": ["USER_DATA"], "allow_list": ["192.0.2.7"]})
        key, secret = made["api_key"], made["secret"]
        text = self.stamp()
        self.refused("GET", f"/api/v3/account?{text}&signature={self.sign(text, secret)}", key=key)
        deadline = time.monotonic() + WAIT_S
        troubles = []
        while not troubles or troubles[0]["rank"] != "possible_theft":
            self.assertLess(time.monotonic(), deadline, troubles)
            troubles = json.loads(self.run_cli("keys", "fix", "stolen", "--json").stdout)["troubles"]
        self.assertIn("127.0.0.1", troubles[0]["title"])
        self.assertEqual([remedy["id"] for remedy in troubles[0]["remedies"]], ["suspend", "allow_address:127.0.0.1", "rotate"])
        shown = self.run_cli("keys", "fix", "stolen").stdout
        self.assertIn("1. \u203c Possible theft. ", shown)
        self.assertIn("[2] Put 127.0.0.1 on the IP allow-list.  Risk: ", shown)
        asked = self.run_cli("keys", "fix", "stolen", "--apply", "2", "--no-input")
        self.assertEqual(asked.returncode, 2, asked.stderr)  # nobody there to say yes
        self.assertEqual(self.run_cli("keys", "fix", "stolen", "--apply", "9").returncode, 2)
        self.assertEqual(self.run_cli("keys", "fix", "stolen", "--apply", "suspend").returncode, 0)
        self.assertEqual(self.gateway.must("GET", f"/api/v1/keys/{key}")["state"], "suspended")

    def test_keys_fix_waits_for_the_next_request(self):
        made = self.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "label": "mended",
                                                          "permissions": ["USER_DATA"], "allow_list": ["192.0.2.7"]})
        key, secret = made["api_key"], made["secret"]
        text = self.stamp()
        self.findings(self.refused("GET", f"/api/v3/account?{text}&signature={self.sign(text, secret)}", key=key))
        arguments = [PROGRAM, "keys", "fix", "mended", "--apply", "allow_address:127.0.0.1", "--yes", "--wait",
                     "--admin-socket", self.gateway.admin_socket]
        waiting = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + WAIT_S
        while waiting.poll() is None:  # until one comes after the command has begun to wait
            self.assertLess(time.monotonic(), deadline)
            if self.gateway.must("GET", f"/api/v1/keys/{key}")["allow_list"] != ["192.0.2.7"]:
                text = self.stamp()
                with raw_http.Connection(self.bed.address) as connection:
                    connection.send(raw_http.request("GET", f"/api/v3/account?{text}&signature={self.sign(text, secret)}",
                                                     f"X-MBX-APIKEY: {key}"))
                    connection.answer()
            time.sleep(0.2)
        out, said = waiting.communicate()
        self.assertEqual(waiting.returncode, 0, out + said)
        self.assertIn("Fixed: the next request was accepted, from 127.0.0.1", out + said)


class OtherNames(unittest.TestCase):
    """The same at a gateway whose profile has names of its own for all that is signed."""

    NAMES = """api_key_header = "X-Weather-Key"
signature_parameter = "sig"
timestamp_parameter = "at"
recv_window_parameter = "good_for"
"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="counterfoil-names-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        shipped = pathlib.Path(__file__).resolve().parents[2] / "profiles" / "weather.toml"
        self.profile = self.folder / "weather.toml"
        self.profile.write_text(shipped.read_text(encoding="utf-8").replace('api_key_header = "X-Weather-Key"\n', self.NAMES), encoding="utf-8")
        gateway_process.init(PROGRAM, self.folder / "data")
        self.gateway = gateway_process.Gateway(PROGRAM, self.folder / "data", ("COUNTERFOIL_PROFILE_FILE", str(self.profile)))
        self.addCleanup(self.gateway.stop)
        self.gateway.wait_until_in_force()
        self.gateway.must("POST", "/api/v1/accounts", {"id": "desk"})
        made = self.gateway.must("POST", "/api/v1/keys", {"account": "desk", "type": "hmac-sha256", "permissions": ["FORECASTS"],
                                                          "allow_list": ["any"]})
        self.key, self.secret = made["api_key"], made["secret"]

    def sign(self, text):
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def causes(self, target):
        host, port = self.gateway.url.removeprefix("http://").rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=WAIT_S)
        connection.request("GET", target, headers={"X-Weather-Key": self.key})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        self.assertIn(answer.status, range(400, 500))
        deadline = time.monotonic() + WAIT_S
        while True:
            status, refusal = self.gateway.call("GET", f"/api/v1/refusals/{answer.getheader('x-counterfoil-request-id')}")
            if status == 200 and refusal["findings"] is not None:
                return [finding["id"] for finding in refusal["findings"]]
            self.assertLess(time.monotonic(), deadline, f"no findings: {status} {refusal}")
            time.sleep(0.05)

    def test_names_the_mistake(self):
        now = f"at={time.time_ns() // 1_000_000}"
        self.assertEqual(self.gateway.request("GET", f"/v1/forecasts/oslo?days=3&{now}&sig={self.sign(f'days=3&{now}')}",
                                              {"X-Weather-Key": self.key})[0], gateway_process.UPSTREAM_DOWN)
        wrong = self.sign(f"{now}&days=4")
        self.assertEqual(self.causes(f"/v1/forecasts/oslo?days=4&{now}&sig={wrong}"), ["param-order-mismatch"])
        late = f"days=5&good_for=1000&at={time.time_ns() // 1_000_000 - 30_000}"
        self.assertEqual(self.causes(f"/v1/forecasts/oslo?{late}&sig={self.sign(late)}"), ["clock-behind"])

    def test_the_doctor_goes_by_the_profile(self):
        secret = self.folder / "secret"
        secret.write_text(self.secret, encoding="ascii")
        secret.chmod(0o600)
        now = f"at={time.time_ns() // 1_000_000}"
        pasted = f"curl -H 'X-Weather-Key: {self.key}' '{self.gateway.url}/v1/forecasts/oslo?days=3&{now}&sig={self.sign(f'?days=3&{now}')}'"
        done = subprocess.run([PROGRAM, "doctor", "-", "--secret-file", secret, "--api-key", self.key, "--json"], input=pasted,
                              capture_output=True, text=True, check=False, env=os.environ | {"COUNTERFOIL_PROFILE_FILE": str(self.profile)})
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("question-mark-in-payload", done.stdout)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    unittest.main(argv=sys.argv[:1], verbosity=2)
