"""Results as a table for the terminal and as the generated part of docs/PERFORMANCE.md."""

import pathlib

BEGIN = "<!-- measured by bench/run.py: begin -->"
END = "<!-- measured by bench/run.py: end -->"

OTHER_CPUS_BUSY_MAX = 0.2  # beyond, the machine was not ours

SKELETON = f"""# Performance

What the kernel's `send()` costs is the floor: `bench/floor.cc` is a bare epoll loop that does
nothing else, and every figure below is measured beside it in one run, in turn (A B A B), server
and generator pinned to a CPU each, over loopback, with 100 bytes of JSON to one group. Carillon
runs with everything on: a JWT for each connection, a group, limits and metrics. Absolute figures
drift from day to day; only ratios of one run count, and instruction counts.

Measure it yourself: `cmake --build --preset release && python3 bench/run.py`.

{BEGIN}
{END}

## Where the time goes

"""


def number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(summary: dict | None, unit: str) -> str:
    if summary is None:
        return "–"
    text = number(summary["median"])
    if len(summary["values"]) > 1:
        text += f" ({number(summary['min'])}–{number(summary['max'])})"
    return f"{text} {unit}".strip()


def limit_text(figure: dict) -> str:
    if figure["compared"] == "ratio":
        return f"≤ {figure['limit']:.2f} ×"
    return f"≤ {number(figure['limit'])} {figure['unit']}".strip()


def _row(figure: dict) -> list[str]:
    base = spread(figure["floor"], figure["unit"])
    if figure["floor"] and figure["base"] != "floor":
        base += f" ({figure['base']})"
    held = "yes" if figure["held"] else "**no**"
    return [figure["title"], base, spread(figure["ours"], figure["unit"]),
            spread(figure["ratio"], "×"), limit_text(figure), held]


HEADINGS = ["figure", "floor", "ours", "ratio", "target", "held"]


def aligned(rows: list[list[str]]) -> list[str]:
    """Lines of text with equal columns; the first row is the head."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines


def table(results: dict) -> str:
    """Plain text with aligned columns."""
    lines = aligned([HEADINGS]
                    + [[cell.replace("*", "") for cell in _row(f)] for f in results["figures"]])
    for figure in results["figures"]:
        lines += [f"  {figure['key']}: {note}" for note in figure["notes"]]
    busy = results["surroundings"]["other_cpus_busy"]
    if busy > OTHER_CPUS_BUSY_MAX:
        lines.append(f"! other work kept {busy:.1f} CPUs busy: latencies mean little, repeat it")
    return "\n".join(lines)


def measured_section(results: dict, plot: str | None) -> str:
    """The part of the page between the marks."""
    where = results["surroundings"]
    change = ", with local changes" if where["is_modified"] else ""
    lines = [
        f"Measured {where['date']} at commit `{where['commit']}`{change} on {where['cpu_count']} × "
        f"{where['cpu']}, {where['memory_gib']} GiB, Linux {where['kernel']}; other work kept "
        f"{where['other_cpus_busy']:.2f} of the CPUs busy. Medians of {results['pairs']} pairs, "
        "with minimum and maximum; a ratio is the median over pairs.",
        "",
    ]
    if plot:
        lines += [f"![Each figure as a share of its target]({plot})", ""]
    lines += ["| " + " | ".join(HEADINGS) + " |", "|" + " --- |" * len(HEADINGS)]
    lines += ["| " + " | ".join(_row(figure)) + " |" for figure in results["figures"]]
    notes = [f"- {figure['title']}: {note}." for figure in results["figures"]
             for note in figure["notes"]]
    return "\n".join(lines + ([""] + notes if notes else []))


def replace_between(path: pathlib.Path, marks: tuple[str, str], section: str) -> None:
    """Replaces what lies between the marks and keeps every other word of the page."""
    begin, end = marks
    before, found, rest = path.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{path} has lost its marks: {begin} … {end}")
    path.write_text(f"{before}{begin}\n{section}\n{end}{after}")


def write_page(path: pathlib.Path, results: dict, plot: str | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(SKELETON)
    replace_between(path, (BEGIN, END), measured_section(results, plot))
