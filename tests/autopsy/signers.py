"""Key pairs that sign in this process: thousands of cases are made with them, too many to call a program for each."""

import base64
import hashlib
import hmac
import random
import string

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
HASHES = {"sha1": "2b0e03021a", "sha256": "608648016503040201", "sha384": "608648016503040202", "sha512": "608648016503040203",
          "md5": "2a864886f70d0205"}


def text(rng, size=64, letters=string.ascii_letters + string.digits):
    return "".join(rng.choice(letters) for _ in range(size))


class Hmac:
    type = "hmac"

    def __init__(self, rng):
        self.secret = text(rng)

    def sign(self, payload):
        return hmac.new(self.secret.encode(), payload, "sha256").digest()

    def record(self):
        return {"secret": self.secret}


def pem(label, der):
    body = base64.b64encode(der).decode()
    lines = "\n".join(body[at:at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def der(tag, content):
    size = len(content)
    head = bytes([size]) if size < 128 else (lambda n: bytes([128 + len(n)]) + n)(size.to_bytes((size.bit_length() + 7) // 8, "big"))
    return bytes([tag]) + head + content


def der_int(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def is_prime(n, rng):
    if any(n % p == 0 for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    r = ((n - 1) & -(n - 1)).bit_length() - 1
    for _ in range(8):
        x = pow(rng.randrange(2, n - 1), (n - 1) >> r, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


class Rsa:
    type = "rsa"

    def __init__(self, rng, bits=2048):
        def prime():
            while True:
                n = rng.getrandbits(bits // 2) | 1 | (3 << (bits // 2 - 2))
                if n % 65537 != 1 and is_prime(n, rng):
                    return n
        self.p, self.q = prime(), prime()
        self.n, self.size = self.p * self.q, bits // 8
        d = pow(65537, -1, (self.p - 1) * (self.q - 1))
        self.dp, self.dq, self.inverse = d % (self.p - 1), d % (self.q - 1), pow(self.q, -1, self.p)

    def raw(self, block):
        m = int.from_bytes(block, "big")
        a, b = pow(m, self.dp, self.p), pow(m, self.dq, self.q)
        return (b + (a - b) * self.inverse % self.p * self.q).to_bytes(self.size, "big")

    def sign(self, payload, hash_name="sha256"):
        oid = bytes.fromhex(HASHES[hash_name])
        info = der(0x30, der(0x30, der(6, oid) + b"\x05\x00") + der(4, hashlib.new(hash_name, payload).digest()))
        return self.raw(b"\x00\x01" + b"\xff" * (self.size - len(info) - 3) + b"\x00" + info)

    def sign_pss(self, payload, rng, salt_size=32):
        def mask(seed, size):
            return b"".join(hashlib.sha256(seed + n.to_bytes(4, "big")).digest() for n in range(size // 32 + 1))[:size]
        salt = rng.randbytes(salt_size)
        digest = hashlib.sha256(bytes(8) + hashlib.sha256(payload).digest() + salt).digest()
        data = bytes(self.size - salt_size - 34) + b"\x01" + salt
        masked = bytearray(a ^ b for a, b in zip(data, mask(digest, len(data))))
        masked[0] &= 0x7f
        return self.raw(bytes(masked) + digest + b"\xbc")

    def record(self):
        key = der(0x30, der_int(self.n) + der_int(65537))
        spki = der(0x30, der(0x30, bytes.fromhex("06092a864886f70d0101010500")) + der(3, b"\x00" + key))
        return {"public_key_pem": pem("PUBLIC KEY", spki)}


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    return (f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P


def base_point():
    y = 4 * pow(5, -1, P) % P
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * SQRT_M1 % P
    x = P - x if x % 2 else x
    return x, y, 1, x * y % P


# The base point times 2^n: a multiple is then a sum.
POWERS = [base_point()]
for _ in range(255):
    POWERS.append(add(POWERS[-1], POWERS[-1]))


def multiple(scalar):
    point = (0, 1, 1, 0)
    for n in range(256):
        if scalar >> n & 1:
            point = add(point, POWERS[n])
    x, y, z, _ = point
    z = pow(z, -1, P)
    return (y * z % P | (x * z % P & 1) << 255).to_bytes(32, "little")


class Ed25519:
    """RFC 8032 section 5.1.6, plainly: not for keys that matter."""
    type = "ed25519"

    def __init__(self, rng):
        digest = hashlib.sha512(rng.randbytes(32)).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix, self.public = digest[32:], multiple(self.scalar)

    def sign(self, payload):
        r = int.from_bytes(hashlib.sha512(self.prefix + payload).digest(), "little") % ORDER
        point = multiple(r)
        k = int.from_bytes(hashlib.sha512(point + self.public + payload).digest(), "little")
        return point + ((r + k * self.scalar) % ORDER).to_bytes(32, "little")

    def record(self):
        return {"public_key_pem": pem("PUBLIC KEY", bytes.fromhex("302a300506032b6570032100") + self.public)}


SCHEMES = (Hmac, Rsa, Ed25519)


def make_pairs(seed, count=3):
    """Some pairs of each type: RSA ones are slow to make."""
    rng = random.Random(seed)
    return {scheme.type: [scheme(rng) for _ in range(count)] for scheme in SCHEMES}
