#!/usr/bin/env python3
"""API keys that manage the keys of sub-accounts, misused: the rows of that name.  sub_account_test.py PROGRAM

Two masters with a sub-account each. What one asks of the other's is answered as what nobody has; what a stolen or
replayed request could do is refused; and nothing of any of it reaches the upstream.
"""

import sys
import time

import cases
from raw_http import Connection, request
from signing import Caller, HmacPair
from testbed import Testbed

KEYS, KEYS_V2 = "/sapi/v1/sub-account/subAccountApi", "/sapi/v2/sub-account/subAccountApi"
PERMISSION = "/sapi/v1/sub-account/subAccountApiPermission"
ADD, SHOW = (f"/sapi/{version}/sub-account/subAccountApi/ipRestriction" for version in ("v2", "v1"))
REMOVE = SHOW + "/ipList"
OURS, THEIRS, NOBODYS = "email=desk-1%40desk.x", "email=rival-1%40rival.x", "email=nobody%40desk.x"
NEW = "apiName=bot&status=1"
MANAGER = ["USER_DATA", "TRADE", "MANAGE_KEYS"]

REJECTED = (401, -2015, "Invalid API-key, IP, or permissions for action.")
NO_SUB_ACCOUNT = (400, -9000, "Sub-account does not exist")
NO_KEY = (400, -2008, "Invalid Api-Key ID.")
NEEDS_LIST = (400, -9000, "These permissions need an IP restriction")
SEEN = (400, -1021, "This signed request was already received; sign each attempt anew.")

START_LIMIT_S = 60

# name of a case -> what the program does instead
KNOWN_WRONG = {}


class House:
    """Both masters, their managing keys, and an API key of each sub-account."""

    def __init__(self, bed):
        self.bed = bed
        for master, sub in (("desk", "desk-1"), ("rival", "rival-1")):
            if master != "desk":
                bed.gateway.must("POST", "/api/v1/accounts", {"id": master})
            bed.gateway.must("POST", "/api/v1/accounts", {"id": sub, "master": master, "email": f"{sub}@{master}.x"})
        self.manager = bed.hmac_caller(permissions=MANAGER, allow_list=["127.0.0.1"])
        self.rival = bed.hmac_caller("rival", permissions=MANAGER, allow_list=["127.0.0.1"])
        self.wait_for_start_guard()
        self.made = self.must(self.manager, "POST", KEYS, f"{OURS}&{NEW}")
        self.theirs = self.must(self.rival, "POST", KEYS, f"{THEIRS}&{NEW}")

    def wait_for_start_guard(self):
        """What is stamped before the gateway's start plus a second is refused on these routes."""
        deadline = time.monotonic() + START_LIMIT_S
        while self.ask(self.manager, "GET", KEYS, OURS)[0] != 200:
            if time.monotonic() > deadline:
                raise RuntimeError("the managing key is never accepted")
            time.sleep(0.05)

    def raw(self, caller, method, path, signed, source="127.0.0.1"):
        """One request with parameters that were signed before: (status, document)."""
        with Connection(self.bed.address, source) as connection:
            connection.send(request(method, f"{path}?{signed}", caller.field))
            answer = connection.answer()
        return (answer.status, answer.document()) if answer else (0, None)

    def ask(self, caller, method, path, parameters, source="127.0.0.1"):
        return self.raw(caller, method, path, caller.signed(parameters), source)

    def must(self, caller, method, path, parameters):
        status, document = self.ask(caller, method, path, parameters)
        if status != 200:
            raise RuntimeError(f"{method} {path} {parameters}: {status} {document}")
        return document

    def state(self, api_key):
        return self.bed.gateway.must("GET", f"/api/v1/keys/{api_key}")


def judged(came, wanted):
    status, code, words = wanted
    return [] if came == (status, {"code": code, "msg": words}) else [f"expected {wanted}, came {came}"]


def tenancy(report, house):
    ours, theirs = house.made["apiKey"], house.theirs["apiKey"]
    calls = {"create": ("POST", KEYS, NEW), "create_v2": ("POST", KEYS_V2, NEW), "list": ("GET", KEYS, "page=1"),
             "revoke": ("DELETE", KEYS, f"subAccountApiKey={theirs}"),
             "permit": ("POST", PERMISSION, f"subAccountApiKey={theirs}&canTrade=false"),
             "restrict": ("POST", ADD, f"subAccountApiKey={theirs}&status=1"),
             "show": ("GET", SHOW, f"subAccountApiKey={theirs}"),
             "lift": ("DELETE", REMOVE, f"subAccountApiKey={theirs}&ipAddress=10.0.0.1")}
    for name, (method, path, parameters) in calls.items():
        for whose, email in (("another_masters", THEIRS), ("nobodys", NOBODYS)):
            came = house.ask(house.manager, method, path, f"{email}&{parameters}")
            report.add(f"tenancy/{name}_of_{whose}_sub_account", judged(came, NO_SUB_ACCOUNT))
        if "subAccountApiKey" in parameters:
            came = house.ask(house.manager, method, path, f"{OURS}&{parameters}")
            report.add(f"tenancy/{name}_of_another_masters_key", judged(came, NO_KEY))
            own = parameters.replace(theirs, house.manager.api_key)
            came = house.ask(house.manager, method, path, f"{OURS}&{own}")
            report.add(f"tenancy/{name}_of_the_managing_key_itself", judged(came, NO_KEY))
    after = house.state(theirs)
    report.add("tenancy/control_their_key_is_untouched",
               [] if (after["state"], after["permissions"]) == ("active", ["USER_DATA"]) else [str(after)])
    report.add("tenancy/control_ours_is_there",
               [] if house.must(house.manager, "GET", SHOW, f"{OURS}&subAccountApiKey={ours}")["apiKey"] == ours else ["no"])


def rights(report, house):
    bed = house.bed
    trader = bed.hmac_caller(permissions=["USER_DATA", "TRADE"])
    report.add("rights/missing_permission", judged(house.ask(trader, "POST", KEYS, f"{OURS}&{NEW}"), REJECTED))
    report.add("rights/other_address", judged(house.ask(house.manager, "POST", KEYS, f"{OURS}&{NEW}", "127.0.0.2"), REJECTED))
    beyond = f"{OURS}&apiName=x&status=2&ipAddress=10.0.0.1&canFuturesTrade=true"
    report.add("rights/more_than_the_maker_holds", judged(house.ask(house.manager, "POST", KEYS, beyond), REJECTED))
    named = f"{OURS}&subAccountApiKey={house.made['apiKey']}"
    house.must(house.manager, "POST", ADD, f"{named}&status=2&ipAddress=10.0.0.1")
    widened = house.ask(house.manager, "POST", PERMISSION, f"{named}&canUniversalTransfer=true")
    report.add("rights/widening_beyond_the_maker", judged(widened, REJECTED))
    # The node of this test loosens the rule for trading, and for trading alone.
    for permission in ("MANAGE_KEYS", "WITHDRAW"):
        status, answer = bed.gateway.call("POST", "/api/v1/keys", {
            "account": "desk", "type": "hmac-sha256", "permissions": [permission], "allow_list": ["any"]})
        report.add(f"rights/{permission.lower()}_from_anywhere",
                   [] if (status, answer["reason"]) == (400, "allow_list_required") else [f"came {status} {answer}"])


def replays(report, house):
    caller = house.manager
    same = caller.signed(f"{OURS}&subAccountApiKey={house.made['apiKey']}")
    first = house.raw(caller, "GET", SHOW, same)
    report.add("replay/control_a_listing_passes", [] if first[0] == 200 else [str(first)])
    for method, path in (("GET", SHOW), ("DELETE", KEYS), ("GET", KEYS)):
        report.add(f"replay/of_it_as_{method}_{path}", judged(house.raw(caller, method, path, same), SEEN))
    read = caller.signed(f"{OURS}&{NEW}")
    house.raw(caller, "GET", "/api/v3/account", read)
    report.add("replay/of_a_read_as_a_new_key", judged(house.raw(caller, "POST", KEYS, read), SEEN))
    failed = caller.signed(f"{NOBODYS}&{NEW}")
    house.raw(caller, "POST", KEYS, failed)
    report.add("replay/of_what_was_refused", judged(house.raw(caller, "POST", KEYS, failed), SEEN))
    again = caller.signed(f"{OURS}&{NEW}")
    made = house.raw(caller, "POST", KEYS, again)
    report.add("replay/control_a_key_is_made", [] if made[0] == 200 else [str(made)])
    report.add("replay/of_a_new_key", judged(house.raw(caller, "POST", KEYS, again), SEEN))
    state = house.state(house.made["apiKey"])["state"]
    report.add("replay/control_nothing_was_revoked", [] if state == "active" else [state])


def endings(report, house):
    made = house.must(house.manager, "POST", KEYS, f"{OURS}&{NEW}")
    bot = Caller(made["apiKey"], HmacPair(made["secretKey"]))
    house.bed.upstream.take()
    status, _ = house.ask(bot, "GET", "/api/v3/account", "")
    seen = b"".join(house.bed.upstream.take()).lower()
    report.add("endings/control_the_new_key_works",
               [] if status == 200 and b"x-counterfoil-account: desk-1\r\n" in seen else [f"{status} {seen}"])
    report.add("endings/a_key_of_a_sub_account_manages_nothing", judged(house.ask(bot, "POST", KEYS, f"{OURS}&{NEW}"), REJECTED))
    house.bed.change(house.manager, "revoke")
    report.add("endings/a_revoked_manager", judged(house.ask(house.manager, "POST", KEYS, f"{OURS}&{NEW}"), REJECTED))
    left = house.bed.gateway.must("GET", f"/api/v1/keys/{house.manager.api_key}/descendants")["items"]
    report.add("endings/what_it_made_is_told", [] if made["apiKey"] in [key["api_key"] for key in left] else [str(left)])
    audit = house.bed.gateway.fetch("GET", "/api/v1/audit/export")[1].decode()
    report.add("endings/no_secret_in_the_audit_log", ["it is there"] if made["secretKey"] in audit else [])


def run(report, bed):
    house = House(bed)
    bed.upstream.take()
    tenancy(report, house)
    rights(report, house)
    arrived = b"".join(bed.upstream.take())
    report.add("upstream/saw_nothing", [arrived.decode("latin-1")] if arrived else [])
    replays(report, house)
    endings(report, house)


def main():
    report = cases.Report("sub_account", KNOWN_WRONG)
    with Testbed(sys.argv[1], ("COUNTERFOIL_KEYS_ALLOW_TRADE_FROM_ANYWHERE", "true")) as bed:
        run(report, bed)
    with Testbed(sys.argv[1]) as bed:
        house = House(bed)
        report.add("rights/trading_without_an_allow_list",
                   judged(house.ask(house.manager, "POST", KEYS, f"{OURS}&{NEW}&canTrade=true"), NEEDS_LIST))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
