"""A Redis that Sentinel fails over, in the middle of a stream."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer, is_ready
from tests.support import tokens
from tests.support.figures import report
from tests.support.layer_settings import LayerSettings
from tests.support.redis import MASTER_NAME, Sentinels
from tests.support.waiting import wait_until
from tests.support.ws import WebSocket

GROUP, PATH = "dashboard_updates", "/ws/dashboard/"
PER_S = 100
BEFORE, AFTER = 100, 100


@pytest.fixture
def sentinels(tmp_path: Path) -> Iterator[Sentinels]:
    running = Sentinels(tmp_path)
    yield running
    running.end()


@pytest.mark.parametrize("backend", ["core", "pubsub"])
def test_the_stream_goes_on_after_a_failover(
    sentinels: Sentinels, django: MakeLayer, make_carillon: MakeCarillon, backend: str
) -> None:
    addresses = tuple(sentinels.addresses)
    layer = LayerSettings(sentinels=addresses, sentinel_master=MASTER_NAME, backend=backend)
    sender = django(layer)
    consumer = sender.listen(GROUP)
    server = make_carillon(layer)
    socket = server.joined(PATH, tokens.mentor())

    sender.stream(GROUP, {"type": "before"}, BEFORE, PER_S).get()
    consumer.events(BEFORE)
    received = [socket.read_json() for _ in range(BEFORE)]
    during = sender.stream(GROUP, {"type": "during"}, 6 * PER_S, PER_S)
    sentinels.fail_over()
    refused = {n for n, _ in during.get(60)["refused"]}
    wait_until(lambda: is_ready(server), "/readyz")
    # The control has found the new master when an event passes again.
    heard = len(consumer.events(0))
    for _ in range(100):
        sender.ask("group_send", group=GROUP, events=[{"type": "between", "n": 0}])
        if len(consumer.events(0)) > heard:
            break
    sender.stream(GROUP, {"type": "after"}, AFTER, PER_S).get()

    wait_until(lambda: is_last(consumer.events(1)[-1]), "the control's last event")
    received += read_to_the_end(socket)
    for who, events in (("django", consumer.events(1)), ("carillon", received)):
        for phase, count in (("before", BEFORE), ("after", AFTER)):
            assert once(e["n"] for e in events if e["type"] == phase) == list(range(count)), who
        numbers = once(e["n"] for e in events if e["type"] == "during")
        assert numbers == sorted(numbers), f"{who}: out of order"
        assert numbers[-1] == 6 * PER_S - 1, f"{who}: the stream did not go on by itself"
        lost = set(range(6 * PER_S)) - refused - set(numbers)
        again = len(events) - len(once(map(str, events)))
        figures = {"sent": 6 * PER_S, "refused": len(refused), "lost": len(lost), "again": again}
        report("channel-layer-failover", f"{backend}, {who}", **figures)


def once(values: Iterable[Any]) -> list[Any]:
    """Each at its first place: what was read shortly before the end of the old master may come
    again from the new one, which had not heard of the reading."""
    return list(dict.fromkeys(values))


def is_last(event: dict[str, Any]) -> bool:
    return (event["type"], event["n"]) == ("after", AFTER - 1)


def read_to_the_end(socket: WebSocket) -> list[dict[str, Any]]:
    events = [socket.read_json()]
    while not is_last(events[-1]):
        events.append(socket.read_json())
    return events


@pytest.mark.parametrize("backend", ["core", "pubsub"])
def test_what_is_published_over_http_goes_on_after_a_failover(
    sentinels: Sentinels, django: MakeLayer, make_carillon: MakeCarillon, backend: str
) -> None:
    addresses = tuple(sentinels.addresses)
    layer = LayerSettings(sentinels=addresses, sentinel_master=MASTER_NAME, backend=backend)
    here, there = make_carillon(layer), make_carillon(layer)
    sockets = [server.joined(PATH, tokens.mentor()) for server in (here, there)]
    target = f"/api/realtime/groups/{GROUP}/"
    here.accepted(target, {"type": "step", "n": 0})
    sentinels.fail_over()
    for server in (here, there):
        wait_until(lambda server=server: is_ready(server), "/readyz")
    here.accepted(target, {"type": "step", "n": 1})
    for socket in sockets:
        assert [socket.read_json()["n"] for _ in range(2)] == [0, 1]


def test_sentinels_that_are_gone_change_nothing_while_the_master_lives(
    sentinels: Sentinels, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(sentinels=tuple(sentinels.addresses), sentinel_master=MASTER_NAME)
    server = make_carillon(layer)
    socket = server.joined(PATH, tokens.mentor())
    sender = django(layer)
    sender.group_send(GROUP, {"type": "step", "n": 0})
    for sentinel in sentinels.sentinels[:2]:
        sentinel.kill()
    sender.group_send(GROUP, {"type": "step", "n": 1})
    server.accepted(f"/api/realtime/groups/{GROUP}/", {"type": "step", "n": 2})
    assert [socket.read_json()["n"] for _ in range(3)] == [0, 1, 2]
