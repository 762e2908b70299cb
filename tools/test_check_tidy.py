"""Each rule of check_tidy.py fails on a bad sample and passes on the good one."""

import pytest

from check_tidy import TidyCheck
from cpp_functions import functions
from source_tree import SourceTree, cpp_code_only

HEADER = "// What it is.\n#pragma once\n"
USER = '#include "carillon/base/noun.h"\n#include "carillon/base/good.h"\n'
GOOD = {
    "carillon/base/good.h": HEADER + "class Good { void f() = delete; };\n",
    "carillon/base/noun.h": HEADER,
    "carillon/base/good.cc": USER + '// a std::mutex here, and "throw" there\n'
                                    'const char* kText = "std::thread";\nint kCount = 1\'000;\n',
    "carillon/base/user.cc": USER,
}
LONG = "int f() {\n" + "  g();\n" * 60 + "}\n"
TO_DO = "TO" + "DO"


def findings(tmp_path, files):
    for path, text in (GOOD | files).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return [str(f) for f in TidyCheck(SourceTree(tmp_path)).run()]


def test_the_good_tree_passes(tmp_path):
    assert findings(tmp_path, {}) == []


@pytest.mark.parametrize("path, text, expected", [
    ("carillon/a/x.cc", "std::mutex m;\n", "locks live in a few files"),
    ("carillon/a/x.cc", "std::lock_guard lock(m);\n", "locks live in a few files"),
    ("carillon/a/x.cc", "std::thread t;\n", "threads are a worker's"),
    ("carillon/net/mailbox.cc", "t.detach();\n", "join it"),
    ("carillon/a/x_test.cc", "std::this_thread::sleep_for(1s);\n", "no sleeps"),
    ("carillon/a/x.cc", "usleep(3);\n", "no sleeps"),
    ("carillon/a/x.cc", "throw 3;\n", "throws nothing"),
    ("carillon/a/x.cc", "int n = atoi(s);\n", "unchecked C"),
    ("carillon/a/x.cc", "std::system(s);\n", "no shell"),
    ("carillon/a/x.cc", "assert(x);\n", "CARILLON_ASSERT"),
    ("carillon/a/x.cc", 'printf("x");\n', "does not print"),
    ("carillon/a/x.cc", "std::cout << x;\n", "use the logger"),
    ("carillon/a/x.cc", "auto t = std::chrono::steady_clock::now();\n", "take a Clock&"),
    ("carillon/a/x.cc", "std::random_device d;\n", "base/random.h"),
    ("carillon/a/x.cc", "goto end;\n", "no goto"),
    ("carillon/a/x.cc", "using namespace std;\n", "spell std::"),
    ("carillon/a/x.cc", "#include <regex>\n", "slow to compile"),
    ("carillon/a/x.cc", "#include <iostream>\n", "static initialisers"),
    ("carillon/a/x.cc", "x();\n" * 601, "a file stops at 600"),
    ("carillon/a/x.cc", LONG, "f: 62 lines: a function stops at 60"),
    ("tools/x.py", "def f():\n" + "    g()\n" * 61, "f: 62 lines"),
    ("carillon/a/x.cc", "x" * 101 + "\n", "a line stops at 100"),
    ("carillon/a/x.cc", "x();  \n", "trailing blanks"),
    ("carillon/a/x.cc", f"// {TO_DO}: later\n", "finish it, or say"),
    ("carillon/a/x.cc", "// FIX" "ME(#3): later\n", "finish it"),
    ("carillon/a/x.cc", "// ==========\n", "no banners"),
    ("carillon/a/x.cc", "x();  // NOLINT\n", "name the check"),
    ("carillon/base/noun.h", "#pragma once\n", "starts with a line or two"),
    ("carillon/base/noun.h", "// What.\n", "#pragma once"),
    ("carillon/base/string_utils.cc", "\n", "a file is a noun"),
    ("carillon/a/x.cc", "class RoomManager {};\n", "say which part"),
    ("carillon/a/x.cc", "switch (k) { case Kind::kNull: f(); default: g(); }\n", "no default"),
    ("carillon/base/lonely.h", HEADER, "dead: nothing includes it"),
    ("tools/lonely.py", "", "dead: nothing names it"),
    ("fuzz/corpus/gone/a", "x", "there is no gone_fuzz.cc"),
    ("carillon/a/x.cc.orig", "x", "a leftover"),
    ("docs/x.md", "see ../shar" "ed/spec\n", "name nothing outside"),
    ("docs/x.md", "in /wo" "rk/main\n", "name nothing outside"),
    ("carillon/a/x_test.cc", "GTEST_SK" "IP();\n", "neither skip nor sleep"),
    ("tests/integration/test_x.py", "time.sle" "ep(1)\n", "neither skip nor sleep"),
])
def test_a_bad_sample_fails(tmp_path, path, text, expected):
    found = findings(tmp_path, {path: text})
    assert any(expected in finding for finding in found), found


@pytest.mark.parametrize("path, text", [
    ("carillon/net/blocking_pool.cc", "std::mutex m; std::thread t;\n"),
    ("carillon/a/x_test.cc", "std::thread t; t.join();\n"),
    ("carillon/a/x.cc", f"// {TO_DO}(#12): when the table grows\n"),
    ("carillon/a/x.cc", "x();  // NOLINT(bugprone-x): the table is constant\n"),
    ("carillon/a/x.cc", "std::thread::id id; std::snprintf(b, 1, f); std::fprintf(stderr, f);\n"),
    ("carillon/a/x.cc", "switch (c) { case 'a': f(); default: g(); }\n"),
    ("carillon/a/x.cc", 'const char* t = R"(throw std::mutex " )";\n'),
    ("tests/conftest.py", "time.sle" "ep(0.01)\n"),
])
def test_what_is_excused_passes(tmp_path, path, text):
    assert findings(tmp_path, {path: text}) == []


def test_functions_are_found_with_their_lengths():
    code = cpp_code_only("""\
#define MACRO(x) if (x) { \\
  }
namespace a::b {
struct S : T<int> {
  S(int a) : a_{a}, b_(2) {
  }
  int get() const noexcept { return a_; }
  int a_ = {};
};
enum class E : int { kA, kB };
template <class F>
  requires(sizeof(F) > 1)
auto run(F&& f) -> int {
  auto lambda = [&] {
    return '{';
  };
  return f(lambda);
}
struct S make() {
  return S{1};
}
TEST(Noun, BehavesLikeThis) {
}
const std::map<int, int> kTable = {
    {1, f(2)},
};
}  // namespace a::b
""")
    assert [(f.name, f.line_count) for f in functions(code)] == [
        ("S", 2), ("get", 1), ("run", 8), ("make", 3), ("TEST", 2)]
