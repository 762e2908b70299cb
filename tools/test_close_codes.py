"""close_codes.py reads the C++ table, writes it into the page, and notices when they differ."""

import subprocess
import sys
from pathlib import Path

import pytest

import close_codes

SCRIPT = Path(__file__).with_name("close_codes.py")
HEADER = "enum class CloseCode {\n  kNormal = 1000,\n  kBroken = 1002,\n  kNone = 1005,\n};\n"
SOURCE = """
constexpr std::string_view kRetry = "one retry, then stop";
constexpr CloseCodeEntry kCloseCodes[] = {
    {CloseCode::kNormal, "normal", "asked for", "offer \\"again\\"", false},
    {CloseCode::kBroken, "broken", "broke the \\"protocol\\"",
     kRetry, true, true, "other"},
};
"""
ROWS = [
    close_codes.Row(1000, "normal", "asked for", 'offer "again"', False, False, ""),
    close_codes.Row(1002, "broken", 'broke the "protocol"', "one retry, then stop", True, True,
                    "other"),
]
PAGE = f"# Codes\n{close_codes.BEGIN}stale\n{close_codes.END}after\n"


def tree(tmp_path, page=PAGE, source=SOURCE):
    files = {close_codes.HEADER: HEADER, close_codes.SOURCE: source, close_codes.PAGE: page}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def run(root, *arguments):
    command = [sys.executable, SCRIPT, "--root", root, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_rows_are_those_of_the_source():
    assert close_codes.read_rows(HEADER, SOURCE) == ROWS


@pytest.mark.parametrize("source", [
    "", SOURCE.replace("kBroken", "kUnheardOf"), SOURCE.replace(', "asked for"', "")])
def test_a_table_that_cannot_be_read_is_an_error(source):
    with pytest.raises(ValueError):
        close_codes.read_rows(HEADER, source)


def test_what_was_written_passes_the_check(tmp_path):
    root = tree(tmp_path)
    assert run(root, "--check").stdout == (
        "docs/protocol/realtime.md:3: differs from carillon/ws/close_code.cc: run make docs\n")
    assert run(root).returncode == 0
    page = (root / close_codes.PAGE).read_text()
    assert "| 1002 | `broken`, `other` |" in page
    assert page.startswith("# Codes\n") and page.endswith("after\n")
    assert (run(root, "--check").stdout, run(root, "--check").returncode) == ("", 0)


def test_a_page_without_the_marks_fails(tmp_path):
    assert run(tree(tmp_path, page="# Codes\n"), "--check").returncode == 1
