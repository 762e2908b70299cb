"""The figures of the comparison with Channels: what is measured, and what must be reached."""

import contextlib
import dataclasses
import statistics
from collections.abc import Callable, Iterator

from peer_servers import START, PeerPrograms, start_publisher, start_redis
from processes import Placement, Server, run_generator

OURS = "Carillon"
# Ours would be over before its CPU can be read: it gets so many times the events.
OUR_MESSAGES = 10


@dataclasses.dataclass(frozen=True)
class Scale:
    rounds: int = 5
    connections: int = 5_000
    messages: int = 10
    handshakes: int = 2_000

    @staticmethod
    def quick() -> "Scale":
        return Scale(rounds=1, connections=100, messages=3, handshakes=50)


@dataclasses.dataclass(frozen=True)
class Figure:
    """One row. `report_key` is what `carillon bench SCENARIO` calls it."""

    key: str
    title: str
    unit: str
    scenario: str
    report_key: str
    is_more_better: bool = False
    # How many times better than a peer ours must be.
    targets: dict[str, float] = dataclasses.field(default_factory=dict)


FIGURES = (
    Figure("delivery", "server CPU per delivery", "µs", "fan-out", "server_cpu_us_per_delivery",
           targets={"Daphne": 60, "uvicorn": 40}),
    Figure("deliveries", "deliveries a second", "", "fan-out", "deliveries_per_s",
           is_more_better=True),
    Figure("p50", "latency, median", "ms", "fan-out", "p50_ms"),
    Figure("p99", "latency, p99", "ms", "fan-out", "p99_ms"),
    Figure("redis", "Redis CPU per publish", "µs", "fan-out", "layer_cpu_us_per_event"),
    Figure("memory", "memory per idle connection", "B", "idle", "pss_bytes_per_connection"),
    Figure("handshake", "server CPU per handshake", "µs", "handshakes",
           "server_cpu_us_per_handshake"),
)


class Lab:
    """Measures every figure of every server, round by round: A B C A B C …"""

    def __init__(self, programs: PeerPrograms, placement: Placement, scale: Scale,
                 say: Callable[[str], None]):
        self.programs = programs
        self.placement = placement
        self.scale = scale
        self.say = say
        self.runs: list[dict] = []  # every report of the generator, in order
        self.is_correct = True

    def measure(self) -> list[dict]:
        values: dict[str, dict[str, list[float]]] = {
            figure.key: {name: [] for name in START} for figure in FIGURES}
        for index in range(self.scale.rounds):
            for name in START:
                reports = {"fan-out": self.fan_out(name), "idle": self.idle(name),
                           "handshakes": self.handshakes(name)}
                for figure in FIGURES:
                    values[figure.key][name].append(reports[figure.scenario][figure.report_key])
                self.say(f"round {index + 1}/{self.scale.rounds}: {name} "
                         f"{values['delivery'][name][-1]:.4g} µs a delivery")
        return [to_json(figure, values[figure.key]) for figure in FIGURES]

    @contextlib.contextmanager
    def serving(self, name: str) -> Iterator[tuple[Server, Server]]:
        """A fresh Redis, and a fresh server of that name on it."""
        with start_redis(self.placement) as redis, \
                START[name](self.programs, redis, self.placement) as server:
            yield redis, server

    def load(self, name: str, server: Server, scenario: str, **options) -> dict:
        report = run_generator(self.programs.ours, self.placement.generator, server, scenario,
                               **options)
        self.runs.append({"server": name, **report})
        if not report["ok"]:
            self.is_correct = False
            self.say(f"{name}, {scenario}: {'; '.join(report['remarks'])}\n{server.log()}")
        return report

    def warm_up(self, name: str, server: Server) -> None:
        """What a server loads with its first connections is not theirs."""
        self.load(name, server, "idle", connections=20)

    def fan_out(self, name: str) -> dict:
        messages = self.scale.messages * (OUR_MESSAGES if name == OURS else 1)
        with self.serving(name) as (redis, server), \
                start_publisher(self.programs, redis, self.placement) as publisher:
            return self.load(name, server, "fan-out", connections=self.scale.connections,
                             messages=messages, publish_url=publisher.url, layer_pid=redis.pid)

    def idle(self, name: str) -> dict:
        with self.serving(name) as (_, server):
            self.warm_up(name, server)
            return self.load(name, server, "idle", connections=self.scale.connections)

    def handshakes(self, name: str) -> dict:
        with self.serving(name) as (_, server):
            self.warm_up(name, server)
            return self.load(name, server, "handshakes", connections=self.scale.handshakes)


def gains(figure: Figure, values: dict[str, list[float]], peer: str) -> list[float]:
    """How many times better ours is, round by round."""
    pairs = zip(values[peer], values[OURS])
    if figure.is_more_better:
        return [ours / theirs for theirs, ours in pairs if theirs]
    return [theirs / ours for theirs, ours in pairs if ours]


def summary(values: list[float]) -> dict | None:
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values),
            "values": values}


def to_json(figure: Figure, values: dict[str, list[float]]) -> dict:
    gained = {peer: summary(gains(figure, values, peer)) for peer in values if peer != OURS}
    held = all(gained[peer] is not None and gained[peer]["median"] >= limit
               for peer, limit in figure.targets.items())
    return dataclasses.asdict(figure) | {
        "servers": {name: summary(measured) for name, measured in values.items()},
        "gains": gained, "held": held}
