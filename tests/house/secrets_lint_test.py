"""Proves that the check `secrets_lint` can fail: one small tree for each rule, and the ways to be spared."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import secrets_lint  # noqa: E402

# One line of code for each way to break a rule.
BREACHES = (
    ("weak-random", "int a = rand();"),
    ("weak-random", "int a = std::rand();"),
    ("weak-random", "long a = random();"),
    ("weak-random", "std::mt19937_64 engine;"),
    ("weak-random", "std::random_device device;"),
    ("early-exit-compare", "bool same = memcmp(a, b, 32) == 0;"),
    ("early-exit-compare", "bool same = std::strcmp(a, b) == 0;"),
    ("early-exit-compare", "bool same = secret.reveal(access) == other;"),
    ("early-exit-compare", "bool same = std::ranges::equal(secret.reveal(a), other);"),
    ("early-exit-compare", "if (given == session_token) {}"),
    ("early-exit-compare", "if (password_text == given) {}"),
    ("c-string", "strcpy(to, from);"),
    ("c-string", "int n = atoi(text);"),
    ("c-memory", "void* p = malloc(8);"),
    ("c-memory", "delete node;"),
    ("shell", "int code = system(line);"),
    ("temporary-name", "char* name = mktemp(pattern);"),
)
HARMLESS = (
    "// rand() is not for us",
    'const char* text = "memcmp(a, b, 1)";',
    "source.random();",
    "const int system_calls = 1;",
    "if (password == nullptr) {}",
    "Node(const Node&) = delete;",
)


class SecretsLint(unittest.TestCase):
    def findings(self, files, rooms='set(allowed_base "")\nset(allowed_venue base)\n'):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in {"cmake/rooms.cmake": rooms, **files}.items():
                file = root / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            return secrets_lint.findings(root)

    def test_each_breach_is_found_with_its_rule_and_line(self):
        for rule, line in BREACHES:
            with self.subTest(line=line):
                found, read = self.findings({"src/base/a.cc": f"\n{line}\n"})
                self.assertEqual(read, 1)
                self.assertTrue(found, line)
                self.assertTrue(found[0].startswith(f"src/base/a.cc:2: [{rule}]"), found)

    def test_every_rule_has_a_breach_here(self):
        page_rules = {"page-random", "page-script"}
        self.assertEqual({rule.name for rule in secrets_lint.RULES} - page_rules, {rule for rule, _ in BREACHES})

    def test_the_page_is_read_too(self):
        found, _ = self.findings({"console/src/a.ts": "const a = Math.random();\nb.innerHTML = c;\n"})
        self.assertEqual([line.split("[")[1].split("]")[0] for line in found], ["page-random", "page-script"])

    def test_what_only_looks_like_a_breach_is_not_found(self):
        for line in HARMLESS:
            with self.subTest(line=line):
                self.assertEqual(self.findings({"src/base/a.cc": line + "\n"})[0], [])

    def test_a_line_with_a_good_reason_is_spared(self):
        for text in ("delete node;  // LINT-ALLOW(c-memory): the table owns it\n",
                     "// LINT-ALLOW(c-memory): the table owns it\ndelete node;\n"):
            self.assertEqual(self.findings({"src/base/a.cc": text})[0], [])

    def test_a_reason_for_another_rule_or_none_at_all_does_not_spare(self):
        for comment in ("// LINT-ALLOW(shell): the table owns it", "// LINT-ALLOW(c-memory)", "// LINT-ALLOW(c-memory): "):
            self.assertEqual(len(self.findings({"src/base/a.cc": f"delete node;  {comment}\n"})[0]), 1, comment)

    def test_tests_may_compare_in_the_open_but_not_run_shells(self):
        files = {"src/base/a_test.cc": "bool same = memcmp(a, b, 32) == 0;\nint code = system(line);\n"}
        found, _ = self.findings(files)
        self.assertEqual(len(found), 1, found)
        self.assertIn("[shell]", found[0])

    def test_the_program_says_no_with_its_exit_code_and_to_an_empty_tree_too(self):
        program = pathlib.Path(__file__).parent / "secrets_lint.py"
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "cmake").mkdir()
            (root / "cmake" / "rooms.cmake").write_text('set(allowed_base "")\n')
            (root / "src" / "base").mkdir(parents=True)
            self.assertEqual(subprocess.run([sys.executable, program, root], capture_output=True).returncode, 1)
            (root / "src" / "base" / "a.cc").write_text("int a = 1;\n")
            self.assertEqual(subprocess.run([sys.executable, program, root], capture_output=True).returncode, 0)
            (root / "src" / "base" / "a.cc").write_text("int a = rand();\n")
            self.assertEqual(subprocess.run([sys.executable, program, root], capture_output=True).returncode, 1)


if __name__ == "__main__":
    unittest.main()
