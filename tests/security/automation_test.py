#!/usr/bin/env python3
"""Programs that sign calls of the management API with API keys, on the running program.  automation_test.py PROGRAM

What a key may do and what it may not, what a thief or a stranger is told, and the examples of docs/automation.md as they stand there.
"""

import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.parse

import cases
from browser import Browser, Person
from raw_http import Connection, request
from testbed import Testbed

WAIT_S = 60
STREAM_END_S = 5  # 1 s is the rule; the rest is for a busy machine
ROOT = pathlib.Path(__file__).resolve().parents[2]


def check(report, name, *facts):
    """One case: each fact is (what is wanted, whether it is so, what came)."""
    report.add(name, [f"wanted {wanted}; came {str(came)[:300]}" for wanted, is_so, came in facts if not is_so])


def is_answer(status, reason, answer):
    return (f"{status} {reason}", answer[0] == status and (answer[1] or {}).get("reason") == reason, answer)


class Script:
    """A program with an API key in front of the console's door."""

    def __init__(self, origin, caller):
        self.place, self.caller = urllib.parse.urlsplit(origin), caller

    def query(self, method, path, parameters="", body=b"", call=True):
        """A query with its signature over itself and the body."""
        named = f"call={method}:{path}" if call else ""
        payload = self.caller.payload("&".join(part for part in (parameters, named) if part))
        return f"{payload}&signature={self.caller.sign(payload + body.decode('latin-1'))}"

    def send(self, method, path, query, body=b"", **more):
        """Sends what was signed before: (status, answer, request id)."""
        fields = {"X-MBX-APIKEY": self.caller.api_key, "User-Agent": "script/1"}
        if body:
            fields["Content-Type"] = "application/json"
        fields |= {name.replace("_", "-"): value for name, value in more.items()}
        connection = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=WAIT_S)
        try:
            connection.request(method, f"{path}?{query}", body or None, {name: value for name, value in fields.items() if value is not None})
            response = connection.getresponse()
            return response.status, json.loads(response.read() or b"null"), response.headers["X-Counterfoil-Request-Id"]
        finally:
            connection.close()

    def call(self, method, path, body=None, parameters="", **more):
        text = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, self.query(method, path, parameters, text, call=method != "GET"), text, **more)


def suspend(key):
    return f"/api/v1/keys/{key.api_key}/suspend"


def resumed(bed, key):
    bed.gateway.must("POST", f"/api/v1/keys/{key.api_key}/resume", {})


def wait_for_start_guard(script, key, bed):
    """What is stamped before the node's start plus a second changes nothing."""
    deadline = time.monotonic() + WAIT_S
    while (answer := script.call("POST", suspend(key)))[0] != 200:
        if answer[1]["reason"] != "stamped_before_start" or time.monotonic() > deadline:
            raise RuntimeError(f"a signed change is never made: {answer}")
        time.sleep(0.05)
    resumed(bed, key)


def scheme_rows(report, bed, origin, key):
    callers = {"hmac": bed.hmac_caller(permissions=["MANAGEMENT"]), "ed25519": bed.ed25519_caller(permissions=["MANAGEMENT"]),
               "rsa": bed.rsa_caller(permissions=["MANAGEMENT"])}
    wait_for_start_guard(Script(origin, callers["hmac"]), key, bed)
    for name, caller in callers.items():
        script = Script(origin, caller)
        listed = script.call("GET", "/api/v1/keys", parameters="limit=500")
        stopped = script.call("POST", suspend(key), {"cause": "runaway"})
        check(report, f"scheme/{name}", ("the keys", listed[0] == 200 and len(listed[1]["items"]) > 2, listed),
              ("suspended", stopped[0] == 200 and stopped[1]["state"] == "suspended", stopped))
        deadline = time.monotonic() + WAIT_S  # the journal takes records over in batches
        newest = []
        while caller.api_key not in json.dumps(newest) and time.monotonic() < deadline:
            newest = bed.gateway.must("GET", "/api/v1/audit?order=newest&limit=10&action=key.suspend")["items"][:1]
        check(report, f"scheme/{name}_in_the_audit_log", ("its name", f"key:{caller.api_key}" in json.dumps(newest), newest))
        resumed(bed, key)
    return callers["hmac"]


def tampered_rows(report, bed, script, key):
    body = b'{"cause":"a"}'
    query = script.query("POST", suspend(key), "", body)
    for name, sent_query, sent_body in (("body", query, b'{"cause":"b"}'), ("body_with_a_blank", query, b'{"cause": "a"}'),
                                        ("timestamp", query.replace("timestamp=1", "timestamp=01"), body),
                                        ("recv_window_added", query + "&recvWindow=5000", body),
                                        ("parameter_added", query + "&limit=1", body)):
        check(report, f"tampered/{name}", is_answer(401, "not_signed", script.send("POST", suspend(key), sent_query, sent_body)))
    check(report, "tampered/another_path", is_answer(400, "call_not_named", script.send("POST", f"/api/v1/keys/{key.api_key}/revoke", query, body)))
    check(report, "tampered/another_method", is_answer(400, "call_not_named", script.send("PATCH", f"/api/v1/keys/{key.api_key}", query, body)))
    check(report, "tampered/control_as_signed", ("200", script.send("POST", suspend(key), query, body)[0] == 200, None))
    check(report, "replay/same_bytes", is_answer(409, "replayed", script.send("POST", suspend(key), query, body)))
    resumed(bed, key)
    unnamed = script.query("POST", suspend(key), call=False)
    check(report, "call/not_named", is_answer(400, "call_not_named", script.send("POST", suspend(key), unnamed)))
    repeated = script.query("GET", "/api/v1/keys", call=False)
    check(report, "replay/a_read_may_be_repeated", ("200", script.send("GET", "/api/v1/keys", repeated)[0] == 200, None),
          ("200", script.send("GET", "/api/v1/keys", repeated)[0] == 200, None))


def browser_rows(report, bed, owner, script, key):
    cookie = "; ".join(f"{name}={value}" for name, value in owner.browser.cookies.items())
    for name, more, status, reason in (("cookie_of_a_session", {"Cookie": cookie}, 400, "cookie_and_signature"),
                                       ("any_cookie", {"Cookie": "a=b"}, 400, "cookie_and_signature"),
                                       ("foreign_host", {"Host": "evil.example"}, 421, "host_unknown")):
        check(report, f"browser/{name}", is_answer(status, reason, script.call("POST", suspend(key), **more)))
    # A session is no help to a signature, nor a signature to a session.
    stranger = script.query("GET", "/api/v1/keys", call=False)
    check(report, "browser/signature_without_a_key", is_answer(401, "api_key_missing", script.send("GET", "/api/v1/keys", stranger, X_MBX_APIKEY=None)))
    check(report, "browser/no_origin_is_asked_for", ("200", script.call("POST", suspend(key))[0] == 200, None))
    resumed(bed, key)
    status, answer = owner.browser.call("POST", f"/keys/{key.api_key}/suspend", {}, {"X-MBX-APIKEY": script.caller.api_key})
    check(report, "browser/page_with_an_api_key", is_answer(400, "cookie_and_signature", (status, answer)))


def socket_rows(report, bed, script):
    query = script.query("GET", "/api/v1/keys", call=False)
    check(report, "socket/takes_no_signature", is_answer(400, "parameter_unknown", bed.gateway.call("GET", f"/api/v1/keys?{query}")))


def gateway_rows(report, bed, origin, manager, key):
    """A key of the one kind is nothing at the other door."""
    trader = Script(origin, bed.hmac_caller(permissions=["USER_DATA", "TRADE"]))
    refused = trader.call("GET", "/api/v1/keys")
    check(report, "doors/trading_key_here", is_answer(403, "not_for_this_key", refused))
    deadline = time.monotonic() + WAIT_S
    while (found := bed.gateway.call("GET", f"/api/v1/refusals/{refused[2]}"))[0] == 404 and time.monotonic() < deadline:
        time.sleep(0.05)
    check(report, "doors/its_owner_finds_why", ("permission_missing", found[1].get("reason") == "permission_missing", found))
    with Connection(bed.address, "127.0.0.1") as connection:
        connection.send(request("GET", f"/api/v3/account?{manager.caller.signed()}", manager.caller.field))
        answer = connection.answer()
    check(report, "doors/management_key_there", ("-2015", answer.status == 401 and answer.document()["code"] == -2015, answer.body))
    # What was signed for a door is not good at the other: first seen there, then here.
    both = Script(origin, bed.hmac_caller(permissions=["USER_DATA", "MANAGEMENT"]))
    signed = both.caller.signed()
    with Connection(bed.address, "127.0.0.1") as connection:
        connection.send(request("GET", f"/api/v3/account?{signed}", both.caller.field))
        forwarded = connection.answer()
    check(report, "doors/control_forwarded", ("200", forwarded.status == 200, forwarded.status))
    check(report, "doors/seen_there_then_here", is_answer(409, "replayed", both.send("POST", suspend(key), signed)))
    unseen = both.caller.signed()
    check(report, "doors/never_seen_there", is_answer(400, "call_not_named", both.send("POST", suspend(key), unseen)))
    bed.upstream.take()


def person_rows(report, origin, bed, manager, key):
    wish = {"account": "desk", "type": "hmac-sha256", "permissions": ["MANAGEMENT"], "allow_list": ["127.0.0.1"]}
    for name, method, path, body in (("make_a_key", "POST", "/api/v1/keys", wish), ("sign_in", "POST", "/api/v1/session", {}),
                                     ("rotate", "POST", f"/api/v1/keys/{key.api_key}/rotate", {"type": "hmac-sha256"}),
                                     ("resume", "POST", f"/api/v1/keys/{key.api_key}/resume", {}), ("people", "GET", "/api/v1/people", None),
                                     ("widen_itself", "PATCH", f"/api/v1/keys/{manager.caller.api_key}", {"allow_list": ["127.0.0.0/8", "10.0.0.1"]}),
                                     ("set_up", "POST", "/api/v1/setup", {})):
        answer = manager.call(method, path, body)
        check(report, f"person/{name}", is_answer(403, "person_wanted", answer))
    check(report, "person/narrowing_is_not_one", ("200", manager.call("PATCH", f"/api/v1/keys/{key.api_key}", {"label": "renamed"})[0] == 200, None))
    check(report, "tenancy/another_account", is_answer(404, "no_such_account", manager.call("GET", "/api/v1/accounts/ops")))
    others = bed.hmac_caller("ops")
    check(report, "tenancy/anothers_key", is_answer(404, "no_such_key", manager.call("POST", suspend(others))))
    reader = Script(origin, bed.hmac_caller(permissions=["MANAGEMENT_READ"]))
    check(report, "scope/a_reader_reads", ("200", reader.call("GET", f"/api/v1/keys/{key.api_key}")[0] == 200, None))
    check(report, "scope/a_reader_stops_nothing", is_answer(403, "scope_not_allowed", reader.call("POST", suspend(key))))
    check(report, "scope/no_audit_log", is_answer(403, "scope_not_allowed", reader.call("GET", "/api/v1/audit")))


def role_rows(report, bed, origin, owner, key):
    operator = Script(origin, bed.hmac_caller("ops", permissions=["MANAGEMENT_OPERATOR"]))
    check(report, "role/held_by_nobody", is_answer(403, "not_for_this_key", operator.call("POST", suspend(key))))
    status, invited = owner.confirmed("POST", "/people/invitations", {"email": "op@example.com", "role": "operator", "account": "ops"})
    assert status == 201, invited
    person = Person(Browser(origin), "op@example.com")
    person.enrol("/registration", "invitation", invited["url_token"], name="Op")
    check(report, "role/held", ("200", operator.call("POST", suspend(key))[0] == 200, None))
    resumed(bed, key)
    whose = person.browser.must("GET", "/session")["person"]["id"]
    status, answer = owner.confirmed("POST", f"/people/{whose}/disable", {"cause": "left"})
    assert status == 200, answer
    check(report, "role/of_somebody_who_left", is_answer(403, "not_for_this_key", operator.call("POST", suspend(key))))


def end_rows(report, bed, origin, key):
    script = Script(origin, bed.hmac_caller(permissions=["MANAGEMENT"]))
    connection = http.client.HTTPConnection(script.place.hostname, script.place.port, timeout=WAIT_S)
    query = script.query("GET", "/api/v1/events", "topics=keys", call=False)
    connection.request("GET", f"/api/v1/events?{query}", headers={"X-MBX-APIKEY": script.caller.api_key})
    stream = connection.getresponse()
    ended = threading.Event()

    def read():
        while stream.read(1):
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    bed.gateway.must("POST", f"/api/v1/keys/{script.caller.api_key}/revoke", {"cause": "test"})
    check(report, "end/revoked", is_answer(401, "not_signed", script.call("POST", suspend(key))))
    check(report, "end/its_stream", (f"ended within {STREAM_END_S} s", ended.wait(STREAM_END_S), None))
    connection.close()
    unknown = Script(origin, bed.hmac_caller())
    unknown.caller.api_key = "z" * 64
    told = [{name: value for name, value in one.call("GET", "/api/v1/keys")[1].items() if name != "request_id"} for one in (script, unknown)]
    check(report, "end/one_text", ("the same", told[0] == told[1], told))


def blocks(language):
    """The blocks of one language in docs/automation.md."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / "automation.md").read_text(encoding="utf-8"), re.DOTALL)


def example_rows(report, bed, origin):
    folder = pathlib.Path(bed.folder.name)
    pair = bed.ed25519_caller("example", permissions=["MANAGEMENT"])
    victim = bed.hmac_caller()
    shell = next(block for block in blocks("sh") if "signed_call" in block)
    done = subprocess.run(["sh", "-eu", "-c", shell], capture_output=True, text=True, timeout=WAIT_S, check=False,
                          env=os.environ | {"NODE": origin, "KEY_ID": pair.api_key, "KEY_FILE": str(folder / "example.pem"), "OBJECT": victim.api_key})
    answers = [json.loads(part) for part in re.split(r"(?<=})(?={)", done.stdout)] if done.returncode == 0 else []
    check(report, "example/curl_and_openssl", ("two answers", len(answers) == 2, done.stdout + done.stderr),
          ("suspended", [one.get("state") for one in answers] == ["active", "suspended"], done.stdout))
    caller = bed.hmac_caller(permissions=["MANAGEMENT"])
    (folder / "secret").write_bytes(caller.pair.secret)
    loose = bed.hmac_caller(permissions=["USER_DATA"], allow_list=["any"], label="loose")
    (python,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", python], capture_output=True, text=True, timeout=WAIT_S, check=False,
                          env=os.environ | {"NODE": origin, "KEY_ID": caller.api_key, "SECRET_FILE": str(folder / "secret")})
    state = bed.gateway.must("GET", f"/api/v1/keys/{loose.api_key}")["state"]
    check(report, "example/python", ("it says what it did", "loose suspended" in done.stdout, done.stdout + done.stderr),
          ("suspended", state == "suspended", state))


def main(program):
    report = cases.Report("security_automation")
    with Testbed(program, ("COUNTERFOIL_CONSOLE_LISTEN", "127.0.0.1:0")) as bed:
        data, origin = pathlib.Path(bed.folder.name) / "data", bed.gateway.console
        owner = Person(Browser(origin), "ann@example.com")
        owner.enrol("/setup", "token", (data / "setup-url").read_text(encoding="ascii").strip().rsplit("#t=", 1)[1])
        bed.gateway.must("POST", "/api/v1/accounts", {"id": "ops", "name": "Operators"})
        key = bed.hmac_caller(label="bot")
        manager = Script(origin, scheme_rows(report, bed, origin, key))
        tampered_rows(report, bed, manager, key)
        browser_rows(report, bed, owner, manager, key)
        socket_rows(report, bed, manager)
        gateway_rows(report, bed, origin, manager, key)
        person_rows(report, origin, bed, manager, key)
        role_rows(report, bed, origin, owner, key)
        end_rows(report, bed, origin, key)
        example_rows(report, bed, origin)
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
