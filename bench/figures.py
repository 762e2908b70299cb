"""The figures of the performance page: how each is measured and what it must reach."""

import dataclasses
import pathlib
import re
import statistics
import tempfile
from collections.abc import Callable

from processes import (
    BenchError,
    Placement,
    Programs,
    Server,
    run_generator,
    start_carillon,
    start_floor,
)

MIB = 1 << 20
SEND_QUEUE_BYTES_MAX = 1 * MIB  # the documented default of limits.send_queue_bytes_max
FLAT_MIB_MAX = 1.0  # growth within one run that still counts as none


@dataclasses.dataclass(frozen=True)
class Scale:
    """How large the runs are. `quick` is for finding out that everything works."""

    pairs: int = 5
    connections: int = 5_000
    many_connections: int = 15_000
    alone_messages: int = 100
    merged_messages: int = 1_600
    handshakes: int = 20_000
    latency_connections: int = 10_000
    latency_messages: int = 100
    stall_connections: int = 2_000
    stall_messages: int = 600
    traced_connections: int = 1_000

    @staticmethod
    def quick() -> "Scale":
        return Scale(pairs=1, connections=500, many_connections=1_000, alone_messages=20,
                     merged_messages=160, handshakes=1_000, latency_connections=500,
                     latency_messages=10, stall_connections=200, stall_messages=200,
                     traced_connections=100)


@dataclasses.dataclass(frozen=True)
class Samples:
    """One figure as measured, a value for each pair."""

    values: list[float]

    def summary(self) -> dict | None:
        if not self.values:
            return None
        return {"median": statistics.median(self.values), "min": min(self.values),
                "max": max(self.values), "values": self.values}


@dataclasses.dataclass
class Figure:
    """One row of the table. `compared` says what the limit holds for: a ratio or a value."""

    key: str
    title: str
    short: str  # for the plot
    unit: str
    limit: float
    compared: str  # "ratio" or "ours"
    base: str = "floor"  # what stands in the left column
    floor: list[float] = dataclasses.field(default_factory=list)
    ours: list[float] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    broken: list[str] = dataclasses.field(default_factory=list)  # why it does not hold anyway

    def ratios(self) -> list[float]:
        return [b / a for a, b in zip(self.floor, self.ours) if a]

    def to_json(self) -> dict:
        ratio = Samples(self.ratios()).summary()
        ours = Samples(self.ours).summary()
        judged = ratio if self.compared == "ratio" else ours
        return {"key": self.key, "title": self.title, "short": self.short, "unit": self.unit,
                "base": self.base, "compared": self.compared, "limit": self.limit,
                "floor": Samples(self.floor).summary(), "ours": ours, "ratio": ratio,
                "held": judged is not None and judged["median"] <= self.limit and not self.broken,
                "notes": sorted(set(self.notes)) + sorted(set(self.broken))}


class Lab:
    """Measures figures. `say` is told what is being done."""

    def __init__(self, programs: Programs, placement: Placement, scale: Scale,
                 say: Callable[[str], None]):
        self.programs = programs
        self.placement = placement
        self.scale = scale
        self.say = say
        self.runs: list[dict] = []  # every report of the generator, in order
        self.is_correct = True

    def load(self, figure: Figure, server: Server, scenario: str, **options) -> dict:
        report = run_generator(self.programs, self.placement.generator, server, scenario, **options)
        self.runs.append({"figure": figure.key, "floor": server.is_floor, **report})
        if report["is_lower_bound"]:
            figure.notes.append("the generator was at its limit")
        if not report["ok"]:
            # The floor forgets stalled readers by design; ours may not.
            figure.broken += [] if server.is_floor else report["remarks"]
            self.is_correct = self.is_correct and server.is_floor
        return report

    def floor(self, **options) -> Server:
        return start_floor(self.programs, self.placement.server, **options)

    def ours(self, **options) -> Server:
        return start_carillon(self.programs, self.placement.server, **options)

    def compare(self, figure: Figure, start_base, start_ours, measure) -> Figure:
        """A B A B …: both sides in turn, a fresh server each time."""
        for pair in range(self.scale.pairs):
            for start, values in ((start_base, figure.floor), (start_ours, figure.ours)):
                with start() as server:
                    values.append(measure(server))
            self.say(f"{figure.key} {pair + 1}/{self.scale.pairs}: {figure.base} "
                     f"{figure.floor[-1]:.4g}, ours {figure.ours[-1]:.4g} {figure.unit}")
        return figure

    def alone(self) -> Figure:
        figure = Figure("alone", "CPU per delivery, alone", "delivery, alone", "µs", 1.08, "ratio")
        return self.compare(figure, self.floor, self.ours, lambda server: self.load(
            figure, server, "fan-out", connections=self.scale.connections,
            messages=self.scale.alone_messages)["server_cpu_us_per_delivery"])

    def _merged(self, figure: Figure, **options) -> Figure:
        def measure(server: Server) -> float:
            report = self.load(figure, server, "fan-out", connections=self.scale.connections,
                               messages=self.scale.merged_messages, in_flight=16, **options)
            if not server.is_floor:
                figure.notes.append(f"{report['frames_per_read']:.0f} frames arrive in one write")
            return report["server_cpu_us_per_delivery"]

        return self.compare(figure, lambda: self.floor(merge=True), self.ours, measure)

    def merged(self) -> Figure:
        return self._merged(Figure("merged", "CPU per delivery, merged (16 in flight)",
                                   "delivery, merged", "µs", 0.90, "ratio", base="merging floor"))

    def merged_lockstep(self) -> Figure:
        """Publishes are answered before they are delivered, so that more than 16 may merge; here
        the next 16 come only when all members have these."""
        return self._merged(Figure("merged_lockstep", "the same, 16 at a time in lockstep",
                                   "merged, in lockstep", "µs", 0.90, "ratio",
                                   base="merging floor"), lockstep=True)

    def memory(self, key: str, connections: int, limit: float) -> Figure:
        figure = Figure(key, f"user memory per idle connection, {connections:,} held",
                        f"memory, {connections:,} idle", "B", limit, "ours")
        return self.compare(figure, self.floor, self.ours, lambda server: self.load(
            figure, server, "idle", connections=connections)["pss_bytes_per_connection"])

    def handshake(self) -> Figure:
        figure = Figure("handshake", "CPU per handshake with HS256", "handshake", "µs", 1.30,
                        "ratio")
        return self.compare(figure, self.floor, self.ours, lambda server: self.load(
            figure, server, "handshakes",
            connections=self.scale.handshakes)["server_cpu_us_per_handshake"])

    def _p99(self, figure: Figure, server: Server, stalled: float) -> float:
        return self.load(figure, server, "slow-readers", rate=10, stalled=stalled,
                         connections=self.scale.latency_connections,
                         messages=self.scale.latency_messages)["p99_ms"]

    def stalled_p99(self) -> Figure:
        figure = Figure("stalled_p99", f"p99 of delivery, {self.scale.latency_connections:,} "
                        "connections, 10 events/s, 1 % not reading", "p99, 1 % not reading", "ms",
                        1.5, "ratio")
        return self.compare(figure, self.floor, self.ours,
                            lambda server: self._p99(figure, server, 1))

    def stalled_others(self) -> Figure:
        figure = Figure("stalled_others", "p99 with 1 % not reading, against all reading",
                        "p99, against all reading", "ms", 1.5, "ratio", base="ours, all reading")
        share = iter([0, 1] * self.scale.pairs)
        return self.compare(figure, self.ours, self.ours,
                            lambda server: self._p99(figure, server, next(share)))

    def stalled_memory(self) -> Figure:
        """What the process grows by while 1 % stall and 16 kB events flow."""
        stalled = self.scale.stall_connections // 100
        bound = stalled * SEND_QUEUE_BYTES_MAX / MIB
        figure = Figure("stalled_memory", f"memory under stall: {stalled} of "
                        f"{self.scale.stall_connections:,} not reading, 16 kB events",
                        "memory under stall", "MiB", bound, "ours")
        with self.ours() as server:
            report = self.load(figure, server, "slow-readers", rate=20, body_bytes=16_384,
                               connections=self.scale.stall_connections,
                               messages=self.scale.stall_messages, timeout=90)
        samples = report["pss_samples_bytes"]
        figure.ours.append((max(samples) - samples[0]) / MIB)
        third = len(samples) // 3
        drift = (max(samples[-third:]) - max(samples[third:-third])) / MIB if third else 0.0
        figure.notes.append(f"last third of the run against the middle third: {drift:+.1f} MiB")
        if drift > FLAT_MIB_MAX:
            figure.broken.append("memory is not flat")
        figure.notes.append(f"stalled readers: {_fates(report)}")
        self.say(f"{figure.key}: grew by {figure.ours[-1]:.1f} MiB, bound {bound:.0f}")
        return figure

    def second_worker(self) -> Figure:
        figure = Figure("second_worker", "CPU per delivery, two workers against one",
                        "second worker", "µs", 1.10, "ratio", base="one worker")
        figure.notes.append("both workers on the server's CPU")
        return self.compare(figure, self.ours, lambda: self.ours(workers=2),
                            lambda server: self.load(
                                figure, server, "fan-out", connections=self.scale.connections,
                                messages=self.scale.alone_messages)["server_cpu_us_per_delivery"])

    def instructions(self) -> Figure:
        """The difference of two runs, so that start, handshakes and end cancel out."""
        figure = Figure("instructions", "instructions per delivery outside the kernel",
                        "instructions", "", 400, "ours")
        few, many = 10, 110
        counts = [self._traced(figure, messages) for messages in (few, many)]
        deliveries = (many - few) * self.scale.traced_connections
        figure.ours.append((counts[1] - counts[0]) / deliveries)
        self.say(f"{figure.key}: {figure.ours[0]:.0f}")
        return figure

    def _traced(self, figure: Figure, messages: int) -> int:
        with tempfile.TemporaryDirectory(prefix="carillon-bench-") as directory:
            out = pathlib.Path(directory) / "callgrind"
            prefix = ("valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}")
            with self.ours(prefix=prefix) as server:
                self.load(figure, server, "fan-out", messages=messages,
                          connections=self.scale.traced_connections)
            return _instruction_count(out)


def _instruction_count(callgrind_file: pathlib.Path) -> int:
    if callgrind_file.exists():
        found = re.search(r"^(?:totals|summary): (\d+)", callgrind_file.read_text(), re.MULTILINE)
        if found:
            return int(found[1])
    raise BenchError("valgrind wrote no counts: is valgrind installed?")


def _fates(report: dict) -> str:
    fates = {key.removeprefix("stalled_").replace("_", " "): value
             for key, value in report.items()
             if key.startswith("stalled_") and key not in ("stalled_received",) and value}
    return ", ".join(f"{value} {name}" for name, value in fates.items()) or "all caught up"


def plan(lab: Lab) -> dict[str, Callable[[], Figure]]:
    """Every figure by its key, in the order of the page."""
    return {
        "alone": lab.alone,
        "merged": lab.merged,
        "merged_lockstep": lab.merged_lockstep,
        "memory_5000": lambda: lab.memory("memory_5000", lab.scale.connections, 900),
        "memory_15000": lambda: lab.memory("memory_15000", lab.scale.many_connections, 600),
        "handshake": lab.handshake,
        "stalled_p99": lab.stalled_p99,
        "stalled_others": lab.stalled_others,
        "stalled_memory": lab.stalled_memory,
        "second_worker": lab.second_worker,
        "instructions": lab.instructions,
    }
