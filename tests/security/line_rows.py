"""Rows of the table of framing about its lines: line ends, bytes, header lines, Host, methods, versions."""

from bad_requests import CHUNKS, TIME, bad, get, head, post, text
from cases import passes, refused
from raw_http import HOST

CONTROLS = [byte for byte in [*range(0x20), 0x7f] if byte not in b"\t\r\n"]


def line_ends():
    lines = [f"GET {TIME} HTTP/1.1", f"Host: {HOST}", "X-Third: 1", ""]
    ends = {"lf": "\n", "cr": "\r", "cr_cr_lf": "\r\r\n", "lf_cr": "\n\r"}
    for name, end in ends.items():
        yield bad(f"line_end/{name}_everywhere", "".join(line + end for line in lines).encode())
        for place, of_line in enumerate(("request_line", "first_field", "last_field", "empty_line")):
            data = "".join(line + (end if at == place else "\r\n") for at, line in enumerate(lines))
            yield bad(f"line_end/{name}_behind_{of_line}", data.encode())
    yield bad("line_end/lf_before_request_line", b"\n" + get())
    yield bad("line_end/cr_before_request_line", b"\r" + get())
    yield bad("line_end/lf_inside_value", get("X-A: 1\nX-B: 2"))
    yield bad("line_end/cr_inside_value", get("X-A: 1\rX-B: 2"))
    yield bad("line_end/lf_inside_target", get(target=f"{TIME}?a=1\nb"))
    yield bad("line_end/cr_inside_target", get(target=f"{TIME}?a=1\rb"))
    yield bad("line_end/lf_hides_a_request", get("X-A: 1\n\nGET /api/v3/ping HTTP/1.1"))


def control_bytes():
    for byte in CONTROLS:
        yield bad(f"control_byte/{byte:02x}_in_value", get(f"X-A: a{chr(byte)}b"))
    for byte in (0x00, 0x01, 0x0b, 0x1b, 0x7f):
        char = chr(byte)
        yield bad(f"control_byte/{byte:02x}_in_name", get(f"X-{char}A: b"))
        yield bad(f"control_byte/{byte:02x}_in_method", head(f"G{char}ET {TIME} HTTP/1.1", f"Host: {HOST}"))
        yield bad(f"control_byte/{byte:02x}_in_path", get(target=f"/api/v3/ti{char}me"))
        yield bad(f"control_byte/{byte:02x}_in_query", get(target=f"{TIME}?a={char}"))
        yield bad(f"control_byte/{byte:02x}_in_version", get(version=f"HTTP/1.1{char}"))
        yield bad(f"control_byte/{byte:02x}_in_host", head(f"GET {TIME} HTTP/1.1", f"Host: {HOST}{char}"))
        yield bad(f"control_byte/{byte:02x}_first", char.encode() + get())
    yield bad("control_byte/tab_in_name", get("X-\tA: b"))
    yield passes("control_byte/tab_in_value_passes", get("X-A: a\tb"), carries=(b"X-A: a\tb",))


def field_lines():
    yield bad("field_line/folded_with_space", get("X-A: 1", " 2"))
    yield bad("field_line/folded_with_tab", get("X-A: 1", "\t2"))
    yield bad("field_line/folded_looks_like_field", get("X-A: 1", " Content-Length: 5"))
    yield bad("field_line/folded_last_blank_only", get("X-A: 1", " "))
    yield bad("field_line/first_starts_with_space", head(f"GET {TIME} HTTP/1.1", f" Host: {HOST}"))
    yield bad("field_line/first_starts_with_tab", head(f"GET {TIME} HTTP/1.1", f"\tHost: {HOST}"))
    yield bad("field_line/first_starts_with_space_then_host", head(f"GET {TIME} HTTP/1.1", " X-A: 1", f"Host: {HOST}"))
    yield bad("field_line/without_colon", get("X-A"))
    yield bad("field_line/first_without_colon", head(f"GET {TIME} HTTP/1.1", "X-A", f"Host: {HOST}"))
    yield bad("field_line/empty_name", get(": 1"))
    yield bad("field_line/only_colon", get(":"))
    yield bad("field_line/space_before_colon", get("X-A : 1"))
    yield bad("field_line/tab_before_colon", get("X-A\t: 1"))
    yield bad("field_line/space_before_colon_of_length", post("Content-Length : 5", body=b"hello"))
    yield bad("field_line/space_before_colon_of_coding", post("Transfer-Encoding : chunked", body=CHUNKS))
    yield bad("field_line/request_line_again", get(f"GET {TIME} HTTP/1.1"))
    for byte in b' "(),/;<=>?@[\\]{}':
        yield bad(f"field_line/name_with_{byte:02x}", get(f"X{chr(byte)}A: 1"))
    for byte in (0x80, 0xa0, 0xe4, 0xff):
        yield bad(f"field_line/name_with_{byte:02x}", get(f"X{chr(byte)}A: 1"))


def underscores():
    for name in ("X_Trace", "_", "x_forwarded_for", "Accept_Encoding"):
        yield passes(f"underscore/{name}_dropped", get(f"{name}: leaves-no-mark", "X-Kept: 1"),
                     carries=(b"X-Kept: 1",), lacks=(b"leaves-no-mark", name.encode()))
    for name in ("Content_Length", "content_length", "Transfer_Encoding", "Keep_Alive", "X_Counterfoil_Account",
                 "x-counterfoil_key", "X_COUNTERFOIL-Proof", "X_MBX_APIKEY", "x-mbx_apikey"):
        yield bad(f"underscore/{name}_refused", get(f"{name}: 5"))


def hosts():
    def with_hosts(*lines, target=TIME, version="HTTP/1.1"):
        return head(f"GET {target} {version}", *lines)

    yield bad("host/missing", with_hosts("X-A: 1"))
    yield bad("host/missing_in_http_1_0", with_hosts("X-A: 1", version="HTTP/1.0"))
    yield bad("host/missing_with_absolute_form", with_hosts("X-A: 1", target=f"http://{HOST}{TIME}"))
    yield bad("host/twice_equal", with_hosts(f"Host: {HOST}", f"Host: {HOST}"))
    yield bad("host/twice_different", with_hosts(f"Host: {HOST}", "Host: evil.test"))
    yield bad("host/twice_in_other_letter_case", with_hosts(f"Host: {HOST}", f"hOST: {HOST}"))
    for name, value in {
        "empty": "", "only_white_space": "  ", "user_part": f"user@{HOST}", "user_and_password": f"a:b@{HOST}",
        "path": f"{HOST}/x",
        "slash": f"{HOST}/", "query": f"{HOST}?a", "fragment": f"{HOST}#a", "inner_space": "gw test",
        "list": f"{HOST},evil.test",
        "list_with_space": f"{HOST}, evil.test", "port_empty": f"{HOST}:", "port_0": f"{HOST}:0",
        "port_65536": f"{HOST}:65536",
        "port_word": f"{HOST}:http", "port_minus": f"{HOST}:-80", "port_plus": f"{HOST}:+80",
        "port_hex": f"{HOST}:0x50",
        "port_twice": f"{HOST}:80:80", "port_with_space": f"{HOST}: 80", "port_leading_zeros": f"{HOST}:0000080",
        "only_port": ":80", "ipv6_unclosed": "[::1", "ipv6_bare": "::1", "name_in_brackets": f"[{HOST}]",
        "ipv6_zone": "[fe80::1%25eth0]",
        "behind_bracket": "[::1]x", "backslash": f"{HOST}\\x", "escape": "gw%2etest", "empty_label": "gw..test",
        "scheme": f"http://{HOST}", "high_byte": "gw\xe4.test", "quote": f'"{HOST}"', "semicolon": f"{HOST};a",
    }.items():
        yield bad(f"host/{name}", with_hosts(f"Host: {value}"))
    for name, target in {
        "other_name": f"http://evil.test{TIME}", "other_port": f"http://{HOST}:81{TIME}",
        "user_part": f"http://user@{HOST}{TIME}",
        "name_as_user": f"http://{HOST}@evil.test{TIME}", "longer_name": f"http://{HOST}.evil.test{TIME}",
        "empty": f"http://{TIME}", "no_path_but_query": f"http://{HOST}?a=1", "other_scheme": f"ftp://{HOST}{TIME}",
        "no_scheme": f"//{HOST}{TIME}", "backslash": f"http://evil.test\\@{HOST}{TIME}",
    }.items():
        yield bad(f"absolute_form/{name}", with_hosts(f"Host: {HOST}", target=target), (400, 421))
    yield passes("absolute_form/same_authority_passes",
                 with_hosts(f"Host: {HOST}", target=f"http://{HOST}{TIME}?own=1"),
                 carries=(f"GET {TIME}?own=1 HTTP/1.1\r\n".encode(),))


def methods():
    refusals = (400, 405)
    for method in ("GET", "POST", "HEAD", "DELETE"):
        yield bad(f"method/asterisk_form_with_{method}", head(f"{method} * HTTP/1.1", f"Host: {HOST}"), refusals)
    yield bad("method/authority_form", get(target=HOST), refusals)
    yield bad("method/authority_form_with_port", get(target=f"{HOST}:80"), refusals)
    yield bad("method/authority_form_with_options", head(f"OPTIONS {HOST}:80 HTTP/1.1", f"Host: {HOST}"), refusals)
    yield bad("method/connect", head(f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443"), refusals)
    for method in ("CONNECT", "TRACE", "TRACK", "FOO", "PROPFIND", "get", "Get", "GETX", "GE", "post", "PRI", "QUERY",
                   "-", "G'ET"):
        yield bad(f"method/{method}", head(f"{method} {TIME} HTTP/1.1", f"Host: {HOST}"), refusals)
    for method in ("G@T", "G(T", "GET/", '"GET"', "G\xcbT"):
        yield bad(f"method/not_a_token_{text(method).hex()}", head(f"{method} {TIME} HTTP/1.1", f"Host: {HOST}"),
                  refusals)
    for method in ("PATCH", "PUT", "DELETE", "OPTIONS"):
        yield refused(f"method/{method}_where_there_is_no_such_route",
                      head(f"{method} {TIME} HTTP/1.1", f"Host: {HOST}"), 405,
                      check=lambda answer: None if answer.field("allow") else "there is no Allow")


def versions():
    refusals = (400, 505)
    for version in ("HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/2", "HTTP/1", "HTTP/11",
                    "HTTP/1.10", "HTTP/01.1",
                    "HTTP/1,1", "HTTP/1.1.", "http/1.1", "Http/1.1", "HTTP 1.1", "HTP/1.1", "HTTPS/1.1", "HTTP/-1.1",
                    "HTTP/1.1;", "/1.1"):
        yield bad(f"version/{version}", get(version=version), refusals)
    for name, line in {
        "none": f"GET {TIME}", "none_but_space": f"GET {TIME} ", "method_alone": "GET", "method_and_space": "GET ",
        "target_missing": "GET HTTP/1.1",
        "two_spaces_before_target": f"GET  {TIME} HTTP/1.1", "two_spaces_before_version": f"GET {TIME}  HTTP/1.1",
        "space_in_front": f" GET {TIME} HTTP/1.1", "space_behind": f"GET {TIME} HTTP/1.1 ",
        "tab_before_target": f"GET\t{TIME} HTTP/1.1",
        "tab_before_version": f"GET {TIME}\tHTTP/1.1", "tab_in_front": f"\tGET {TIME} HTTP/1.1",
        "tab_behind": f"GET {TIME} HTTP/1.1\t",
        "space_and_tab": f"GET {TIME} \tHTTP/1.1", "only_tabs": f"GET\t{TIME}\tHTTP/1.1",
        "space_inside_target": "GET /api/v3/ti me HTTP/1.1",
        "space_inside_query": f"GET {TIME}?a=b c HTTP/1.1", "version_twice": f"GET {TIME} HTTP/1.1 HTTP/1.1",
    }.items():
        yield bad(f"request_line/{name}", head(line, f"Host: {HOST}"), refusals)
    for count in (1, 2):
        yield passes(f"empty_lines/{count}_pass", b"\r\n" * count + get(target=f"{TIME}?own=1"), carries=(b"?own=1 ",))
    for count in (3, 4, 40):
        yield bad(f"empty_lines/{count}", b"\r\n" * count + get())
    yield bad("empty_lines/2_and_blank_line", b"\r\n\r\n \r\n" + get())
