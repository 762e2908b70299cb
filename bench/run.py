#!/usr/bin/env python3
"""Measures Carillon beside its floor and prints every figure with its target.

Both servers run in turn (A B A B …) on one CPU, the generator on another. Standard library only.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile

from figures import Lab, Scale, plan
from page import table, write_page
from plot import draw
from processes import BenchError, Placement, Programs
from surroundings import ROOT, Surroundings


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one small pair: does it all work?")
    parser.add_argument("--pairs", type=int, help="pairs of each comparison (5)")
    parser.add_argument("--only", metavar="FIGURE,…", help="measure these figures alone")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release",
                        help="where the programs are (build/release)")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build/bench/results.json",
                        help="where the results go (build/bench/results.json)")
    parser.add_argument("--results", type=pathlib.Path, metavar="FILE",
                        help="measure nothing: show these results")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE",
                        help="also write the page (docs/PERFORMANCE.md) and its plot beside it")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target is missed")
    return parser.parse_args()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def scale_of(arguments: argparse.Namespace) -> Scale:
    scale = Scale.quick() if arguments.quick else Scale()
    if arguments.pairs:
        scale = Scale(**{**vars(scale), "pairs": arguments.pairs})
    return scale


def chosen(arguments: argparse.Namespace, keys: list[str]) -> list[str]:
    if not arguments.only:
        return keys
    wanted = arguments.only.split(",")
    unknown = [key for key in wanted if key not in keys]
    if unknown:
        raise BenchError(f"--only: there is no {unknown[0]}; there are {', '.join(keys)}")
    return wanted


def measure(arguments: argparse.Namespace) -> dict:
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as directory:
        private = pathlib.Path(directory)
        programs = Programs(arguments.build / "carillon_floor", arguments.build / "carillon",
                            private / "generator", private / "lib")
        programs.check()
        programs.copy_private_parts()
        scale = scale_of(arguments)
        lab = Lab(programs, Placement.of_machine(), scale, say)
        surroundings = Surroundings()
        figures = plan(lab)
        measured = [figures[key]().to_json() for key in chosen(arguments, list(figures))]
        return {"surroundings": surroundings.to_json(), "pairs": scale.pairs,
                "is_quick": arguments.quick, "is_correct": lab.is_correct, "figures": measured,
                "runs": lab.runs}


def write_documents(path: pathlib.Path, results: dict) -> None:
    plot = path.with_name("performance.svg")
    write_page(path, results, plot.name)
    plot.write_text(draw(results))
    say(f"wrote {path} and {plot}")


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.results:
            results = json.loads(arguments.results.read_text())
        else:
            results = measure(arguments)
            os.makedirs(arguments.output.parent, exist_ok=True)
            arguments.output.write_text(json.dumps(results, indent=1) + "\n")
            say(f"wrote {arguments.output}")
    except (BenchError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(results))
    if arguments.markdown:
        write_documents(arguments.markdown, results)
    if not results["is_correct"]:
        print("error: events were lost or out of order: see the notes above", file=sys.stderr)
        return 1
    missed = [figure["key"] for figure in results["figures"] if not figure["held"]]
    return 1 if arguments.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
