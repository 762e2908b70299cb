"""Django's workers behind Carillon's sockets: named channels, and the answer to one connection."""

import itertools
import json
from collections.abc import Iterator

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer, MakeRedis
from tests.support import tokens
from tests.support.channels import Channels
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.waiting import wait_until

PATH = "/ws/ranking/"
ENDPOINT = """
[[endpoints]]
name = "ranking"
path = "/ws/ranking/"
allow = ["authenticated"]
groups = ["ranking_everyone"]
client_messages = ["ping"]
forward_to = "ranking"
"""
QUESTION = {"type": "rank.question", "student": 7}


@pytest.fixture(params=["core", "pubsub"])
def layer(request: pytest.FixtureRequest, redis: Redis) -> LayerSettings:
    return LayerSettings(hosts=(redis.url,), backend=request.param)


@pytest.fixture
def worker(
    channels: Channels, layer: LayerSettings, redis: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """`manage.py runworker ranking`, listening."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings_matrix",
        "CHANNEL_LAYERS": json.dumps({"default": layer.for_django()}),
    }
    command = [channels.bin / "python", "manage.py", "runworker", "ranking"]
    log = tmp_path_factory.mktemp("worker") / "log"
    with channels.running(log, command, settings):
        wait_until(lambda: is_heard(redis, layer), "the worker to listen")
        yield


def is_heard(redis: Redis, layer: LayerSettings) -> bool:
    if layer.backend == "pubsub":
        return bool(redis("PUBSUB", "NUMSUB", "ranking")[1])
    return redis.commandstats()["bzpopmin"] > 0 or b"cmd=bzpopmin" in redis("CLIENT", "LIST")


@pytest.mark.usefixtures("worker")
def test_a_worker_answers_django(layer: LayerSettings, django: MakeLayer) -> None:
    asker = django(layer)
    reply = asker.listen()
    asker.send("ranking", {**QUESTION, "reply_channel": reply.channel})
    assert reply.events(1) == [{"type": "rank.answer", "rank": 1, "student": 7}]


@pytest.mark.usefixtures("worker")
def test_a_worker_answers_the_one_connection_that_asked(
    layer: LayerSettings, make_carillon: MakeCarillon
) -> None:
    here, there = (make_carillon(layer, toml=ENDPOINT) for _ in range(2))
    asking = here.joined(PATH, tokens.student(7))
    others = [node.joined(PATH, tokens.student(7)) for node in (here, there)]
    asking.send_json(QUESTION)
    assert asking.read_json() == {"type": "rank_answer", "rank": 1, "student": 7}
    for other in others:
        assert other.ping() == {"type": "pong", "timestamp": None}


def test_a_question_carries_its_reply_channel(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    worker = django(layer)
    questions = worker.hear("ranking")
    server = make_carillon(layer, toml=ENDPOINT)
    sockets = [server.joined(PATH, tokens.student(7)) for _ in range(3)]
    for n, socket in enumerate(sockets):
        socket.send_json({**QUESTION, "n": n})
    asked = {event["n"]: event for event in questions.events(3)}
    for n, socket in enumerate(sockets):
        assert {**QUESTION, "n": n}.items() <= asked[n].items()
        assert asked[n]["reply_channel"].startswith("gw.")
        for step in range(3):
            answer = {"type": "rank.answer", "n": n, "step": step}
            worker.send(asked[n]["reply_channel"], answer)
        assert [socket.read_json() for _ in range(3)] == [
            {"type": "rank_answer", "n": n, "step": step} for step in range(3)
        ]
    assert len({event["reply_channel"] for event in asked.values()}) == 3


def test_an_answer_to_a_connection_that_is_gone_harms_nobody(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    worker = django(layer)
    questions = worker.hear("ranking")
    server = make_carillon(layer, toml=ENDPOINT)
    leaving, staying = (server.joined(PATH, tokens.student(7)) for _ in range(2))
    leaving.send_json({**QUESTION, "n": 0})
    staying.send_json({**QUESTION, "n": 1})
    asked = {event["n"]: event for event in questions.events(2)}
    leaving.close()
    for n in (0, 1):
        worker.send(asked[n]["reply_channel"], {"type": "rank.answer", "n": n})
    assert staying.read_json() == {"type": "rank_answer", "n": 1}


def test_what_the_endpoint_answers_itself_is_not_forwarded(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    questions = django(layer).hear("ranking")
    socket = make_carillon(layer, toml=ENDPOINT).joined(PATH, tokens.student(7))
    assert socket.ping(1) == {"type": "pong", "timestamp": 1}
    socket.send_json({**QUESTION, "n": 1})
    assert [event["n"] for event in questions.events(1)] == [1]


@pytest.mark.parametrize("type_", ["websocket.disconnect", "_private", ".dot", "carillon.x", 7])
def test_a_client_cannot_forge_what_the_server_says_to_a_worker(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon, type_: object
) -> None:
    questions = django(layer).hear("ranking")
    socket = make_carillon(layer, toml=ENDPOINT).joined(PATH, tokens.student(7))
    socket.send_json({"type": type_})
    assert socket.read_json()["type"] == "error"
    socket.send_json({**QUESTION, "reply_channel": "specific.mine!x", "n": 1})
    (asked,) = questions.events(1)
    assert asked["n"] == 1 and asked["reply_channel"].startswith("gw.")


def test_a_direct_send_finds_its_connection_over_three_hosts(
    make_redis: MakeRedis, django: MakeLayer, make_carillon: MakeCarillon
) -> None:
    layer = LayerSettings(hosts=tuple(make_redis().url for _ in range(3)))
    worker = django(layer)
    # channels_redis reads a named channel from one host after the other; three reads cover three.
    readers = [worker.hear("ranking") for _ in range(3)]
    server = make_carillon(layer, toml=ENDPOINT)
    socket = server.joined(PATH, tokens.student(7))
    socket.send_json(QUESTION)
    asked = wait_until(lambda: list(itertools.chain(*(r.events(0) for r in readers))), "a question")
    socket_names = [server.joined(PATH, tokens.student(n)) for n in range(20)]
    assert len(socket_names) == 20
    for n in range(20):
        worker.send(asked[0]["reply_channel"], {"type": "rank.answer", "n": n})
    assert sorted(socket.read_json()["n"] for _ in range(20)) == list(range(20))
