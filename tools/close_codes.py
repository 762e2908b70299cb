#!/usr/bin/env python3
"""Writes the table of close codes, which stands once in carillon/ws/close_code.cc, into
docs/protocol/realtime.md. With --check it changes nothing and fails where the page differs."""

import argparse
import dataclasses
import pathlib
import re
import sys

from source_tree import Finding, SourceTree, line_of

HEADER = "carillon/ws/close_code.h"
SOURCE = "carillon/ws/close_code.cc"
PAGE = "docs/protocol/realtime.md"
BEGIN = "<!-- close codes: written by tools/close_codes.py from carillon/ws/close_code.cc -->\n"
END = "<!-- end of close codes -->\n"

NUMBER = re.compile(r"\b(k\w+) = (\d+),")
CONSTANT = re.compile(r'std::string_view (k\w+) = "([^"]*)";')
TABLE = re.compile(r"kCloseCodes\[\] = \{\n(.*?)\n\};", re.DOTALL)
ROW = re.compile(r"\{CloseCode::(k\w+),(.*?)\}", re.DOTALL)
FIELD = re.compile(r'"((?:[^"\\]|\\.)*)"|\b(k\w+|true|false)\b')


@dataclasses.dataclass(frozen=True)
class Row:
    code: int
    slug: str
    meaning: str
    client_action: str
    is_fatal: bool
    is_fatal_after_retry: bool
    other_slug: str


def read_rows(header: str, source: str) -> list[Row]:
    """The rows of the C++ table, in its order; ValueError when it cannot be read."""
    numbers = {name: int(number) for name, number in NUMBER.findall(header)}
    constants = dict(CONSTANT.findall(source))
    table = TABLE.search(source)
    if table is None:
        raise ValueError("there is no table kCloseCodes")
    rows = []
    for name, fields in ROW.findall(table[1]):
        values = [re.sub(r"\\(.)", r"\1", text) if not word else constants.get(word, word)
                  for text, word in FIELD.findall(fields)]
        if len(values) < 4 or name not in numbers:
            raise ValueError(f"the row of {name} cannot be read")
        values += ["false", ""][len(values) - 4:]  # the defaults of CloseCodeEntry
        slug, meaning, action, fatal, after_retry, other = values
        rows.append(Row(numbers[name], slug, meaning, action, fatal == "true",
                        after_retry == "true", other))
    if len(rows) != table[1].count("CloseCode::"):
        raise ValueError("a row of kCloseCodes cannot be read")
    return rows


def markdown(rows: list[Row]) -> str:
    lines = ["| code | reason | meaning | what the client does | fatal |", "|---|---|---|---|---|"]
    for row in rows:
        slugs = f"`{row.slug}`" + (f", `{row.other_slug}`" if row.other_slug else "")
        fatal = "after one retry" if row.is_fatal_after_retry else "yes" if row.is_fatal else "no"
        lines.append(f"| {row.code} | {slugs} | {row.meaning} | {row.client_action} | {fatal} |")
    return "\n".join(lines) + "\n"


def split_page(page: str) -> tuple[str, str, str]:
    """The page before the table, the table, and after it; ValueError without the two marks."""
    head, begin, rest = page.partition(BEGIN)
    table, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the lines {BEGIN.strip()} and {END.strip()} are missing")
    return head + begin, table, end + tail


def check(tree: SourceTree) -> list[Finding]:
    if SOURCE not in tree.paths or PAGE not in tree.paths:
        return []
    try:
        rows = read_rows(tree.text(HEADER), tree.text(SOURCE))
    except ValueError as error:
        return [Finding(SOURCE, 1, str(error))]
    try:
        head, table, _ = split_page(tree.text(PAGE))
    except ValueError as error:
        return [Finding(PAGE, 1, str(error))]
    if table == markdown(rows):
        return []
    return [Finding(PAGE, line_of(head, len(head)), f"differs from {SOURCE}: run make docs")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[1])
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    tree = SourceTree(arguments.root)
    if arguments.check:
        findings = check(tree)
        for finding in findings:
            print(finding)
        return 1 if findings else 0
    rows = read_rows(tree.text(HEADER), tree.text(SOURCE))
    head, _, tail = split_page(tree.text(PAGE))
    (arguments.root / PAGE).write_text(head + markdown(rows) + tail, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
