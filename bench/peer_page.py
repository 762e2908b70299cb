"""The comparison with Channels as a table for the terminal and as a part of docs/PERFORMANCE.md."""

import pathlib

from page import OTHER_CPUS_BUSY_MAX, aligned, replace_between, spread

BEGIN = "<!-- measured by bench/peers.py: begin -->"
END = "<!-- measured by bench/peers.py: end -->"


def _target(figure: dict) -> str:
    return ", ".join(f"{limit:.0f} × {peer}" for peer, limit in figure["targets"].items()) or "–"


def _held(figure: dict) -> str:
    if not figure["targets"]:
        return "–"
    return "yes" if figure["held"] else "**no**"


def _row(figure: dict) -> list[str]:
    return [figure["title"],
            *(spread(measured, figure["unit"]) for measured in figure["servers"].values()),
            *(spread(gained, "×") for gained in figure["gains"].values()),
            _target(figure), _held(figure)]


def _headings(results: dict) -> list[str]:
    first = results["figures"][0]
    return ["", *first["servers"], *(f"better than {peer}" for peer in first["gains"]), "target",
            "held"]


def table(results: dict) -> str:
    lines = aligned([_headings(results)]
                    + [[cell.replace("*", "") for cell in _row(f)] for f in results["figures"]])
    busy = results["surroundings"]["other_cpus_busy"]
    if busy > OTHER_CPUS_BUSY_MAX:
        lines.append(f"! other work kept {busy:.1f} CPUs busy: latencies mean little, repeat it")
    return "\n".join(lines)


def _versions(results: dict) -> str:
    return ", ".join(f"{name} {version}" for name, version in results["versions"].items())


def measured_section(results: dict, plot: str) -> str:
    where = results["surroundings"]
    change = ", with local changes" if where["is_modified"] else ""
    headings = _headings(results)
    return "\n".join([
        f"Measured {where['date']} at commit `{where['commit']}`{change} on {where['cpu_count']} × "
        f"{where['cpu']}, {where['memory_gib']} GiB, Linux {where['kernel']}; other work kept "
        f"{where['other_cpus_busy']:.2f} of the CPUs busy. {results['connections']:,} connections "
        f"in one group, the {results['backend']} layer, {_versions(results)}. Medians of "
        f"{results['rounds']} rounds, with minimum and maximum; *better* is the median of rounds.",
        "",
        f"![How many times better Carillon is than Daphne and uvicorn]({plot})",
        "",
        "| " + " | ".join(headings) + " |",
        "|" + " --- |" * len(headings),
        *("| " + " | ".join(_row(figure)) + " |" for figure in results["figures"]),
    ])


def write_page(path: pathlib.Path, results: dict, plot: str) -> None:
    replace_between(path, (BEGIN, END), measured_section(results, plot))

