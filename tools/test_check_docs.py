"""Each rule of check_docs.py fails on a bad sample and passes on the good one."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("check_docs.py")
GOOD = {
    "Makefile": "build test:  ## x\n",
    "tools/layers.txt": "[modules]\n0 base:\n1 ws: base\n",
    "docs/ARCHITECTURE.md": "# Layers\n**base** and `ws`, see [below](#the-end-is-near)\n"
                            "## The end is near!\n[web](https://example.org/x)\n`make build`\n",
    "carillon/a/a.cc": 'registry.counter(\n    "carillon_a_total", "As")',
    "docs/OPERATIONS.md": "| `carillon_a_total` | as |\n",
    "README.md": "[layers](docs/ARCHITECTURE.md#layers)\n```\n[not a link](nowhere)\n```\n"
                 "<!-- from carillon/a/a.cc -->\n```cpp\n  registry.counter(\n```\n",
}


def run(tmp_path, changes):
    for path, text in (GOOD | changes).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    command = [sys.executable, SCRIPT, "--root", tmp_path]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_good_tree_passes(tmp_path):
    done = run(tmp_path, {})
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("path, text, expected", [
    ("README.md", "[x](docs/GONE.md)\n", "README.md:1: docs/GONE.md: no such file"),
    ("README.md", "\n[x](docs/ARCHITECTURE.md#gone)\n", "README.md:2:"),
    ("README.md", "`make coffee`\n", "make coffee: no such verb"),
    ("docs/ARCHITECTURE.md", "**base**\n", "the module ws"),
    ("README.md", "<!-- from carillon/a/a.cc -->\n```cpp\nregistry.gauge(\n```\n",
     "README.md:1: the snippet is not in carillon/a/a.cc"),
    ("docs/OPERATIONS.md", "", "the metric carillon_a_total is not described"),
    ("carillon/a/a.cc", "", "docs/OPERATIONS.md:1: carillon_a_total: no such metric"),
])
def test_a_bad_sample_fails(tmp_path, path, text, expected):
    done = run(tmp_path, {path: text})
    assert expected in done.stdout
    assert done.returncode == 1
