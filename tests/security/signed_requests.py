"""Signed requests to the routes of the profile `binance-spot`, for the rows of target and parameters.

Every bad request is signed as it stands, so that nothing but the row's own rule can refuse it.
"""

from raw_http import request
from signing import now_ms

ACCOUNT, ORDER, ORDER_TEST = "/api/v3/account", "/api/v3/order", "/api/v3/order/test"
FORM = "application/x-www-form-urlencoded"


class Requests:
    """Makes signed requests of one caller. They are built when they are sent, for a timestamp is young for seconds."""

    def __init__(self, caller):
        self.caller = caller

    def query(self, parameters, target=ACCOUNT, method="GET", signed=None):
        """`parameters` with {now} for the time, and the signature of `signed` (all of it) behind them."""
        def build():
            payload = parameters.replace("{now}", str(now_ms()))
            return request(method, f"{target}?{payload}&signature={self.caller.sign(signed or payload)}",
                           self.caller.field)
        return build

    def raw(self, query, payload, target=ACCOUNT, method="GET"):
        """A query with {now} and with {signature}, which is that of `payload`."""
        def build():
            now = str(now_ms())
            signature = self.caller.sign(payload.replace("{now}", now))
            return request(method, f"{target}?{query.replace('{now}', now).replace('{signature}', signature)}",
                           self.caller.field)
        return build

    def form(self, query, body, content_type=FORM, payload=None, target=ORDER_TEST, method="POST"):
        """Both with {now} and {signature}; `payload` is query and body less the signature unless it is given."""
        types = [content_type] if isinstance(content_type, str) else content_type

        def build():
            now = str(now_ms())
            texts = [part.replace("{now}", now) for part in (query, body)]
            signed = payload.replace("{now}", now) if payload else "".join(
                part.replace("&signature={signature}", "").replace("signature={signature}", "") for part in texts)
            signature = self.caller.sign(signed)
            query_text, body_text = (part.replace("{signature}", signature) for part in texts)
            return request(method, target + (f"?{query_text}" if query_text else ""), self.caller.field,
                           *(f"Content-Type: {type_}" for type_ in types), body=body_text.encode("latin-1"))
        return build
