"""Proves that the check `arrows` can fail: small trees, each with one thing wrong."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import arrows  # noqa: E402
from source_tree import SourceTree, code_only  # noqa: E402

ROOMS = """
set(allowed_base "")  # set(allowed_comment everything)
set(allowed_crypto base)
set(allowed_registry base crypto)
set(allowed_registry_sqlite registry base)
set(allowed_authority registry
    base)
set(allowed_doors_rest base authority)
"""
CLEAN = {
    "base/time.h": "#pragma once\n#include <chrono>\n",
    "crypto/hash.cc": '#include "crypto/hash.h"\n#include <openssl/evp.h>\n#include "base/time.h"\n',
    "crypto/hash.h": "#pragma once\n",
    "registry/registry.h": '#pragma once\n#include "crypto/hash.h"\n',
    "registry/sqlite/engine.cc": '#include "registry/registry.h"\n',
    "registry/contract.h": '#include <gtest/gtest.h>\n',
    "authority/revoke.cc": '#include "registry/registry.h"\n#include <boost/unordered/unordered_flat_map.hpp>\n',
    "authority/revoke_test.cc": '#include <gtest/gtest.h>\n#include "crypto/hash.h"\n#include "registry/contract.h"\n',
    "doors/rest/door.cc": '#include "doors/rest/door.h"\n#include "authority/words.h"\n',
    "doors/rest/door.h": '#pragma once\n#include <boost/asio/ip/tcp.hpp>\n',
    "authority/words.h": "#pragma once\n",
}


class Arrows(unittest.TestCase):
    def findings(self, changes=None, rooms=ROOMS):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "cmake").mkdir()
            (root / "cmake" / "rooms.cmake").write_text(rooms)
            for path, text in {**CLEAN, **(changes or {})}.items():
                file = root / "src" / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return arrows.findings(SourceTree(root))

    def assert_one(self, found, *words):
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_a_clean_tree_has_no_finding(self):
        self.assertEqual(self.findings(), [])

    def test_a_forbidden_arrow_is_found_with_its_line(self):
        found = self.findings({"doors/rest/door.cc": '\n#include "registry/registry.h"\n'})
        self.assert_one(found, "src/doors/rest/door.cc:2", "doors_rest -> registry")

    def test_an_arrow_upwards_is_found(self):
        self.assert_one(self.findings({"base/time.h": '#include "crypto/hash.h"\n'}), "base -> crypto")

    def test_only_its_users_may_include_an_engine(self):
        found = self.findings({"authority/revoke.cc": '#include "registry/sqlite/engine.h"\n', "registry/sqlite/engine.h": ""})
        self.assert_one(found, "authority -> registry_sqlite")

    def test_an_engine_has_its_own_arrows(self):
        self.assert_one(self.findings({"registry/sqlite/engine.cc": '#include "crypto/hash.h"\n'}), "registry_sqlite -> crypto")

    def test_spaces_do_not_hide_an_include(self):
        self.assert_one(self.findings({"base/time.h": ' #  include  "crypto/hash.h"\n'}), "base -> crypto")

    def test_an_include_in_a_comment_does_not_count(self):
        self.assertEqual(self.findings({"base/time.h": '// x\n/*\n#include "crypto/hash.h"\n*/\n'}), [])

    def test_test_code_reaches_what_its_room_reaches_and_no_more(self):
        self.assertEqual(self.findings({"authority/revoke_test.cc": '#include "crypto/hash.h"\n'}), [])
        self.assert_one(self.findings({"crypto/hash_test.cc": '#include "registry/registry.h"\n'}), "crypto -> registry")

    def test_program_code_must_not_include_test_code(self):
        self.assert_one(self.findings({"registry/sqlite/engine.cc": '#include "registry/contract.h"\n'}), "test code")

    def test_what_cmake_lists_under_tests_is_test_code(self):
        lists = "gate_room(crypto\n  SOURCES hash.cc\n  TESTS hash_test.cc fault.cc\n  USES base)\n"
        fault = {"crypto/fault.cc": '#include "crypto/fault.h"\n#include <sqlite3.h>\n', "crypto/fault.h": ""}
        self.assertEqual(self.findings({**fault, "crypto/CMakeLists.txt": lists}), [])
        self.assert_one(self.findings(fault), "<sqlite3.h> is not for crypto")

    def test_a_library_belongs_to_its_rooms(self):
        self.assert_one(self.findings({"authority/revoke.cc": "#include <openssl/evp.h>\n"}), "not for authority", "crypto")
        self.assert_one(self.findings({"crypto/hash.cc": "#include <openssl/ssl.h>\n"}), "not for crypto")

    def test_googletest_belongs_to_tests(self):
        self.assertEqual(self.findings({"base/time_test.cc": "#include <gtest/gtest.h>\n"}), [])
        found = self.findings({"base/time.h": "#include <gmock/gmock.h>\n"})
        self.assertTrue(any("test code" in line for line in found), found)

    def test_a_library_in_a_header_that_others_see_is_found(self):
        found = self.findings({"crypto/hash.h": "#include <openssl/evp.h>\n"})
        self.assert_one(found, "header that other rooms see", "src/registry/registry.h")

    def test_a_library_seen_by_way_of_another_header_is_found(self):
        changes = {"crypto/hash.h": '#include "crypto/inner.h"\n', "crypto/inner.h": "#include <sodium.h>\n"}
        self.assert_one(self.findings(changes), "src/crypto/inner.h:1")

    def test_a_library_in_a_header_of_the_room_itself_is_fine(self):
        self.assertEqual(self.findings({"crypto/inner.h": "#include <sodium.h>\n"}), [])

    def test_an_unknown_library_is_found(self):
        self.assert_one(self.findings({"base/time.h": "#include <rocksdb/db.h>\n"}), "of no library in the table")

    def test_a_file_outside_the_rooms_is_found(self):
        self.assert_one(self.findings({"misc/a.cc": ""}), "belongs to no room")
        self.assert_one(self.findings({"base/time.h": '#include "sqlite3.h"\n'}), "names no room")

    def test_arrows_that_form_a_ring_are_found(self):
        found = self.findings(rooms=ROOMS.replace('set(allowed_base "")', "set(allowed_base doors_rest)"))
        self.assertTrue(any("the arrows of base lead back to base" in line for line in found), found)

    def test_an_empty_tree_is_a_finding(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "cmake").mkdir()
            (pathlib.Path(folder) / "cmake" / "rooms.cmake").write_text(ROOMS)
            self.assert_one(arrows.findings(SourceTree(folder)), "nothing was checked")

    def test_the_program_says_no_with_its_exit_code(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "cmake").mkdir()
            (pathlib.Path(folder) / "cmake" / "rooms.cmake").write_text(ROOMS)
            run = subprocess.run([sys.executable, arrows.__file__, folder], capture_output=True, check=False)
            self.assertEqual(run.returncode, 1)


class CodeOnly(unittest.TestCase):
    def test_it_blanks_comments_and_literals_and_keeps_lines(self):
        text = 'a("b//c"); // d\n/* e\n f */ g(\'"\'); h(1\'000); R"x(i\n)x" j'
        self.assertEqual(code_only(text).split(), ["a(", ");", "g(", ");", "h(1'000);", "j"])
        self.assertEqual(code_only(text).count("\n"), text.count("\n"))


if __name__ == "__main__":
    unittest.main()
