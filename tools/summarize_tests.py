#!/usr/bin/env python3
"""Sums what ./test ran into one line, `N passed, N failed, N skipped`.

    summarize_tests.py build/reports                    names what failed and what was skipped
    summarize_tests.py --excerpt STEP build/reports     the part of a step's log worth reading

A step that failed without a failing case in its report (a crash, a build) counts as one failure.
"""

import argparse
import dataclasses
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

EXCERPT_LINES_MAX = 60
TELLING = re.compile(
    r"error:|Error|FAILED|\*\*\*Failed|Failure|^E  |AssertionError|Sanitizer|runtime error|"
    r"warning:|broken invariant|^\S+:\d+: ")


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)
    skipped: list[str] = dataclasses.field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def tally_cases(path: pathlib.Path, step: str) -> Tally:
    """The cases of one JUnit file, as GoogleTest, CTest and pytest write them."""
    tally = Tally()
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{step}: {case.get('classname', '')}.{case.get('name', '')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed.append(name)
        elif skipped is not None or case.get("status") in ("notrun", "disabled"):
            reason = skipped.get("message", "") if skipped is not None else "disabled"
            tally.skipped.append(f"{name} ({reason})")
        else:
            tally.passed += 1
    return tally


def tally_unit(reports: pathlib.Path, step: str) -> Tally:
    """CTest's programs, each counted by its GoogleTest cases where it wrote them."""
    tally = Tally()
    ctest = ElementTree.parse(reports / "junit" / f"{step}.xml")
    for program in ctest.iter("testcase"):
        name = program.get("name", "")
        cases = reports / "gtest" / step / f"carillon_{name}_test.xml"
        failed = program.find("failure") is not None or program.find("error") is not None
        inner = Tally()
        if cases.exists():
            inner = tally_cases(cases, step)
        elif not failed:
            inner.passed = 1
        if failed and not inner.failed:
            inner.failed.append(f"{step}: {name} (the program failed)")
        tally.add(inner)
    return tally


def tally_step(reports: pathlib.Path, step: str, kind: str, status: int, reason: str) -> Tally:
    tally = Tally()
    if kind == "skip":
        (tally.failed if status else tally.skipped).append(f"{step} ({reason})")
        return tally
    report = reports / "junit" / f"{step}.xml"
    if kind == "check":
        tally.passed = 1 if status == 0 else 0
    elif report.exists():
        try:
            tally = tally_unit(reports, step) if kind == "unit" else tally_cases(report, step)
        except ElementTree.ParseError as error:
            tally.failed.append(f"{step}: its report cannot be read ({error})")
    if status != 0 and not tally.failed:
        tally.failed.append(f"{step} (exit {status})")
    return tally


def excerpt(log: str) -> list[str]:
    """The telling lines with a little around them, or else the end."""
    lines = log.splitlines()
    wanted: set[int] = set()
    for index, line in enumerate(lines):
        if TELLING.search(line):
            wanted.update(range(max(0, index - 1), min(len(lines), index + 6)))
    if not wanted:
        return lines[-EXCERPT_LINES_MAX:]
    chosen = sorted(wanted)[:EXCERPT_LINES_MAX]
    return [lines[i] for i in chosen]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--excerpt", metavar="STEP")
    parser.add_argument("reports", type=pathlib.Path)
    args = parser.parse_args()
    if args.excerpt:
        log = (args.reports / "logs" / f"{args.excerpt}.log").read_text(errors="replace")
        print("\n".join(excerpt(log)))
        return 0
    total = Tally()
    for line in (args.reports / "steps.tsv").read_text().splitlines():
        step, kind, status, reason = line.split("\t")
        total.add(tally_step(args.reports, step, kind, int(status), reason))
    for name in total.failed:
        print(f"FAILED  {name}")
    for name in total.skipped:
        print(f"SKIPPED {name}")
    print(f"{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
