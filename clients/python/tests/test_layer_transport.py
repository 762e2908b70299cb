"""Publishing through the real channels_redis, from every place that Django runs code in."""

import asyncio
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

import carillon
from carillon import LayerTransport, Unavailable
from tests.support.receiver import Receiver
from tests.support.redis import RedisServer


def event(number: int, group: str = "student_7") -> carillon.Event:
    return carillon.group_event(group, {"type": "numbered", "number": number})


@pytest.fixture
def transport(redis_server: RedisServer) -> Iterator[LayerTransport]:
    layer = RedisChannelLayer(hosts=[redis_server.url])
    made = LayerTransport(lambda: layer)
    yield made
    made.close()


@pytest.fixture
def receiver(redis_server: RedisServer) -> Iterator[Receiver]:
    with Receiver(redis_server.url, "student_7") as made:
        yield made


def test_a_consumer_in_the_group_gets_the_event_as_channels_sends_it(
    transport: LayerTransport, receiver: Receiver
) -> None:
    transport.send(
        carillon.student_event(7, "grade_received", {"grade": {"score": 9.5}, "raw": b"\x00"})
    )
    assert receiver.read() == {
        "type": "grade_received",
        "grade": {"score": 9.5},
        "raw": b"\x00",
    }


def test_a_thread_that_runs_an_event_loop_may_send(
    transport: LayerTransport, receiver: Receiver
) -> None:
    async def view() -> None:
        with pytest.raises(RuntimeError, match="AsyncToSync"):
            async_to_sync(asyncio.sleep)(0)
        transport.send(event(1))
        await transport.asend(event(2))

    asyncio.run(view())
    asyncio.run(view())
    assert [receiver.read()["number"] for _ in range(4)] == [1, 2, 1, 2]


def test_what_one_thread_sends_stays_in_order(
    transport: LayerTransport, redis_server: RedisServer
) -> None:
    with Receiver(redis_server.url, *(f"thread_{n}" for n in range(4))) as receiver:

        def publish(name: str) -> None:
            for number in range(20):
                transport.send(carillon.group_event(name, {"type": "x", "of": name, "n": number}))

        threads = [threading.Thread(target=publish, args=(f"thread_{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        got: dict[str, list[int]] = {}
        for _ in range(80):
            message = receiver.read()
            got.setdefault(message["of"], []).append(message["n"])
    assert got == {f"thread_{n}": list(range(20)) for n in range(4)}


def test_many_events_take_one_connection(
    transport: LayerTransport, redis_server: RedisServer
) -> None:
    def connections() -> int:
        return int(redis_server.info("stats")["total_connections_received"])

    before = connections()
    for number in range(50):
        transport.send(event(number))
    ours = connections() - before - 1  # and the question itself
    layer = RedisChannelLayer(hosts=[redis_server.url])
    before = connections()
    for number in range(50):
        async_to_sync(layer.group_send)("student_7", {"type": "numbered", "number": number})
    theirs = connections() - before - 1
    assert (ours, theirs) == (1, 50)


def test_the_pubsub_layer_is_served_alike(redis_server: RedisServer) -> None:
    sending = RedisPubSubChannelLayer(hosts=[redis_server.url])
    receiving = RedisPubSubChannelLayer(hosts=[redis_server.url])
    transport = LayerTransport(lambda: sending)
    with Receiver("", "student_7", layer=receiving) as receiver:
        transport.send(event(1))
        asyncio.run(transport.asend(event(2)))
        assert [receiver.read()["number"] for _ in range(2)] == [1, 2]
    transport.close()


def test_the_layer_in_memory_is_driven_on_its_consumers_loop() -> None:
    layer = InMemoryChannelLayer()
    transport = LayerTransport(lambda: layer)

    async def consumer() -> list[int]:
        await layer.group_add("student_7", "specific.inmemory!a")
        reading = asyncio.create_task(layer.receive("specific.inmemory!a"))
        transport.send(event(1))
        got = [(await asyncio.wait_for(reading, 20))["number"]]
        await transport.asend(event(2))
        got.append((await layer.receive("specific.inmemory!a"))["number"])
        return got

    assert asyncio.run(consumer()) == [1, 2]
    async_to_sync(layer.group_add)("student_7", "specific.inmemory!b")
    transport.send(event(3))
    assert async_to_sync(layer.receive)("specific.inmemory!b")["number"] == 3


def test_redis_that_is_gone_is_unavailable_and_back_is_served_again() -> None:
    with RedisServer() as own:
        layer = RedisChannelLayer(hosts=[own.url])
        transport = LayerTransport(lambda: layer)
        transport.send(event(1))
        own.kill()
        with pytest.raises(Unavailable, match="the channel layer failed"):
            transport.send(event(2))
        with pytest.raises(Unavailable):
            asyncio.run(transport.asend(event(2)))
        own.start()
        with Receiver(own.url, "student_7") as receiver:
            transport.send(event(3))
            assert receiver.read()["number"] == 3
        transport.close()


def test_redis_that_hangs_is_given_up() -> None:
    with RedisServer() as own:
        layer = RedisChannelLayer(hosts=[own.url])
        transport = LayerTransport(lambda: layer, timeout_s=0.3)
        transport.send(event(1))
        own.pause()
        with pytest.raises(Unavailable, match="did not answer in time"):
            transport.send(event(2))
        with pytest.raises(Unavailable, match="did not answer in time"):
            asyncio.run(transport.asend(event(2)))
        own.resume()
        transport.send(event(3))
        transport.close()


def test_no_password_is_in_an_error() -> None:
    async def fail(group: str, message: dict[str, Any]) -> None:
        raise ValueError("bad URL redis://me:s3cret@host:1/0 and redis://:s3cret@host")

    class Layer:
        group_send = staticmethod(fail)

    transport = LayerTransport(Layer)
    with pytest.raises(Unavailable) as raised:
        transport.send(event(1))
    transport.close()
    assert "s3cret" not in str(raised.value)
    assert "//***@host:1/0" in str(raised.value)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_sends_and_so_does_its_parent(
    transport: LayerTransport, receiver: Receiver
) -> None:
    transport.send(event(1))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            transport.send(event(2))
            asyncio.run(transport.asend(event(3)))
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    transport.send(event(4))
    assert [receiver.read()["number"] for _ in range(4)] == [1, 2, 3, 4]


def test_a_closed_transport_opens_again(transport: LayerTransport, receiver: Receiver) -> None:
    transport.send(event(1))
    transport.close()
    transport.close()
    transport.send(event(2))
    assert [receiver.read()["number"] for _ in range(2)] == [1, 2]
