"""Rows of the table of authentication about signatures: wrong ones, other spellings of right ones, malleable ones."""

import itertools
from base64 import b64decode, b64encode

import cases
from raw_http import request
from signing import Ed25519Pair, HmacPair, openssl, quoted

FIELD_PRIME = 2**255 - 19


def wrong_signatures(bench):
    """Signatures of the right form, for the type of the key or for another one."""
    refused, hmac, ed25519, rsa = bench.rules.refused, bench.hmac, bench.ed25519, bench.rsa

    def row(name, caller, signature, reason="signature_wrong"):
        return refused(f"wrong/{name}", bench.read(caller, signature=lambda payload: quoted(signature(payload))),
                       reason)

    stranger = HmacPair("b" * 64)
    yield row("hmac_other_secret", hmac, stranger.sign)
    yield row("hmac_zeros", hmac, lambda payload: "0" * 64)
    yield row("hmac_last_digit", hmac,
              lambda payload: hmac.pair.sign(payload)[:-1] + ("0" if hmac.pair.sign(payload)[-1] != "0" else "1"))
    yield row("hmac_other_payload", hmac, lambda payload: hmac.pair.sign(payload + b"&a=1"))
    yield row("hmac_of_nothing", hmac, lambda payload: hmac.pair.sign(b""))
    yield row("hmac_with_the_api_key", hmac, HmacPair(hmac.api_key).sign)
    yield row("hmac_with_no_secret", hmac, HmacPair("").sign)
    yield row("hmac_sha512_cut", hmac, lambda payload: hmac.pair.sign(payload, "sha512")[:64])
    yield row("hmac_sha512", hmac, lambda payload: hmac.pair.sign(payload, "sha512"), "signature_malformed")
    yield row("hmac_sha1", hmac, lambda payload: hmac.pair.sign(payload, "sha1"), "signature_malformed")
    yield row("hmac_of_another_key", hmac, bench.bed.hmac_caller(permissions=bench.rules.may_read).pair.sign)
    yield row("ed25519_other_pair", ed25519, bench.other_ed25519.sign)
    yield row("ed25519_other_payload", ed25519, lambda payload: ed25519.pair.sign(payload + b"&a=1"))
    yield row("ed25519_zeros", ed25519, lambda payload: b64encode(bytes(64)).decode())
    yield row("rsa_other_pair", rsa, bench.other_rsa.sign)
    yield row("rsa_other_payload", rsa, lambda payload: rsa.pair.sign(payload + b"&a=1"))
    pss = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")
    yield row("rsa_pss", rsa, lambda payload: b64encode(rsa.pair.sign_bytes(payload, *pss)).decode())
    for digest in ("sha1", "sha384", "sha512", "md5"):
        yield row(f"rsa_{digest}", rsa, lambda payload, digest=digest: b64encode(
            openssl("dgst", f"-{digest}", "-sign", rsa.pair.private_file, data=payload)).decode())
    with_null = bytes.fromhex("3031300d060960864801650304020105000420")  # DigestInfo of SHA-256 up to the digest
    without_null = bytes.fromhex("302f300b06096086480165030402010420")

    def padded(prefix):
        def sign(payload):
            digest = openssl("dgst", "-sha256", "-binary", data=payload)
            return b64encode(openssl("pkeyutl", "-sign", "-inkey", rsa.pair.private_file, "-pkeyopt",
                                     "rsa_padding_mode:pkcs1", data=prefix + digest)).decode()
        return sign

    yield cases.passes("control/rsa_padded_by_hand_passes",
                       bench.read(rsa, signature=lambda payload: quoted(padded(with_null)(payload))))
    yield row("rsa_digest_without_null", rsa, padded(without_null))
    yield row("rsa_digest_without_its_name", rsa, padded(b""))
    # The algorithm is the key's: what another one makes is never tried.
    yield row("algorithm/hmac_with_the_rsa_public_key", rsa, HmacPair(rsa.pair.public_pem).sign, "signature_malformed")
    yield row("algorithm/hmac_with_the_ed25519_public_key", ed25519, HmacPair(ed25519.pair.public_pem).sign,
              "signature_malformed")
    yield row("algorithm/hmac_as_base64_for_ed25519", ed25519, lambda payload: b64encode(bytes.fromhex(
        HmacPair(ed25519.pair.public_pem).sign(payload))).decode(), "signature_malformed")
    yield row("algorithm/rsa_for_ed25519", ed25519, rsa.pair.sign, "signature_malformed")
    yield row("algorithm/ed25519_for_rsa", rsa, ed25519.pair.sign, "signature_malformed")
    yield row("algorithm/rsa_for_hmac", hmac, rsa.pair.sign, "signature_malformed")
    yield row("algorithm/ed25519_for_hmac", hmac, ed25519.pair.sign, "signature_malformed")
    for word in ("none", "null", "0"):
        yield row(f"algorithm/{word}", hmac, lambda payload, word=word: word, "signature_malformed")
    with_public_key = HmacPair(rsa.pair.public_pem).sign
    yield refused("algorithm/named_by_the_request",
                  bench.read(rsa, parameters="signatureAlgorithm=hmac-sha256", signature=with_public_key),
                  "signature_malformed")


def encodings(bench):
    """Signatures that are right, but not written as they must be."""
    refused, hmac = bench.rules.refused, bench.hmac

    def row(name, caller, rewritten, reason="signature_malformed"):
        """`rewritten` makes the text in the query from the signature as the pair gives it."""
        return refused(f"encoding/{name}", bench.read(caller,
                                                      signature=lambda payload: rewritten(caller.pair.sign(payload))),
                                                      reason)

    for name, rewritten in {
        "62_digits": lambda s: s[:-2], "63_digits": lambda s: s[:-1], "65_digits": lambda s: s + "0",
        "66_digits": lambda s: s + "00", "128_digits": lambda s: s * 2,
        "not_hex": lambda s: s[:-1] + "g", "0x": lambda s: "0x" + s[2:], "0x_before": lambda s: "0x" + s,
        "space_before": lambda s: "%20" + s, "space_behind": lambda s: s + "%20",
        "plus_behind": lambda s: s + "+", "space_inside": lambda s: s[:32] + "%20" + s[33:],
        "line_end_behind": lambda s: s + "%0D%0A", "colons": lambda s: ":".join(s[at:at + 2] for at in range(0, 64, 2)),
        "nul_behind": lambda s: s + "%00", "nul_inside": lambda s: s[:62] + "%00" + s[63:],
        "full_width": lambda s: s[:-1] + "%EF%BC%91", "quoted": lambda s: f"%22{s}%22",
        "base64": lambda s: quoted(b64encode(bytes.fromhex(s)).decode()), "4000_digits": lambda s: (s * 63)[:4000],
        "minus": lambda s: "-" + s[1:],
    }.items():
        yield row(f"hmac_{name}", hmac, rewritten)
    yield row("hmac_empty", hmac, lambda s: "", "signature_missing")
    yield cases.passes("encoding/hmac_capitals_pass",
                       bench.read(hmac, signature=lambda payload: hmac.pair.sign(payload).upper()))
    yield cases.passes("encoding/hmac_encoded_digits_pass", bench.read(
        hmac, signature=lambda payload: "".join(f"%{ord(digit):02x}" for digit in hmac.pair.sign(payload))))
    for type_, caller in (("ed25519", bench.ed25519), ("rsa", bench.rsa)):
        for name, rewritten in {
            "unpadded": lambda s: s.rstrip("="), "half_padded": lambda s: s[:-1], "three_pads": lambda s: s + "=",
            "pad_inside": lambda s: s[:4] + "=" + s[5:],
            "space_before": lambda s: " " + s, "space_behind": lambda s: s + " ",
            "line_feed_behind": lambda s: s + "\n", "line_end_inside": lambda s: s[:64] + "\r\n" + s[64:],
            "tab_inside": lambda s: s[:20] + "\t" + s[20:], "unused_bits": with_unused_bits,
            "one_byte_less": lambda s: recoded(s, lambda raw: raw[:-1]),
            "one_byte_more": lambda s: recoded(s, lambda raw: raw + b"\0"),
            "zero_byte_before": lambda s: recoded(s, lambda raw: b"\0" + raw), "twice": lambda s: s + s,
            "twice_decoded": lambda s: recoded(s, lambda raw: raw * 2), "hex": lambda s: recoded_as_hex(s),
            "nul_behind": lambda s: s + "\0", "not_in_the_alphabet": lambda s: "*" + s[1:],
            "pem": lambda s: f"-----BEGIN-----{s}-----END-----", "encoded_twice": quoted,
            "3000_characters": lambda s: (s.rstrip("=") * 40)[:3000],
        }.items():
            yield row(f"{type_}_{name}", caller, lambda s, rewritten=rewritten: quoted(rewritten(s)))
        yield row(f"{type_}_empty", caller, lambda s: "", "signature_missing")
        # A base64 text without '+' and '/' would not tell the alphabets apart.
        for name, rewritten in {
            "url_safe": lambda s: quoted(s.replace("+", "-").replace("/", "_")),
            "url_safe_unpadded": lambda s: s.replace("+", "-").replace("/", "_").rstrip("="),
            "plus_not_escaped": lambda s: quoted(s).replace("%2B", "+"),
        }.items():
            yield refused(f"encoding/{type_}_{name}", special(bench, caller, rewritten), "signature_malformed")
    for type_, caller in bench.by_type.items():
        huge = "0" * 65536 if type_ == "hmac" else "A" * 65532 + "AA=="
        yield cases.closed(f"encoding/{type_}_64_KiB_in_the_query",
                           bench.read(caller, signature=lambda payload, huge=huge: quoted(huge)), 414)


def special(bench, caller, rewritten):
    """A request whose signature holds '+', and, but for the rewriting, would be right."""
    def build():
        method, target = bench.rules.read
        for number in itertools.count():
            payload = caller.payload(f"try={number}")
            signature = caller.pair.sign(payload.encode())
            if "+" in signature:
                return request(method, f"{target}?{payload}&signature={rewritten(signature)}", caller.field)
    return build


def recoded(text, changed):
    return b64encode(changed(b64decode(text))).decode()


def recoded_as_hex(text):
    return b64decode(text).hex()


def with_unused_bits(text):
    """The last letter before "==" carries four bits that belong to no byte; they must be zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert text.endswith("==")
    changed = text[:-3] + alphabet[alphabet.index(text[-3]) | 1] + "=="
    assert b64decode(changed) == b64decode(text) and changed != text
    return changed


def ed25519_signatures(bench):
    """Second spellings of right signatures, and those that only the holder can make and others would accept."""
    pair, order = bench.ed25519.pair, Ed25519Pair.ORDER

    def row(name, make):
        return bench.rules.refused(f"ed25519/{name}", bench.read(
            bench.ed25519, signature=lambda payload: quoted(b64encode(make(payload)).decode())), "signature_wrong")

    def with_s(change):
        def make(payload):
            signature = pair.sign_bytes(payload)
            s = change(int.from_bytes(signature[32:], "little"))
            return signature[:32] + s.to_bytes(32, "little")
        return make

    for times in (1, 2, 7):
        yield row(f"s_plus_{times}_l", with_s(lambda s, times=times: s + times * order))
    for bit in (253, 254, 255):
        yield row(f"s_bit_{bit}_set", with_s(lambda s, bit=bit: s | 1 << bit))
    yield row("s_is_l", with_s(lambda s: order))
    yield row("s_is_0", with_s(lambda s: 0))
    yield row("s_negated", with_s(lambda s: order - s))
    yield row("s_all_ones", with_s(lambda s: 2**256 - 1))
    one = (1).to_bytes(32, "little")
    yield row("small_order_r/identity_that_fits", lambda payload: pair.sign_with_identity(payload, one))
    for name, encoded in {"identity_with_sign": (1 | 1 << 255), "identity_non_canonical": FIELD_PRIME + 1,
                          "identity_non_canonical_with_sign": (FIELD_PRIME + 1) | 1 << 255}.items():
        yield row(f"non_canonical_r/{name}_that_fits",
                  lambda payload, encoded=encoded: pair.sign_with_identity(payload, encoded.to_bytes(32, "little")))
    eighth = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    for name, encoded in {
        "order_1": one, "order_2": (FIELD_PRIME - 1).to_bytes(32, "little"), "order_4": bytes(32),
        "order_4_with_sign": bytes(31) + b"\x80", "order_8": bytes.fromhex(eighth),
        "order_8_with_sign": bytes.fromhex(eighth[:-2] + "85"),
    }.items():
        yield row(f"small_order_r/{name}", lambda payload, encoded=encoded: encoded + pair.sign_bytes(payload)[32:])
        yield row(f"small_order_r/{name}_s_0", lambda payload, encoded=encoded: encoded + bytes(32))
    for name, number in {"p": FIELD_PRIME, "p_with_sign": FIELD_PRIME | 1 << 255, "p_plus_18": FIELD_PRIME + 18,
                         "all_ones": 2**256 - 1}.items():
        yield row(f"non_canonical_r/{name}", lambda payload,
                  number=number: number.to_bytes(32, "little") + pair.sign_bytes(payload)[32:])
    yield row("r_sign_flipped", lambda payload: flipped(pair.sign_bytes(payload), 31, 0x80))
    yield row("r_first_bit_flipped", lambda payload: flipped(pair.sign_bytes(payload), 0, 1))
    yield row("r_and_s_swapped", lambda payload: swapped_halves(pair.sign_bytes(payload)))


def swapped_halves(data):
    return data[len(data) // 2:] + data[:len(data) // 2]


def flipped(data, at, mask):
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1:]


def rsa_signatures(bench):
    pair = bench.rsa.pair
    refused = bench.rules.refused

    def row(name, make, reason="signature_wrong"):
        return refused(f"rsa/{name}",
                       bench.read(bench.rsa, signature=lambda payload: quoted(b64encode(make(payload)).decode())),
                       reason)

    def number(value, size=None):
        return value.to_bytes(size or pair.size, "big")

    yield refused("rsa/s_plus_n", s_plus_n(bench), "signature_wrong")
    yield row("s_is_n", lambda payload: number(pair.modulus))
    yield row("s_is_n_plus_1", lambda payload: number(pair.modulus + 1))
    yield row("s_is_n_less_1", lambda payload: number(pair.modulus - 1))
    yield row("s_is_0", lambda payload: bytes(pair.size))
    yield row("s_is_1", lambda payload: number(1))
    yield row("s_all_ones", lambda payload: b"\xff" * pair.size)
    yield row("s_negated", lambda payload: number(pair.modulus - int.from_bytes(pair.sign_bytes(payload), "big")))
    yield row("s_byte_order_turned", lambda payload: pair.sign_bytes(payload)[::-1])
    malformed = "signature_malformed"
    yield row("length/zero_byte_before", lambda payload: b"\0" + pair.sign_bytes(payload), malformed)
    yield row("length/s_plus_2_n", lambda payload: number(
        int.from_bytes(pair.sign_bytes(payload), "big") + 2 * pair.modulus, pair.size + 1), malformed)
    yield row("length/last_byte_off", lambda payload: pair.sign_bytes(payload)[:-1], malformed)
    yield row("length/first_byte_off", lambda payload: pair.sign_bytes(payload)[1:], malformed)
    yield row("length/of_a_larger_key", bench.larger_rsa.sign_bytes, malformed)
    yield row("length/twice", lambda payload: pair.sign_bytes(payload) * 2, malformed)
    yield row("length/one_byte", lambda payload: b"\1", malformed)


def s_plus_n(bench):
    """A right signature s so small that s + n has as many bytes as n."""
    def build():
        caller = bench.rsa
        method, target = bench.rules.read
        for attempt in range(2000):
            payload = caller.payload(f"try={attempt}")
            s = int.from_bytes(caller.pair.sign_bytes(payload.encode()), "big") + caller.pair.modulus
            if s < 1 << 8 * caller.pair.size:
                text = quoted(b64encode(s.to_bytes(caller.pair.size, "big")).decode())
                return request(method, f"{target}?{payload}&signature={text}", caller.field)
        raise RuntimeError("no signature was small enough")
    return build
