"""Rows of the table of framing that say where a message ends: lengths, codings, chunks, trailers."""

from bad_requests import CHUNKS, bad, chunked, get, post, text
from cases import passes


def both_framings():
    lines = ("Content-Length: 5", "Transfer-Encoding: chunked")
    yield bad("length_and_coding/length_first", post(*lines, body=CHUNKS))
    yield bad("length_and_coding/coding_first", post(*reversed(lines), body=CHUNKS))
    yield bad("length_and_coding/length_0", post("Content-Length: 0", lines[1], body=CHUNKS))
    yield bad("length_and_coding/right_length", post(f"Content-Length: {len(CHUNKS)}", lines[1], body=CHUNKS))
    yield bad("length_and_coding/other_letter_case",
              post("content-length: 5", "TRANSFER-ENCODING: Chunked", body=CHUNKS))
    yield bad("length_and_coding/on_get", get(*lines) + CHUNKS)


def content_length():
    for name, lines in {
        "twice_equal": ("Content-Length: 5", "Content-Length: 5"),
        "twice_different": ("Content-Length: 5", "Content-Length: 6"),
        "twice_in_other_letter_case": ("Content-Length: 5", "content-length: 5"),
        "twice_apart": ("Content-Length: 5", "X-Between: 1", "Content-Length: 5"),
        "three_times": ("Content-Length: 5",) * 3,
    }.items():
        yield bad(f"content_length/{name}", post(*lines, body=b"hello"))
    for name, value in {
        "list_equal": "5, 5", "list_different": "5,6", "list_with_empty_member": "5,", "plus": "+5", "minus": "-5",
        "minus_zero": "-0", "hex": "0x5", "hex_digit": "a", "blank": "", "only_white_space": " \t ",
        "inner_space": "5 5",
        "inner_tab": "5\t5", "word": "five", "digit_and_letter": "5a", "decimal": "5.0", "exponent": "1e1",
        "quoted": '"5"', "semicolon": "5;", "underscore": "1_0", "apostrophe": "1'0", "octal_prefix": "0o5",
    }.items():
        yield bad(f"content_length/{name}", post(f"Content-Length: {value}", body=b"hello"))
    yield bad("content_length/full_width_digit", post("Content-Length: ５".encode(), body=b"hello"))
    yield bad("content_length/superscript_digit", post(b"Content-Length: \xb2", body=b"hello"))
    for name, value in {"2_to_63": 2**63, "2_to_64_and_5": 2**64 + 5, "24_digits": 10**23,
                        "300_digits": 10**299}.items():
        yield bad(f"content_length/{name}", post(f"Content-Length: {value}", body=b"hello"), (400, 413))
    yield bad("content_length/2_to_63_less_1", post(f"Content-Length: {2**63 - 1}", body=b"hello"), 413)
    yield bad("content_length/twice_on_get", get("Content-Length: 0", "Content-Length: 0"))


def transfer_encoding():
    for name, value in {
        "gzip": "gzip", "identity": "identity", "list": "gzip, chunked", "list_ending_otherwise": "chunked, gzip",
        "chunked_twice_in_list": "chunked, chunked", "empty_member_behind": "chunked,",
        "empty_member_before": ", chunked",
        "quoted": '"chunked"', "single_quoted": "'chunked'", "parameter": "chunked;q=1", "letter_before": "xchunked",
        "letter_behind": "chunkedx", "inner_space": "chun ked", "empty": "", "deflate": "deflate",
        "trailing_semicolon": "chunked;",
        "comment": "chunked (a)", "high_byte": "chunked\xff", "no_break_space": "\xa0chunked",
    }.items():
        yield bad(f"transfer_encoding/{name}", post(f"Transfer-Encoding: {value}", body=CHUNKS), (400, 501))
    yield bad("transfer_encoding/vertical_tab", post("Transfer-Encoding: \x0bchunked", body=CHUNKS), (400, 501))
    yield bad("transfer_encoding/form_feed_behind", post("Transfer-Encoding: chunked\x0c", body=CHUNKS), (400, 501))
    twice = "Transfer-Encoding: chunked"
    yield bad("transfer_encoding/twice", post(twice, twice, body=CHUNKS), (400, 501))
    yield bad("transfer_encoding/twice_identity_last", post(twice, "Transfer-Encoding: identity", body=CHUNKS),
              (400, 501))
    yield bad("transfer_encoding/twice_identity_first", post("Transfer-Encoding: identity", twice, body=CHUNKS),
              (400, 501))
    yield bad("transfer_encoding/in_http_1_0", post(twice, body=CHUNKS, version="HTTP/1.0"), (400, 501))
    yield bad("transfer_encoding/in_http_1_0_kept_alive",
              post(twice, "Connection: keep-alive", body=CHUNKS, version="HTTP/1.0"), (400, 501))
    for name, value in {"capitals": "CHUNKED", "mixed_case": "cHuNkEd", "blanks_around": " \tchunked\t "}.items():
        yield passes(f"transfer_encoding/{name}_passes", post(f"Transfer-Encoding:{value}", body=CHUNKS),
                     carries=(b"hello",))


def chunk_sizes():
    rest = b"\r\nhello\r\n0\r\n\r\n"
    for name, size in {
        "empty": b"", "plus": b"+5", "minus": b"-5", "0x": b"0x5", "17_digits": b"0" * 16 + b"5",
        "17_digits_f": b"f" * 17,
        "space_before": b" 5", "space_behind": b"5 ", "tab_behind": b"5\t", "inner_space": b"0 5", "not_hex": b"g",
        "underscore": b"0_5", "only_extension": b";a=b", "space_before_extension": b"5 ;a=b", "decimal_point": b"5.0",
        "quoted": b'"5"', "comma": b"5,", "nul": b"5\0", "high_byte": b"\xb5",
    }.items():
        yield bad(f"chunk_size/{name}", chunked(size + rest))
    yield bad("chunk_size/larger_than_any_body", chunked(b"f" * 16 + rest), (400, 413))
    yield bad("chunk_size/wraps_to_5", chunked(b"10000000000000005" + rest))
    yield bad("chunk_size/lf_only", chunked(b"5\nhello\r\n0\r\n\r\n"))
    yield bad("chunk_size/lf_only_behind_extension", chunked(b"5;a=b\nhello\r\n0\r\n\r\n"))
    yield bad("chunk_size/cr_only", chunked(b"5\rhello\r\n0\r\n\r\n"))
    yield bad("chunk_size/last_lf_only", chunked(b"5\r\nhello\r\n0\n\r\n"))
    yield bad("chunk_size/negative_second", chunked(b"5\r\nhello\r\n-1\r\n\r\n"))
    for name, end in {"nothing": b"", "lf": b"\n", "cr": b"\r", "other_bytes": b"XX", "lf_cr": b"\n\r",
                      "cr_cr_lf": b"\r\r\n"}.items():
        yield bad(f"chunk_data/followed_by_{name}", chunked(b"5\r\nhello" + end + b"0\r\n\r\n"))
    yield bad("chunk_data/one_byte_more", chunked(b"5\r\nhello!\r\n0\r\n\r\n"))
    for name, extension in {"lf": b"a=\nb", "cr": b"a=\rb", "lf_cr": b"a=\n\rb", "lf_in_quotes": b'a="\nb"',
                            "cr_in_quotes": b'a="\rb"', "cr_cr_lf": b"a=b\r"}.items():
        yield bad(f"chunk_extension/{name}", chunked(b"5;" + extension + rest))
    yield bad("chunk_extension/line_of_257_bytes", chunked(b"5;" + b"a" * 255 + rest))
    yield bad("chunk_last/lf_only_at_end", chunked(b"5\r\nhello\r\n0\r\n\n"))
    yield bad("chunk_last/cr_cr_lf_at_end", chunked(b"5\r\nhello\r\n0\r\n\r\r\n"))
    yield passes("chunk_size/16_digits_pass", chunked(b"0" * 15 + b"5" + rest), carries=(b"hello",))
    yield passes("chunk_extension/dropped", chunked(b'5;a="b c";d' + rest), carries=(b"hello",), lacks=(b"b c",))


def trailers():
    def trailer(line):
        return chunked(b"5\r\nhello\r\n0\r\n" + text(line) + b"\r\n\r\n")

    yield passes("trailer/dropped", trailer("X-Checksum: 0815"), carries=(b"hello",), lacks=(b"x-checksum", b"0815"))
    yield passes("trailer/announced_and_dropped",
                 post("Transfer-Encoding: chunked", "Trailer: X-Checksum",
                      body=b"5\r\nhello\r\n0\r\nX-Checksum: 0815\r\n\r\n"),
                 carries=(b"hello",), lacks=(b"x-checksum", b"trailer"))
    for name in ("Content-Length", "Transfer-Encoding", "Host", "Connection", "Trailer", "Expect", "Upgrade", "TE",
                 "X-MBX-APIKEY", "X-Counterfoil-Account", "X-Counterfoil-Proof", "content_length", "X_MBX_APIKEY",
                 "x_counterfoil_key", "tRANSFER-eNCODING"):
        yield bad(f"trailer/{name}", trailer(f"{name}: 5"))
    for name, line in {"folded": " folded: 1", "without_colon": "nonsense", "empty_name": ": 1",
                       "space_before_colon": "A : 1",
                       "nul": "A: \0", "lf_inside": "A: 1\nB: 2", "bad_name": "A(B: 1"}.items():
        yield bad(f"trailer/{name}", trailer(line))
