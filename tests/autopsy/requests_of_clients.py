"""Requests as clients make them, step by step, so that a mistake can be put into one step."""

import base64
import copy
import json
import urllib.parse

import signers

PERMISSIONS = ["USER_DATA", "TRADE", "USER_STREAM", "FIX_API"]
SYMBOLS = ["BTCUSDT", "ETHBTC", "DOTEUR", "SUIUSDT", "NEARUSDT", "TRXUSDT"]
WIDE_SYMBOLS = ["哈基米USDT", "人生BNB", "１２３４５６"]


def quoted(value):
    return urllib.parse.quote(value, safe="-._~")


class Client:
    """One request of one client. `edits` change the pairs that are signed, `wraps` the text, `values` the signature's text;
    `sent` changes the pairs that are sent. What holds now is a right request."""

    def __init__(self, rng, pairs, scheme, transport="rest"):
        self.rng, self.transport = rng, transport
        self.pool = pairs
        own = pairs[scheme]
        self.pair, self.old_pair = own[0], own[1]
        self.name, self.old_name = signers.text(rng), signers.text(rng)
        self.other_names = [signers.text(rng) for _ in range(3)]
        self.others = [pairs[s.type][2] for s in signers.SCHEMES]
        self.now = rng.randrange(1_770_000_000_000, 1_776_000_000_000)
        self.stamp = self.now - rng.randrange(20, 500)
        self.state, self.extra, self.permissions = "active", {}, list(PERMISSIONS)
        self.allow_list, self.symbols, self.environment = [], [], "live"
        self.source = f"203.0.113.{rng.randrange(1, 250)}"
        self.needs = "TRADE"
        self.header_name, self.header_value = "X-MBX-APIKEY", None
        self.headers = {"User-Agent": rng.choice(["python-requests/2.32.3", "okhttp/4.12.0", "axios/1.7.2", "Go-http-client/1.1"])}
        self.method, self.path = "POST", "/api/v3/order"
        self.edits, self.wraps, self.values, self.sent, self.done, self.framing = [], [], [], [], [], []
        self.sign = lambda payload: self.pair.sign(payload)
        self.write = self.write_right
        self.raw_value = False
        self.split = None  # how many pairs stand in the query; None: all
        self.render = None
        self.signed_name = None
        if transport == "fix":
            self.fix = {35: "A", 49: signers.text(rng, 8), 56: "SPOT", 34: "1", 52: self.fix_time(self.stamp)}
            self.needs = "FIX_API"
        else:
            self.pairs = self.parameters()

    @staticmethod
    def fix_time(ms, decimals=3):
        import datetime
        t = datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc)
        return t.strftime("%Y%m%d-%H:%M:%S") + (f".{ms % 1000:03}" + "000" * (decimals == 6) if decimals else "")

    def number(self, places=None):
        places = self.rng.randrange(1, 5) if places is None else places
        return f"{self.rng.uniform(0.1, 60000):.{places}f}"

    def parameters(self):
        rng = self.rng
        kind = rng.choice(["order", "order", "order", "account", "list", "leverage", "cancel", "email"])
        if self.transport == "ws":
            kind = "order"
        if kind == "account":
            self.method, self.path, self.needs = "GET", "/api/v3/account", "USER_DATA"
            pairs = [["omitZeroBalances", rng.choice(["true", "false"])]]
        elif kind == "list":
            self.method, self.path = "DELETE", "/fapi/v1/batchOrders"
            pairs = [["symbol", rng.choice(SYMBOLS)],
                     ["orderIdList", json.dumps([rng.randrange(10**9, 10**10) for _ in range(3)], separators=(",", ":"))]]
        elif kind == "leverage":
            self.path = "/fapi/v1/leverage"
            pairs = [["symbol", rng.choice(WIDE_SYMBOLS)], ["leverage", str(rng.randrange(1, 50))]]
        elif kind == "cancel":
            self.method = "DELETE"
            pairs = [["symbol", rng.choice(SYMBOLS)], ["orderId", str(rng.randrange(10**17, 10**18))]]
        elif kind == "email":
            self.path = "/sapi/v1/sub-account/transfer/subToMaster"
            pairs = [["email", f"{signers.text(rng, 6).lower()}@example.com"], ["asset", "USDT"], ["amount", self.number(2)]]
        else:
            pairs = [["symbol", rng.choice(SYMBOLS)], ["side", rng.choice(["BUY", "SELL"])], ["type", "LIMIT"],
                     ["timeInForce", rng.choice(["GTC", "IOC", "FOK"])], ["quantity", self.number()], ["price", self.number()]]
            if rng.random() < 0.5:
                pairs.insert(rng.randrange(3, 6), ["newClientOrderId", "web_" + signers.text(rng, 10)])
        if rng.random() < 0.5:
            pairs.append(["recvWindow", str(rng.choice([5000, 6000, 8000, 10000, 20000]))])
        pairs.append(["timestamp", str(self.stamp)])
        if self.transport == "rest" and self.method != "GET" and rng.random() < 0.25:
            self.split = rng.choice([0, len(pairs) // 2])
        return pairs

    def index(self, name):
        return next((at for at, pair in enumerate(self.pairs) if pair[0] == name), None)

    def put(self, name, value):
        """The parameter with this value, in front of the time if it is new."""
        at = self.index(name)
        if at is not None:
            self.pairs[at][1] = value
        else:
            at = self.index("timestamp")
            self.pairs.insert(len(self.pairs) if at is None else at, [name, value])

    def write_right(self, raw):
        return raw.hex() if self.pair.type == "hmac" else base64.b64encode(raw).decode()

    # ---- the steps

    def signature(self, text):
        raw = self.sign(text if isinstance(text, bytes) else text.encode())
        value = raw if isinstance(raw, str) else self.write(raw)
        for change in self.values:
            value = change(value)
        return value

    def wrapped(self, text):
        for change in self.wraps:
            text = change(text)
        return text

    def build_rest(self):
        sent = [[name, quoted(value)] for name, value in self.pairs]
        for change in self.sent:
            sent = change(sent)
        pairs = copy.deepcopy(sent)
        for change in self.edits:
            pairs = change(pairs)
        cut = len(pairs) if self.split is None else self.split
        join = lambda some: "&".join("=".join(pair) for pair in some)
        if self.render:
            text = self.render(pairs, cut)
        else:
            text = join(pairs[:cut]) + join(pairs[cut:])
        value = self.signature(self.wrapped(text))
        value = value if self.raw_value else urllib.parse.quote(value, safe="")
        cut = len(sent) if self.split is None else self.split
        query, body = join(sent[:cut]), join(sent[cut:])
        tail = f"signature={value}"
        if body:
            body += "&" + tail
            self.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        else:
            query += ("&" if query else "") + tail
        headers = dict(self.headers)
        if self.header_name:
            headers[self.header_name] = self.name if self.header_value is None else self.header_value
        request = {"method": self.method, "path": self.path, "raw_query": query, "raw_body": body, "headers": headers}
        for change in self.done:
            change(request)
        return request

    def build_ws(self):
        sent = [*self.pairs, ["apiKey", self.name]]
        pairs = copy.deepcopy(sent)
        for change in self.edits:
            pairs = change(pairs)
        text = self.render(pairs, None) if self.render else "&".join("=".join(pair) for pair in sorted(pairs))
        value = self.signature(self.wrapped(text))
        params = {name: int(v) if name in ("timestamp", "recvWindow") and v.isdigit() else v for name, v in sent}
        params["signature"] = value
        frame = {"id": "f8056708", "method": "order.place", "params": params}
        for change in self.framing:
            change(frame)
        request = {"frame": json.dumps(frame, ensure_ascii=False), "headers": {}, "session": {"logged_on_api_key": None}}
        for change in self.done:
            change(request)
        return request

    def build_fix(self):
        fields = [[str(tag), value] for tag, value in self.fix.items()]
        for change in self.edits:
            fields = change(fields)
        text = self.render(fields, None) if self.render else "\x01".join(value for _, value in fields)
        value = self.signature(self.wrapped(text))
        f = self.fix
        body = [(35, "A"), (34, f[34]), (49, f[49]), (52, f[52]), (56, f[56]), (95, str(len(value))), (96, value), (98, "0"),
                (108, "30"), (141, "Y"), (553, self.name), (25035, "1")]
        for change in self.framing:
            body = change(body)
        text = "".join(f"{tag}={value}\x01" for tag, value in body)
        text = f"8=FIX.4.4\x019={len(text.encode())}\x01" + text
        request = {"message": text + f"10={sum(text.encode()) % 256:03}\x01", "headers": {}}
        for change in self.done:
            change(request)
        return request

    def case(self, name, causes, alternatives=None):
        request = {"rest": self.build_rest, "ws": self.build_ws, "fix": self.build_fix}[self.transport]()
        request |= {"source_ip": self.source, "required_permission": self.needs}

        def key(pair, api_key, status="active"):
            return {"type": pair.type, "api_key": api_key, "environment": "live", "status": status, "permissions": list(PERMISSIONS),
                    "ip_allowlist": [], "symbol_allowlist": [], **pair.record()}
        own = key(self.pair, self.name) | {"status": self.state, "permissions": self.permissions, "ip_allowlist": self.allow_list,
                                           "symbol_allowlist": self.symbols, "environment": self.environment, **self.extra}
        own["predecessor"] = key(self.old_pair, self.old_name, "rotated")
        return {"id": name, "transport": self.transport, "environment": "live", "server_time_ms": self.now, "key": own,
                "other_keys_of_account": [key(pair, n) for pair, n in zip(self.others, self.other_names)],
                "request": request, "causes": causes, "alternatives_by_cause": alternatives or {}}
