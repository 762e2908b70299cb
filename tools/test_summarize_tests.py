"""The last line of ./test counts each case once and never hides a failure."""

import subprocess
import sys
from pathlib import Path

import pytest

from summarize_tests import excerpt

SCRIPT = Path(__file__).with_name("summarize_tests.py")
PASS = '<testcase name="a" classname="A"/>'
FAIL = '<testcase name="b" classname="A"><failure message="m"/></testcase>'
SKIP = '<testcase name="c" classname="A"><skipped message="no registry"/></testcase>'


def summarize(tmp_path, steps, files=()):
    for path, cases in dict(files).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    (tmp_path / "steps.tsv").write_text("".join(f"{n}\t{k}\t{s}\twhy\n" for n, k, s in steps))
    run = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True)
    return run.stdout.splitlines(), run.returncode


@pytest.mark.parametrize("steps, files, line, code", [
    ([("tidy", "check", 0)], {}, "1 passed, 0 failed, 0 skipped", 0),
    ([("tidy", "check", 1)], {}, "0 passed, 1 failed, 0 skipped", 1),
    ([("i", "pytest", 0)], {"junit/i.xml": PASS + PASS}, "2 passed, 0 failed, 0 skipped", 0),
    ([("i", "pytest", 1)], {"junit/i.xml": PASS + FAIL + SKIP}, "1 passed, 1 failed, 1 skipped", 1),
    ([("i", "pytest", 2)], {"junit/i.xml": PASS}, "1 passed, 1 failed, 0 skipped", 1),
    ([("i", "pytest", 139)], {}, "0 passed, 1 failed, 0 skipped", 1),
    ([("i", "skip", 0), ("tidy", "check", 0)], {}, "1 passed, 0 failed, 1 skipped", 0),
    ([("i", "skip", 1)], {}, "0 passed, 1 failed, 0 skipped", 1),
    ([], {}, "0 passed, 0 failed, 0 skipped", 1),
])
def test_steps_are_summed(tmp_path, steps, files, line, code):
    lines, returned = summarize(tmp_path, steps, files)
    assert (lines[-1], returned) == (line, code)


def test_unit_programs_count_by_their_cases(tmp_path):
    programs = ('<testcase name="ws"/><testcase name="fuzz_frame"/>'
                '<testcase name="http"><failure/></testcase>'
                '<testcase name="json"><failure/></testcase>')
    lines, code = summarize(tmp_path, [("unit-dev", "unit", 8)], {
        "junit/unit-dev.xml": programs,
        "gtest/unit-dev/carillon_ws_test.xml": PASS * 5,
        "gtest/unit-dev/carillon_http_test.xml": PASS + FAIL,
    })
    assert lines[-1] == "7 passed, 2 failed, 0 skipped"
    assert code == 1
    assert "FAILED  unit-dev: json (the program failed)" in lines


def test_a_skip_says_why(tmp_path):
    lines, _ = summarize(tmp_path, [("i", "pytest", 0)], {"junit/i.xml": PASS + SKIP})
    assert "SKIPPED i: A.c (no registry)" in lines


def test_an_excerpt_shows_the_telling_lines():
    log = "\n".join(["noise"] * 200 + ["x.cc:3: error: no", "  here"] + ["noise"] * 200)
    assert "x.cc:3: error: no" in excerpt(log)
    assert len(excerpt(log)) < 10
