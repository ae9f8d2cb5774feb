"""Rows of the table of target and parameters about timestamp and recvWindow."""

from cases import passes, refused
from signed_requests import ACCOUNT, ORDER
from signing import now_ms


def timestamps(requests):
    illegal = "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'."
    late = "Timestamp for this request is outside of the recvWindow."
    ahead = "Timestamp for this request was 1000ms ahead of the server's time."

    def stamped(stamp, window="", target=ACCOUNT, method="GET"):
        text = stamp if callable(stamp) else lambda: stamp
        return lambda: requests.query(f"timestamp={text()}{window}", target, method)()

    yield refused("timestamp/missing", requests.query("a=1"), 400, -1102)
    yield refused("timestamp/missing_and_nothing_else", requests.raw("signature={signature}", ""), 400, -1102)
    yield refused("timestamp/empty", stamped(""), 400, -1102)
    for name, stamp in {
        "plus": lambda: f"+{now_ms()}", "plus_encoded": lambda: f"%2B{now_ms()}", "minus": lambda: f"-{now_ms()}",
        "decimal": lambda: f"{now_ms()}.0",
        "decimal_seconds": lambda: f"{now_ms() / 1000:.3f}", "space_before": lambda: f"%20{now_ms()}",
        "space_behind": lambda: f"{now_ms()}%20",
        "plus_as_space": lambda: f"{now_ms()}+", "space_inside": lambda: str(now_ms())[:6] + "%20" + str(now_ms())[6:],
        "only_space": "%20", "full_width": lambda: "".join("%EF%BC%9" + digit for digit in str(now_ms())),
        "arabic": lambda: "".join("%D9%A" + d for d in str(now_ms())),
        "hex": lambda: hex(now_ms()), "exponent": "1.7e12", "word": "now", "21_digits": "1" * 21,
        "separators": "1_700_000_000_000",
        "encoded_digit": lambda: "%31" + str(now_ms())[1:], "nul_behind": lambda: f"{now_ms()}%00",
    }.items():
        yield refused(f"timestamp/{name}", stamped(stamp), 400, -1100, msg=illegal)
    for name, stamp in {
        "12_digits": lambda: str(now_ms())[:12], "14_digits": lambda: f"{now_ms()}0",
        "15_digits": lambda: f"{now_ms()}00", "17_digits": lambda: f"{now_ms()}0000",
        "19_digits": lambda: f"{now_ms()}000000", "20_digits": "9" * 20, "seconds": lambda: str(now_ms() // 1000),
        "zero": "0", "before_2017": "1483228799999",
        "11_s_ahead": lambda: str(now_ms() + 11_000), "a_day_ahead": lambda: str(now_ms() + 86_400_000),
        "6_s_late": lambda: str(now_ms() - 6_000),
        "6_s_late_in_us": lambda: f"{now_ms() - 6_000}000", "a_day_late": lambda: str(now_ms() - 86_400_000),
    }.items():
        yield refused(f"timestamp/{name}", stamped(stamp), 400, -1021, msg=late)
    yield refused("timestamp/late_for_its_window", stamped(lambda: str(now_ms() - 500), "&recvWindow=100"), 400, -1021,
                  msg=late)
    yield refused("timestamp/late_for_the_largest_window", stamped(lambda: str(now_ms() - 61_000), "&recvWindow=60000"),
                  400, -1021, msg=late)
    yield refused("timestamp/late_on_an_order", stamped(lambda: str(now_ms() - 6_000), target=ORDER, method="POST"),
                  400, -1021, msg=late)
    yield refused("timestamp/ahead", stamped(lambda: str(now_ms() + 3_000)), 400, -1021, msg=ahead)
    yield refused("timestamp/ahead_in_us", stamped(lambda: f"{now_ms() + 3_000}000"), 400, -1021, msg=ahead)
    yield passes("timestamp/us_pass", stamped(lambda: f"{now_ms()}000"))
    yield passes("timestamp/2_s_late_passes", stamped(lambda: str(now_ms() - 2_000)))
    yield passes("timestamp/50_s_late_with_its_window_passes",
                 stamped(lambda: str(now_ms() - 50_000), "&recvWindow=60000"))


def windows(requests):
    for name, text, code in (
        ("0", "0", -1130), ("0_with_decimals", "0.000", -1130), ("minus", "-1", -1130), ("minus_0", "-0", -1130),
        ("plus", "%2B5000", -1130), ("word", "long", -1130),
        ("empty", "", -1130), ("hex", "0x1388", -1130), ("exponent", "5e3", -1130), ("comma", "5000,5", -1130),
        ("two_points", "5.0.0", -1130),
        ("point_first", ".5", -1130), ("point_last", "5000.", -1130), ("space", "%205000", -1130),
        ("plus_as_space", "5000+", -1130), ("nan", "NaN", -1130),
        ("infinite", "Infinity", -1130), ("full_width", "%EF%BC%95", -1130), ("60001", "60001", -1131),
        ("60000_and_a_bit", "60000.001", -1131),
        ("9_digits", "999999999", -1131), ("four_decimals", "5000.1234", -1111),
        ("many_decimals", "5000." + "0" * 30, -1111),
    ):
        yield refused(f"recv_window/{name}", requests.query(f"recvWindow={text}&timestamp={{now}}"), 400, code)
    yield refused("recv_window/40_digits", requests.query("recvWindow=" + "9" * 40 + "&timestamp={now}"), 400)
    for text in ("60000", "60000.000", "5000.123", "1000.5"):
        yield passes(f"recv_window/{text}_passes", requests.query(f"recvWindow={text}&timestamp={{now}}"))
