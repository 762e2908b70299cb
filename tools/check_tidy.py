#!/usr/bin/env python3
"""Fails where a file breaks a rule of docs/STYLE.md that a machine can see.

Banned calls and includes, with the files that are excused; lengths of lines, functions and files;
forms of comments and suppressions; names that say nothing; dead files; text that does not stand
alone. clang-format and clang-tidy do the rest.
"""

import argparse
import ast
import fnmatch
import pathlib
import re
import sys

from cpp_functions import functions
from source_tree import Finding, SourceTree, cpp_code_only, line_of

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
COLUMNS_MAX = 100

CPP = ("*.cc", "*.h")
TESTS = ("*_test.cc", "*_test.h", "*_contract.h", "*_fuzz.cc", "*_bench.cc", "fuzz/*")
PROGRAMS = ("cmd/*", "bench/*", "examples/*")
LOCKED = ("carillon/net/mailbox*", "carillon/net/blocking_pool*", "carillon/net/event_loop*",
          "carillon/fanout/event_mailbox*", "carillon/log/*", "carillon/metrics/registry*",
          "carillon/session/admission*", "bench/*", "examples/*")
THREADED = ("carillon/net/blocking_pool*", "carillon/net/event_loop*", "carillon/fanout/node*",
            "carillon/server/worker*", "cmd/bench*", "bench/*", "examples/*")

# (pattern in code without comments and literals, why, files that are excused)
BANNED_CALLS = [
    (r"\bstd::(recursive_|shared_|timed_)?mutex\b|\bstd::condition_variable\b"
     r"|\bstd::(lock_guard|unique_lock|scoped_lock|shared_lock)\b",
     "locks live in a few files only: cross threads through a Mailbox", LOCKED),
    (r"\bstd::j?thread\b(?!::(id|hardware_concurrency)\b)",
     "threads are a worker's, the node's, the pool's", THREADED + TESTS),
    (r"\.detach\(\)", "a detached thread outlives what it uses: join it", ()),
    (r"\bsleep_(for|until)\b|\b(u|nano)?sleep\s*\(", "no sleeps: use a timer or a fake clock", ()),
    (r"\bstd::(regex|async|endl|auto_ptr|bind)\b", "slow, surprising or outdated", ()),
    (r"\bstd::(cout|cerr|clog)\b", "use the logger, or std::fputs in a program", ()),
    (r"\bthrow\b(?!\(\))", "our code throws nothing: return a Result", TESTS + ("examples/*",)),
    (r"(?<![\w:])(?:std::)?(strcpy|strcat|v?sprintf|gets|strtok|ato[ilf]|s?rand)\s*\(",
     "unsafe or unchecked C", ("bench/*",)),
    (r"(?<![\w:.>])(?:std::)?(system|popen)\s*\(", "no shell", ()),
    (r"(?<!\w)assert\s*\(", "use CARILLON_ASSERT or CARILLON_DCHECK", ()),
    (r"(?<![\w.>])(?:std::)?(printf|puts|putchar)\s*\(", "a library does not print",
     TESTS + PROGRAMS),
    (r"\b(system_clock|steady_clock)::now\b|\bgettimeofday\b|\bclock_gettime\b"
     r"|(?<![\w.>])time\(nullptr\)",
     "take a Clock&, so that a test can move it",
     ("carillon/base/clock.cc", "carillon/log/*", "*_bench.cc") + PROGRAMS),
    (r"\bstd::random_device\b|\bstd::mt19937", "use base/random.h", TESTS + ("bench/*",)),
    (r"\bgoto\b", "no goto", ()),
    (r"\busing\s+namespace\s+std\s*;", "spell std::", ()),
]
BANNED_INCLUDES = {
    "regex": "slow to compile and to run",
    "iostream": "costs every program its static initialisers",
    "cassert": "use carillon/base/assert.h",
    "assert.h": "use carillon/base/assert.h",
}
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "misc", "common", "manager", "stuff"}
EMPTY_TYPE = re.compile(r"\b(?:class|struct)\s+(\w*(?:Manager|Helper|Helpers|Util|Utils))\b")
ENUM_CASE = re.compile(r"\bcase\s+[\w:]*\bk[A-Z]\w*\s*:")
OUTSIDE = re.compile(r"/w[o]rk/|\.\./shar[e]d|/hom[e]/\w|/Use[r]s/\w|\bissues sho[w]\b|/roo[t]/")
UNFINISHED = re.compile(r"\b(FIX[M]E|X[X]X|HAC[K]|TOD[O])\b(\(#\d+\): )?")
SKIPS = re.compile(r"\bGTEST_SKI[P]\b|\bDISABLED[_]\w|\btime\.slee[p]\(|\bpytest\.ski[p]\b"
                   r"|\bmark\.ski[p]\b|\bmark\.xfai[l]\b")
WAITING = ("tests/**/wait*.py", "tests/wait*.py", "tests/*conftest.py")
LEFTOVER = re.compile(r"(\.orig|\.rej|\.bak|~|\.swp)$")
RULE = ("*.cc", "*.h", "*.py", "*.cmake", "*.sh", "*CMakeLists.txt", "Makefile", "run", "test")


class TidyCheck:
    def __init__(self, tree: SourceTree):
        self.tree = tree
        self.findings: list[Finding] = []

    def run(self) -> list[Finding]:
        for path in self.tree.paths:
            if LEFTOVER.search(path):
                self.report(path, 1, "a leftover of an editor or a merge")
        for path in self.tree.text_files():
            self._check_text(path)
        for path in self.tree.matching(".cc", ".h"):
            code = cpp_code_only(self.tree.text(path))
            self._check_calls(path, code)
            self._check_includes(path)
            self._check_shape(path, code)
        for path in self.tree.matching(".py"):
            self._check_python(path)
        self._check_dead_files()
        return self.findings

    def report(self, path: str, line: int, message: str) -> None:
        self.findings.append(Finding(path, line, message))

    def each_match(self, path: str, expression: re.Pattern | str, text: str):
        for match in re.finditer(expression, text):
            yield match, line_of(text, match.start())

    def _check_text(self, path: str) -> None:
        text = self.tree.text(path)
        for match, line in self.each_match(path, OUTSIDE, text):
            self.report(path, line, f"{match[0]!r}: name nothing outside the project")
        if not matches(path, RULE):
            return
        lines = text.splitlines()
        if len(lines) > FILE_LINES_MAX:
            self.report(path, len(lines), f"{len(lines)} lines: a file stops at {FILE_LINES_MAX}")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS_MAX and "://" not in line:
                self.report(path, number, f"{len(line)} columns: a line stops at {COLUMNS_MAX}")
            if line != line.rstrip():
                self.report(path, number, "trailing blanks")
        for match, line in self.each_match(path, UNFINISHED, text):
            if not (match[1].startswith("TO") and match[2]):
                self.report(path, line, f"{match[1]}: finish it, or say TO" "DO(#12): …")
        for match, line in self.each_match(path, SKIPS, text):
            if not (match[0].startswith("time") and matches(path, WAITING)):
                self.report(path, line, f"{match[0]!r}: tests neither skip nor sleep: wait for a "
                                        "condition")

    def _check_calls(self, path: str, code: str) -> None:
        for expression, why, excused in BANNED_CALLS:
            if matches(path, excused):
                continue
            for match, line in self.each_match(path, expression, code):
                self.report(path, line, f"{match[0].strip()}: {why}")

    def _check_includes(self, path: str) -> None:
        text = self.tree.text(path)
        for match, line in self.each_match(path, r"(?m)^\s*#\s*include\s*<([^>]+)>", text):
            if match[1] in BANNED_INCLUDES:
                self.report(path, line, f"<{match[1]}>: {BANNED_INCLUDES[match[1]]}")

    def _check_shape(self, path: str, code: str) -> None:
        text = self.tree.text(path)
        if path.endswith(".h") and not text.startswith("//"):
            self.report(path, 1, "a header starts with a line or two on what it is")
        if path.endswith(".h") and "#pragma once" not in text:
            self.report(path, 1, "a header says #pragma once")
        for _, line in self.each_match(path, r"(?m)^\s*//\s*[-=*#/]{4,}", text):
            self.report(path, line, "no banners")
        for _, line in self.each_match(path, r"NOLINT\w*(?!\w)(?!\([\w\-.,* ]+\):? \S)", text):
            self.report(path, line, "name the check and the reason: NOLINT(check): why")
        stem = pathlib.PurePath(path).stem
        if EMPTY_NAMES & set(stem.split("_")):
            self.report(path, 1, "a file is a noun: this name says nothing")
        for match, line in self.each_match(path, EMPTY_TYPE, code):
            self.report(path, line, f"{match[1]}: say which part of it (see docs/STYLE.md)")
        for function in functions(code):
            if function.line_count > FUNCTION_LINES_MAX:
                self._report_long(path, function.line, function.name, function.line_count)
        self._check_defaults(path, code)

    def _report_long(self, path: str, line: int, name: str, count: int) -> None:
        self.report(path, line, f"{name}: {count} lines: a function stops at {FUNCTION_LINES_MAX}")

    def _check_defaults(self, path: str, code: str) -> None:
        for match, line in self.each_match(path, r"\bdefault\s*:", code):
            before = code[:match.start()]
            switch = before[before.rfind("switch"):]
            if ENUM_CASE.search(switch):
                self.report(path, line, "no default on an enum of ours: the compiler then "
                                        "finds the case that was forgotten")

    def _check_python(self, path: str) -> None:
        for node in ast.walk(ast.parse(self.tree.text(path), filename=path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                count = node.end_lineno - node.lineno + 1
                if count > FUNCTION_LINES_MAX:
                    self._report_long(path, node.lineno, node.name, count)

    def _check_dead_files(self) -> None:
        included = set()
        for path in self.tree.matching(".cc", ".h"):
            own_source = path.removesuffix(".cc") + ".h"
            for match in re.finditer(r'#\s*include\s*"([^"]+)"', self.tree.text(path)):
                if match[1] != own_source:
                    included.add(match[1])
        words = {p: set(re.findall(r"\w+", self.tree.text(p))) for p in self.tree.text_files()}
        for path in self.tree.paths:
            name = pathlib.PurePath(path).name
            if path.endswith(".h") and path not in included:
                self.report(path, 1, "dead: nothing includes it but its own source")
            is_tool = re.search(r"^(tools|cmake)/[^/]+\.(py|sh|cmake)$", path)
            if is_tool and not name.startswith("test_"):
                stem = pathlib.PurePath(path).stem
                if not any(stem in found for other, found in words.items() if other != path):
                    self.report(path, 1, "dead: nothing names it")
            corpus = re.match(r"fuzz/corpus/([^/]+)/", path)
            if corpus and not any(p.endswith(f"/{corpus[1]}_fuzz.cc") for p in self.tree.paths):
                self.report(path, 1, f"dead: there is no {corpus[1]}_fuzz.cc")


def matches(path: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(path, glob) for glob in globs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[1])
    findings = TidyCheck(SourceTree(parser.parse_args().root)).run()
    for finding in sorted(set(findings), key=lambda f: (f.path, f.line, f.message)):
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
