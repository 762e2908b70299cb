"""One codec under the minimum fails, however well the others do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("coverage_by_module.py")


@pytest.mark.parametrize("covered, code", [(95, 0), (94, 1), (None, 1)])
def test_each_module_is_held_to_the_minimum(tmp_path, covered, code):
    files = [] if covered is None else [
        {"filename": "carillon/ws/a.cc", "line_covered": covered, "line_total": 100},
        {"filename": "carillon/json/a.cc", "line_covered": 1000, "line_total": 1000},
    ]
    (tmp_path / "summary.json").write_text(json.dumps({"files": files}))
    run = subprocess.run([sys.executable, SCRIPT, tmp_path / "summary.json", "95"])
    assert run.returncode == code
