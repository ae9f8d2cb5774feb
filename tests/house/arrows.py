#!/usr/bin/env python3
"""Checks the arrows between rooms: tests/house/arrows.py [ROOT]

Program code includes only headers of rooms that cmake/rooms.cmake allows its room. Test code may also include what its room
reaches by way of others, but no program code includes test code. A third-party library is included only by the rooms that
wrap it, and never in a header that other rooms see. Prints one line a finding; exit 1 if there is one, or if no file was read.
"""

import dataclasses
import pathlib
import sys

sys.dont_write_bytecode = True

from source_tree import SourceTree  # noqa: E402

EVERY_ROOM = None


@dataclasses.dataclass(frozen=True)
class Library:
    """Who may include headers that begin with `prefix`. The first row whose prefix fits decides."""

    prefix: str
    rooms: frozenset | None  # Program code; EVERY_ROOM for any.
    public_in: frozenset = frozenset()  # Rooms that may show it in a header other rooms see.
    tests_too: bool = True  # Test code of every room may include it.


def rooms(words):
    return frozenset(words.split())


DOORS = "doors_net doors_rest doors_management doors_calls doors_admin doors_console"

# docs/dependencies.md gives the reasons.
LIBRARIES = (
    Library("gtest/", rooms("")),
    Library("gmock/", rooms("")),
    Library("openssl/ssl", rooms(f"{DOORS} outbound")),
    Library("openssl/x509", rooms(f"crypto {DOORS} outbound")),
    Library("openssl/err.h", rooms(f"crypto {DOORS} outbound")),
    Library("openssl/types.h", rooms(f"crypto {DOORS} outbound")),
    Library("openssl/", rooms("crypto")),
    Library("sodium", rooms("crypto")),
    Library("fido", rooms("accounts")),
    Library("utf8proc", rooms("accounts")),
    Library("sqlite3", rooms("sqlite_file registry_sqlite journal_sqlite")),
    Library("boost/asio", rooms(f"{DOORS} outbound venue app"), public_in=rooms(f"{DOORS} outbound venue")),
    Library("boost/beast", rooms(f"{DOORS} outbound venue app")),
    Library("boost/system", rooms(f"{DOORS} outbound venue app"), public_in=rooms(f"{DOORS} outbound venue")),
    # A vector without a heap block of its own: it is the layout of a value that other rooms hold.
    Library("boost/container/static_vector", EVERY_ROOM, public_in=rooms("keys")),
    Library("boost/", EVERY_ROOM),
    Library("nlohmann/", rooms(f"accounts authority backup {DOORS} journal outbound venue wire app")),
    Library("simdjson", rooms(f"wire {DOORS}")),
    Library("toml++/", rooms("policy app")),
    Library("CLI/", rooms("app")),
    Library("fmt/", EVERY_ROOM),
    Library("spdlog/", rooms(f"authority {DOORS} outbound venue app")),
)

# The system's own headers. Those of the C++ library have neither a dot nor a slash in their names.
SYSTEM_FOLDERS = ("sys/", "netinet/", "arpa/", "net/", "linux/", "bits/")
SYSTEM_HEADERS = frozenset(
    """assert.h cpuid.h dirent.h endian.h errno.h fcntl.h getopt.h grp.h iconv.h immintrin.h limits.h netdb.h poll.h pthread.h pwd.h sched.h
    signal.h spawn.h stdint.h stdio.h stdlib.h string.h strings.h sysexits.h syslog.h termios.h time.h unistd.h x86intrin.h""".split())


def findings(tree):
    """Every breach as "path:line: what is wrong"."""
    found = [f"cmake/rooms.cmake: the arrows of {room} lead back to {room}" for room in sorted(tree.allowed)
             if room in tree.reach(room)]
    found += [f"cmake/rooms.cmake: {room} may use {used}, which is no room" for room, uses in sorted(tree.allowed.items())
              for used in sorted(uses - tree.allowed.keys()) if (tree.source / used).is_dir()]
    if not tree.paths:
        found.append(f"{tree.source}: holds no source; nothing was checked")
    for path in tree.paths:
        if tree.room(path) is None:
            found.append(f"src/{path}: belongs to no room of cmake/rooms.cmake")
            continue
        for include in tree.includes(path):
            wrong = own_include(tree, path, include) if include.quoted else library_include(tree, path, include)
            if wrong:
                found.append(f"src/{path}:{include.line}: {wrong}")
    return found


def own_include(tree, path, include):
    """What is wrong with an #include "...", or nothing."""
    room, target = tree.room(path), tree.room(include.name)
    if target is None:
        return f'"{include.name}" names no room; write "room/file.h", and <...> for libraries'
    is_test = path in tree.test_code
    if include.name in tree.test_code and not is_test:
        return f'program code includes test code, "{include.name}"'
    if target == room or target in tree.allowed[room] or (is_test and target in tree.reach(room)):
        return None
    return f'no arrow {room} -> {target} in cmake/rooms.cmake ("{include.name}")'


def library_include(tree, path, include):
    """What is wrong with an #include <...>, or nothing."""
    name = include.name
    if ("/" not in name and "." not in name) or name.startswith(SYSTEM_FOLDERS) or name in SYSTEM_HEADERS:
        return None
    library = next((row for row in LIBRARIES if name.startswith(row.prefix)), None)
    if library is None:
        return f"<{name}> is of no library in the table of tests/house/arrows.py"
    room, is_test = tree.room(path), path in tree.test_code
    if is_test and library.tests_too:
        return None
    if library.rooms is not EVERY_ROOM and room not in library.rooms:
        return f"<{name}> is not for {room}; it belongs to {', '.join(sorted(library.rooms)) or 'tests'}"
    if path in tree.public_headers and room not in library.public_in:
        users = sorted(other for other in tree.includers[path] - tree.test_code if tree.room(other) != room)
        return f"<{name}> in a header that other rooms see{f' (src/{users[0]})' if users else ''}; keep it in the .cc"
    return None


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    tree = SourceTree(root)
    found = findings(tree)
    for line in found:
        print(line)
    print(f"{len(tree.paths)} files of {len(tree.allowed)} rooms read, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
