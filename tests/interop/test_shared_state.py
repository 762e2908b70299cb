"""What nodes share through Redis beside events: the newest leaderboard, what directories have
answered, and the Idempotency-Keys of publishers."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import MakeCarillon, MakeRedis
from tests.support import tokens
from tests.support.backend import Asked, Backend
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.waiting import wait_until

BOARD = [{"rank": 1, "id": 7, "name": "Dana", "points": 310}]
STATE_KEY = "carillon:state:asgi:leaderboard_updates"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs/REDIS.md"
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


def test_keys_of_the_layer_seal_the_state(
    make_carillon: MakeCarillon, layer: LayerSettings, redis: Redis
) -> None:
    sealed = replace(layer, keys=("new", "old"))
    redis("HSET", STATE_KEY, "grade_received", '{"type":"grade_received","forged":true}')
    first = make_carillon(replace(layer, keys=("old",)))
    publish_board(first, BOARD)
    wait_until(lambda: redis("HGET", STATE_KEY, "leaderboard_update"), "kept")
    first.stop()
    assert b"Dana" not in redis("HGET", STATE_KEY, "leaderboard_update")
    expected = {"type": "leaderboard_update", "leaderboard": BOARD}
    assert first_board(make_carillon(sealed)) == expected
    # A value that lies elsewhere is not believed, nor is one that anybody could have written.
    copied = redis("HGET", STATE_KEY, "leaderboard_update")
    other = replace(sealed, prefix="other")
    redis("HSET", STATE_KEY.replace("asgi", "other"), "leaderboard_update", copied)
    server = make_carillon(other)
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        publish_board(server, [])
        assert socket.read_json() == {"type": "leaderboard_update", "leaderboard": []}


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


def test_applications_on_one_redis_do_not_share_keys(
    make_carillon: MakeCarillon, layer: LayerSettings
) -> None:
    a, b = make_carillon(layer), make_carillon(replace(layer, prefix="school"))
    headers = [("Idempotency-Key", "once")]
    accepted = a.accepted(LEADERBOARD, {"leaderboard": BOARD}, "PUT", headers=headers)
    assert b.accepted(LEADERBOARD, {"leaderboard": BOARD}, "PUT", headers=headers) != accepted


def documented_rules(backend: str) -> str:
    """What docs/REDIS.md tells an operator to allow."""
    lines = DOCUMENT.read_text().splitlines()
    found = [line for line in lines if line.startswith("ACL SETUSER carillon ")]
    rules = found[["core", "pubsub"].index(backend)]
    return rules.removeprefix("ACL SETUSER ").replace(">PASSWORD", ">secret")


def test_the_user_of_our_documents_may_do_all_of_it(
    make_redis: MakeRedis, make_carillon: MakeCarillon, layer: LayerSettings, backend: Backend
) -> None:
    redis = make_redis(users=[documented_rules(layer.backend)])
    own = replace(layer, hosts=(redis.url_for("carillon", "secret"),))
    settings = {
        "CARILLON_AUTH_DIRECTORY": "http",
        "CARILLON_AUTH_DIRECTORY_URL": f"{backend.url}/who",
    }
    first = make_carillon(own, settings)
    first.accepted(LEADERBOARD, {"leaderboard": BOARD}, "PUT", headers=[("Idempotency-Key", "k")])
    wait_until(lambda: redis.key_names("carillon:state:*"), "the state")
    assert redis.key_names("carillon:idempotency:asgi:*")

    def is_kept() -> bool:
        first.joined("/ws/dashboard/", tokens.access("7")).drop()
        return bool(redis.key_names("carillon:directory:asgi:*"))

    wait_until(is_kept, "the directory's answers in Redis")
    assert first_board(make_carillon(own)) == {"type": "leaderboard_update", "leaderboard": BOARD}
    assert redis("ACL", "LOG") == [], "commands that it may not"


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
