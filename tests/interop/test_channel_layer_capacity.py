"""How much a channel layer holds for who does not read, and what is lost beyond."""

import itertools
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer
from tests.load.crowd import Crowd
from tests.support import tokens
from tests.support.channels import Channels, DjangoError
from tests.support.figures import report
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.support.ws import WebSocket

GROUP, PATH = "dashboard_updates", "/ws/dashboard/"
CAPACITY = 100
# What Redis has handed to a waiting reader before it stood still counts no more.
HANDED_OVER_MAX = 2


@contextmanager
def standing_still(server: Server) -> Iterator[None]:
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def test_a_receiver_that_stands_still_gets_the_first_hundred(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    sender = django(layer)
    # The control: a Django consumer that does not read.
    channel = sender.ask("new_channel")
    sender.ask("group_add", group=GROUP, channel=channel)
    server = make_carillon(layer)
    socket = server.joined(PATH, tokens.mentor())
    with standing_still(server):
        events = [{"type": "step", "n": n} for n in range(CAPACITY + 50)]
        sender.group_send(GROUP, *events)  # over capacity is no error here
    for n in range(CAPACITY):
        assert sender.ask("receive", channel=channel, within_s=10)["n"] == n
    wait_until(lambda: redis.key_names("asgigw.*") == [], "the channel to be empty")
    sender.group_send(GROUP, {"type": "step", "n": -1})
    assert sender.ask("receive", channel=channel, within_s=10)["n"] == -1
    received = read_to_the_last(socket)
    assert CAPACITY <= len(received) <= CAPACITY + HANDED_OVER_MAX
    assert received == list(range(len(received)))


def read_to_the_last(socket: WebSocket) -> list[int]:
    """The numbers before -1."""
    received = []
    while (n := socket.read_json()["n"]) != -1:
        received.append(n)
    return received


def gateway_channel(redis: Redis) -> str:
    (member,) = redis("ZRANGE", f"asgi:group:{GROUP}", 0, -1)
    return member.decode()


def test_a_direct_send_to_a_full_channel_is_refused(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    sender = django(layer)
    server = make_carillon(layer)
    socket = server.joined(PATH, tokens.mentor())
    theirs, ours = sender.ask("new_channel"), gateway_channel(redis)
    with standing_still(server):
        for channel in (theirs, ours):
            with pytest.raises(DjangoError) as refusal:
                for n in itertools.count():
                    sender.send(channel, {"type": "step", "n": n})
            assert refusal.value.name == "ChannelFull"
            assert CAPACITY <= n <= CAPACITY + HANDED_OVER_MAX
    # It was addressed like an event of the group, so it arrives as one.
    assert [socket.read_json()["n"] for _ in range(n)] == list(range(n))


def test_the_capacity_of_gateways_is_djangos_to_raise(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,), capacities={"gw.*": 300})
    sender = django(layer)
    server = make_carillon(layer)
    socket = server.joined(PATH, tokens.mentor())
    with standing_still(server):
        sender.group_send(GROUP, *({"type": "step", "n": n} for n in range(350)))
    wait_until(lambda: redis.key_names("asgigw.*") == [], "the channel to be empty")
    sender.group_send(GROUP, {"type": "step", "n": -1})
    received = read_to_the_last(socket)
    assert 300 <= len(received) <= 300 + HANDED_OVER_MAX
    assert received == list(range(len(received)))


def test_a_publish_to_a_full_receiver_says_how_many_missed_it(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    sender = django(layer)
    channel = sender.ask("new_channel")
    sender.ask("group_add", group=GROUP, channel=channel)
    server = make_carillon(layer)
    socket = server.joined(PATH, tokens.mentor())
    answers = [
        server.accepted(f"/api/realtime/groups/{GROUP}/", {"type": "step", "n": n})
        for n in range(CAPACITY + 1)
    ]
    assert all("over_capacity" not in answer for answer in answers[:-1])
    assert answers[-1]["over_capacity"] == 1
    assert server.metrics().value("carillon_layer_over_capacity_total") == 1
    assert [socket.read_json()["n"] for _ in answers] == list(range(CAPACITY + 1))


def crowds(nodes: list[Server], count: int, events: list[bytes]) -> list[Crowd]:
    each = count // len(nodes)
    return [
        Crowd((node.host, node.port), PATH, tokens.mentor(), each, events, processes=1)
        for node in nodes
    ]


def burst(django: MakeLayer, make_carillon: MakeCarillon, layer: LayerSettings, count: int) -> int:
    """Django sends `count` events as fast as it can; how many of them each of 50 sockets lost."""
    nodes = [make_carillon(layer), make_carillon(layer)]
    events = [json.dumps({"type": "step", "n": n}, separators=(",", ":")).encode()
              for n in range(count)]
    probes = [node.joined(PATH, tokens.mentor()) for node in nodes]
    readers = crowds(nodes, 48, events)
    sent = django(layer).stream(GROUP, {"type": "step"}, count)
    assert sent.get(600)["refused"] == []
    django(layer).group_send(GROUP, {"type": "last"})
    lost = []
    for probe in probes:
        numbers = []
        while (event := probe.read_json())["type"] != "last":
            numbers.append(event["n"])
        assert numbers == sorted(set(numbers)), "out of order, or twice"
        lost.append(count - len(numbers))
    if not any(lost):
        for crowd in readers:
            seen = crowd.reports(60)
            assert sum(r.complete for r in seen) == crowd.count
    return max(lost)


@pytest.mark.slow
def test_ten_thousand_events_arrive_complete_with_the_capacity_of_the_guide(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,), capacities={"gw.*": 10_000})
    assert burst(django, make_carillon, layer, 10_000) == 0
    report("channel-capacity", "ten thousand events, capacity 10000", lost=0)


@pytest.mark.slow
def test_the_loss_with_the_default_capacity_is_measured(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    lost = burst(django, make_carillon, layer, 10_000)
    report("channel-capacity", "ten thousand events, capacity 100", lost=lost)
    assert lost < 10_000


@pytest.mark.slow
def test_the_loss_of_a_django_consumer_is_measured_beside_it(
    redis: Redis, channels: Channels, django: MakeLayer
) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings_matrix", "CHANNEL_LAYERS": "{}"}
    with channels.peer(**settings) as another:
        consumer = another.layer(layer).listen(GROUP)
        sender = django(layer)
        sent = sender.stream(GROUP, {"type": "step"}, 10_000).get(600)
        assert sent["refused"] == []
        wait_until(lambda: redis.key_names("asgispecific.*") == [], "the channel to be empty")
        heard = [event["n"] for event in consumer.events(1)]
    lost = 10_000 - len(heard)
    report("channel-capacity", "ten thousand events to a Django consumer, capacity 100", lost=lost)
    assert len(heard) == len(set(heard))


def test_a_burst_beyond_the_capacity_is_read_as_it_comes(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,), capacities={"gw.*": 10_000})
    socket = make_carillon(layer).joined(PATH, tokens.mentor())
    sent = django(layer).stream(GROUP, {"type": "step"}, 1_000)
    assert [socket.read_json()["n"] for _ in range(1_000)] == list(range(1_000))
    assert sent.get()["refused"] == []
    wait_until(lambda: redis.key_names("asgigw.*") == [], "the channel to be empty")
