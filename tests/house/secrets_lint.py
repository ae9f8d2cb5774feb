#!/usr/bin/env python3
"""Looks for calls that have no place beside secrets: tests/house/secrets_lint.py [ROOT]

Predictable randomness, comparisons that stop at the first difference, C string functions, shells. One row of RULES each.
A line that has a good reason says so: // LINT-ALLOW(rule): the reason. Prints one line a finding; exit 1 if there is one,
or if nothing was read.
"""

import dataclasses
import pathlib
import re
import sys

sys.dont_write_bytecode = True

from source_tree import SourceTree, code_only  # noqa: E402

ALLOW = re.compile(r"//\s*LINT-ALLOW\(([\w-]+)\):\s*\S.*")
CPP = (".cc", ".h")
PAGE = (".ts", ".tsx", ".js", ".jsx", ".mjs")


@dataclasses.dataclass(frozen=True)
class Rule:
    """A pattern that must not stand in code. `spared` are folders, or "tests" for test code, where it may."""

    name: str
    pattern: re.Pattern
    why: str
    suffixes: tuple = CPP
    folders: tuple = ("src/", "fuzz/", "bench/", "tests/")
    spared: tuple = ()


def calls(names):
    """A call of one of these functions: not a member, not part of a longer name, not one of another namespace."""
    return re.compile(rf"(?<![\w.>:])(?:(?:::)?std::|::)?(?:{'|'.join(names.split())})\s*\(")


def words(names):
    return re.compile(rf"\b(?:{'|'.join(names.split())})\b")


# A name that says its value is secret, on either side of a comparison with something that is not a constant.
SECRET_NAME = r"\w*(?:secret|password|passphrase|hmac|mac_bytes|session_token|totp)(?:_bytes|_text)?_?"
COMPARED = re.compile(
    rf"\b{SECRET_NAME}(?:\(\))?\s*[!=]=(?!\s*(?:k[A-Z]|nullptr|std::nullopt|\w+::k[A-Z]|\d))|[!=]=\s*(?:\w+(?:\.|->))*{SECRET_NAME}\s*[;)&|]")

RULES = (
    Rule("weak-random", calls("rand srand rand_r srandom drand48 lrand48 erand48 random_shuffle"),
         "predictable; take a RandomSource (base/random.h)"),
    # The C library's random() takes nothing; a function or variable of ours by that name does, or is declared with a type.
    Rule("weak-random", re.compile(r"(?<![\w&*>.:] )(?<![\w&*>.])\brandom\(\s*\)"), "predictable; take a RandomSource (base/random.h)"),
    Rule("weak-random", words("mt19937 mt19937_64 minstd_rand minstd_rand0 default_random_engine ranlux24 ranlux48 knuth_b"),
         "predictable; take a RandomSource (base/random.h)", spared=("tests", "bench/", "fuzz/", "src/venue/")),
    Rule("weak-random", words("random_device"), "may be predictable; take a RandomSource (base/random.h)", spared=("bench/",)),
    Rule("early-exit-compare", calls("memcmp bcmp strcmp strncmp strcasecmp strncasecmp timingsafe_memcmp"),
         "stops at the first difference; constant_time_equal (crypto/constant_time.h) for secrets, == on views for the rest",
         spared=("tests", "bench/", "fuzz/")),
    Rule("early-exit-compare", re.compile(r"\breveal\([^;]*?(?:[!=]=|<=>)|(?:[!=]=|<=>)[^;]*?\breveal\("),
         "compares secret bytes; SecretBytes::equals is constant in time", spared=("tests", "bench/", "fuzz/")),
    Rule("early-exit-compare", re.compile(r"\b(?:std::)?(?:ranges::)?equal\([^;]*\breveal\("),
         "compares secret bytes; SecretBytes::equals is constant in time", spared=("tests", "bench/", "fuzz/")),
    Rule("early-exit-compare", COMPARED, "compares what its name calls a secret; constant_time_equal (crypto/constant_time.h)",
         spared=("tests", "bench/", "fuzz/")),
    Rule("c-string", calls("strcpy strncpy stpcpy strcat strncat sprintf vsprintf gets strtok strtok_r scanf sscanf fscanf "
                           "atoi atol atoll atof"),
         "does not know how long its memory is, or cannot fail; string_view, fmt, std::from_chars"),
    Rule("c-memory", calls("malloc calloc realloc alloca strdup strndup"), "raw memory; a container or the secret arena",
         spared=("tests", "bench/", "fuzz/")),
    Rule("c-memory", re.compile(r"(?<!operator )\bdelete\b(?=\s*(?:\[\s*\])?\s*[A-Za-z_(*])"),
         "raw memory; an owner of its own (unique_ptr)", spared=("tests", "bench/", "fuzz/")),
    Rule("shell", calls("system popen wordexp"), "runs a shell; posix_spawn with a list of arguments"),
    Rule("temporary-name", calls("tmpnam tempnam mktemp"), "a name that another may take first; mkstemp, mkdtemp"),
    Rule("page-random", re.compile(r"\bMath\.random\b"), "predictable; crypto.getRandomValues", PAGE, ("console/src/",)),
    Rule("page-script", re.compile(r"\beval\s*\(|\bnew\s+Function\b|\.innerHTML\b|\.outerHTML\b|\binsertAdjacentHTML\b|"
                                   r"\bdocument\.write\b|\bdangerouslySetInnerHTML\b"),
         "turns text into markup or code; text nodes only", PAGE, ("console/src/",)),
)


def findings(root):
    """(findings, number of files read). A finding is "path:line: [rule] what is wrong"."""
    root = pathlib.Path(root)
    test_code = {f"src/{path}" for path in SourceTree(root).test_code}
    found, read = [], 0
    for path in sources(root):
        read += 1
        found += findings_in(path, (root / path).read_text(encoding="utf-8"), is_test(path, test_code))
    return found, read


def sources(root):
    """The files that some rule is about, relative to the root."""
    folders = sorted({folder for rule in RULES for folder in rule.folders})
    suffixes = {suffix for rule in RULES for suffix in rule.suffixes}
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root).as_posix()
            if path.suffix in suffixes and "/node_modules/" not in f"/{relative}":
                yield relative


def is_test(path, test_code):
    return path in test_code or path.startswith("tests/") or ".test." in path


def findings_in(path, text, in_test_code):
    found = []
    original, code = text.splitlines(), code_only(text)
    allowed = {number: match[1] for number, line in enumerate(original, 1) if (match := ALLOW.search(line))}
    for rule in RULES:
        if not applies(rule, path, in_test_code):
            continue
        for match in rule.pattern.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            if rule.name not in (allowed.get(line), allowed.get(line - 1)):
                found.append(f"{path}:{line}: [{rule.name}] {' '.join(match.group().split())}: {rule.why}")
    return found


def applies(rule, path, in_test_code):
    if not path.endswith(rule.suffixes) or not path.startswith(rule.folders):
        return False
    return not (in_test_code and "tests" in rule.spared) and not any(path.startswith(folder) for folder in rule.spared)


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found, read = findings(root)
    for line in found:
        print(line)
    print(f"{read} files read, {len(found)} findings")
    return 1 if found or read == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
