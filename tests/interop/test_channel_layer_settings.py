"""Each way of configuring channels_redis, Django to Django first, then with Carillon."""

import json
from dataclasses import replace

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer, MakeRedis
from tests.support import tokens
from tests.support.channels import VERSIONS, PeerLayer
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.server import Server

GROUP, PATH = "student_7", "/ws/student/7/"
OLD, NEW = "the key of last year", "the key of this year: ключ"


def pair_up(sender: PeerLayer, receiver: PeerLayer, server: Server) -> None:
    """Django to Django as the control; then Django to a socket, and HTTP to Django."""
    consumer = receiver.listen(GROUP)
    sender.group_send(GROUP, {"type": "grade.received", "n": 0})
    assert consumer.events(1) == [{"type": "grade.received", "n": 0}]

    socket = server.joined(PATH, tokens.student(7))
    events = [{"type": "grade.received", "n": n, "text": "Zoë 🎓"} for n in (1, 2)]
    sender.group_send(GROUP, events[0])
    server.accepted(f"/api/realtime/groups/{GROUP}/", events[1])
    assert consumer.events(3)[1:] == events
    assert [socket.read_json() for _ in events] == [
        {**event, "type": "grade_received"} for event in events
    ]
    assert server.metrics().count("carillon_layer_events_refused_total") == 0


def combinations() -> list[tuple[str, str, str, bool]]:
    """What each version of channels_redis knows: 4.0 has no JSON, and its pubsub no encryption."""
    found = []
    for version in VERSIONS:
        for backend in ("core", "pubsub"):
            for serializer in ("msgpack", "json"):
                for is_encrypted in (False, True):
                    is_old = version == "4.0"
                    if is_old and (serializer == "json" or backend == "pubsub" and is_encrypted):
                        continue
                    found.append((version, backend, serializer, is_encrypted))
    return found


@pytest.mark.parametrize(
    "channels, backend, serializer, is_encrypted", combinations(), indirect=["channels"]
)
def test_each_format_is_understood_both_ways(
    redis: Redis,
    django: MakeLayer,
    make_carillon: MakeCarillon,
    backend: str,
    serializer: str,
    is_encrypted: bool,
) -> None:
    keys = (NEW,) if is_encrypted else ()
    layer = LayerSettings(hosts=(redis.url,), backend=backend, keys=keys)
    if serializer != "msgpack":
        layer = replace(layer, serializer=serializer)
    pair_up(django(layer), django(layer), make_carillon(layer))


def encrypting() -> list[tuple[str, str]]:
    return [(version, backend) for version, backend, serializer, is_encrypted in combinations()
            if serializer == "msgpack" and is_encrypted]


@pytest.mark.parametrize("backend", ["core", "pubsub"])
def test_the_largest_event_arrives_though_its_message_is_larger(
    backend: str, redis: Redis, make_carillon: MakeCarillon
) -> None:
    """Python's JSON makes six bytes of a letter that has two, encryption four of three."""
    layer = LayerSettings(
        hosts=(redis.url,), backend=backend, serializer="json", keys=("first key",)
    )
    a, b = make_carillon(layer), make_carillon(layer)
    text = "ж" * 520_000
    with b.joined("/ws/student/7/", tokens.access("7", role="student")) as socket:
        body = {"event_type": "grade_received", "data": {"text": text}}
        raw = json.dumps(body, ensure_ascii=False).encode()
        assert 1_000_000 < len(raw) < 1 << 20
        a.accepted("/api/realtime/students/7/", raw)
        assert socket.read_json()["text"] == text


@pytest.mark.parametrize("channels, backend", encrypting(), indirect=["channels"])
def test_keys_rotate_while_both_are_known(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon, backend: str
) -> None:
    old_first = LayerSettings(hosts=(redis.url,), backend=backend, keys=(OLD, NEW))
    new_first = replace(old_first, keys=(NEW, OLD))
    pair_up(django(new_first), django(old_first), make_carillon(new_first))
    pair_up(django(new_first), django(old_first), make_carillon(old_first))


def connection_forms(redis: Redis) -> dict[str, str]:
    return {
        "unix": redis.unix_url,
        "database": redis.url_for(password="s3cret", database=5),
        "user": redis.url_for("gateway", "p%40ss%2Fw%3Ard"),
    }


@pytest.mark.parametrize("backend", ["core", "pubsub"])
@pytest.mark.parametrize("form", ["unix", "database", "user"])
def test_each_form_of_address_connects(
    make_redis: MakeRedis, django: MakeLayer, make_carillon: MakeCarillon, form: str, backend: str
) -> None:
    users = ("gateway on >p@ss/w:rd ~asgi* &* +@all -@admin",)
    redis = make_redis(password="" if form == "unix" else "s3cret", users=users)
    layer = LayerSettings(hosts=(connection_forms(redis)[form],), backend=backend)
    pair_up(django(layer), django(layer), make_carillon(layer))


@pytest.mark.parametrize("backend", ["core", "pubsub"])
def test_a_prefix_of_its_own_keeps_projects_apart(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon, backend: str
) -> None:
    ours = LayerSettings(hosts=(redis.url,), backend=backend, prefix="school:1")
    theirs = replace(ours, prefix="school:2")
    server = make_carillon(ours)
    strange = django(theirs).listen(GROUP)
    neighbour = make_carillon(theirs).joined(PATH, tokens.student(7))
    django(ours).group_send(GROUP, {"type": "grade.received", "n": -1})
    pair_up(django(ours), django(ours), server)
    django(theirs).group_send(GROUP, {"type": "grade.received", "n": 3})
    assert neighbour.read_json() == {"type": "grade_received", "n": 3}
    assert strange.events(1) == [{"type": "grade.received", "n": 3}]
    if backend == "core":
        assert all(key.startswith("school:") for key in redis.key_names())


def lengths() -> list[tuple[str, int]]:
    return [(version, length) for version in VERSIONS if version != "4.0" for length in (4, 20)]


@pytest.mark.parametrize("channels, length", lengths(), indirect=["channels"])
def test_the_length_of_the_random_prefix_is_shared(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon, length: int
) -> None:
    layer = LayerSettings(hosts=(redis.url,), random_prefix_length=length)
    pair_up(django(layer), django(layer), make_carillon(layer))
