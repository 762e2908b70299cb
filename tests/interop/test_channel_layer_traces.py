"""What a gateway leaves in Redis, what it renews there, and which commands it needs."""

import re
import signal
from pathlib import Path

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer, ready
from tests.support import tokens, ws
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.waiting import wait_until

GROUP, PATH = "dashboard_updates", "/ws/dashboard/"
ADMIN = tokens.admin()
SETTINGS = {
    "CARILLON_LIMITS_USER_CONNECTIONS_MAX": "100000",
    "CARILLON_LIMITS_PING_INTERVAL": "1h",
    "CARILLON_DRAIN_WINDOW": "100ms",
}

# Of Redis 5.0's commands those that a channel layer or its connections may have a use for.
REDIS_5 = set(
    "auth bzpopmin del discard echo eval evalsha exec exists expire get hgetall hset multi "
    "pexpire ping psetex "
    "psubscribe pttl publish punsubscribe role script|load script|exists select set setex "
    "subscribe time ttl type unlink unsubscribe watch zadd zcard zcount zpopmin zrange "
    "zrangebyscore zrem zremrangebyscore zscore client|setname client|id client|reply quit".split()
)


NODES = "asgi:group:carillon.nodes"  # in which each gateway says that it lives
# Each gateway is in it all its life, sockets or not: whoever comes next is told the newest state.
STATE_GROUP = "asgi:group:leaderboard_updates"


def ours(redis: Redis) -> list[str]:
    """Keys of gateways, and groups of sockets in which one is a member."""
    found = []
    for key in redis.key_names():
        if key in (NODES, STATE_GROUP):
            continue
        is_group = ":group:" in key
        members = redis("ZRANGE", key, 0, -1) if is_group else []
        if key.startswith("asgigw.") or any(member.startswith(b"gw.") for member in members):
            found.append(key)
    return found


def join_and_leave(server: Server, count: int, at_once: int = 500) -> None:
    """Connections of which each joins a group of its own; half say goodbye, half just break off."""
    staying = server.metrics().count("carillon_connections")
    for first in range(0, count, at_once):
        sockets = [
            server.joined(f"/ws/student/{n}/", ADMIN) for n in range(first, first + at_once)
        ]
        for socket in sockets[::2]:
            socket.close()
        for socket in sockets[1::2]:
            socket.drop()
        wait_until(lambda: server.metrics().value("carillon_connections") == staying, "leaving")


def leave_no_trace(redis: Redis, server: Server, count: int) -> None:
    staying = server.joined(PATH, ADMIN)
    join_and_leave(server, count)
    wait_until(lambda: ours(redis) == [f"asgi:group:{GROUP}"], "the memberships to go")
    server.terminate()
    assert staying.read_close() == ws.goodbye(1012)
    assert server.wait() == 0
    assert redis.key_names() == []


def test_a_clean_stop_leaves_no_key(redis: Redis, make_carillon: MakeCarillon) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    leave_no_trace(redis, make_carillon(layer, SETTINGS), 1_000)


@pytest.mark.slow
def test_a_hundred_thousand_joins_and_leaves_leave_no_key(
    redis: Redis, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    leave_no_trace(redis, make_carillon(layer, SETTINGS), 100_000)


def test_a_stop_at_once_leaves_no_key(redis: Redis, make_carillon: MakeCarillon) -> None:
    server = make_carillon(LayerSettings(hosts=(redis.url,)))
    sockets = [server.joined(f"/ws/student/{n}/", ADMIN) for n in range(20)]
    assert len(ours(redis)) == len(sockets)
    server.process.send_signal(signal.SIGINT)
    assert server.wait() == 0
    assert redis.key_names() == []


def test_what_a_killed_gateway_leaves_expires(
    redis: Redis, django: MakeLayer, tmp_path: Path
) -> None:
    layer = LayerSettings(hosts=(redis.url,), group_expiry_s=3_600, expiry_s=30)
    server = ready(Server(tmp_path, layer.for_carillon()))
    sockets = [server.joined(f"/ws/student/{n}/", ADMIN) for n in range(20)]
    server.process.kill()
    server.process.wait()
    for n in range(len(sockets)):
        django(layer).group_send(f"student_{n}", {"type": "step"})
    left = ours(redis)
    assert len(left) == 21, left  # the groups, and the unread events of the dead gateway
    for key in [*left, NODES]:
        limit = {NODES: 600}.get(key, 3_600 if ":group:" in key else 30)
        assert 0 < redis("TTL", key) <= limit, key


def test_pubsub_leaves_no_key_at_all(redis: Redis, make_carillon: MakeCarillon) -> None:
    server = make_carillon(LayerSettings(hosts=(redis.url,), backend="pubsub"), SETTINGS)
    join_and_leave(server, 500)
    assert redis.key_names() == []
    assert redis("PUBSUB", "CHANNELS", "asgi__group__student_*") == []
    server.stop()
    assert redis("PUBSUB", "CHANNELS") == []


def test_memberships_come_back_after_django_flushed(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    sender = django(layer)
    socket = make_carillon(layer).joined(PATH, ADMIN)
    sender.group_send(GROUP, {"type": "step", "n": 0})
    assert socket.read_json()["n"] == 0
    sender.ask("flush")
    wait_until(lambda: ours(redis) == [f"asgi:group:{GROUP}"], "the renewal")
    sender.group_send(GROUP, {"type": "step", "n": 1})
    assert socket.read_json()["n"] == 1


def test_memberships_outlive_their_expiry(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,), group_expiry_s=2)
    socket = make_carillon(layer).joined(PATH, ADMIN)
    begun = float(redis("TIME")[0])
    wait_until(lambda: float(redis("TIME")[0]) > begun + 4, "two lifetimes")
    django(layer).group_send(GROUP, {"type": "step", "n": 0})
    assert socket.read_json()["n"] == 0


def test_memberships_come_back_after_a_restart_of_redis(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,))
    server = make_carillon(layer)
    socket = server.joined(PATH, ADMIN)
    redis.restart()
    wait_until(lambda: ours(redis) == [f"asgi:group:{GROUP}"], "the membership")
    django(layer).group_send(GROUP, {"type": "step", "n": 0})
    assert socket.read_json()["n"] == 0


@pytest.mark.parametrize("backend", ["core", "pubsub"])
def test_nothing_beyond_redis_5_is_used(
    redis: Redis, make_carillon: MakeCarillon, backend: str
) -> None:
    layer = LayerSettings(hosts=(redis.url,), backend=backend, group_expiry_s=2)
    with redis.client() as monitor:
        monitor("MONITOR")
        here, there = make_carillon(layer), make_carillon(layer)
        sockets = [server.joined(PATH, ADMIN) for server in (here, there)]
        for n in range(10):
            here.accepted(f"/api/realtime/groups/{GROUP}/", {"type": "step", "n": n})
        for socket in sockets:
            assert [socket.read_json()["n"] for _ in range(10)] == list(range(10))
        begun = float(redis("TIME")[0])
        wait_until(lambda: float(redis("TIME")[0]) > begun + 3, "a renewal")
        for server in (here, there):
            server.stop()
        redis("ECHO", "the end of it")
        seen = commands_seen(monitor, "the end of it")
    unknown = {name for name in seen if name not in REDIS_5}
    assert unknown == set(), unknown
    newer = {line for lines in seen.values() for line in lines if NEWER_ARGUMENT.search(line)}
    assert newer == set(), newer


# Arguments that came after 5.0: AUTH with a user, ZADD GT, ZRANGE BYSCORE, SET … KEEPTTL.
NEWER_ARGUMENT = re.compile(
    r'(?i)^"(auth" "[^"]*" "|zadd" "[^"]*" "(gt|lt)"|zrange".*"(byscore|bylex|rev)"'
    r'|set".*"(keepttl|get|exat)"|expire".*"(nx|xx|gt|lt)")'
)


def commands_seen(monitor, end: str) -> dict[str, set[str]]:
    """Command to the lines of it, of what MONITOR shows before `end`; scripts' commands too."""
    seen: dict[str, set[str]] = {}
    while True:
        line = monitor.read().decode(errors="replace")
        found = re.match(r'[\d.]+ \[\d+ [^\]]+\] ("(\w+)"(?: "(\w+)")?.*)', line)
        assert found, line
        text, name, argument = found[1], found[2].lower(), (found[3] or "").lower()
        if end in text:
            return seen
        if name in ("client", "script"):
            name = f"{name}|{argument}"
        seen.setdefault(name, set()).add(text)
