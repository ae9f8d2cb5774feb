"""Reads the sources of the house: which file belongs to which room, what it includes, which files are test code."""

import dataclasses
import functools
import pathlib
import re

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
ROOM_LINE = re.compile(r"set\(allowed_(\w+)\s*([^)]*)\)")
TESTS_LIST = re.compile(r"\bTESTS\s+([^)]*?)(?=\b(?:USES|SOURCES|LINK_PRIVATE|TEST_LINK|TEST_USES|PURPOSE)\b|\))")
# Comments, raw strings, strings and character literals; a quote between digits separates them and opens nothing.
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Include:
    """One #include: the name as written, whether it stands in quotes, and its line number."""

    name: str
    quoted: bool
    line: int


def code_only(text):
    """The text with comments and literals blanked out; every line keeps its number."""
    return NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def without_comments(text):
    """The text with comments blanked out and literals kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group()) if match.group().startswith(("//", "/*")) else match.group()
    return NOT_CODE.sub(blank, text)


def allowed_rooms(rooms_file):
    """room -> the rooms whose headers it may include, as cmake/rooms.cmake lists them."""
    text = re.sub(r"#[^\n]*", "", pathlib.Path(rooms_file).read_text(encoding="utf-8"))
    return {room: {word for word in words.split() if word != '""'} for room, words in ROOM_LINE.findall(text)}


class SourceTree:
    """The C++ files below src/ of one checkout. Paths are relative to src/, with '/'."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.source = self.root / "src"
        self.allowed = allowed_rooms(self.root / "cmake" / "rooms.cmake")
        self.paths = sorted(path.relative_to(self.source).as_posix() for path in self.source.rglob("*")
                            if path.suffix in (".cc", ".h"))

    @functools.cache
    def text(self, path):
        return (self.source / path).read_text(encoding="utf-8")

    @functools.cache
    def includes(self, path):
        text = without_comments(self.text(path))
        return tuple(Include(match[1] or match[2], match[1] is not None, text.count("\n", 0, match.start()) + 1)
                     for match in INCLUDE.finditer(text))

    def own_includes(self, path):
        """Those of our files that `path` includes and that exist."""
        return [include.name for include in self.includes(path) if include.quoted and include.name in self._known]

    def room(self, path):
        """The room a file belongs to: registry/sqlite/x.h is registry_sqlite's, because cmake/rooms.cmake names that room;
        wire/http/x.h is wire's. None for a file directly in src/ or in a folder that is no room."""
        folders = path.split("/")[:-1]
        for depth in range(len(folders), 0, -1):
            name = "_".join(folders[:depth])
            if name in self.allowed:
                return name
        return None

    def reach(self, room):
        """The rooms that `room` depends on, directly or by way of others."""
        seen, waiting = set(), [room]
        while waiting:
            for below in self.allowed.get(waiting.pop(), ()):
                if below not in seen:
                    seen.add(below)
                    waiting.append(below)
        return seen

    @functools.cached_property
    def test_code(self):
        """Files that no program contains: *_test.cc, what a CMakeLists.txt lists under TESTS, headers that include
        GoogleTest, and headers that only such files include."""
        found = {path for path in self.paths if path.endswith("_test.cc") or self._includes_googletest(path)}
        found |= self._listed_as_tests()
        headers = [path for path in self.paths if path.endswith(".h")]
        while True:
            more = {path for path in headers if path not in found and self.includers[path] and self.includers[path] <= found}
            if not more:
                return found
            found |= more

    @functools.cached_property
    def includers(self):
        """header -> the files that include it."""
        result = {path: set() for path in self.paths}
        for path in self.paths:
            for name in self.own_includes(path):
                result[name].add(path)
        return result

    @functools.cached_property
    def public_headers(self):
        """Headers that another room's program code sees: included from there, or by such a header."""
        found = {path for path in self.paths
                 if any(self.room(other) != self.room(path) and other not in self.test_code for other in self.includers[path])}
        waiting = list(found)
        while waiting:
            for name in self.own_includes(waiting.pop()):
                if name not in found:
                    found.add(name)
                    waiting.append(name)
        return found

    @functools.cached_property
    def _known(self):
        return set(self.paths)

    def _includes_googletest(self, path):
        return any(include.name.startswith(("gtest/", "gmock/")) for include in self.includes(path))

    def _listed_as_tests(self):
        listed = set()
        for lists in self.source.rglob("CMakeLists.txt"):
            folder = lists.parent.relative_to(self.source).as_posix()
            for words in TESTS_LIST.findall(re.sub(r"#[^\n]*", "", lists.read_text(encoding="utf-8"))):
                listed |= {f"{folder}/{word}" for word in words.split()}
        return listed & self._known
