"""Rows of the table of target and parameters about names, values and where the signature stands."""

from cases import passes, refused
from raw_http import request

PARAMETERS_MAX, NAME_MAX, VALUE_MAX = 100, 64, 4096


def reserved(requests):
    good = "timestamp={now}&signature={signature}"
    for name, query, payload in (
        ("signature", "timestamp={now}&signature={signature}&signature={signature}", "timestamp={now}"),
        ("signature_first_wrong", "timestamp={now}&signature=" + "0" * 64 + "&signature={signature}",
         "timestamp={now}"),
        ("signature_second_wrong", "timestamp={now}&signature={signature}&signature=" + "0" * 64, "timestamp={now}"),
        ("signature_second_signed", "timestamp={now}&signature={signature}&signature=0", "timestamp={now}&signature=0"),
        ("signature_second_empty", "timestamp={now}&signature={signature}&signature=", "timestamp={now}&signature="),
        ("timestamp", "timestamp={now}&timestamp={now}&signature={signature}", "timestamp={now}&timestamp={now}"),
        ("timestamp_other", "timestamp=1&timestamp={now}&signature={signature}", "timestamp=1&timestamp={now}"),
        ("recv_window", f"recvWindow=5000&recvWindow=5000&{good}", "recvWindow=5000&recvWindow=5000&timestamp={now}"),
        ("recv_window_other", f"recvWindow=5000&recvWindow=9&{good}", "recvWindow=5000&recvWindow=9&timestamp={now}"),
        ("api_key", f"apiKey=a&apiKey=a&{good}", "apiKey=a&apiKey=a&timestamp={now}"),
    ):
        yield refused(f"reserved_twice/{name}", requests.raw(query, payload), 400, -1101)
    for name, query, body in (
        ("signature", "timestamp={now}&signature={signature}", "a=1&signature=" + "0" * 64),
        ("timestamp", "timestamp={now}", "timestamp={now}&signature={signature}"),
        ("recv_window", "recvWindow=5000", "recvWindow=5000&timestamp={now}&signature={signature}"),
        ("recv_window_other", "recvWindow=5000&timestamp={now}", "recvWindow=60000&signature={signature}"),
        ("api_key", "apiKey=a&timestamp={now}", "apiKey=b&signature={signature}"),
    ):
        yield refused(f"reserved_in_query_and_body/{name}", requests.form(query, body), 400, -1101)
    for name, written in {
        "signature_encoded": "%73ignature", "signature_all_encoded": "".join(f"%{ord(c):02x}" for c in "signature"),
        "timestamp_encoded": "time%73tamp",
        "recv_window_encoded": "recv%57indow", "api_key_encoded": "api%4bey", "api_key_encoded_capital": "api%4Bey",
        "signature_capital": "Signature",
        "signature_capitals": "SIGNATURE", "timestamp_capital": "Timestamp", "timestamp_camel": "timeStamp",
        "recv_window_lower": "recvwindow",
        "recv_window_capitals": "RECVWINDOW", "api_key_lower": "apikey", "api_key_capitals": "APIKEY",
        "signature_encoded_and_capital": "%53ignature",
    }.items():
        yield refused(f"reserved_disguised/{name}", requests.query(written + "=1&timestamp={now}"), 400, -1100)
        yield refused(f"reserved_disguised/{name}_in_a_body",
                      requests.form("", written + "=1&timestamp={now}&signature={signature}"), 400, -1100)
    yield refused("reserved_disguised/only_timestamp_disguised", requests.query("time%73tamp={now}"), 400, -1100)
    yield refused("reserved_disguised/only_signature_disguised",
                  requests.raw("timestamp={now}&%73ignature={signature}", "timestamp={now}"), 400, -1100)


def behind_signature(requests):
    arrives = (b"&behind=1 HTTP/1.1",)
    behind, before = "timestamp={now}&signature={signature}&behind=1", "timestamp={now}&signature={signature}"
    payload = "timestamp={now}&behind=1"
    yield passes("behind_signature/signed_with_the_rest", requests.raw(behind, payload), carries=arrives)
    yield passes("behind_signature/signature_first", requests.raw("signature={signature}&" + payload, payload),
                 carries=arrives)
    yield refused("behind_signature/not_signed", requests.raw(behind, "timestamp={now}"), 400, -1022)
    yield refused("behind_signature/body_not_signed",
                  requests.form(before, "behind=1", payload="timestamp={now}"), 400, -1022)
    yield passes("behind_signature/body_signed", requests.form(before, "behind=1"), carries=(b"\r\n\r\nbehind=1",))


def signature_last(requests):
    """For a gateway whose profile demands it."""
    signed = "a=1&timestamp={now}&signature={signature}"
    yield passes("signature_last/last_passes", requests.query("a=1&timestamp={now}"))
    yield passes("signature_last/last_in_a_body_passes", requests.form("b=1", signed))
    for name, query, payload in (
        ("first", "signature={signature}&timestamp={now}", "timestamp={now}"),
        ("in_the_middle", "a=1&signature={signature}&timestamp={now}", "a=1&timestamp={now}"),
        ("before_one_more", "timestamp={now}&signature={signature}&a=1", "timestamp={now}&a=1"),
    ):
        yield refused(f"signature_last/{name}", requests.raw(query, payload), 400, -1022)
    yield refused("signature_last/before_an_ampersand", requests.raw(signed + "&", "a=1&timestamp={now}&"), 400)
    yield refused("signature_last/in_a_query_before_a_body", requests.form(signed, "b=1"), 400, -1022)
    in_the_middle = "a=1&signature={signature}&timestamp={now}"
    yield refused("signature_last/in_the_middle_of_a_body",
                  requests.form("", in_the_middle, payload="a=1&timestamp={now}"), 400, -1022)


def names_and_numbers(requests):
    for name, query in {"empty_name": "=1&timestamp={now}", "empty_name_and_value": "=&timestamp={now}",
                        "two_ampersands": "a=1&&timestamp={now}",
                        "ampersand_first": "&timestamp={now}", "missing_equals": "a&timestamp={now}",
                        "missing_equals_reserved": "timestamp={now}&recvWindow",
                        "only_ampersands": "timestamp={now}&&"}.items():
        yield refused(f"parameter/{name}", requests.query(query), 400, -1100)
        body = query + "&signature={signature}"
        yield refused(f"parameter/{name}_in_a_body", requests.form("", body), 400, -1100)
    for name, query in {"empty_name": "=1", "two_ampersands": "a=1&&b=1", "missing_equals": "a",
                        "101": "&".join(f"p{number}=1" for number in range(PARAMETERS_MAX + 1))}.items():
        # Nothing is read of it here: whether it makes sense is the upstream's to say.
        yield passes(f"parameter/{name}_on_a_public_route_passes", request("GET", f"/api/v3/time?{query}"))
    yield refused("parameter/ampersand_last", requests.raw("timestamp={now}&signature={signature}&",
                                                           "timestamp={now}&"), 400, -1100)
    yield refused("parameter/twice", requests.query("a=1&a=1&timestamp={now}"), 400, -1101)
    yield refused("parameter/twice_encoded", requests.query("a=1&%61=2&timestamp={now}"), 400, -1101)
    yield refused("parameter/twice_in_a_body", requests.form("", "a=1&a=2&timestamp={now}&signature={signature}"), 400,
                  -1101)

    def many(count):  # timestamp and signature are two of them
        return "".join(f"p{number}=1&" for number in range(count - 2)) + "timestamp={now}"

    yield passes(f"parameter/{PARAMETERS_MAX}_pass", requests.query(many(PARAMETERS_MAX)))
    yield refused(f"parameter/{PARAMETERS_MAX + 1}", requests.query(many(PARAMETERS_MAX + 1)), 400, -1101)
    yield refused("parameter/1000", requests.query(many(1000)), 400, -1101)
    half = "&".join(f"q{number}=1" for number in range(50))
    yield refused("parameter/101_in_query_and_body", requests.form(half, many(51) + "&signature={signature}"), 400,
                  -1101)
    yield passes("parameter/name_of_64_passes", requests.query("n" * NAME_MAX + "=1&timestamp={now}"))
    yield refused("parameter/name_of_65", requests.query("n" * (NAME_MAX + 1) + "=1&timestamp={now}"), 400, -1130)
    yield passes("parameter/value_of_4096_passes", requests.query("a=" + "v" * VALUE_MAX + "&timestamp={now}"))
    yield refused("parameter/value_of_4097", requests.query("a=" + "v" * (VALUE_MAX + 1) + "&timestamp={now}"), 400,
                  -1130)
