#!/usr/bin/env python3
"""The console's rows of the bad-input tables, and signing in, on the running program.  console_test.py PROGRAM

People sign in over HTTP and over TLS; what a stranger, another site's page or another account's holder sends changes nothing.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import cases
from browser import STEP_S, Browser, Person, totp
from signing import HmacPair, now_ms
from testbed import Testbed

WAIT_S = 30


def check(report, name, *facts):
    """One case: each fact is (what is wanted, whether it is so, what came)."""
    report.add(name, [f"wanted {wanted}; came {str(came)[:300]}" for wanted, is_so, came in facts if not is_so])


def is_answer(status, reason, answer):
    return (f"{status} {reason}", answer[0] == status and answer[1].get("reason") == reason, answer)


def setup_token(data):
    return (data / "setup-url").read_text(encoding="ascii").strip().rsplit("#t=", 1)[1]


def set_up(report, bed, origin, data):
    stranger = Browser(origin)
    check(report, "setup/open_at_first", ("open", stranger.must("GET", "/setup")["open"] is True, None))
    check(report, "setup/token_of_nobody", is_answer(403, "enrolment_closed", stranger.call(
        "POST", "/setup", {"token": "x" * 43, "name": "Eve", "email": "eve@example.com", "password": "tangerine kettle fox"})))
    owner = Person(Browser(origin), "ann@example.com")
    token = setup_token(data)
    status, answer = owner.browser.call("POST", "/setup", {"token": token, "name": "Ann", "email": owner.email, "password": "password1234"})
    check(report, "setup/common_password", ("400", status == 400 and answer["reason"] == "password_refused", (status, answer)))
    owner.enrol("/setup", "token", token)
    check(report, "setup/closed_afterwards", ("closed", stranger.must("GET", "/setup")["open"] is False, None),
          is_answer(403, "enrolment_closed", stranger.call(
              "POST", "/setup", {"token": token, "name": "Eve", "email": "eve@example.com", "password": "tangerine kettle fox"})))
    session = owner.browser.must("GET", "/session")
    check(report, "setup/owner_is_in", ("owner", session["person"]["role"] == "owner" and session["stage"] == "full", session))
    return owner


def sign_in_rows(report, origin, owner):
    def failed(name, person=owner, **change):
        browser = Browser(origin)
        known = Person(browser, change.pop("email", person.email), change.pop("password", person.password))
        known.seed, known.last_step = person.seed, person.last_step
        answer = known.sign_in(**change)
        person.last_step = known.last_step
        return name, answer, browser

    answers = [failed("unknown_name", email="nobody@example.com", totp="000000"),
               failed("wrong_password", password="tangerine kettle fix", totp="000000"),
               failed("wrong_code", totp="000000"),
               failed("code_with_spaces", totp="000 000"),
               failed("code_of_5", totp="00000"),
               failed("code_of_7", totp="0000000")]
    details = set()
    for name, answer, browser in answers:
        details.add(json.dumps({key: value for key, value in answer[1].items() if key in ("reason", "detail", "title", "status")}, sort_keys=True))
        check(report, f"sign_in/{name}", ("401", answer[0] == 401, answer), ("no cookie of a session", not any(
            "device" not in cookie for cookie in browser.cookies), browser.cookies))
    check(report, "sign_in/one_text_for_all", ("one answer", len(details) == 1, details))
    check(report, "sign_in/password_of_1025_bytes", ("400", failed("", password="x" * 1025, totp="000000")[1][0] == 400, None))


def change_rows(report, origin, owner):
    """S-70: what makes a change count as the page's own."""
    body = {"name": "Ann B."}
    foreign = {"Origin": "https://evil.example"}
    for name, more, status in (("without_token", {"X-Counterfoil-CSRF": None}, 403),
                               ("token_of_another_session", {"X-Counterfoil-CSRF": "0" * 64}, 403),
                               ("foreign_origin", foreign, 403),
                               ("foreign_origin_old_browser", foreign | {"Sec-Fetch-Site": None}, 403),
                               ("no_origin_old_browser", {"Origin": None, "Sec-Fetch-Site": None}, 403),
                               ("origin_null", {"Origin": "null"}, 403),
                               ("cross_site", {"Sec-Fetch-Site": "cross-site"}, 403),
                               ("same_site", {"Sec-Fetch-Site": "same-site"}, 403),
                               ("typed_by_hand", {"Sec-Fetch-Site": "none"}, 403),
                               ("text_plain", {"Content-Type": "text/plain"}, 415),
                               ("form", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
                               ("no_content_type", {"Content-Type": None}, 415),
                               ("the_page", {}, 200),
                               ("the_page_in_an_old_browser", {"Sec-Fetch-Site": None}, 200)):
        came, answer = owner.browser.call("PATCH", "/me", body, more)
        check(report, f"change/{name}", (str(status), came == status, (came, answer)))
    _, fields, _ = owner.browser.fetch("GET", "/api/v1/session")
    check(report, "change/no_cors", ("no CORS", not any(name.lower().startswith("access-control") for name in fields), fields))


def cookie_rows(report, origin, owner):
    name, value = next((name, value) for name, value in owner.browser.cookies.items() if "device" not in name)
    for case, cookie in (("twice", f"{name}={value}; {name}={value}"), ("malformed", f"{name}=a b"), ("empty", f"{name}="),
                         ("too_long", f"{name}={'a' * 129}")):
        stranger = Browser(origin)
        status, fields, _ = stranger.fetch("GET", "/api/v1/session", more={"Cookie": cookie})
        check(report, f"cookie/{case}", ("401", status == 401, status), ("cleared", "Max-Age=0" in (fields["Set-Cookie"] or ""), fields))
    stranger = Browser(origin)
    check(report, "cookie/unknown", ("401", stranger.call("GET", "/session", more={"Cookie": f"{name}={'a' * 43}"})[0] == 401, None))


def key_rows(report, owner_of_keys):
    """Making keys: rows of the table, on somebody who holds an account."""
    holder, account = owner_of_keys
    good = {"account": account, "type": "hmac-sha256", "label": "made"}
    status, answer = holder.browser.call("POST", "/keys", good)
    check(report, "key/without_step_up", is_answer(403, "step_up_required", (status, answer)),
          ("what is to be confirmed", "hmac-sha256" in answer.get("step_up", {}).get("change", ""), answer))
    status, made = holder.confirmed("POST", "/keys", good)
    check(report, "key/with_step_up", ("201 and a secret", status == 201 and len(made.get("secret", "")) > 40, status))
    status, _, text = holder.browser.fetch("GET", f"/api/v1/keys/{made['api_key']}")
    check(report, "key/secret_is_shown_once", ("no secret", made["secret"].encode() not in text, status))
    for name, change in (("label_with_control", {"label": "a\u0007b"}), ("label_with_bidi", {"label": "a\u202eb"}),
                         ("label_of_65", {"label": "x" * 65}), ("unknown_member", {"owner": "eve"}), ("state", {"state": "active"}),
                         *((f"address_{text}", {"allow_list": [text]}) for text in (
                             "10.0.0.1/8", "010.0.0.1", "0x0a.1", "::10.0.0.1", "1.2.3.4/33", "fe80::1%eth0", "0.0.0.0/0"))):
        # Judged before anybody is asked to confirm it, or after: a grant must not make it good.
        status, answer = holder.confirmed("POST", "/keys", good | change)
        check(report, f"key/{name}", ("400", status == 400, (status, answer)))
    status, _ = holder.browser.call("POST", f"/keys/{made['api_key']}/suspend", {"cause": "test"})
    check(report, "key/suspending_asks_for_nothing", ("200", status == 200, status))
    status, answer = holder.browser.call("POST", f"/keys/{made['api_key']}/resume", {})
    check(report, "key/resuming_asks", is_answer(403, "step_up_required", (status, answer)))
    status, answer = holder.browser.call("POST", f"/keys/{made['api_key']}/revoke", {"cause": "test"})
    check(report, "key/revoking_asks_for_nothing", ("200 and a receipt", status == 200 and "receipt" in answer, answer))
    return made["api_key"]


def tenancy_rows(report, bed, holder, others_key):
    """S-65: what belongs to another account is answered like what does not exist."""
    unknown = others_key[:-6] + "000000"
    for method, path, body in (("GET", "/keys/{}", None), ("GET", "/keys/{}/usage", None), ("GET", "/keys/{}/descendants", None),
                               ("PATCH", "/keys/{}", {"label": "mine"}), ("POST", "/keys/{}/suspend", {"cause": "x"}),
                               ("POST", "/keys/{}/resume", {}), ("POST", "/keys/{}/revoke", {"cause": "x"}),
                               ("POST", "/keys/{}/rotate", {"type": "hmac-sha256"}), ("POST", "/keys/{}/end-retiring", {}),
                               ("POST", "/keys/{}/back-out", {}), ("GET", "/accounts/{}", None)):
        known = "other" if "/accounts/" in path else others_key
        nobodys = "nobody" if "/accounts/" in path else unknown
        theirs = holder.browser.call(method, path.format(known), body)
        nobody = holder.browser.call(method, path.format(nobodys), body)
        for answer in (theirs, nobody):
            answer[1].pop("request_id", None)
        same = json.dumps(theirs).replace(known, "ID") == json.dumps(nobody).replace(nobodys, "ID")
        name = f"tenancy/{method.lower()}_{path.strip('/').replace('/{}', '').replace('/', '_')}"
        check(report, name, ("404", theirs[0] == 404, theirs), ("the same as for nobody's", same, (theirs, nobody)))
    listed = json.dumps(holder.browser.must("GET", "/keys?limit=500"))
    check(report, "tenancy/list", ("not in the list", others_key not in listed, None))
    status, answer = holder.browser.call("GET", f"/events?topics=key:{others_key}")
    check(report, "tenancy/events", ("404", status == 404, (status, answer)))


def follow(browser, topics):
    """Opens a stream of events; gives (connection, response)."""
    connection = browser.connect()
    connection.request("GET", f"/api/v1/events?topics={topics}", headers=browser.fields("GET"))
    return connection, connection.getresponse()


def live_row(report, bed, holder, account):
    status, made = holder.confirmed("POST", "/keys", {"account": account, "type": "hmac-sha256", "allow_list": ["127.0.0.0/8"]})
    assert status == 201, made
    connection, response = follow(holder.browser, f"keys,key:{made['api_key']}")
    kinds = {}

    def read():
        kind = ""
        for line in response:
            if line.startswith(b"event: "):
                kind = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                kinds.setdefault(kind, json.loads(line[6:]))
            if len(kinds) == 2:
                return

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    bed.gateway.ask_signed(made["api_key"], made["secret"])
    reader.join(WAIT_S)
    request = kinds.get("request", {})
    check(report, "live/first_request_is_told", ("a request", request.get("outcome") == "accepted", kinds),
          ("its key", request.get("api_key") == made["api_key"], request), ("and that the key was used", kinds.get("key", {}).get("accepted", 0) >= 1, kinds))
    connection.close()


def made_by(holder, account, allow_list):
    status, key = holder.confirmed("POST", "/keys", {"account": account, "type": "hmac-sha256", "allow_list": allow_list})
    assert status == 201, key
    return key


def signed(key, path="/api/v3/account", secret=None):
    """A call of the relay."""
    query = f"timestamp={now_ms()}"
    return {"method": "GET", "target": f"{path}?{query}&signature={HmacPair(secret or key['secret']).sign(query.encode())}",
            "api_key": key["api_key"]}


def relay_rows(report, bed, holder, account, others_key):
    """A request that was signed in the page goes to the gateway and nowhere else, and is verified there like every other."""
    free, bound = made_by(holder, account, ["any"]), made_by(holder, account, ["127.0.0.1"])
    bed.upstream.take()
    status, answer = holder.browser.call("POST", "/relay", signed(free))
    check(report, "relay/accepted", ("200 of 200", status == 200 and answer.get("status") == 200, (status, answer)),
          ("no header but those that are listed", set(answer.get("headers", {})) <= {
              "content-type", "date", "x-counterfoil-request-id"}, answer))
    arrived = b"".join(bed.upstream.take())
    check(report, "relay/nothing_of_the_browser_goes_along", ("one request", arrived.count(b" HTTP/1.1\r\n") == 1, arrived),
          ("no cookie", b"ookie" not in arrived, arrived), ("not the browser's name", b"test browser" not in arrived, arrived))
    end = time.monotonic() + WAIT_S
    while not (uses := holder.browser.must("GET", f"/keys/{free['api_key']}/usage"))["clients"] and time.monotonic() < end:
        time.sleep(0.2)  # uses are counted in memory and written down now and then
    check(report, "relay/is_counted_like_every_other", ("a client on loopback", [client["address"] for client in uses["clients"]] == ["127.0.0.1"], uses))
    status, answer = holder.browser.call("POST", "/relay", signed(free, secret="x" * 64))
    check(report, "relay/wrong_signature", ("200 of 400", status == 200 and answer.get("status") == 400, (status, answer)),
          ("-1022", "-1022" in answer.get("body", ""), answer))
    for name, body, reason in (("allow_list", signed(bound), "relay_key_bound"),
                               ("post", signed(free) | {"method": "POST"}, "relay_method"),
                               ("delete_of_an_order", signed(free, "/api/v3/order") | {"method": "DELETE"}, "relay_method"),
                               ("unknown_path", signed(free, "/latest/meta-data"), "relay_route"),
                               ("absolute_target", signed(free) | {"target": "http://169.254.169.254/latest"}, "relay_target"),
                               ("lines_in_the_target", signed(free) | {"target": "/api/v3/account?a=b HTTP/1.1\r\nHost: evil"}, "relay_target"),
                               ("others_key", signed(free) | {"api_key": others_key}, "no_such_key"),
                               ("url_of_the_callers_own", signed(free) | {"url": "http://evil.example"}, "member_unknown")):
        status, answer = holder.browser.call("POST", "/relay", body)
        check(report, f"relay/{name}", (reason, answer.get("reason") == reason, (status, answer)))
    status, _ = holder.browser.call("POST", "/relay", signed(free), {"X-Counterfoil-CSRF": None})
    check(report, "relay/without_the_pages_token", ("403", status == 403, status))
    check(report, "relay/a_stranger", ("401", Browser(holder.browser.origin).call("POST", "/relay", signed(free))[0] == 401, None))
    arrived = bed.upstream.take()
    check(report, "relay/nothing_arrived", ("nothing", not arrived, arrived))


def command_rows(report, bed, program, origin, account):
    """`counterfoil keys enroll` over the admin socket: it prints a link, lists the links and withdraws one."""
    def run(*words):
        ran = subprocess.run([program, "--admin-socket", bed.gateway.admin_socket, "--json", "keys", "enroll", *words], capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout, ran.stderr

    code, out, err = run("--account", account, "--label", "by command", "--permit", "USER_DATA", "--ip", "127.0.0.1", "--life", "2h")
    made = json.loads(out or "{}")
    check(report, "command/makes_a_link", ("0", code == 0, (code, err)), ("a link", made.get("url", "").startswith(f"{origin}/enroll#e="), made.get("page")))
    shown = Browser(origin).call("POST", "/enrolment", {"token": made["url"].split("#e=")[1]})
    check(report, "command/the_link_is_good", ("what was prepared", shown[0] == 200 and shown[1]["label"] == "by command"
                                               and shown[1]["allow_list"] == ["127.0.0.1"], shown))
    code, out, _ = run("--list")
    check(report, "command/lists", ("that link", code == 0 and [json.loads(line)["id"] for line in out.splitlines()][:1] == [made["id"]], (code, out)),
          ("without its token", made["url"].split("#e=")[1] not in out, out))
    check(report, "command/withdraws", ("0", run("--withdraw", made["id"])[0] == 0, None), ("once", run("--withdraw", made["id"])[0] == 1, None))
    check(report, "command/wants_one_thing", ("2", run()[0] == 2 and run("--list", "--account", account)[0] == 2, None))


def enrolment_rows(report, origin, holder, account):
    """A link is good once, for whoever bears it, and says nothing to whoever guesses."""
    status, made = holder.confirmed("POST", "/enrolment-links", {"account": account, "type": "hmac-sha256", "allow_list": ["any"], "label": "theirs"})
    check(report, "enrolment/made", ("201", status == 201, (status, made)))
    bearer = Browser(origin)
    shown = bearer.call("POST", "/enrolment", {"token": made["url_token"]})
    check(report, "enrolment/shown_to_its_bearer", ("what it will be", shown[0] == 200 and shown[1]["label"] == "theirs", shown))
    enrolled = bearer.call("POST", "/enrolment/key", {"token": made["url_token"], "type": "hmac-sha256"})
    check(report, "enrolment/used", ("201 and a secret", enrolled[0] == 201 and len(enrolled[1].get("secret", "")) == 64, enrolled[0]))
    listed = holder.browser.must("GET", "/enrolment-links")
    check(report, "enrolment/its_maker_sees_that", ("used", [link["state"] for link in listed["items"]] == ["used"], listed),
          ("no token, no secret", made["url_token"] not in json.dumps(listed) and enrolled[1]["secret"] not in json.dumps(listed), listed))
    status, answer = holder.browser.call("POST", "/relay", signed(enrolled[1]))
    check(report, "enrolment/the_key_works", ("200 of 200", status == 200 and answer["status"] == 200, (status, answer)))
    status, withdrawn = holder.confirmed("POST", "/enrolment-links", {"account": account, "type": "ed25519"})
    check(report, "enrolment/withdrawn", ("200", holder.browser.call("POST", f"/enrolment-links/{withdrawn['id']}/withdraw")[0] == 200, None))
    answers = set()
    for token in (made["url_token"], withdrawn["url_token"], "A" * 43, "short", ""):
        for path, more in (("/enrolment", {}), ("/enrolment/challenge", {"public_key": "x"}), ("/enrolment/key", {"type": "hmac-sha256"})):
            status, answer = bearer.call("POST", path, {"token": token} | more)
            answer.pop("request_id", None)
            answers.add(json.dumps((status, answer), sort_keys=True))
    check(report, "enrolment/no_good_has_one_answer", ("one answer", len(answers) == 1, answers), ("403", "enrolment_link_closed" in "".join(answers), answers))
    statuses = [bearer.call("POST", "/enrolment", {"token": "B" * 43})[0] for _ in range(70)]
    check(report, "enrolment/guesses_are_held_off", ("429 in the end", statuses[-1] == 429 and 403 in statuses, statuses))


def sign_out_rows(report, origin, owner):
    cookies = dict(owner.browser.cookies)
    status, fields, _ = owner.browser.fetch("DELETE", "/api/v1/session")
    check(report, "sign_out/answer", ("204", status == 204, status), ("forget all", "cookies" in (fields["Clear-Site-Data"] or ""), fields))
    late = Browser(origin)
    late.cookies = cookies
    check(report, "sign_out/old_cookie", ("401", late.call("GET", "/session")[0] == 401, None))
    again = owner.sign_in()
    check(report, "sign_in/by_code", ("200", again[0] == 200, again), ("another cookie", owner.browser.cookies != cookies, None))
    reused = Person(Browser(origin), owner.email)
    answer = reused.sign_in(totp=totp(owner.seed, owner.last_step * STEP_S))
    check(report, "sign_in/code_used_before", ("401", answer[0] == 401, answer))


def certificate(folder):
    key, chain = folder / "tls.key", folder / "tls.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost", "-keyout", key, "-out", chain], check=True, capture_output=True)
    key.chmod(0o600)
    return key, chain


def tls_rows(report, program, folder):
    key, chain = certificate(folder)
    with Testbed(program, ("COUNTERFOIL_CONSOLE_LISTEN", "127.0.0.1:0"), ("COUNTERFOIL_CONSOLE_TLS_CERTIFICATE", str(chain)),
                 ("COUNTERFOIL_CONSOLE_TLS_KEY", str(key)), ("COUNTERFOIL_REST_TLS_CERTIFICATE", str(chain)),
                 ("COUNTERFOIL_REST_TLS_KEY", str(key))) as bed:
        browser = Browser(bed.gateway.console, str(chain))
        owner = Person(browser, "ann@example.com")
        owner.enrol("/setup", "token", setup_token(pathlib.Path(bed.folder.name) / "data"))
        status, fields, _ = browser.fetch("GET", "/api/v1/session")
        check(report, "tls/session", ("200", status == 200, status), ("HSTS", "max-age" in (fields["Strict-Transport-Security"] or ""), fields),
              ("a host cookie", "__Host-counterfoil" in browser.cookies, browser.cookies))
        plain = Browser(bed.gateway.console.replace("https", "http"))
        try:
            plain.fetch("GET", "/")
            outcome = "an answer"
        except OSError:
            outcome = "none"
        except Exception as fault:  # noqa: BLE001: whatever it is, it is no answer
            outcome = "none" if "RemoteDisconnected" in type(fault).__name__ or "BadStatusLine" in type(fault).__name__ else repr(fault)
        check(report, "tls/plain_http", ("no answer", outcome == "none", outcome))
        # The gateway's own certificate names localhost; it is called at its address, and known by its certificate.
        key_made = made_by(owner, browser.must("GET", "/session")["accounts"][0]["id"], ["any"])
        status, answer = browser.call("POST", "/relay", signed(key_made))
        check(report, "tls/relay", ("200 of 200", status == 200 and answer.get("status") == 200, (status, answer)))
        check(report, "tls/still_serves", ("200", browser.fetch("GET", "/api/v1/session")[0] == 200, None))


def main(program):
    report = cases.Report("security_console")
    with Testbed(program, ("COUNTERFOIL_CONSOLE_LISTEN", "127.0.0.1:0")) as bed:
        data = pathlib.Path(bed.folder.name) / "data"
        origin = bed.gateway.console
        owner = set_up(report, bed, origin, data)
        sign_in_rows(report, origin, owner)
        change_rows(report, origin, owner)
        cookie_rows(report, origin, owner)
        account = owner.browser.must("GET", "/session")["accounts"][0]["id"]
        bed.gateway.must("POST", "/api/v1/accounts", {"id": "other", "name": "Other"})
        others = bed.hmac_caller("other").api_key
        status, invited = owner.confirmed("POST", "/people/invitations", {"email": "hal@example.com", "role": "holder", "account": account})
        check(report, "people/invitation", ("201", status == 201, invited))
        holder = Person(Browser(origin), "hal@example.com")
        holder.enrol("/registration", "invitation", invited["url_token"], name="Hal")
        key_rows(report, (holder, account))
        tenancy_rows(report, bed, holder, others)
        live_row(report, bed, holder, account)
        relay_rows(report, bed, holder, account, others)
        sign_out_rows(report, origin, owner)
        command_rows(report, bed, program, origin, account)
        # Last: its guesses use up what this address has.
        enrolment_rows(report, origin, holder, account)
    with tempfile.TemporaryDirectory(prefix="counterfoil-tls-") as folder:
        tls_rows(report, program, pathlib.Path(folder))
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
