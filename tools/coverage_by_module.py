#!/usr/bin/env python3
"""Sums gcovr's JSON summary by module and fails when one is under the minimum.

    coverage_by_module.py SUMMARY LINES_MIN_PERCENT
"""

import collections
import json
import pathlib
import sys


def main() -> int:
    summary, lines_min = json.loads(pathlib.Path(sys.argv[1]).read_text()), float(sys.argv[2])
    lines = collections.defaultdict(lambda: [0, 0])
    for file in summary["files"]:
        module = file["filename"].split("/")[1]
        lines[module][0] += file["line_covered"]
        lines[module][1] += file["line_total"]
    is_short = not lines
    for module, (covered, total) in sorted(lines.items()):
        percent = 100 * covered / max(total, 1)
        is_short |= percent < lines_min
        mark = "" if percent >= lines_min else f"  under {lines_min:.0f} %"
        print(f"{module:10} {percent:5.1f} % of {total} lines{mark}")
    return 1 if is_short else 0


if __name__ == "__main__":
    sys.exit(main())
