"""Webhooks of a running node, as their receivers see them: signed, told again, and never in the way of anything else.

    webhook_test.py PROGRAM

The verifier is the one of docs/webhooks.md, as it stands there.
"""

import collections
import datetime
import http.server
import json
import pathlib
import re
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "security"))
from cases import Report  # noqa: E402
from testbed import gateway_process  # noqa: E402

PATIENCE_S = 60
EXPIRES_S = 2
QUEUED = 200  # events for the receiver that hangs; src/authority/webhooks_test.cc fills a whole queue
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
VECTOR = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
          {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
           "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
          b'{"test": 2432232314}')

Told = collections.namedtuple("Told", "headers body path")


def documented_verifier():
    names = {}
    exec(re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL).group(1), names)  # noqa: S102
    return names["verify"]


class Receiver:
    """Answers with what `answers` holds, the last of it again and again; HANGS: not at all."""

    HANGS = None

    def __init__(self, *answers):
        self.answers, self.told, self.changed = list(answers), [], threading.Condition()
        self.over = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.changed:
                    receiver.told.append(Told({name.lower(): value for name, value in self.headers.items()}, body, self.path))
                    answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                    receiver.changed.notify_all()
                if answer is Receiver.HANGS:
                    receiver.over.wait(PATIENCE_S)
                    return
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "9")
                self.end_headers()
                self.wfile.write(b"not shown")

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/in"

    def wait(self, count, wanted=lambda told: True):
        """The deliveries that are wanted, once there are `count`; fewer: patience is at an end."""
        with self.changed:
            self.changed.wait_for(lambda: sum(map(wanted, self.told)) >= count, PATIENCE_S)
            return [told for told in self.told if wanted(told)]

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


def type_of(told):
    return json.loads(told.body)["type"]


class Node:
    def __init__(self, program, folder, receivers):
        data = folder / "data"
        gateway_process.init(program, data)
        self.gateway = gateway_process.Gateway(
            program, data, ("COUNTERFOIL_WEBHOOKS_NETWORKS", "127.0.0.1"), ("COUNTERFOIL_LIMITS_ENABLED", "false"),
            ("COUNTERFOIL_WEBHOOKS_PORTS", ",".join(str(receiver.port) for receiver in receivers)))
        self.gateway.wait_until_in_force()
        for account in ("desk", "other"):
            self.gateway.must("POST", "/api/v1/accounts", {"id": account, "name": account})

    def key(self, account="desk", **members):
        made = self.gateway.must("POST", "/api/v1/keys", {"account": account, "type": "hmac-sha256", **members})
        return made["api_key"], made["secret"]

    def revoke(self, key):
        self.gateway.must("POST", f"/api/v1/keys/{key}/revoke", {"cause": "a test"})

    def webhook(self, url, *events, account="desk"):
        return self.gateway.must("POST", "/api/v1/webhooks", {"account": account, "url": url, "events": list(events)})

    def deliveries(self, webhook):
        return self.gateway.must("GET", f"/api/v1/webhooks/{webhook['id']}/deliveries")["items"]

    def settled(self, webhook, state):
        """The deliveries once the newest is in `state`."""
        deadline = time.monotonic() + PATIENCE_S
        while not (items := self.deliveries(webhook)) or items[0]["state"] != state:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        return items

    def stopped(self, webhook, account):
        """The webhook once it is stopped, which is written down a moment after its delivery."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            listed = self.gateway.must("GET", f"/api/v1/webhooks?account={account}")["items"]
            state = next(one for one in listed if one["id"] == webhook["id"])
            if state["state"] == "stopped" or time.monotonic() > deadline:
                return state
            time.sleep(0.05)


def unless(is_right, fault):
    return [] if is_right else [fault]


def told_of_a_revocation(node, report, receiver, verify):
    webhook = node.webhook(receiver.url, "key.revoked")
    key, secret = node.key()
    node.revoke(key)
    told = receiver.wait(1)
    report.add("a_revocation_is_told", unless(told and type_of(told[0]) == "key.revoked", f"{told}"))
    if not told:
        return webhook
    first = told[0]
    report.add("the_body_is_signed", unless(verify(webhook["secret"], first.headers, first.body), f"{first.headers}"))
    report.add("another_body_is_not", unless(not verify(webhook["secret"], first.headers, first.body + b" "), "it is"))
    data = json.loads(first.body)["data"]
    report.add("the_body_names_no_more_of_the_key_than_it_may",
               unless(data == {"account": "desk", "key": key[:8]} and key.encode() not in first.body
                      and secret.encode() not in first.body, f"{first.body}"))
    items = node.settled(webhook, "taken")
    report.add("the_delivery_is_listed", unless(items[0]["status"] == 200 and items[0]["attempts"] == 1, f"{items}"))
    report.add("nothing_of_the_answer_is_shown", unless("not shown" not in json.dumps(items), f"{items}"))
    return webhook


def told_of_an_expiry(node, report, receiver):
    """No upstream is told of events here: what notices the end of a key does not hang on that."""
    node.webhook(receiver.url, "key.expiring", "key.expired")
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=EXPIRES_S)
    key, _secret = node.key(expires_at=end.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    told = receiver.wait(1)
    report.add("an_expiry_is_told", unless([type_of(one) for one in told] == ["key.expired"]
                                           and json.loads(told[0].body)["data"]["key"] == key[:8], f"{told}"))


def told_again(node, report, receiver, webhook):
    status, sent = node.gateway.call("POST", f"/api/v1/webhooks/{webhook['id']}/redeliver",
                                     {"delivery": node.deliveries(webhook)[0]["id"]})
    told = receiver.wait(2)
    report.add("a_redelivery_keeps_the_webhook_id",
               unless(status == 202 and len(told) == 2 and told[0].headers["webhook-id"] == told[1].headers["webhook-id"]
                      and told[0].body == told[1].body, f"{status} {sent} {told}"))


def failing(node, report, receiver):
    """500 first, then 302 to the receiver itself, then 200."""
    webhook = node.webhook(receiver.url, "key.revoked", account="other")
    node.gateway.call("POST", f"/api/v1/webhooks/{webhook['id']}/test", {})
    told = receiver.wait(2)
    report.add("what_fails_is_told_again_under_the_same_id",
               unless(len(told) == 2 and len({one.headers["webhook-id"] for one in told}) == 1, f"{told}"))
    report.add("a_redirect_is_not_followed", unless(all(one.path == "/in" for one in receiver.told), f"{receiver.told}"))


def gone(node, report, receiver):
    webhook = node.webhook(receiver.url, "key.revoked", account="other")
    node.gateway.call("POST", f"/api/v1/webhooks/{webhook['id']}/test", {})
    receiver.wait(1)
    node.settled(webhook, "given_up")
    state = node.stopped(webhook, "other")
    report.add("410_stops_it_and_says_why", unless(state["state"] == "stopped" and state["stopped_why"] == "gone", f"{state}"))


def hanging(node, report, hung, well):
    """Control S-78: a receiver that hangs, with events queued up for it."""
    node.webhook(hung.url, "key.changed", account="other")
    node.webhook(well.url, "account.suspended", account="other")
    key, secret = node.key("other")
    for number in range(QUEUED):
        node.gateway.must("PATCH", f"/api/v1/keys/{key}", {"label": f"queued {number}"})
    hung.wait(1)
    accepted = [node.gateway.accepts(key, secret) for _ in range(20)]
    report.add("requests_are_accepted_meanwhile", unless(all(accepted), f"{accepted.count(False)} of 20 are not"))
    # Were it to wait for the receiver, each of them would take the five seconds of an attempt.
    started = time.monotonic()
    for _ in range(10):
        victim, _secret = node.key("other")
        node.revoke(victim)
    took = time.monotonic() - started
    report.add("ten_revocations_do_not_wait_for_it", unless(took < 10 * 5, f"they took {took:.1f} s"))
    node.gateway.must("POST", "/api/v1/accounts/other/suspend", {"cause": "a test"})
    told = well.wait(1, lambda one: type_of(one) == "account.suspended")
    report.add("another_receiver_is_told_meanwhile", unless(told, "it is not"))
    report.add("the_one_that_hangs_is_left_alone",
               unless(len(hung.told) < QUEUED / 10, f"it was called {len(hung.told)} times"))


def refused(node, report):
    def status(url):
        code, answer = node.gateway.call("POST", "/api/v1/webhooks", {"account": "desk", "url": url, "events": ["key.revoked"]})
        return code, answer.get("reason")

    for name, url in {"a_private_address": "https://10.0.0.1/", "a_name_that_leads_nowhere": "https://nowhere.invalid/",
                      "http": "http://hooks.example.com/", "a_port_that_is_not_listed": "https://hooks.example.com:1/",
                      "an_address_in_hexadecimal": "https://0x7f000001/", "a_user": "https://a:b@hooks.example.com/",
                      "a_mapped_address": "https://[::ffff:10.0.0.1]/"}.items():
        answer = status(url)
        report.add(f"{name}_is_refused", unless(answer == (400, "url_refused"), f"{answer}"))


def main():
    report = Report("running_webhooks")
    verify = documented_verifier()
    secret, headers, body = VECTOR
    report.add("the_documented_verifier_takes_the_vector", unless(verify(secret, headers, body, now=1614265330), "it does not"))
    report.add("the_documented_verifier_refuses_an_old_one", unless(not verify(secret, headers, body), "it does not"))
    good, bad, away = Receiver(200), Receiver(500, (302, {"location": "/elsewhere"}), 200), Receiver(410)
    hung, well, late = Receiver(Receiver.HANGS), Receiver(200), Receiver(200)
    receivers = (good, bad, away, hung, well, late)
    with tempfile.TemporaryDirectory(prefix="counterfoil-webhooks-") as name:
        node = Node(sys.argv[1], pathlib.Path(name).resolve(), receivers)
        try:
            webhook = told_of_a_revocation(node, report, good, verify)
            told_again(node, report, good, webhook)
            told_of_an_expiry(node, report, late)
            failing(node, report, bad)
            gone(node, report, away)
            refused(node, report)
            hanging(node, report, hung, well)
            for receiver in receivers:
                receiver.over.set()
            code = node.gateway.stop()
            report.add("the_node_ends_in_good_order", unless(code == 0, f"it ended with {code}"))
            log = pathlib.Path(node.gateway.log.name).read_text(encoding="utf-8")
            report.add("the_log_has_no_secret", unless(webhook["secret"] not in log, "it has"))
        finally:
            if node.gateway.process.poll() is None:
                node.gateway.kill()
            for receiver in receivers:
                receiver.close()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
