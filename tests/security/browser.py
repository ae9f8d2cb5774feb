"""A browser of a test: cookies, the tokens of the page, and codes of an authenticator app. It checks nothing by itself."""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
import struct
import time
import urllib.parse

CALL_LIMIT_S = 60
STEP_S = 30


def totp(secret_base32, at=None):
    """The six digits that an authenticator app shows (RFC 6238)."""
    padded = secret_base32 + "=" * (-len(secret_base32) % 8)
    step = struct.pack(">Q", int(time.time() if at is None else at) // STEP_S)
    tag = hmac.new(base64.b32decode(padded), step, hashlib.sha1).digest()
    start = tag[-1] & 15
    return f"{(struct.unpack('>I', tag[start:start + 4])[0] & 0x7fffffff) % 1_000_000:06d}"


class Browser:
    """One browser: it keeps cookies and sends what a page of `origin` sends."""

    def __init__(self, origin, authority=None):
        self.origin, self.cookies, self.csrf, self.headers = origin, {}, "", {}
        self.place = urllib.parse.urlsplit(origin)
        self.tls = ssl.create_default_context(cafile=authority) if authority else None

    def connect(self):
        host, port = self.place.hostname, self.place.port
        if self.place.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=CALL_LIMIT_S, context=self.tls)
        return http.client.HTTPConnection(host, port, timeout=CALL_LIMIT_S)

    def fields(self, method, more=None):
        fields = {"Sec-Fetch-Site": "same-origin", "User-Agent": "test browser"}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method not in ("GET", "HEAD"):
            fields |= {"Origin": self.origin, "Content-Type": "application/json"}
            if self.csrf:
                fields["X-Counterfoil-CSRF"] = self.csrf
        return {name: value for name, value in (fields | (more or {})).items() if value is not None}

    def fetch(self, method, path, body=None, more=None):
        """(status, fields, bytes); `more` adds to the usual fields, and None takes one away."""
        connection = self.connect()
        try:
            text = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
            if text is None and method not in ("GET", "HEAD"):
                text = b"{}"
            connection.request(method, path, text, self.fields(method, more))
            response = connection.getresponse()
            answer = response.read()
            self._keep(response)
            return response.status, response.headers, answer
        finally:
            connection.close()

    def call(self, method, path, body=None, more=None):
        """One call of the management API: (status, answer)."""
        status, _, answer = self.fetch(method, f"/api/v1{path}", body, more)
        return status, json.loads(answer or b"null")

    def must(self, method, path, body=None, more=None):
        status, answer = self.call(method, path, body, more)
        if status not in (200, 201, 204):
            raise RuntimeError(f"{method} {path} answered {status}: {answer}")
        return answer

    def _keep(self, response):
        for line in response.headers.get_all("Set-Cookie") or ():
            pair, *rest = (part.strip() for part in line.split(";"))
            name, _, value = pair.partition("=")
            if "Max-Age=0" in rest:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        token = response.headers.get("X-Counterfoil-CSRF")
        if token:
            self.csrf = token


class Person:
    """Somebody with a password and an authenticator app. A code serves once, so each waits for the next step."""

    def __init__(self, browser, email, password="tangerine kettle fox"):
        self.browser, self.email, self.password = browser, email, password
        self.seed, self.last_step, self.codes = "", 0, []

    def enrol(self, path, token_name, token, name="Ann"):
        answer = self.browser.must("POST", path, {token_name: token, "name": name, "email": self.email, "password": self.password})
        made = self.browser.must("POST", "/me/totp")
        self.seed = made["secret_base32"]
        self.browser.must("POST", "/me/totp/confirm", {"code": self.code()})
        self.codes = self.browser.must("POST", "/me/recovery-codes")["codes"]
        return answer

    def code(self):
        """A code that was not used before: it may have to be waited for."""
        step = int(time.time()) // STEP_S
        if step <= self.last_step:
            # One step ahead is taken, too: the app's clock may be fast.
            step = self.last_step + 1
            wait = (step - 1) * STEP_S - time.time()
            time.sleep(max(wait, 0) + 0.05 if wait > 0 else 0)
        self.last_step = step
        return totp(self.seed, step * STEP_S)

    def sign_in(self, **change):
        return self.browser.call("POST", "/session", {"email": self.email, "password": self.password} |
                                 ({} if "totp" in change or "recovery_code" in change else {"totp": self.code()}) | change)

    def confirmed(self, method, path, body=None, more=None):
        """A change that is confirmed with a fresh code when that is asked for: (status, answer)."""
        status, answer = self.browser.call(method, path, body, more)
        if status != 403 or answer["reason"] != "step_up_required":
            return status, answer
        # Recovery codes spare the waiting for the next step of the app.
        proof = {"recovery_code": self.codes.pop()} if self.codes else {"totp": self.code()}
        grant = self.browser.must("POST", "/me/step-up", {"hash": answer["step_up"]["hash"]} | proof)["grant"]
        return self.browser.call(method, path, body, (more or {}) | {"X-Counterfoil-Step-Up": grant})
