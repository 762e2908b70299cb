#!/usr/bin/env python3
"""Fails when the code disagrees with the layer table, tools/layers.txt.

Checks that the table is acyclic; that each module includes only what its row allows and what its
CMakeLists.txt declares, and declares nothing it does not use; that third-party headers stay where
the table says and out of installed headers; that codecs touch no operating system; and that
programs use installed headers only.
"""

import argparse
import dataclasses
import fnmatch
import pathlib
import re
import sys

from source_tree import Finding, SourceTree

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
DECLARATION = re.compile(r"carillon_module\(\s*(\w+)([^)]*)\)")
NOT_INSTALLED = re.compile(r"_(test|contract)\.h$")
SYSTEM_DIRECTORIES = ("sys/", "netinet/", "arpa/", "net/", "linux/", "bits/")
SYSTEM_HEADERS = set(
    "dirent dlfcn elf endian err execinfo fcntl ifaddrs malloc netdb poll pthread pwd sched "
    "semaphore spawn strings syslog termios unistd immintrin emmintrin arm_neon".split())
C_HEADERS = set(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal "
    "stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib string time uchar wchar "
    "wctype".split())
IMPURE = {"thread", "mutex", "condition_variable", "chrono", "atomic", "filesystem"}


@dataclasses.dataclass
class Table:
    rows: dict[str, set[str]]
    programs: set[str]
    pure: set[str]
    third_party: dict[str, list[str]]
    once: set[str]


def parse_table(text: str) -> tuple[Table, list[Finding]]:
    table = Table({}, set(), set(), {}, set())
    findings: list[Finding] = []
    levels: dict[str, int] = {}
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#")[0].strip()
        if not line:
            continue
        if line.startswith("["):
            section = line.strip("[]")
        elif section == "modules":
            findings += _add_row(table, levels, line, number)
        elif section == "programs":
            table.programs |= set(line.split())
        elif section == "pure":
            table.pure |= set(line.split())
        elif section == "third-party":
            header, *globs = line.split()
            if globs[0] == "once":
                table.once.add(header)
                globs = globs[1:]
            table.third_party[header] = globs
        else:
            findings.append(_in_table(number, f"unknown section [{section}]"))
    return table, findings


def _in_table(line: int, message: str) -> Finding:
    return Finding("tools/layers.txt", line, message)


def _add_row(table: Table, levels: dict[str, int], line: str, number: int) -> list[Finding]:
    match = re.fullmatch(r"(\d+) (\w+):(.*)", line)
    if not match:
        return [_in_table(number, f"not a row: {line}")]
    level, name, words = int(match[1]), match[2], match[3].split()
    allowed: set[str] = set()
    for word in words:
        if word == "+":
            allowed |= {"base", "log", "metrics"}
        elif word == "*":
            allowed |= set(table.rows)
        else:
            allowed.add(word)
    table.rows[name] = allowed
    findings = [
        _in_table(number, f"{name} may not name {other}, which is not on a lower level")
        for other in sorted(allowed) if levels.get(other, level) >= level
    ]
    if levels and level < max(levels.values()):
        findings.append(_in_table(number, f"{name} stands below a higher level"))
    levels[name] = level
    return findings


class LayerCheck:
    def __init__(self, tree: SourceTree):
        self.tree = tree
        self.table, self.findings = parse_table(tree.text("tools/layers.txt"))
        self.once_users: dict[str, list[str]] = {header: [] for header in self.table.once}

    def run(self) -> list[Finding]:
        self._check_rows_exist()
        used = {module: set() for module in self.table.rows}
        for path in self.tree.matching(".h", ".cc"):
            for match in INCLUDE.finditer(self.tree.text(path)):
                line = self.tree.text(path).count("\n", 0, match.start()) + 1
                if match[1]:
                    self._check_own(path, line, match[1], used)
                else:
                    self._check_angle(path, line, match[2])
        self._check_declarations(used)
        for header, users in self.once_users.items():
            if len(users) > 1:
                self.report(users[1], 1, f"<{header}> is included by {users[0]} already: once only")
        return self.findings

    def report(self, path: str, line: int, message: str) -> None:
        self.findings.append(Finding(path, line, message))

    def _check_rows_exist(self) -> None:
        for path in self.tree.paths:
            module = module_of(path)
            if module and module not in self.table.rows:
                self.report(path, 1, f"module {module} has no row in tools/layers.txt")

    def _check_own(self, path: str, line: int, header: str, used: dict[str, set[str]]) -> None:
        top = path.split("/")[0]
        module, target = module_of(path), module_of(header)
        if header not in self.tree.paths:
            self.report(path, line, f'"{header}" is no file of ours (paths start at the root)')
        elif module:
            if not target:
                self.report(path, line, f'the library may not include "{header}"')
            elif target != module:
                used.setdefault(module, set()).add(target)
                if target not in self.table.rows.get(module, set()):
                    self.report(path, line, f"{module} may not include {target}")
        elif top in self.table.programs:
            own = header.startswith(top + "/")
            if not own and (not target or NOT_INSTALLED.search(header)):
                self.report(path, line, f'"{header}" is not installed: a program may not use it')

    def _check_angle(self, path: str, line: int, header: str) -> None:
        kind = kind_of(header)
        module = module_of(path)
        if header.startswith("carillon/"):
            self.report(path, line, f'write "{header}", not <{header}>')
        elif kind == "third-party":
            self._check_third_party(path, line, header)
        elif module in self.table.pure and not is_test(path):
            if kind == "system" or header in IMPURE:
                self.report(path, line, f"{module} is pure: it may not include <{header}>")

    def _check_third_party(self, path: str, line: int, header: str) -> None:
        for known, globs in self.table.third_party.items():
            if header == known or (known.endswith("/") and header.startswith(known)):
                if not any(fnmatch.fnmatch(path, glob) for glob in globs):
                    self.report(path, line, f"<{header}> belongs to {' '.join(globs)} only")
                if known in self.once_users and path not in self.once_users[known]:
                    self.once_users[known].append(path)
                break
        else:
            self.report(path, line, f"<{header}> is not in tools/layers.txt [third-party]")
        if path.startswith("carillon/") and path.endswith(".h") and not NOT_INSTALLED.search(path):
            self.report(path, line, f"an installed header may not include <{header}>")

    def _check_declarations(self, used: dict[str, set[str]]) -> None:
        for path in self.tree.paths:
            module = module_of(path)
            if not module or path != f"carillon/{module}/CMakeLists.txt":
                continue
            match = DECLARATION.search(self.tree.text(path))
            if not match or match[1] != module:
                self.report(path, 1, f"expected carillon_module({module} …)")
                continue
            words = re.sub(r"#.*", "", match[2]).split()
            declared = set()
            if "DEPENDS" in words:
                declared = set(words[words.index("DEPENDS") + 1:])
                if "LINK" in words:
                    declared -= set(words[words.index("LINK"):])
            allowed = self.table.rows.get(module, set())
            for name in sorted(declared - allowed):
                self.report(path, 1, f"{module} may not depend on {name}")
            for name in sorted((used.get(module, set()) & allowed) - declared):
                self.report(path, 1, f"{module} includes {name} but does not list it in DEPENDS")
            for name in sorted(declared & allowed - used.get(module, set())):
                self.report(path, 1, f"{module} lists {name} in DEPENDS but includes nothing of it")


def module_of(path: str) -> str:
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "carillon" else ""


def is_test(path: str) -> bool:
    return re.search(r"_(test|contract|fuzz|bench)\.(cc|h)$", path) is not None


def kind_of(header: str) -> str:
    if "." not in header and "/" not in header:
        return "standard"
    if header.endswith(".h") and header[:-2] in C_HEADERS:
        return "standard"
    if header.startswith(SYSTEM_DIRECTORIES):
        return "system"
    if header.endswith(".h") and header[:-2] in SYSTEM_HEADERS:
        return "system"
    return "third-party"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[1])
    findings = LayerCheck(SourceTree(parser.parse_args().root)).run()
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
