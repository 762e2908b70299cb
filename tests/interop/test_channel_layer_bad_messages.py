"""What others may leave in a gateway's channel: dropped and counted, and nobody suffers."""

import os
import time
from collections.abc import Iterator

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer
from tests.support import tokens
from tests.support.channels import PeerLayer
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.waiting import wait_until

GROUP, PATH = "dashboard_updates", "/ws/dashboard/"
RANDOM = 12


def dropped(server: Server) -> float:
    """Unreadable or forged, and those for nobody here."""
    metrics = server.metrics()
    refused = metrics.count("carillon_layer_events_refused_total")
    return refused + metrics.count("carillon_layer_dropped_total")


def address(redis: Redis) -> str:
    """The channel under which the one gateway is in the group."""
    (member,) = redis("ZRANGE", f"asgi:group:{GROUP}", 0, -1)
    return member.decode()


def push(redis: Redis, channel: str, body: bytes, prefix: bytes | None = None) -> None:
    key = f"asgi{channel.partition('!')[0]}!"
    random = os.urandom(RANDOM) if prefix is None else prefix
    redis("ZADD", key, time.time(), random + body)


def packed(*pairs: bytes) -> bytes:
    assert len(pairs) < 16
    return bytes([0x80 | len(pairs)]) + b"".join(pairs)


def text(value: str) -> bytes:
    data = value.encode()
    assert len(data) < 256
    return (bytes([0xA0 | len(data)]) if len(data) < 32 else bytes([0xD9, len(data)])) + data


TYPE = text("type") + text("step")


def to(channel: str) -> bytes:
    return text("__asgi_channel__") + text(channel)


def unreadable(channel: str) -> Iterator[tuple[str, bytes]]:
    whole = packed(TYPE, text("n") + b"\x01", to(channel))
    yield "nothing", b""
    yield "noise", os.urandom(64)
    yield "cut", whole[:-1]
    yield "more behind it", whole + b"\x00"
    yield "no map", b"\x93\x01\x02\x03"
    yield "a map with a number as its key", packed(TYPE, b"\x01\x01", to(channel))
    yield "never used byte", b"\xc1"
    yield "text that is not UTF-8", packed(text("type") + b"\xa2\xff\xfe", to(channel))
    yield "a promise of 4 GiB", b"\xdf\xff\xff\xff\xff" + TYPE
    yield "a deep nest", packed(TYPE, text("deep") + b"\x91" * 3_000 + b"\xc0", to(channel))
    yield "json", b'{"type": "step", "__asgi_channel__": "' + channel.encode() + b'"}'
    yield "a type of bytes", packed(text("type") + b"\xc4\x04step", to(channel))
    yield "no type", packed(text("n") + b"\x01", to(channel))
    yield "no channel", packed(TYPE)
    yield "a channel that is a number", packed(TYPE, text("__asgi_channel__") + b"\x07")
    yield "an empty map", packed()


RESERVED = ["websocket.disconnect", "websocket.close", "carillon.v1", "pong", "error",
            "connection_established", "connection.established", "_private", ".dot", ""]


@pytest.fixture
def layer(redis: Redis) -> LayerSettings:
    return LayerSettings(hosts=(redis.url,))


def arrives(sender: PeerLayer, socket, n: int) -> None:
    sender.group_send(GROUP, {"type": "step", "n": n})
    assert socket.read_json() == {"type": "step", "n": n}


def test_unreadable_messages_are_dropped_and_counted(
    layer: LayerSettings, redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(layer)
    sender = django(layer)
    socket = server.joined(PATH, tokens.mentor())
    channel = address(redis)
    for count, (name, body) in enumerate(unreadable(channel), 1):
        push(redis, channel, body)
        wait_until(lambda count=count: dropped(server) >= count, f"{name} to be counted")
        assert dropped(server) == count, name
        arrives(sender, socket, count)


def test_what_only_the_server_says_is_not_taken_from_the_layer(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(layer)
    sender = django(layer)
    socket = server.joined(PATH, tokens.mentor())
    sender.group_send(GROUP, *({"type": type_} for type_ in RESERVED), {"n": 1}, {"type": 7})
    arrives(sender, socket, 1)
    assert dropped(server) == len(RESERVED) + 2


def test_messages_for_channels_that_are_not_there_are_forgotten(
    layer: LayerSettings, redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(layer)
    sender = django(layer)
    socket = server.joined(PATH, tokens.mentor())
    channel = address(redis)
    process = channel.partition("!")[0] + "!"
    for local in ("", "g999999", "c0", "nonsense", "é"):
        push(redis, channel, packed(TYPE, to(process + local)))
    # Any sender may write one name or a list of them: with one that is there, it arrives.
    names = b"\x92" + text(process + "nowhere") + text(channel)
    push(redis, channel, packed(TYPE, text("n") + b"\x05", text("__asgi_channel__") + names))
    assert socket.read_json() == {"type": "step", "n": 5}
    arrives(sender, socket, 6)


def test_a_message_in_another_form_than_pythons_is_read(
    layer: LayerSettings, redis: Redis, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(layer)
    socket = server.joined(PATH, tokens.mentor())
    channel = address(redis)
    for body in (
        packed(to(channel), text("n") + b"\xd3" + bytes(7) + b"\x05", TYPE),
        b"\xde\x00\x03" + TYPE + text("n") + b"\xcd\x00\x05" + to(channel),
        packed(TYPE, text("n") + b"\xca\x40\xa0\x00\x00", to(channel)),
    ):
        push(redis, channel, body)
        assert socket.read_json() == {"type": "step", "n": 5}


@pytest.mark.parametrize("sent, expected", [("the right key", "another"), ("", "a key"),
                                            ("a key", "")])
def test_another_encryption_is_dropped_and_counted(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon, sent: str, expected: str
) -> None:
    theirs = LayerSettings(hosts=(redis.url,), keys=(sent,) if sent else ())
    ours = LayerSettings(hosts=(redis.url,), keys=(expected,) if expected else ())
    server = make_carillon(ours)
    socket = server.joined(PATH, tokens.mentor())
    django(theirs).group_send(GROUP, *({"type": "step", "n": n} for n in range(3)))
    wait_until(lambda: dropped(server) == 3, "them to be counted")
    arrives(django(ours), socket, 9)


def has_failed(redis: Redis, command: str) -> bool:
    stats = redis.info("commandstats").get(f"cmdstat_{command}", "failed_calls=0")
    return "failed_calls=0" not in stats


def test_other_kinds_of_key_do_not_stop_the_reader(
    layer: LayerSettings, redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(layer)
    sender = django(layer)
    socket = server.joined(PATH, tokens.mentor())
    key = f"asgi{address(redis).partition('!')[0]}!"
    redis("SET", key, "a string where a sorted set belongs")
    wait_until(lambda: has_failed(redis, "zpopmin"), "the reader to stumble")
    redis("DEL", key)
    wait_until(lambda: server.request("GET", "/readyz").status == 200, "/readyz")
    arrives(sender, socket, 1)


def test_noise_on_a_pubsub_channel_is_dropped_and_counted(
    redis: Redis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=(redis.url,), backend="pubsub")
    server = make_carillon(layer)
    socket = server.joined(PATH, tokens.mentor())
    bodies = [b"", b"\xc1", b"\x93\x01\x02\x03", packed(TYPE)[:-1], packed(text("n") + b"\x01"),
              packed(text("type") + text("websocket.disconnect"))]
    for body in bodies:
        assert redis("PUBLISH", f"asgi__group__{GROUP}", body) == 1
    arrives(django(layer), socket, 1)
    assert dropped(server) == len(bodies)
