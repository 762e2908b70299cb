#!/usr/bin/env python3
"""Fails where the documentation points at nothing: relative links, files and `make` verbs that it
names, a layer table in docs/ARCHITECTURE.md that lacks a module of tools/layers.txt, a table of
close codes that differs from the code's, metrics that docs/OPERATIONS.md lacks or makes up, and
snippets marked `<!-- from FILE -->` that are not in FILE."""

import argparse
import pathlib
import re
import sys

import close_codes
from source_tree import Finding, SourceTree, line_of

LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
VERB = re.compile(r"`make ([a-z][a-z0-9-]*)")
TARGET = re.compile(r"^([a-z][a-z0-9 -]*):", re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ROW = re.compile(r"^\d+ ([a-z]+):", re.MULTILINE)
METRIC = re.compile(r"\b(?:counter|gauge|histogram)\(\s*\"(carillon_\w+)\"")
METRICS_PAGE = "docs/OPERATIONS.md"
SNIPPET = re.compile(r"^<!-- from (\S+) -->\n```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def anchor(heading: str) -> str:
    """The way GitHub makes an anchor of a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def check_links(tree: SourceTree, path: str) -> list[Finding]:
    findings = []
    text = re.sub(r"```.*?```", lambda m: re.sub(r"[^\n]", " ", m[0]), tree.text(path), flags=re.S)
    for match in LINK.finditer(text):
        target, _, fragment = match[1].partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (tree.root / path).parent / target if target else tree.root / path
        line = line_of(text, match.start())
        if not file.exists():
            findings.append(Finding(path, line, f"{match[1]}: no such file"))
        elif fragment and file.suffix == ".md":
            anchors = {anchor(h[1]) for h in HEADING.finditer(file.read_text(encoding="utf-8"))}
            if fragment not in anchors:
                findings.append(Finding(path, line, f"{match[1]}: no such heading"))
    return findings


def check_verbs(tree: SourceTree, path: str) -> list[Finding]:
    if "Makefile" not in tree.paths:
        return []
    verbs = {word for m in TARGET.finditer(tree.text("Makefile")) for word in m[1].split()}
    text = tree.text(path)
    return [Finding(path, line_of(text, m.start()), f"make {m[1]}: no such verb")
            for m in VERB.finditer(text) if m[1] not in verbs]


def check_layer_table(tree: SourceTree) -> list[Finding]:
    path = "docs/ARCHITECTURE.md"
    if path not in tree.paths:
        return []
    named = set(re.findall(r"\*\*([a-z]+)\*\*|`([a-z]+)`", tree.text(path)))
    words = {word for pair in named for word in pair}
    return [Finding(path, 1, f"the module {module} of tools/layers.txt is not described")
            for module in ROW.findall(tree.text("tools/layers.txt")) if module not in words]


def flat(code: str) -> str:
    """Code without its layout, as far as two copies of it may differ in that."""
    return "\n".join(line.strip() for line in code.strip().splitlines())


def check_snippets(tree: SourceTree, path: str) -> list[Finding]:
    text = tree.text(path)
    return [Finding(path, line_of(text, m.start()), f"the snippet is not in {m[1]}")
            for m in SNIPPET.finditer(text)
            if m[1] not in tree.paths or flat(m[2]) not in flat(tree.text(m[1]))]


def check_metrics(tree: SourceTree) -> list[Finding]:
    """Every metric of the code has its row in the operations page, and no other has."""
    if METRICS_PAGE not in tree.paths:
        return []
    made = {name for path in tree.matching(".cc") if not path.endswith("_test.cc")
            and path.startswith("carillon/") for name in METRIC.findall(tree.text(path))}
    page = tree.text(METRICS_PAGE)
    rows = {m[1]: line_of(page, m.start())
            for m in re.finditer(r"^\| `(carillon_\w+)", page, re.MULTILINE)}
    missing = [Finding(METRICS_PAGE, 1, f"the metric {name} is not described")
               for name in sorted(made - rows.keys())]
    return missing + [Finding(METRICS_PAGE, rows[name], f"{name}: no such metric")
                      for name in sorted(rows.keys() - made)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[1])
    tree = SourceTree(parser.parse_args().root)
    findings = check_layer_table(tree) + close_codes.check(tree) + check_metrics(tree)
    for path in tree.matching(".md"):
        findings += check_links(tree, path) + check_verbs(tree, path) + check_snippets(tree, path)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
