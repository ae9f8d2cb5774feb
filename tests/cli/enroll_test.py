#!/usr/bin/env python3
"""A one-time link, used in the terminal of whoever got it.  enroll_test.py PROGRAM

Links are prepared on the running node (`keys enroll`) and used as their bearer would, who has no account there and reaches
the console's address alone. What is printed is compared whole, but for the parts that are new each time.
"""

import http.server
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import tempfile
import threading

import gateway_process

LIMIT_S = 60
TYPES = ("ed25519", "rsa-sha256")


class House:
    def __init__(self, program, folder):
        self.program, self.folder, self.data = program, folder, folder / "data"
        gateway_process.init(program, self.data)
        self.gateway = gateway_process.Gateway(program, self.data, ("COUNTERFOIL_CONSOLE_LISTEN", "127.0.0.1:0"))
        self.gateway.wait_until_in_force()
        self.cli("accounts", "create", "demo")

    def run(self, *words, text=""):
        """As the bearer runs it: in a folder without a configuration, with no admin socket."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
        return subprocess.run([self.program, *words], input=text, capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              cwd=self.folder, env=environment, start_new_session=True)

    def cli(self, *words):
        done = self.run(*words, "--json", "--admin-socket", self.gateway.admin_socket)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def link(self, kind, label="bot"):
        made = self.cli("keys", "enroll", "--account", "demo", "--label", label, "--type", kind, "--permit", "USER_DATA,TRADE",
                        "--ip", "127.0.0.1", "--expires", "2099-01-01")
        return made["url"]

    def plain(self, text):
        """What was printed, with a name in place of what is new each time."""
        text = text.replace(self.gateway.url, "GATEWAY")
        text = re.sub(r"cfk1[A-Za-z0-9]{60}", "API-KEY", text)
        text = re.sub(r"cfs1[A-Za-z0-9]{60}", "SECRET", text)
        text = re.sub(r"\(in [^)]*\)", "(in TIME)", text)
        return re.sub(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "INSTANT", text)


def makes_the_pair_here(house):
    for kind in TYPES:
        link = house.link(kind)
        done = house.run("enroll", "-", "--out", f"./{kind}", "--rsa-bits", "2048", text=link + "\n")
        assert done.returncode == 0, done
        assert house.plain(done.stdout) == (
            "API key       API-KEY\n"
            "Label         bot\n"
            "Account       demo\n"
            f"Type          {kind}\n"
            "Permissions   USER_DATA TRADE\n"
            "Addresses     127.0.0.1\n"
            "Expires       INSTANT (in TIME)\n"), done.stdout
        assert house.plain(done.stderr) == (
            f"✓ ./{kind}/key.pem (0600)\n"
            f"→ counterfoil sign --key ./{kind} --url GATEWAY GET /api/v3/account | sh\n"), done.stderr
        made = house.folder / kind
        assert stat.S_IMODE(made.stat().st_mode) == 0o700 and stat.S_IMODE((made / "key.pem").stat().st_mode) == 0o600
        facts = json.loads((made / "key.json").read_text(encoding="utf-8"))
        assert done.stdout.split()[2] == facts["api_key"], facts
        assert house.cli("keys", "show", facts["api_key"])["type"] == kind
        assert (made / "key.pem").read_text(encoding="ascii").startswith("-----BEGIN PRIVATE KEY-----")
        # What it says to do next works: the request is signed, and accepted as far as the upstream that is not there.
        signed = house.run(*done.stderr.splitlines()[1].removeprefix("→ counterfoil ").removesuffix(" | sh").split(), "--json")
        target = json.loads(signed.stdout)["target"]
        assert house.gateway.request("GET", target, {"X-MBX-APIKEY": facts["api_key"]})[0] == gateway_process.UPSTREAM_DOWN
        again = house.run("enroll", "-", "--out", "./again", text=link)
        assert again.returncode == 4 and "serves once" in again.stderr and not (house.folder / "again").exists(), again


def shows_an_hmac_secret_once(house):
    done = house.run("enroll", "-", "--json", text=house.link("hmac-sha256"))
    made = json.loads(done.stdout)
    assert made["secret"].startswith("cfs1") and made["gateway_url"] == house.gateway.url, made
    assert house.gateway.accepts(made["api_key"], made["secret"])
    into = house.run("enroll", "-", "--json", "--out", "./hmac", text=house.link("hmac-sha256"))
    facts = json.loads(into.stdout)
    secret = (house.folder / "hmac" / "secret").read_text(encoding="ascii")
    assert "secret" not in facts and facts["secret_file"] == "./hmac/secret" and secret not in into.stdout + into.stderr, into
    assert house.gateway.accepts(facts["api_key"], secret)


def shows_first_and_makes_nothing(house):
    file = house.folder / "link.txt"
    file.write_text(house.link("ed25519") + "\n", encoding="ascii")
    file.chmod(0o600)
    done = house.run("enroll", "link.txt", "--dry-run")
    assert done.returncode == 0 and done.stdout.startswith("Label         bot\n") and "nothing was made" in done.stderr, done
    nowhere = house.run("enroll", "link.txt")
    assert nowhere.returncode == 2 and "--out" in nowhere.stderr and "link was not used" in nowhere.stderr, nowhere
    (house.folder / "full").mkdir(mode=0o700)
    (house.folder / "full" / "key.pem").write_text("mine", encoding="ascii")
    over = house.run("enroll", "link.txt", "--out", "full")
    assert over.returncode == 2 and "never overwritten" in over.stderr, over
    assert (house.folder / "full" / "key.pem").read_text(encoding="ascii") == "mine"
    first = house.folder / "ed25519" / "key.pem"
    used = house.run("enroll", "link.txt", "--private-key-file", str(first))
    assert used.returncode == 1 and "cannot be registered" in used.stderr, used  # it is another API key's
    file.chmod(0o644)
    seen = house.run("enroll", "link.txt", "--out", "seen")
    assert seen.returncode == 2 and "others may read" in seen.stderr, seen


def takes_no_link_as_an_argument(house):
    link = house.link("ed25519")
    done = house.run("enroll", link, "--out", "argument")
    assert done.returncode == 2 and "standard input" in done.stderr, done
    assert link.split("#")[1] not in done.stdout + done.stderr
    wrong = house.run("enroll", "-", "--out", "wrong", text=link.replace("/enroll", "/reset"))
    assert wrong.returncode == 2 and link[-20:] not in wrong.stdout + wrong.stderr, wrong


class Hostile(http.server.BaseHTTPRequestHandler):
    """A console that wants an order signed, and then goes silent."""

    text = ""

    def do_POST(self):  # pylint: disable=invalid-name
        self.rfile.read(int(self.headers["Content-Length"]))
        answers = {"/api/v1/enrolment": {"account": "demo", "label": "", "type": "ed25519", "permissions": [], "allow_list": ["any"],
                                         "symbols": [], "expires_at": None, "never_expires": True, "ends_at": "soon"},
                   "/api/v1/enrolment/challenge": {"nonce": "n", "text": Hostile.text}}
        answer = json.dumps(answers.get(self.path, {"odd": True})).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def signs_nothing_but_a_challenge(house):
    server = http.server.HTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    link = f"http://127.0.0.1:{server.server_port}/enroll#e={'k' * 43}"
    Hostile.text = "symbol=BTCUSDT&side=BUY&timestamp=1"
    done = house.run("enroll", "-", "--private-key-file", "ed25519/key.pem", text=link)
    server.shutdown()
    assert done.returncode == 3 and "was not signed" in done.stderr, done


def keeps_no_token(house):
    log = (house.folder / "serve.log").read_text(encoding="utf-8")
    assert "#e=" not in log and "cfs1" not in log


def main():
    with tempfile.TemporaryDirectory(prefix="counterfoil-enroll-") as folder:
        house = House(sys.argv[1], pathlib.Path(folder).resolve())
        try:
            for step in (makes_the_pair_here, shows_an_hmac_secret_once, shows_first_and_makes_nothing, takes_no_link_as_an_argument,
                         signs_nothing_but_a_challenge, keeps_no_token):
                step(house)
                print(f"{step.__name__}: as told")
        finally:
            code = house.gateway.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
