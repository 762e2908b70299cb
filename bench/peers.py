#!/usr/bin/env python3
"""Measures Carillon beside Daphne and uvicorn with Channels, on the same Redis, in one run.

Each server runs in turn (A B C A B C …) on one CPU; the generator, Redis and the Django process
that publishes share another. Needs redis-server, and a Python environment with Channels:
tools/venv.sh build/venv-peers bench/channels_app/requirements.txt
"""

import argparse
import dataclasses
import json
import os
import pathlib
import sys
import tempfile

from peer_figures import Lab, Scale
from peer_page import table, write_page
from peer_plot import draw
from peer_servers import BACKENDS, PeerPrograms
from processes import BenchError, Placement, Programs
from surroundings import ROOT, Surroundings


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one small round: does it all work?")
    parser.add_argument("--rounds", type=int, help="rounds over all servers (5)")
    parser.add_argument("--connections", type=int, help="connections in the group (5000)")
    parser.add_argument("--backend", choices=list(BACKENDS), default="core",
                        help="which of the layers of channels_redis (core)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release",
                        help="where Carillon's programs are (build/release)")
    parser.add_argument("--python", type=pathlib.Path, default=ROOT / "build/venv-peers/bin/python",
                        help="a Python with bench/channels_app/requirements.txt (build/venv-peers)")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build/bench/peers.json",
                        help="where the results go (build/bench/peers.json)")
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
    given = {"rounds": arguments.rounds, "connections": arguments.connections}
    return dataclasses.replace(scale, **{name: value for name, value in given.items() if value})


def measure(arguments: argparse.Namespace) -> dict:
    with tempfile.TemporaryDirectory(prefix="carillon-bench-") as directory:
        private = pathlib.Path(directory)
        ours = Programs(arguments.build / "carillon_floor", arguments.build / "carillon",
                        private / "generator", private / "lib")
        ours.check()
        ours.copy_private_parts()
        # Not resolved: a virtual environment is known by the path of its link.
        programs = PeerPrograms(ours, arguments.python.absolute(), arguments.backend)
        programs.check()
        scale = scale_of(arguments)
        lab = Lab(programs, Placement.of_machine(), scale, say)
        surroundings = Surroundings()
        figures = lab.measure()
        return {"surroundings": surroundings.to_json(), "versions": programs.versions(),
                "backend": arguments.backend, "is_quick": arguments.quick,
                **dataclasses.asdict(scale), "is_correct": lab.is_correct, "figures": figures,
                "runs": lab.runs}


def write_documents(path: pathlib.Path, results: dict) -> None:
    plot = path.with_name("channels.svg")
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
        print("error: events were lost or out of order: see above", file=sys.stderr)
        return 1
    missed = [figure["key"] for figure in results["figures"] if not figure["held"]]
    return 1 if arguments.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
