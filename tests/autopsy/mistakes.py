"""What clients do wrong: one function for each cause of the catalogue. It takes a Client, puts the mistake into one of its steps, and
says on which axis it lies, so that a second one can be put beside it; False: not with this client."""

import base64
import copy
import hashlib
import hmac
import json
import re
import urllib.parse

import requests_of_clients as made
import signers

ROWS = {}  # cause -> (function, transports, schemes, axis)
HMAC, RSA, ED = ("hmac",), ("rsa",), ("ed25519",)
ANY, ASYMMETRIC = HMAC + RSA + ED, RSA + ED
REST, WS, FIX, BOTH = ("rest",), ("ws",), ("fix",), ("rest", "ws")


def mistake(cause, axis, transports=REST, schemes=ANY, alternatives=()):
    def keep(function):
        ROWS.setdefault(cause, []).append((function, transports, schemes, axis, alternatives))
        return function
    return keep


def value_of(c, name):
    at = c.index(name)
    return None if at is None else c.pairs[at][1]


def edit(c, name, change):
    """The signed value of one parameter is another one than sent."""
    def apply(pairs):
        for pair in pairs:
            if pair[0] == name:
                pair[1] = change(pair[1])
        return pairs
    c.edits.append(apply)


def some_name(c, *names):
    there = [name for name in names if c.index(name) is not None]
    return c.rng.choice(there) if there else None


# ---- time

@mistake("clock-ahead", "time", BOTH)
def _(c):
    c.put("timestamp", str(c.now + c.rng.randrange(1000, 60_000)))


@mistake("clock-behind", "time", BOTH, alternatives=("request-delayed",))
def _(c):
    window = int(value_of(c, "recvWindow") or 5000)
    late = window + c.rng.randrange(300, 100_000)
    if late % 1000 == 0 or late > 880_000:
        return False
    c.put("timestamp", str(c.now - late - (1 if (c.now - late) % 1000 == 0 else 0)))


@mistake("timestamp-timezone-offset", "time", BOTH)
def _(c):
    c.put("timestamp", str(c.stamp + c.rng.choice([-1, 1]) * 900_000 * c.rng.randrange(1, 49)))


@mistake("timestamp-in-seconds", "time", BOTH)
def _(c):
    c.put("timestamp", str(c.stamp // 1000))


@mistake("timestamp-in-nanoseconds", "time", BOTH)
def _(c):
    c.put("timestamp", str(c.stamp * 1_000_000 + c.rng.randrange(1_000_000)))


@mistake("timestamp-not-integer", "time", BOTH)
def _(c):
    c.put("timestamp", c.rng.choice([f"{c.stamp / 1000:.3f}", f"{c.stamp}.0", "1.77e12", "2026-02-25T20:23:04Z", f" {c.stamp}"]))


@mistake("timestamp-missing", "time", BOTH)
def _(c):
    if len(c.pairs) < 2:
        return False
    del c.pairs[c.index("timestamp")]


@mistake("recv-window-too-large", "time", BOTH)
def _(c):
    c.put("recvWindow", str(c.rng.choice([60001, 6_000_000, 100_000])))


@mistake("recv-window-too-small", "time", BOTH)
def _(c):
    c.put("recvWindow", str(c.rng.choice([5, 50, 10])))
    c.put("timestamp", str(c.now - c.rng.randrange(100, 500)))


@mistake("recv-window-malformed", "time", BOTH)
def _(c):
    c.put("recvWindow", c.rng.choice(["5s", "5e3", "abc", "5000.1234"]))


# ---- order and choice

@mistake("param-order-mismatch", "payload")
def _(c):
    names = [pair[0] for pair in c.pairs]
    if names == sorted(names) or len(names) < 3 or c.split is not None:
        return False
    if c.rng.random() < 0.5:
        c.edits.append(lambda pairs: sorted(pairs))
    else:
        c.sent.append(lambda pairs: sorted(pairs))
        order = {name: at for at, name in enumerate(names)}
        c.edits.append(lambda pairs: sorted(pairs, key=lambda pair: order[pair[0]]))


@mistake("params-added-after-signing", "payload")
def _(c):
    if c.split is not None:
        return False
    c.pairs.append(c.rng.choice([["_", str(c.now)], ["utm_source", "bot"], ["cacheBust", "1"]]))
    c.edits.append(lambda pairs: pairs[:-1])


@mistake("only-some-params-signed", "payload", BOTH)
def _(c):
    if c.split is not None or len(c.pairs) < 3:
        return False
    c.edits.append(c.rng.choice([lambda pairs: [pair for pair in pairs if pair[0] in ("timestamp", "apiKey")],
                                 lambda pairs: pairs[1:]]))


@mistake("signed-param-not-sent", "payload", BOTH)
def _(c):
    if c.index("recvWindow") is not None and c.rng.random() < 0.6:
        return False
    if c.index("recvWindow") is None:
        added = ["recvWindow", c.rng.choice(["5000", "10000", "", "undefined"])]
    else:
        added = [c.rng.choice(["stopPrice", "icebergQty", "limit", "fromId"]), c.rng.choice(["", "undefined", "null", "None"])]
    place = c.rng.choice([0, 1, None])

    def add(pairs):
        at = len(pairs) if place is None else next((n for n, pair in enumerate(pairs) if pair[0] == "timestamp"), 0) + place - 1
        pairs.insert(max(at, 0), added)
        return pairs
    if c.split is not None:
        return False
    c.edits.append(add)


@mistake("duplicate-param", "wire")
def _(c):
    if c.split is not None:
        return False
    c.pairs.insert(c.rng.randrange(len(c.pairs)), ["timestamp", str(c.stamp)])


@mistake("signature-not-last", "wire")
def _(c):
    def move(request):
        for part in ("raw_query", "raw_body"):
            pairs = request[part].split("&")
            if pairs[-1].startswith("signature=") and len(pairs) > 2:
                request[part] = "&".join([pairs[0], pairs[-1], *pairs[1:-1]])
                return
    if c.split is not None:
        return False
    c.done.append(move)


# ---- assembly

def split(c):
    if c.method == "GET" or len(c.pairs) < 2:
        return False
    c.split = max(1, len(c.pairs) // 2)
    return True


def parts(pairs, cut):
    join = lambda some: "&".join("=".join(pair) for pair in some)
    return join(pairs[:cut]), join(pairs[cut:])


def rendering(cause, make):
    @mistake(cause, "render")
    def _(c):
        if not split(c):
            return False
        c.render = lambda pairs, cut: make(*parts(pairs, cut))


rendering("body-not-signed", lambda q, b: q)
rendering("query-not-signed", lambda q, b: b)
rendering("body-before-query", lambda q, b: b + q)
rendering("ampersand-between-query-and-body", lambda q, b: q + "&" + b)


def wrap(cause, make, transports=REST, schemes=ANY):
    @mistake(cause, "wrap", transports, schemes)
    def _(c):
        change = make(c)
        c.wraps.append(change)


wrap("path-in-signed-payload", lambda c: c.rng.choice([
    lambda t: c.path + "?" + t, lambda t: c.method + c.path + "?" + t, lambda t: "https://api.binance.com" + c.path + "?" + t,
    lambda t: c.path + t]))
wrap("question-mark-in-payload", lambda c: lambda t: "?" + t)
wrap("stray-ampersand-in-payload", lambda c: c.rng.choice([lambda t: t + "&", lambda t: "&" + t]))
wrap("trailing-newline-in-payload", lambda c: c.rng.choice([lambda t: t + "\n", lambda t: t + "\r\n"]), ("rest", "ws", "fix"))
wrap("signature-key-in-payload", lambda c: lambda t: t + "&signature=")
wrap("foreign-exchange-signing-scheme", lambda c: c.rng.choice([
    lambda t: f"{c.stamp}{c.method}{c.path}?{t}", lambda t: f"{c.stamp}{c.name}{value_of(c, 'recvWindow') or 5000}{t}",
    lambda t: f"{c.method}\napi.binance.com\n{c.path}\n{t}"]))
wrap("payload-prehashed", lambda c: c.rng.choice([
    lambda t: hashlib.sha256(t.encode()).digest(), lambda t: hashlib.sha256(t.encode()).hexdigest(),
    lambda t: hashlib.sha512(t.encode()).digest()]), ("rest", "ws"))


@mistake("body-trailing-newline", "wire")
def _(c):
    if c.method == "GET":
        return False
    c.split = 0

    def end(request):
        head, tail = request["raw_body"].rsplit("&signature=", 1)
        request["raw_query"] = "signature=" + tail
        request["raw_body"] = head + "\n"
    c.done.append(end)


@mistake("json-payload-signed", "render")
def _(c):
    numbers, spaced, ordered = c.rng.random() < 0.5, c.rng.random() < 0.5, c.rng.random() < 0.5

    def render(pairs, cut):
        plain = {name: urllib.parse.unquote(value) for name, value in pairs}
        if numbers:
            plain |= {name: int(plain[name]) for name in ("timestamp", "recvWindow") if plain.get(name, "").isdigit()}
        return json.dumps(plain, separators=(", ", ": ") if spaced else (",", ":"), sort_keys=ordered, ensure_ascii=False)
    c.render = render


@mistake("values-only-signed", "render")
def _(c):
    c.render = lambda pairs, cut: "".join(value for _, value in pairs)


@mistake("json-body-instead-of-form", "body", alternatives=("content-type-wrong",))
def _(c):
    if c.method == "GET":
        return False
    c.split = 0

    def change(request):
        fields = dict(pair.split("=", 1) for pair in request["raw_body"].split("&"))
        request["raw_body"] = json.dumps({name: urllib.parse.unquote(value) for name, value in fields.items()}, ensure_ascii=False)
        request["headers"]["Content-Type"] = "application/json"
    c.done.append(change)


@mistake("content-type-wrong", "body")
def _(c):
    if c.method != "POST":
        return False
    c.split = 0
    c.headers["Content-Type"] = c.rng.choice(["text/plain", "application/json"])


@mistake("params-in-get-body", "body")
def _(c):
    if c.method != "GET":
        return False
    c.split = 0


@mistake("multipart-body-instead-of-form", "body")
def _(c):
    if c.method != "POST":
        return False
    c.split = 0

    def change(request):
        fields = [pair.split("=", 1) for pair in request["raw_body"].split("&")]
        body = "".join(f'--XyZ\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{urllib.parse.unquote(v)}\r\n' for n, v in fields)
        request["raw_body"] = body + "--XyZ--\r\n"
        request["headers"]["Content-Type"] = "multipart/form-data; boundary=XyZ"
    c.done.append(change)


# ---- spelling

@mistake("number-formatting-mismatch", "payload")
def _(c):
    name = some_name(c, "price", "quantity", "amount")
    if name is None:
        return False
    change = c.rng.choice([lambda v: v + "0", lambda v: f"{v}00000000"[:v.index(".") + 9], lambda v: v + "000", lambda v: v.split(".")[0]])
    edit(c, name, change)


@mistake("number-formatting-mismatch", "payload")
def _(c):
    name = some_name(c, "price", "quantity")
    if name is None:
        return False
    c.put(name, str(c.rng.randrange(1, 9999)))
    edit(c, name, lambda v: v + ".0")


@mistake("scientific-notation-mismatch", "payload", BOTH)
def _(c):
    name = some_name(c, "quantity", "price")
    if name is None:
        return False
    value = f"0.0000{c.rng.randrange(1, 10)}"
    c.put(name, value)
    text = repr(float(value))
    edit(c, name, lambda v: c.rng.choice([text, text.upper(), text.replace("-0", "-")]))


@mistake("decimal-comma-mismatch", "payload")
def _(c):
    name = some_name(c, "price", "quantity", "amount")
    if name is None:
        return False
    edit(c, name, lambda v: v.replace(".", c.rng.choice([",", "%2C"])))


@mistake("boolean-case-mismatch", "payload", BOTH)
def _(c):
    name = some_name(c, "omitZeroBalances")
    if name is None:
        c.put("reduceOnly", "true")
        name = "reduceOnly"
    c.put(name, c.rng.choice(["true", "false"]))
    edit(c, name, lambda v: v.title())


@mistake("letter-case-mismatch", "payload", BOTH)
def _(c):
    name = some_name(c, "symbol", "side", "asset")
    if name is None or value_of(c, name) in made.WIDE_SYMBOLS:
        return False
    edit(c, name, lambda v: v.lower())


@mistake("list-serialisation-mismatch", "payload")
def _(c):
    name = some_name(c, "orderIdList")
    if name is None:
        if c.path.startswith("/api/"):
            return False
        c.put("symbols", json.dumps([c.rng.choice(made.SYMBOLS) for _ in range(3)], separators=(",", ":")))
        name = "symbols"
    style = c.rng.choice([lambda v: json.dumps(v), lambda v: str(v), lambda v: ",".join(map(str, v))])
    encode = c.rng.choice([lambda v: v, made.quoted, urllib.parse.quote_plus])
    edit(c, name, lambda v: encode(style(json.loads(urllib.parse.unquote(v)))))


@mistake("template-variable-signed", "payload")
def _(c):
    name = some_name(c, "price", "symbol", "quantity", "timestamp")
    edit(c, name, lambda v: c.rng.choice(["{{%s}}", "${%s}"]) % name)


@mistake("timestamp-regenerated-after-signing", "payload", BOTH)
def _(c):
    away = c.rng.choice([-1, 1]) * c.rng.randrange(1, 4000 if c.pair.type == "hmac" else 45)
    edit(c, "timestamp", lambda v: str(int(v) + away))


@mistake("value-whitespace-trimmed", "payload")
def _(c):
    name = some_name(c, "symbol", "side", "price", "omitZeroBalances")
    if name is None:
        return False
    blank = c.rng.choice([" ", "+", "%20"])
    edit(c, name, c.rng.choice([lambda v: v + blank, lambda v: blank + v]))


@mistake("null-literal-param", "wire")
def _(c):
    if c.path.startswith("/api/v3/account"):
        return False
    c.put("price" if c.path == "/api/v3/order" and c.method == "POST" else "symbol", c.rng.choice(["undefined", "None", "null"]))


@mistake("unread-parameter", "wire")
def _(c):
    if c.path not in ("/api/v3/order", "/api/v3/account"):
        return False
    c.put(c.rng.choice(["qty", "orderType", "newOrderResponseType", "foo"]), "1")


# ---- encoding

def with_wide(c):
    if c.index("symbol") is None:
        return False
    c.put("symbol", c.rng.choice(made.WIDE_SYMBOLS))
    return True


def on_all(change):
    return lambda pairs: [[name, change(value)] for name, value in pairs]


@mistake("payload-not-percent-encoded", "payload")
def _(c):
    if not with_wide(c):
        return False
    c.edits.append(on_all(urllib.parse.unquote))


@mistake("reserved-char-encoding-mismatch", "payload")
def _(c):
    if c.path.startswith("/api/v3/account"):
        return False
    c.put("newClientOrderId", f"a{c.rng.choice('@,:*~!()')}b{c.rng.choice('@,:*~!()')}{signers.text(c.rng, 6)}")
    if not re.search("%", made.quoted(value_of(c, "newClientOrderId"))):
        return False
    safe = c.rng.choice(["-._~!'()*", "-._~@,:*!()", "*-._"])
    if urllib.parse.quote(value_of(c, "newClientOrderId"), safe=safe) == made.quoted(value_of(c, "newClientOrderId")):
        return False
    edit(c, "newClientOrderId", lambda v: urllib.parse.quote(urllib.parse.unquote(v), safe=safe))


@mistake("double-percent-encoding", "payload")
def _(c):
    if not with_wide(c):
        return False
    edit(c, "symbol", lambda v: v.replace("%", "%25"))


@mistake("space-plus-vs-percent20", "payload")
def _(c):
    c.put("label", f"my bot {c.rng.randrange(99)}")
    if c.path == "/api/v3/order" or c.path == "/api/v3/account":
        return False
    edit(c, "label", lambda v: v.replace("%20", "+"))


@mistake("percent-hex-case", "payload")
def _(c):
    if not with_wide(c):
        return False
    edit(c, "symbol", lambda v: re.sub("%..", lambda m: m[0].lower(), v))


@mistake("non-ascii-sent-raw", "payload")
def _(c):
    if not with_wide(c):
        return False
    c.sent.append(on_all(urllib.parse.unquote))
    if c.rng.random() < 0.5:
        c.edits.append(on_all(made.quoted))


@mistake("non-utf8-charset", "payload")
def _(c):
    if c.index("symbol") is None:
        return False
    c.put("symbol", "人生BNB")
    edit(c, "symbol", lambda v: urllib.parse.quote(urllib.parse.unquote(v).encode("gbk")))


@mistake("whole-query-encoded", "body")
def _(c):
    if c.split is not None:
        return False
    c.done.append(lambda request: request.update(raw_query=urllib.parse.quote(request["raw_query"], safe="")))


# ---- the value

def value(cause, schemes, change, transports=REST, raw=False, only_if=None):
    @mistake(cause, "value", transports, schemes)
    def _(c):
        if raw:
            c.raw_value = True
        if cause == "signature-not-percent-encoded":
            plus = c.signature  # Only a value with + arrives otherwise.

            def sign(payload, inner=c.sign):
                for n in range(200):
                    signed = inner(payload)
                    if b"+" in base64.b64encode(signed):
                        return signed
                    return signed
            c.sign = sign
            c.done.append(lambda request: setattr(c, "unchanged", "+" not in (request["raw_query"] + request["raw_body"])))
        c.values.append(lambda text: change(c, text))


value("signature-not-percent-encoded", ASYMMETRIC, lambda c, t: t, raw=True)
value("signature-double-encoded", ASYMMETRIC, lambda c, t: urllib.parse.quote(t, safe=""))
value("signature-base64-padding-missing", ED, lambda c, t: t.rstrip("="))
value("signature-base64-line-breaks", RSA, lambda c, t: "\n".join(t[n:n + 64] for n in range(0, len(t), 64)))
value("signature-python-bytes-repr", ANY, lambda c, t: f"b'{t}'")
value("signature-with-tool-output-prefix", HMAC, lambda c, t: c.rng.choice(["(stdin)= ", "SHA2-256(stdin)= ", "HMAC-SHA2-256(stdin)= "]) + t)
value("signature-base64-instead-of-hex", HMAC, lambda c, t: base64.b64encode(bytes.fromhex(t)).decode(), BOTH)
value("signature-hex-instead-of-base64", ASYMMETRIC, lambda c, t: base64.b64decode(t).hex(), BOTH)
value("signature-base64-of-hex", HMAC, lambda c, t: base64.b64encode(t.encode()).decode())
value("signature-truncated", HMAC, lambda c, t: t[:c.rng.choice([32, 40, 60])])
value("ws-signature-percent-encoded", ASYMMETRIC, lambda c, t: urllib.parse.quote(t, safe=""), WS)


@mistake("signature-base64url", "value", REST, ED)
def _(c):
    c.values.append(lambda t: t.replace("+", "-").replace("/", "_").rstrip("="))
    c.done.append(lambda request: setattr(c, "unchanged", not re.search("signature=[^&]*[-_]", request["raw_query"] + request["raw_body"])))


@mistake("signature-leading-zeros-dropped", "value", REST, HMAC)
def _(c):
    c.values.append(lambda t: t.lstrip("0"))
    c.done.append(lambda request: setattr(c, "unchanged", bool(re.search("signature=[0-9a-f]{64}", request["raw_query"] + request["raw_body"]))))


@mistake("signature-missing", "wire")
def _(c):
    def cut(request):
        for part in ("raw_query", "raw_body"):
            request[part] = re.sub("&?signature=[^&]*", "", request[part])
    c.done.append(cut)


# ---- keys

def keyed(cause, change):
    @mistake(cause, "key", ("rest", "ws"), HMAC)
    def _(c):
        secret = change(c, c.pair.secret)
        c.sign = lambda payload: hmac.new(secret if isinstance(secret, bytes) else secret.encode(), payload, "sha256").digest()


keyed("secret-has-surrounding-whitespace", lambda c, s: c.rng.choice([s + "\n", s + "\r\n", " " + s, s + " ", s + "\t", s + "\r"]))
keyed("secret-has-quotes", lambda c, s: c.rng.choice(['"%s"', "'%s'"]) % s)
keyed("secret-one-char-missing", lambda c, s: (lambda at: s[:at] + s[at + 1:])(c.rng.randrange(64)))
keyed("secret-letter-case-changed", lambda c, s: c.rng.choice([s.lower(), s.upper()]))
keyed("secret-placeholder", lambda c, s: c.rng.choice(["", "undefined", "null", "None", "YOUR_API_SECRET", "your_secret_key"]))
keyed("secret-decoded-as-base64", lambda c, s: base64.b64decode(s))
keyed("api-key-used-as-secret", lambda c, s: c.name)


@mistake("signed-with-predecessor-key", "key", ("rest", "ws", "fix"))
def _(c):
    c.sign = c.old_pair.sign


@mistake("signed-with-other-key", "key", ("rest", "ws"))
def _(c):
    c.sign = c.pool[c.pair.type][2].sign


@mistake("secret-sent-as-signature", "whole", REST, HMAC)
def _(c):
    c.sign = lambda payload: c.pair.secret


@mistake("key-and-secret-swapped", "whole", REST, HMAC, ("api-key-unknown", "api-key-used-as-secret"))
def _(c):
    c.header_value = c.pair.secret
    c.sign = lambda payload: hmac.new(c.name.encode(), payload, "sha256").digest()


@mistake("hmac-keyed-with-public-key", "whole", REST, ASYMMETRIC)
def _(c):
    text = c.pair.record()["public_key_pem"]
    c.sign = lambda payload: hmac.new(text.encode(), payload, "sha256").hexdigest()


@mistake("hmac-signature-for-asymmetric-key", "whole", REST, ASYMMETRIC)
def _(c):
    c.sign = lambda payload: c.rng.randbytes(32).hex()


@mistake("asymmetric-signature-for-hmac-key", "whole", REST, HMAC)
def _(c):
    c.sign = lambda payload: base64.b64encode(c.rng.randbytes(c.rng.choice([64, 256]))).decode()


# ---- how the key is named

@mistake("api-key-unknown", "whole")
def _(c):
    c.header_value = signers.text(c.rng)


@mistake("api-key-has-extra-characters", "name")
def _(c):
    c.header_value = c.rng.choice(['"%s"', " %s", "Bearer %s", "%s\n", "%s,"]) % c.name


@mistake("api-key-header-missing", "name")
def _(c):
    c.header_name = None


@mistake("api-key-header-misnamed", "name", alternatives=("api-key-header-missing",))
def _(c):
    c.header_name = c.rng.choice(["X-API-KEY", "X-MBX-API-KEY", "Authorization", "apikey"])


@mistake("private-key-pasted-as-api-key", "whole", REST, ASYMMETRIC)
def _(c):
    c.header_value = c.rng.choice(["-----BEGIN PRIVATE KEY-----", "MC4CAQAwBQYDK2VwBCIEIJu3rlPiGZWxxpBRdwn6Web6MyaVbY2FKUgYtpHpBuNZ"])


# ---- algorithm

def algorithm(cause, schemes, make):
    @mistake(cause, "key", REST, schemes)
    def _(c):
        c.sign = make(c)


algorithm("hmac-wrong-hash", HMAC, lambda c: (lambda h: lambda p: hmac.new(c.pair.secret.encode(), p, h).digest())(
    c.rng.choice(["sha512", "sha1", "md5", "sha384", "sha3_256"])))
algorithm("plain-hash-instead-of-hmac", HMAC, lambda c: c.rng.choice([
    lambda p: hashlib.sha256(c.pair.secret.encode() + p).digest(), lambda p: hashlib.sha256(p + c.pair.secret.encode()).digest()]))
algorithm("hmac-arguments-swapped", HMAC, lambda c: lambda p: hmac.new(p, c.pair.secret.encode(), "sha256").digest())
algorithm("rsa-pss-instead-of-pkcs1", RSA, lambda c: lambda p: c.pair.sign_pss(p, c.rng, c.rng.choice([32, 222])))
algorithm("rsa-wrong-hash", RSA, lambda c: (lambda h: lambda p: c.pair.sign(p, h))(c.rng.choice(["sha1", "sha512", "sha384"])))


# ---- state

def state(cause, change, alternatives=()):
    @mistake(cause, "state", ("rest", "ws", "fix"), ANY, alternatives)
    def _(c):
        return change(c)


def set_ip(c, source, allow):
    c.source, c.allow_list = source, allow


state("ip-not-allowed", lambda c: set_ip(c, "192.0.2.134", ["203.0.113.7", "198.51.100.0/26"]))
state("ip-family-mismatch", lambda c: set_ip(c, "2001:db8::17", ["203.0.113.7"]), ("ip-not-allowed",))
state("permission-missing", lambda c: setattr(c, "permissions", ["USER_STREAM"]))
state("key-expired", lambda c: c.extra.update(expires_at_ms=c.now - c.rng.randrange(1000, 10**9)))
state("key-revoked", lambda c: setattr(c, "state", "revoked"))
state("key-disabled", lambda c: setattr(c, "state", "disabled"))
state("key-of-other-environment", lambda c: setattr(c, "environment", "testnet"))


@mistake("symbol-not-allowed", "symbols", BOTH)
def _(c):
    if c.index("symbol") is None:
        return False
    c.symbols = ["LTCUSDT", "XRPUSDT"]


@mistake("client-behind-untrusted-proxy", "state", REST, ANY, ("ip-not-allowed",))
def _(c):
    set_ip(c, "192.0.2.9", ["203.0.113.7"])
    c.headers["X-Forwarded-For"] = "203.0.113.7"


@mistake("wrong-http-method", "wire")
def _(c):
    if c.path != "/api/v3/account":
        return False
    c.method = "PUT"


@mistake("wrong-host-or-path", "wire")
def _(c):
    if not c.path.startswith("/api/v3/"):
        return False
    c.path = c.path.replace("/api/v3/", c.rng.choice(["/api/v9/", "/v3/", "/api/v3/x"]))


# ---- WebSocket

@mistake("ws-params-not-sorted", "render", WS)
def _(c):
    c.render = lambda pairs, cut: "&".join("=".join(pair) for pair in pairs)


@mistake("ws-api-key-not-in-payload", "payload", WS)
def _(c):
    c.edits.append(lambda pairs: [pair for pair in pairs if pair[0] != "apiKey"])


@mistake("ws-payload-percent-encoded", "payload", WS)
def _(c):
    c.put("symbol", c.rng.choice(made.WIDE_SYMBOLS))
    c.edits.append(on_all(made.quoted))


@mistake("ws-number-formatting", "payload", WS)
def _(c):
    edit(c, "quantity", lambda v: f"{v}00000000"[:v.index(".") + 9])


@mistake("ws-json-signed", "render", WS)
def _(c):
    spaced = c.rng.choice([(",", ":"), (", ", ": ")])
    c.render = lambda pairs, cut: json.dumps(
        {n: int(v) if n in ("timestamp", "recvWindow") and v.isdigit() else v for n, v in pairs}, separators=spaced)


@mistake("ws-envelope-fields-in-payload", "payload", WS)
def _(c):
    c.edits.append(lambda pairs: [*pairs, c.rng.choice([["id", "f8056708"], ["method", "order.place"]])])


@mistake("ws-session-not-logged-on", "whole", WS)
def _(c):
    def cut(frame):
        del frame["params"]["apiKey"], frame["params"]["signature"]
    c.framing.append(cut)


@mistake("ws-session-revoked", "whole", WS)
def _(c):
    def cut(frame):
        del frame["params"]["apiKey"], frame["params"]["signature"]
    c.framing.append(cut)
    c.done.append(lambda request: request.update(session={"logged_on_api_key": c.name}))
    c.state = "revoked"


# ---- FIX

def in_fix(cause, axis, change, schemes=ED):
    mistake(cause, axis, FIX, schemes)(change)


def with_render(make):
    def change(c):
        c.render = make(c)
    return change


in_fix("fix-wrong-delimiter", "render", with_render(lambda c: (lambda glue: lambda f, _: glue.join(v for _, v in f))(
    c.rng.choice(["|", "", "^A"]))))
in_fix("fix-signed-tag-value-pairs", "render", with_render(lambda c: lambda f, _: "\x01".join(f"{t}={v}" for t, v in f)))
in_fix("fix-trailing-soh", "wrap", lambda c: c.wraps.append(lambda t: t + "\x01"))
in_fix("fix-field-order", "payload", lambda c: c.edits.append((lambda order: lambda f: [f[n] for n in order])(
    c.rng.choice([[0, 3, 1, 4, 2], [0, 2, 1, 3, 4], [4, 0, 3, 1, 2], [1, 0, 2, 4, 3]]))))


def other_field(tag, change):
    def apply(c):
        c.edits.append(lambda fields: [[t, change(c, v) if t == tag else v] for t, v in fields])
    return apply


in_fix("fix-sending-time-mismatch", "payload", other_field("52", lambda c, v: c.rng.choice([
    v[:-4], v + "000", c.fix_time(c.stamp + c.rng.choice([-1, 1]) * c.rng.randrange(1, 40))])))
in_fix("fix-seq-num-mismatch", "payload", other_field("34", lambda c, v: str(int(v) + c.rng.randrange(1, 4))))
in_fix("fix-seq-num-not-one", "wire", lambda c: c.fix.update({34: str(c.rng.randrange(2, 90))}))
in_fix("fix-local-time", "time", lambda c: c.fix.update({52: c.fix_time(c.stamp + 3_600_000 * c.rng.choice([-5, 1, 2, 8]))}))
in_fix("clock-behind", "time", lambda c: c.fix.update({52: c.fix_time(c.now - c.rng.randrange(5500, 90_000) // 2 * 2 - 1)}))
in_fix("clock-ahead", "time", lambda c: c.fix.update({52: c.fix_time(c.now + c.rng.randrange(1000, 90_000))}))
in_fix("fix-raw-data-length-wrong", "wire", lambda c: c.framing.append(lambda body: [(t, "64" if t == 95 else v) for t, v in body]))
in_fix("fix-logon-without-credentials", "whole", lambda c: c.framing.append(lambda body: [(t, v) for t, v in body if t not in (95, 96, 553)]))
in_fix("fix-garbled-message", "wire", lambda c: c.done.append(
    lambda request: request.update(message=re.sub("\x019=([0-9]+)", lambda m: f"\x019={int(m[1]) + 3}", request["message"]))))
in_fix("key-type-not-allowed-here", "whole", lambda c: None, HMAC + RSA)
