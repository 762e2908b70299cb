#!/usr/bin/env python3
"""Draws results of bench/run.py as an SVG: each figure as a share of its target.

A bar that ends left of the line holds its target. The thin line across a bar is the range over all
pairs; the small mark is where the floor itself would stand. Colours follow the reader's theme.
"""

import argparse
import json
import pathlib
from xml.sax.saxutils import escape

from page import limit_text, number

WIDTH = 860
LABEL_WIDTH = 190
ROW_HEIGHT = 34
TOP = 46
RIGHT = 190
SHARE_MAX = 1.6  # bars beyond are cut; their value stands beside them

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .quiet { fill: #59636e; font-size: 12px }
  .held { fill: #2f6fdb } .missed { fill: #c2410c }
  .target { stroke: #1f2328; stroke-width: 1.5 } .range { stroke: #0b2a5c; stroke-width: 2 }
  .grid { stroke: #d1d9e0 } .floor { fill: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 }
    .held { fill: #6ea8fe } .missed { fill: #fb923c }
    .target { stroke: #e6edf3 } .range { stroke: #dbe9ff }
    .grid { stroke: #3d444d } .floor { fill: #9198a1 }
  }
"""


def share_of(figure: dict, value: float) -> float:
    return value / figure["limit"]


def x_of(share: float) -> float:
    return LABEL_WIDTH + min(share, SHARE_MAX) / SHARE_MAX * (WIDTH - LABEL_WIDTH - RIGHT)


def floor_share(figure: dict) -> float | None:
    if figure["base"] not in ("floor", "merging floor") or not figure["floor"]:
        return None
    if figure["compared"] == "ratio":
        return share_of(figure, 1)
    return share_of(figure, figure["floor"]["median"])


def bar(figure: dict, index: int) -> list[str]:
    judged = figure["ratio"] if figure["compared"] == "ratio" else figure["ours"]
    y = TOP + index * ROW_HEIGHT
    middle = y + ROW_HEIGHT / 2
    end = x_of(share_of(figure, judged["median"]))
    kind = "held" if figure["held"] else "missed"
    low, high = (x_of(share_of(figure, judged[key])) for key in ("min", "max"))
    parts = [
        f'<text x="{LABEL_WIDTH - 12}" y="{middle + 4}" text-anchor="end">'
        f'{escape(figure["short"])}</text>',
        f'<rect class="{kind}" x="{LABEL_WIDTH}" y="{y + 8}" width="{end - LABEL_WIDTH:.1f}" '
        f'height="{ROW_HEIGHT - 16}" rx="2"/>',
        f'<text x="{WIDTH - RIGHT + 70}" y="{middle + 4}" text-anchor="end">'
        f'{escape(value_text(figure, judged))}</text>',
        f'<text class="quiet" x="{WIDTH - 10}" y="{middle + 4}" text-anchor="end">'
        f'{escape(limit_text(figure))}</text>',
    ]
    if high - low > 1:
        parts.append(f'<line class="range" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" '
                     f'y2="{middle}"/>')
    floor = floor_share(figure)
    if floor is not None:
        x = x_of(floor)
        parts.append(f'<path class="floor" d="M{x:.1f} {y + 8} l-4 -6 h8 z"/>')
    return parts


def value_text(figure: dict, judged: dict) -> str:
    unit = "×" if figure["compared"] == "ratio" else figure["unit"]
    return f"{number(judged['median'])} {unit}".strip()


def draw(results: dict) -> str:
    figures = [f for f in results["figures"] if f["ours"]]
    bottom = TOP + len(figures) * ROW_HEIGHT
    height = bottom + 44
    target = x_of(1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="Figures against targets">',
        f"<style>{STYLE}</style>",
    ]
    for share in (0, 0.5, 1.5):
        x = x_of(share)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{bottom}"/>')
        parts.append(f'<text class="quiet" x="{x}" y="{bottom + 18}" text-anchor="middle">'
                     f"{share * 100:.0f} %</text>")
    for index, figure in enumerate(figures):
        parts += bar(figure, index)
    where = results["surroundings"]
    parts += [
        f'<line class="target" x1="{target}" x2="{target}" y1="{TOP - 6}" y2="{bottom}"/>',
        f'<text x="{target}" y="{TOP - 12}" text-anchor="middle">target</text>',
        f'<text class="quiet" x="{LABEL_WIDTH}" y="{TOP - 12}">▾ the floor</text>',
        f'<text class="quiet" x="{WIDTH - RIGHT + 70}" y="{TOP - 12}" '
        'text-anchor="end">measured</text>',
        f'<text class="quiet" x="{WIDTH - 10}" y="{TOP - 12}" text-anchor="end">target</text>',
        f'<text class="quiet" x="{WIDTH - 10}" y="{height - 8}" text-anchor="end">'
        f'{escape(where["date"][:10])}, commit {escape(where["commit"])}, '
        f'{where["cpu_count"]} × {escape(where["cpu"])}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=pathlib.Path, help="what bench/run.py wrote")
    parser.add_argument("svg", type=pathlib.Path, help="where the plot goes")
    arguments = parser.parse_args()
    arguments.svg.write_text(draw(json.loads(arguments.results.read_text())))


if __name__ == "__main__":
    main()
