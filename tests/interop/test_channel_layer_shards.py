"""Groups spread over three Redis servers, by the arithmetic that channels_redis has."""

import zlib

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer, MakeRedis, is_ready
from tests.support import tokens, ws
from tests.support.http import request_bytes
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.waiting import wait_until

HOST_COUNT = 3
EACH = 30  # below the capacity of a Django process for all three groups


def host_of(name: str) -> int:
    return int((zlib.crc32(name.encode()) & 0xFFF) / (4096 / HOST_COUNT))


def student_on(host: int, backend: str) -> int:
    """The first student whose group lies on that host."""
    prefix = "" if backend == "core" else "asgi__group__"
    return next(n for n in range(1000) if host_of(f"{prefix}student_{n}") == host)


@pytest.fixture
def hosts(make_redis: MakeRedis) -> list[Redis]:
    return [make_redis() for _ in range(HOST_COUNT)]


@pytest.mark.parametrize("backend", ["core", "pubsub"])
def test_groups_on_every_host_are_served_both_ways(
    hosts: list[Redis], django: MakeLayer, make_carillon: MakeCarillon, backend: str
) -> None:
    layer = LayerSettings(hosts=tuple(host.url for host in hosts), backend=backend)
    ids = [student_on(host, backend) for host in range(HOST_COUNT)]
    sender = django(layer)
    consumers = [sender.listen(f"student_{n}") for n in ids]
    here, there = make_carillon(layer), make_carillon(layer)
    sockets = [
        node.joined(f"/ws/student/{n}/", tokens.student(n)) for node in (here, there) for n in ids
    ]
    for step in range(EACH):
        for n in ids:
            sender.group_send(f"student_{n}", {"type": "step", "by": "django", "n": step})
    for step in range(EACH):
        for n in ids:
            event = {"type": "step", "by": "http", "n": step}
            here.accepted(f"/api/realtime/groups/student_{n}/", event)
    wanted = [{"type": "step", "by": by, "n": n} for by in ("django", "http") for n in range(EACH)]
    for consumer in consumers:
        assert consumer.events(2 * EACH) == wanted
    for socket in sockets:
        assert [socket.read_json() for _ in wanted] == wanted
    if backend == "core":
        for index, n in enumerate(ids):
            assert f"asgi:group:student_{n}" in hosts[index].key_names()
    stats = [host.commandstats() for host in hosts]
    assert all(s["publish"] or s["zadd"] for s in stats), "a host was left out"


def test_a_batch_over_several_hosts_is_told_in_one_answer(
    hosts: list[Redis], django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=tuple(host.url for host in hosts))
    ids = [student_on(host, "core") for host in range(HOST_COUNT)]
    server = make_carillon(layer)
    consumers = [django(layer).listen(f"student_{n}") for n in ids]
    batch = [{"group": f"student_{n}", "event": {"type": "step", "n": n}} for n in ids]
    assert len(server.accepted("/api/realtime/batch/", batch)["ids"]) == HOST_COUNT
    for consumer, n in zip(consumers, ids):
        assert consumer.events(1) == [{"type": "step", "n": n}]


def test_a_batch_with_one_host_gone_says_what_became_of_each(
    hosts: list[Redis], make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=tuple(host.url for host in hosts))
    ids = [student_on(host, "core") for host in range(HOST_COUNT)]
    server = make_carillon(layer)
    sockets = [server.joined(f"/ws/student/{n}/", tokens.student(n)) for n in ids]
    hosts[1].kill()
    batch = [{"group": f"student_{n}", "event": {"type": "step", "n": n}} for n in ids]
    response = server.publish("/api/realtime/batch/", batch)
    assert response.status == 207, response.body
    assert [result["accepted"] for result in response.json()["results"]] == [True, False, True]
    assert [sockets[n].read_json()["n"] for n in (0, 2)] == [ids[0], ids[2]]
    hosts[1].start()
    wait_until(lambda: is_ready(server), "/readyz")
    server.accepted("/api/realtime/batch/", batch)
    assert [socket.read_json()["n"] for socket in sockets] == ids


def test_events_past_the_bound_while_a_group_is_joined_end_the_connection(
    hosts: list[Redis], make_carillon: MakeCarillon
) -> None:
    """It has been let in, but hears nothing yet: a hole would be one that it does not know of."""
    layer = LayerSettings(hosts=tuple(host.url for host in hosts))
    here, there = (f"student_{student_on(host, 'core')}" for host in (0, 1))
    toml = f"""
[[endpoints]]
name = "both"
path = "/ws/both/"
allow = ["authenticated"]
groups = ["{here}", "{there}"]
"""
    settings = {"CARILLON_LIMITS_SEND_QUEUE_FRAMES_MAX": "8"}
    server = make_carillon(layer, settings, toml=toml)
    hosts[1].pause()
    try:
        with server.open() as connection:
            target = ws.with_token("/ws/both/", tokens.student())
            connection.send(
                request_bytes("GET", target, connection.authority, ws.upgrade_headers())
            )
            wait_until(lambda: server.members(here) == 1, "the connection in its group")
            for n in range(9):
                server.accepted(f"/api/realtime/groups/{here}/", {"type": "step", "n": n})
            response = connection.read_response()
            assert response.status == 101
            assert ws.WebSocket(connection, response).read_close() == ws.goodbye(1013)
    finally:
        hosts[1].resume()
    assert server.metrics().value("carillon_frames_dropped_total") == 9
