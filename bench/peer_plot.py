"""Draws results of bench/peers.py as an SVG: how many times better Carillon is than
Daphne and uvicorn.

The scale is logarithmic. The thin line across a bar is the range over all rounds; the mark above a
bar is its target. Colours follow the reader's theme.
"""

import math
from xml.sax.saxutils import escape

from page import number

WIDTH = 860
LABEL_WIDTH = 230
RIGHT = 150
TOP = 46
BAR_HEIGHT = 14
ROW_HEIGHT = 48

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .quiet { fill: #59636e; font-size: 12px }
  .first { fill: #c2410c } .second { fill: #2f6fdb }
  .range { stroke: #1f2328; stroke-width: 1.5 } .grid { stroke: #d1d9e0 }
  .ours { stroke: #1f2328; stroke-width: 1.5 } .target { fill: #1f2328 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 }
    .first { fill: #fb923c } .second { fill: #6ea8fe }
    .range { stroke: #e6edf3 } .grid { stroke: #3d444d }
    .ours { stroke: #e6edf3 } .target { fill: #e6edf3 }
  }
"""


class Scale:
    """Gains from 1 to a power of ten, spread over the width."""

    def __init__(self, figures: list[dict]):
        most = max(gained["max"] for figure in figures for gained in figure["gains"].values())
        self.decades = max(1, math.ceil(math.log10(max(most, 1.01))))

    def x(self, gain: float) -> float:
        share = math.log10(max(gain, 1)) / self.decades
        return LABEL_WIDTH + min(share, 1) * (WIDTH - LABEL_WIDTH - RIGHT)


def _bar(scale: Scale, gained: dict, kind: str, y: float) -> list[str]:
    end = scale.x(gained["median"])
    low, high = scale.x(gained["min"]), scale.x(gained["max"])
    middle = y + BAR_HEIGHT / 2
    parts = [
        f'<rect class="{kind}" x="{LABEL_WIDTH}" y="{y}" width="{end - LABEL_WIDTH:.1f}" '
        f'height="{BAR_HEIGHT}" rx="2"/>',
        f'<text x="{max(end, high) + 8:.1f}" y="{middle + 4.5}">'
        f'{number(gained["median"])} ×</text>',
    ]
    if high - low > 1:
        parts.append(f'<line class="range" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" '
                     f'y2="{middle}"/>')
    return parts


def _row(scale: Scale, figure: dict, index: int) -> list[str]:
    y = TOP + index * ROW_HEIGHT
    parts = [f'<text x="{LABEL_WIDTH - 12}" y="{y + ROW_HEIGHT / 2 + 4}" text-anchor="end">'
             f'{escape(figure["title"])}</text>']
    for place, (peer, gained) in enumerate(figure["gains"].items()):
        top = y + 8 + place * (BAR_HEIGHT + 3)
        parts += _bar(scale, gained, ("first", "second")[place], top)
        if peer in figure["targets"]:
            x = scale.x(figure["targets"][peer])
            parts.append(f'<path class="target" d="M{x:.1f} {top + 3} l-4 -6 h8 z"/>')
    return parts


def draw(results: dict) -> str:
    figures = results["figures"]
    scale = Scale(figures)
    bottom = TOP + len(figures) * ROW_HEIGHT
    height = bottom + 44
    peers = list(figures[0]["gains"])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="How many times better than {" and ".join(peers)}">',
        f"<style>{STYLE}</style>",
    ]
    for decade in range(1, scale.decades + 1):
        x = scale.x(10 ** decade)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>')
        parts.append(f'<text class="quiet" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">'
                     f"{10 ** decade:,} ×</text>")
    for index, figure in enumerate(figures):
        parts += _row(scale, figure, index)
    where = results["surroundings"]
    for place, peer in enumerate(peers):
        x = WIDTH - RIGHT - 150 + place * 110
        parts += [f'<rect class="{("first", "second")[place]}" x="{x}" y="12" width="14" '
                  f'height="14" rx="2"/>', f'<text x="{x + 20}" y="24">{escape(peer)}</text>']
    parts += [
        f'<line class="ours" x1="{LABEL_WIDTH}" x2="{LABEL_WIDTH}" y1="{TOP - 6}" y2="{bottom}"/>',
        f'<text x="{LABEL_WIDTH}" y="{TOP - 12}" text-anchor="middle">Carillon</text>',
        f'<text class="quiet" x="{LABEL_WIDTH + 60}" y="{TOP - 12}">▾ target</text>',
        f'<text class="quiet" x="{LABEL_WIDTH}" y="{bottom + 18}" text-anchor="middle">1 ×</text>',
        f'<text class="quiet" x="{WIDTH - 10}" y="{height - 8}" text-anchor="end">'
        f'{escape(where["date"][:10])}, commit {escape(where["commit"])}, '
        f'{results["connections"]:,} connections, {where["cpu_count"]} × '
        f'{escape(where["cpu"])}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
