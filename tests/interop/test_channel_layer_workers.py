"""Django's workers behind Carillon's sockets: named channels, and the answer to one connection."""

import itertools
import json
import re
from collections.abc import Iterator

import pytest

from tests.interop.conftest import MakeCarillon, MakeLayer, MakeRedis
from tests.support import tokens
from tests.support.channels import Channels
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.waiting import wait_until

PATH = "/ws/ranking/1/"
ENDPOINT = """
[[endpoints]]
name = "ranking"
path = "/ws/ranking/{id}/"
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
    event = {"type": "client.message", "message": QUESTION, "reply_channel": reply.channel}
    asker.send("ranking", event)
    assert reply.events(1) == [{"type": "rank.answer", "student": 7, "rank": 1}]


@pytest.mark.usefixtures("worker")
def test_a_worker_answers_the_one_connection_that_asked(
    layer: LayerSettings, make_carillon: MakeCarillon
) -> None:
    here, there = (make_carillon(layer, toml=ENDPOINT) for _ in range(2))
    asking = here.joined(PATH, tokens.student(7))
    others = [node.joined(PATH, tokens.student(7)) for node in (here, there)]
    asking.send_json(QUESTION)
    assert asking.read_json() == {"type": "rank_answer", "student": 7, "rank": 1}
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
    asked = {event["message"]["n"]: event for event in questions.events(3)}
    for n, socket in enumerate(sockets):
        channel = asked[n]["reply_channel"]
        assert asked[n] == {
            "type": "client.message", "endpoint": "ranking", "user_id": "7", "params": {"id": "1"},
            "message": {**QUESTION, "n": n}, "reply_channel": channel,
        }
        assert re.fullmatch(r"gw\.[0-9a-f]{32}![0-9A-Za-z._-]+", channel) and len(channel) < 100
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
    asked = {event["message"]["n"]: event for event in questions.events(2)}
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
    assert [event["message"]["n"] for event in questions.events(1)] == [1]


@pytest.mark.parametrize("type_", ["websocket.disconnect", "_private", "carillon.x"])
def test_a_client_cannot_choose_the_handler_of_the_worker(
    layer: LayerSettings, django: MakeLayer, make_carillon: MakeCarillon, type_: str
) -> None:
    questions = django(layer).hear("ranking")
    socket = make_carillon(layer, toml=ENDPOINT).joined(PATH, tokens.student(7))
    message = {"type": type_, "reply_channel": "specific.mine!x", "user_id": "1"}
    socket.send_json(message)
    (asked,) = questions.events(1)
    assert asked["type"] == "client.message" and asked["user_id"] == "7"
    assert asked["reply_channel"].startswith("gw.")
    assert asked["message"] == message


def test_a_question_that_cannot_be_handed_on_is_answered_so(
    redis: Redis, make_carillon: MakeCarillon
) -> None:
    server = make_carillon(LayerSettings(hosts=(redis.url,)), toml=ENDPOINT)
    socket = server.joined(PATH, tokens.student(7))
    redis.kill()
    socket.send_json(QUESTION)
    answer = socket.read_json()
    assert (answer["type"], answer["code"]) == ("error", "unavailable")


def test_questions_beyond_the_capacity_are_answered_so(
    redis: Redis, make_carillon: MakeCarillon
) -> None:
    settings = {"CARILLON_CHANNEL_CAPACITY": "3"}
    server = make_carillon(LayerSettings(hosts=(redis.url,)), settings, toml=ENDPOINT)
    socket = server.joined(PATH, tokens.student(7))
    for _ in range(4):
        socket.send_json(QUESTION)
    answer = socket.read_json()
    assert (answer["type"], answer["code"]) == ("error", "overloaded")
    assert redis("ZCARD", "asgiranking") == 3


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
    for n in range(20):
        worker.send(asked[0]["reply_channel"], {"type": "rank.answer", "n": n})
    assert sorted(socket.read_json()["n"] for _ in range(20)) == list(range(20))
