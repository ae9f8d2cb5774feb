#!/usr/bin/env python3
"""API key of account A, object of account B: the row of that name against `counterfoil demo`.  ownership_test.py PROGRAM

The gateway says who is calling, and the sandbox exchange behind it looks whose the object is. Its answer for a foreign
order is the one for an order that does not exist, by the vendor's code: -2013, or -2011 when it was to be cancelled.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import cases
from raw_http import request
from signing import Caller, HmacPair
from testbed import gateway_process, Connection

ORDER, OPEN, CANCEL_REPLACE = "/api/v3/order", "/api/v3/openOrders", "/api/v3/order/cancelReplace"
UNKNOWN, NOTHING_TO_CANCEL = (-2013, "Order does not exist."), (-2011, "Unknown order sent.")

# name of a case -> what the program does instead
KNOWN_WRONG = {}


class Demo(gateway_process.Gateway):
    """Gateway and sandbox exchange in one process, with three API keys of one account."""

    def __init__(self, program, data):
        self.log = open(data.parent / "demo.log", "ab")
        self.process = subprocess.Popen([program, "demo", "--json", "--data", str(data)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError((data.parent / "demo.log").read_text(encoding="utf-8")[-2000:])
        facts = json.loads(line)
        self.admin_socket, self.url = facts["admin_socket"], facts["gateway"]
        host, port = self.url.removeprefix("http://").rsplit(":", 1)
        self.address = (host, int(port))
        key = next(key for key in facts["keys"] if key["type"] == "hmac-sha256")
        self.owner = Caller(key["api_key"], HmacPair(pathlib.Path(key["secret_file"]).read_text().strip()))

    def stranger(self):
        """Somebody else with every permission that the owner has."""
        self.must("POST", "/api/v1/accounts", {"id": "stranger", "name": "Stranger"})
        answer = self.must("POST", "/api/v1/keys", {"account": "stranger", "type": "hmac-sha256",
                                                    "allow_list": ["127.0.0.1"],
                                                    "permissions": ["USER_DATA", "TRADE"]})
        return Caller(answer["api_key"], HmacPair(answer["secret"]))

    def ask(self, caller, method, path, parameters):
        with Connection(self.address) as connection:
            connection.send(request(method, f"{path}?{caller.signed(parameters)}", caller.field))
            answer = connection.answer()
        return (answer.status, answer.document()) if answer else (0, None)


def judge(demo, caller, method, path, parameters, status, expected):
    """`expected` is (code, words) of a refusal, or the document itself."""
    got_status, document = demo.ask(caller, method, path, parameters)
    wanted = {"code": expected[0], "msg": expected[1]} if isinstance(expected, tuple) else expected
    if (got_status, document) == (status, wanted):
        return []
    return [f"sent {method} {path} {parameters}; expected {status} {wanted}, came {got_status} {document}"]


def run(report, demo):
    owner, stranger = demo.owner, demo.stranger()
    status, price = demo.ask(owner, "GET", "/api/v3/ticker/price", "symbol=BTCUSDT")
    low = int(float(price["price"]) * 0.8)
    status, placed = demo.ask(owner, "POST", ORDER,
                              f"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price={low}")
    report.add("control/owner_places_an_order", [] if status == 200 else [f"came {status} {placed}"])
    by_id = f"symbol=BTCUSDT&orderId={placed.get('orderId')}"
    by_name = f"symbol=BTCUSDT&origClientOrderId={placed.get('clientOrderId')}"
    for name, parameters in {"by_id": by_id, "by_client_order_id": by_name,
                             "that_nobody_placed": "symbol=BTCUSDT&orderId=999999999"}.items():
        report.add(f"query/order_{name}", judge(demo, stranger, "GET", ORDER, parameters, 400, UNKNOWN))
        report.add(f"cancel/order_{name}", judge(demo, stranger, "DELETE", ORDER, parameters, 400, NOTHING_TO_CANCEL))
    for path in (OPEN, "/api/v3/allOrders", "/api/v3/myTrades"):
        report.add(f"list{path}", judge(demo, stranger, "GET", path, "symbol=BTCUSDT", 200, []))
    report.add("cancel/all_open_orders", judge(demo, stranger, "DELETE", OPEN, "symbol=BTCUSDT", 400,
                                               NOTHING_TO_CANCEL))
    instead = f"side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price={low}&cancelReplaceMode=STOP_ON_FAILURE"
    status, document = demo.ask(stranger, "POST", CANCEL_REPLACE,
                                by_id.replace("orderId", "cancelOrderId") + "&" + instead)
    is_refused = status == 400 and document["data"]["cancelResponse"]["code"] == -2011
    report.add("cancel/and_replace", [] if is_refused else [f"came {status} {document}"])
    status, document = demo.ask(owner, "GET", ORDER, by_id)
    report.add("control/the_order_is_untouched",
               [] if status == 200 and document["status"] == "NEW" else [f"came {status} {document}"])
    status, document = demo.ask(owner, "DELETE", ORDER, by_id)
    report.add("control/owner_cancels_it",
               [] if status == 200 and document["status"] == "CANCELED" else [f"came {status} {document}"])


def main():
    report = cases.Report("ownership", KNOWN_WRONG)
    with tempfile.TemporaryDirectory(prefix="counterfoil-ownership-") as folder:
        demo = Demo(sys.argv[1], pathlib.Path(folder).resolve() / "data")
        try:
            run(report, demo)
        finally:
            demo.stop()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
