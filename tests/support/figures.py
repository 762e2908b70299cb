"""Measured figures that the documentation quotes: build/reports/NAME.json."""

import json
from typing import Any

from tests.support.server import ROOT


def report(name: str, case: str, **figures: Any) -> None:
    path = ROOT / f"build/reports/{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps(known | {case: figures}, indent=2, sort_keys=True) + "\n")
