"""What nodes share through Redis beside events: the newest leaderboard, what directories have
answered, and the Idempotency-Keys of publishers."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.conftest import MakeCarillon
from tests.support import tokens
from tests.support.backend import Asked, Backend
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.waiting import wait_until

BOARD = [{"rank": 1, "id": 7, "name": "Dana", "points": 310}]
STATE_KEY = "carillon:state:asgi:leaderboard_updates"
LEADERBOARD = "/api/realtime/leaderboard/"


@pytest.fixture(params=["core", "pubsub"])
def layer(request: pytest.FixtureRequest, redis: Redis) -> LayerSettings:
    return LayerSettings(hosts=(redis.url,), backend=request.param)


def publish_board(server: Server, board: list[dict[str, Any]]) -> None:
    server.accepted(LEADERBOARD, {"leaderboard": board}, "PUT")


def first_board(server: Server) -> Any:
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        return socket.read_json()


def test_a_node_that_starts_later_knows_the_newest_leaderboard(
    make_carillon: MakeCarillon, layer: LayerSettings, redis: Redis
) -> None:
    first = make_carillon(layer)
    publish_board(first, [])
    publish_board(first, BOARD)
    wait_until(lambda: b"Dana" in (redis("HGET", STATE_KEY, "leaderboard_update") or b""), "kept")
    first.stop()
    assert redis("TTL", STATE_KEY) > 0
    second = make_carillon(layer)
    expected = {"type": "leaderboard_update", "leaderboard": BOARD}
    assert first_board(second) == expected


def test_a_node_without_a_socket_hears_of_the_leaderboard(
    make_carillon: MakeCarillon, layer: LayerSettings
) -> None:
    publisher, other = make_carillon(layer), make_carillon(layer)
    publish_board(publisher, BOARD)
    assert first_board(other) == {"type": "leaderboard_update", "leaderboard": BOARD}


def test_what_somebody_else_wrote_there_is_no_frame(
    make_carillon: MakeCarillon, layer: LayerSettings, redis: Redis
) -> None:
    redis("HSET", STATE_KEY, "leaderboard_update", '{"type":"error"}', "other", "no JSON")
    server = make_carillon(layer)
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        publish_board(server, BOARD)
        assert socket.read_json() == {"type": "leaderboard_update", "leaderboard": BOARD}


def test_a_retry_at_another_node_publishes_nothing(
    make_carillon: MakeCarillon, layer: LayerSettings
) -> None:
    a, b = make_carillon(layer), make_carillon(layer)
    path, headers = "/api/realtime/students/7/", [("Idempotency-Key", "once")]
    body = {"event_type": "grade_received", "data": {"grade": {"score": 92}}}
    with b.joined("/ws/student/7/", tokens.access("7", role="student")) as socket:
        accepted = a.accepted(path, body, headers=headers)
        assert b.accepted(path, body, headers=headers)["id"] == accepted["id"]
        other = body | {"event_type": "feedback_received"}
        assert b.publish(path, other, headers=headers).status == 422
        b.accepted(path, {"event_type": "last"})
        assert [socket.read_json()["type"] for _ in range(2)] == ["grade_received", "last"]


@pytest.fixture
def backend() -> Iterator[Backend]:
    def answer(asked: Asked) -> tuple[int, Any]:
        return 200, {"user_id": asked.path.rsplit("=", 1)[-1], "is_staff": True}

    with Backend(answer) as running:
        yield running


def test_nodes_ask_a_directory_once(
    make_carillon: MakeCarillon, layer: LayerSettings, redis: Redis, backend: Backend
) -> None:
    settings = {
        "CARILLON_AUTH_DIRECTORY": "http",
        "CARILLON_AUTH_DIRECTORY_URL": f"{backend.url}/who",
        "CARILLON_WORKERS": "1",
    }
    a, b = make_carillon(layer, settings), make_carillon(layer, settings)
    users = itertools.count(1)

    def shares_its_answers(node: Server) -> bool:
        """A worker shares them as soon as it has reached Redis, which nobody waits for."""
        before = len(redis.key_names("carillon:directory:*"))
        node.joined("/ws/dashboard/", tokens.access(str(next(users)))).drop()
        return len(redis.key_names("carillon:directory:*")) > before

    wait_until(lambda: shares_its_answers(b), "b's answers in Redis")
    wait_until(lambda: shares_its_answers(a), "a's answers in Redis")
    asked_count = len(backend.requests)
    b.joined("/ws/dashboard/", tokens.access(str(next(users) - 1))).drop()
    assert len(backend.requests) == asked_count
    for key in redis.key_names("carillon:directory:*"):
        assert redis("PTTL", key) > 0
