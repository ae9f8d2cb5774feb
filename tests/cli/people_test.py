#!/usr/bin/env python3
"""Who signs in, as whoever administers the machine looks after them: set-up and reset links.  people_test.py PROGRAM

Plays the browser as well: the first owner is set up with a link that was made on the running node, their password is
reset with another one, and the API keys that may act are held for a day (control S-59).
"""

import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

import gateway_process

LIMIT_S = 60
EMAIL = "ann@example.com"
OLD, NEW = "tangerine kettle fox", "lantern gravel orbit"


def totp(secret):
    mac = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class Browser:
    """A browser with our page in it, as far as the node can tell."""

    def __init__(self, origin):
        self.origin, self.cookies, self.csrf = origin, {}, ""

    def call(self, method, path, body=None):
        at = urllib.parse.urlsplit(self.origin)
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=LIMIT_S)
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json",
                   "X-Counterfoil-CSRF": self.csrf, "Cookie": "; ".join(f"{name}={text}" for name, text in self.cookies.items())}
        connection.request(method, f"/api/v1{path}", None if method == "GET" else json.dumps(body or {}), headers)
        response = connection.getresponse()
        for name, text in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, value = text.split(";", 1)[0].partition("=")
                self.cookies[key] = value
            elif name.lower() == "x-counterfoil-csrf":
                self.csrf = text
        answer = json.loads(response.read() or b"null")
        connection.close()
        return response.status, answer

    def must(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        assert status in (200, 201, 204), (method, path, status, answer)
        return answer


class House:
    def __init__(self, program, folder):
        self.program, self.data = program, folder / "data"
        gateway_process.init(program, self.data)
        self.gateway = gateway_process.Gateway(program, self.data, ("COUNTERFOIL_CONSOLE_LISTEN", "127.0.0.1:0"),
                                               ("COUNTERFOIL_POLICIES_PASSWORD_RESET", "enforce"))
        self.gateway.wait_until_in_force()
        self.ann = Browser(self.gateway.console)
        self.secrets = [OLD, NEW]
        self.codes = []

    def run(self, *words):
        return subprocess.run([self.program, *words, "--admin-socket", self.gateway.admin_socket], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LIMIT_S, check=False, start_new_session=True)

    def cli(self, *words):
        done = self.run(*words, "--json")
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def token(self, url):
        self.secrets.append(url.rsplit("=", 1)[1])
        return self.secrets[-1]


def sets_up_the_first_owner(house):
    listed = house.run("people", "list")
    assert listed.returncode == 0 and "counterfoil people setup-link" in listed.stderr, listed
    first = (house.data / "setup-url").read_text(encoding="ascii").strip()
    made = house.cli("people", "setup-link")
    assert made["url"].startswith(f"{house.gateway.console}/setup#t="), made
    assert (house.data / "setup-url").read_text(encoding="ascii").strip() == made["url"]
    wanted = {"name": "Ann", "email": EMAIL, "password": OLD}
    status, answer = house.ann.call("POST", "/setup", wanted | {"token": house.token(first)})
    assert (status, answer["reason"]) == (403, "enrolment_closed"), answer
    begun = house.ann.must("POST", "/setup", wanted | {"token": house.token(made["url"])})
    house.ann.csrf = begun["enrolment"]["csrf"]
    secret = house.ann.must("POST", "/me/totp")["secret_base32"]
    house.secrets.append(secret)
    house.ann.must("POST", "/me/totp/confirm", {"code": totp(secret)})
    house.codes = house.ann.must("POST", "/me/recovery-codes")["codes"]
    house.secrets += house.codes
    again = house.run("people", "setup-link")
    assert again.returncode == 1 and "set up" in again.stderr, again
    people = house.cli("people", "list")["items"]
    assert [(one["email"], one["state"], one["account"]) for one in people] == [(EMAIL, "active", "main")], people


def makes_a_key_that_trades(house):
    words = ["keys", "create", "--account", "main", "--type", "hmac-sha256", "--permissions", "USER_DATA,TRADE", "--ip", "127.0.0.1"]
    house.words = words
    house.key = house.cli(*words)
    house.secrets.append(house.key["secret"])
    assert house.cli("keys", "show", house.key["api_key"])["notice"] is None


def offers_the_only_owner_a_reset(house):
    assert house.run("people", "reset-link", "nobody@example.com").returncode == 1
    made = house.run("people", "reset-link", EMAIL)
    assert made.returncode == 0 and "second factor" in made.stderr, made
    house.reset = house.token(made.stdout.strip())
    assert made.stdout.startswith(f"{house.gateway.console}/reset#r="), made.stdout
    assert house.ann.call("GET", "/session")[0] == 401, "their sessions have ended"


def resets_the_password_with_the_second_factor(house):
    stranger = Browser(house.gateway.console)
    body = {"token": house.reset, "password": NEW}
    for wrong in (body | {"recovery_code": "AAAA-AAAA-AAAA-AAAA"}, body | {"token": "A" * 43, "recovery_code": house.codes[0]}):
        status, answer = stranger.call("POST", "/password-reset", wrong)
        assert (status, answer["reason"]) == (401, "reset_failed"), answer
    done = stranger.must("POST", "/password-reset", body | {"recovery_code": house.codes.pop()})
    assert done["keys_held_until"] is not None, done
    status, answer = stranger.call("POST", "/password-reset", body | {"recovery_code": house.codes.pop()})
    assert (status, answer["reason"]) == (401, "reset_failed"), answer


def holds_what_may_act(house):
    deadline = time.monotonic() + LIMIT_S
    while not (notice := house.cli("keys", "show", house.key["api_key"])["notice"]):
        assert time.monotonic() < deadline, "the hold did not come"
        time.sleep(0.05)
    assert notice["policy"] == "password_reset" and notice["restricted_since"], notice
    assert notice["ends_at"][:10] > notice["since"][:10], notice  # a day later
    house.cli("keys", "edit", house.key["api_key"], "--label", "mine")
    assert house.cli("keys", "show", house.key["api_key"])["notice"] == notice, "no edit lifts it"
    refused = house.run(*house.words)
    assert refused.returncode != 0 and "was reset" in refused.stderr, refused
    reads = house.cli("keys", "create", "--account", "main", "--type", "hmac-sha256", "--permissions", "USER_DATA", "--ip", "any")
    house.secrets.append(reads["secret"])


def tells_the_person(house):
    ann = house.ann = Browser(house.gateway.console)
    body = {"email": EMAIL, "recovery_code": house.codes.pop()}
    assert ann.call("POST", "/session", body | {"password": OLD})[0] == 401
    session = ann.must("POST", "/session", body | {"password": NEW, "recovery_code": house.codes.pop()})
    assert session["keys_held_until"], session
    page = ann.must("GET", "/me/notices")
    what = [notice["what"] for notice in page["items"]]
    for told in ("password.reset", "password.offer_reset", "key.policy_restrict"):
        assert told in what, what
    ann.csrf = session["csrf"]
    ann.must("POST", "/me/notices/seen")
    assert ann.must("GET", "/me/notices")["unseen"] == 0


def has_nothing_to_unlink(house):
    assert house.cli("people", "list")["items"][0]["identities"] == []
    done = house.run("people", "unlink", EMAIL)
    assert done.returncode == 1 and "linked no account" in done.stderr, done
    assert house.run("people", "unlink", "nobody@example.com").returncode == 1


def disables_and_enables(house):
    assert house.cli("people", "disable", EMAIL, "--cause", "a test")["state"] == "disabled"
    assert house.ann.call("GET", "/session")[0] == 401
    assert house.run("people", "disable", EMAIL).returncode == 1
    assert house.cli("people", "enable", EMAIL)["state"] == "active"


def keeps_no_secret(house):
    exported = house.data.parent / "audit.ndjson"
    assert house.run("audit", "export", "-o", exported).returncode == 0
    log = (house.data.parent / "serve.log").read_text(encoding="utf-8")
    for secret in house.secrets:
        assert secret not in exported.read_text(encoding="utf-8") and secret not in log, "a secret was written down"


def main():
    with tempfile.TemporaryDirectory(prefix="counterfoil-people-") as folder:
        house = House(sys.argv[1], pathlib.Path(folder).resolve())
        try:
            for step in (sets_up_the_first_owner, makes_a_key_that_trades, offers_the_only_owner_a_reset,
                         resets_the_password_with_the_second_factor, holds_what_may_act, tells_the_person, has_nothing_to_unlink, disables_and_enables,
                         keeps_no_secret):
                step(house)
                print(f"{step.__name__}: as told")
        finally:
            code = house.gateway.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
