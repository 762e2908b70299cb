"""What a group_send costs Redis: something for each node, nothing for each socket."""

import re
from collections import Counter

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer
from tests.load.crowd import Crowd
from tests.support import tokens
from tests.support.channels import PeerLayer
from tests.support.figures import report
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.resp import Resp
from tests.support.server import Server

GROUP, PATH = "dashboard_updates", "/ws/dashboard/"
SETTINGS = {"CARILLON_LIMITS_USER_CONNECTIONS_MAX": "100000"}
EVENT = b'{"type":"step","n":1}'


def cost(redis: Redis, sender: PeerLayer, nodes: list[Server], count: int) -> Counter[str]:
    """The commands of one group_send to `count` sockets that all got it."""
    crowds = [
        Crowd((n.host, n.port), PATH, tokens.mentor(), count // len(nodes), [EVENT])
        for n in nodes
    ]
    with redis.client() as monitor:
        monitor("MONITOR")
        redis.reset_commandstats()
        sender.group_send(GROUP, {"type": "step", "n": 1})
        for crowd in crowds:
            assert sum(report.complete for report in crowd.reports(120)) == crowd.count
        found = redis.commandstats()
        redis("ECHO", "the end of it")
        found.subtract(heartbeats(monitor))
    return found


# What a node does all the time: its sign of life, and the renewal of memberships.
HEARTBEAT = re.compile(
    r'(?i)"(zadd|expire)" "[^"]*:group:|"zremrangebyscore" "[^"]*:group:carillon\.nodes"'
)


def heartbeats(monitor: Resp) -> Counter[str]:
    found: Counter[str] = Counter()
    while "the end of it" not in (line := monitor.read().decode(errors="replace")):
        if HEARTBEAT.search(line):
            found[line.split('"')[1].lower()] += 1
    return found


def compare(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon, backend: str, counts: list[int]
) -> None:
    layer = LayerSettings(hosts=(redis.url,), backend=backend)
    sender = django(layer)
    sender.group_send(GROUP, {"type": "step", "n": 0})  # connected from here on
    nodes = [make_carillon(layer, SETTINGS) for _ in range(2)]
    costs = [cost(redis, sender, nodes, count) for count in counts]
    steady = [without_waiting(found) for found in costs]
    assert steady[0] == steady[1], (steady, counts)
    report("channel-layer-cost", f"{backend}, {counts[1]} sockets on 2 nodes", **steady[1])
    if backend == "pubsub":
        assert steady[0]["publish"] == 1
    else:
        assert steady[0]["zadd"] == 2, "one message for each node"


def without_waiting(found: Counter[str]) -> dict[str, int]:
    """Without what readers and health checks do at all times, and what leaving readers cost."""
    idle = ("bzpopmin", "zpopmin", "ping", "monitor", "zrem", "unsubscribe")
    return {name: calls for name, calls in found.items() if name not in idle and calls}


@pytest.mark.parametrize("backend", ["core", "pubsub"])
def test_a_group_send_costs_redis_the_same_for_many_sockets(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon, backend: str
) -> None:
    compare(redis, django, make_carillon, backend, [4, 200])


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["core", "pubsub"])
def test_a_group_send_costs_redis_the_same_for_five_thousand_sockets(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon, backend: str
) -> None:
    compare(redis, django, make_carillon, backend, [4, 5_000])
