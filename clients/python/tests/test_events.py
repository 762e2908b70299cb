"""The helpers' events, and every rule of the protocol for publishers."""

import json
import uuid
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

import carillon
from carillon._events import GROUP_LENGTH_MAX, RESERVED_TYPES, USER_ID_LENGTH_MAX
from carillon._values import DEPTH_MAX
from carillon.testing import CarillonServer


def test_each_helper_makes_the_event_of_the_protocol() -> None:
    grade = {"grade": {"score": 92}}
    made = [
        carillon.dashboard_event("submission_created", {"submission": {"id": 1}}),
        carillon.student_event(7, "grade_received", grade),
        carillon.mentor_event("ines", "review_request", {"request": {}}),
        carillon.user_event(uuid.UUID(int=7), {"title": "T"}),
        carillon.leaderboard_event([{"rank": 1}]),
        carillon.group_event("course_9", {"type": "lesson.published", "lesson": 3}),
    ]
    assert [(event.group, event.message) for event in made] == [
        ("dashboard_updates", {"type": "submission_created", "submission": {"id": 1}}),
        ("student_7", {"type": "grade_received", **grade}),
        ("mentor_ines", {"type": "review_request", "request": {}}),
        (
            "notifications_00000000-0000-0000-0000-000000000007",
            {"type": "notification", "notification": {"title": "T"}},
        ),
        ("leaderboard_updates", {"type": "leaderboard_update", "leaderboard": [{"rank": 1}]}),
        ("course_9", {"type": "lesson.published", "lesson": 3}),
    ]


def test_data_may_be_absent_and_the_order_of_fields_stays() -> None:
    assert carillon.dashboard_event("ping_all").message == {"type": "ping_all"}
    fields = {"z": 1, "a": 2, "m": 3}
    assert list(carillon.dashboard_event("x", fields).message) == ["type", "z", "a", "m"]


def test_a_notification_to_its_group_goes_the_way_of_notify_user() -> None:
    message = {"type": "notification", "notification": {"title": "T"}}
    assert carillon.group_event("notifications_7", message) == carillon.user_event(
        7, {"title": "T"}
    )
    beside = carillon.group_event("notifications_7", {**message, "more": 1})
    assert beside.path == "groups/notifications_7/"


@pytest.mark.parametrize(
    "event_type",
    [
        "",
        "_private",
        ".private",
        "websocket.close",
        "carillon.x",
        *sorted(RESERVED_TYPES),
        "unread.count",
    ],
)
def test_a_type_that_is_not_a_publishers_is_refused(event_type: str) -> None:
    with pytest.raises(ValueError, match="event_type"):
        carillon.dashboard_event(event_type, {})
    with pytest.raises(ValueError, match="event_type"):
        carillon.group_event("g", {"type": event_type})


@pytest.mark.parametrize("event_type", ["websocket_close", "carillonx", "pong2", "errors", "a-b"])
def test_a_type_that_only_looks_reserved_is_not(event_type: str) -> None:
    assert carillon.dashboard_event(event_type).type == event_type


def test_what_is_no_argument_of_its_kind_is_a_type_error() -> None:
    wrong: Any
    for wrong in (None, 7, b"x", ["x"]):
        with pytest.raises(TypeError, match="event_type must be a string"):
            carillon.dashboard_event(wrong, {})
    for wrong in ([1], "x", 7):
        with pytest.raises(TypeError, match="data must be a dictionary"):
            carillon.student_event(7, "x", wrong)
        with pytest.raises(TypeError, match="notification must be a dictionary"):
            carillon.user_event(7, wrong)
    for wrong in (None, "x", {"a": 1}, 7):
        with pytest.raises(TypeError, match="leaderboard must be a list"):
            carillon.leaderboard_event(wrong)
    for wrong in (None, True, 1.5, object()):
        with pytest.raises(TypeError, match="must be a user's id"):
            carillon.student_event(wrong, "x", {})
    with pytest.raises(TypeError, match="has not been saved yet"):
        carillon.mentor_event(None, "x", {})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="group's name must be a string"):
        carillon.group_event(7, {"type": "x"})  # type: ignore[arg-type]


def test_a_type_inside_data_is_refused() -> None:
    with pytest.raises(ValueError, match='data holds a "type"'):
        carillon.student_event(7, "grade_received", {"type": "other"})


def test_ids_and_groups_have_a_longest() -> None:
    assert carillon.student_event("a" * USER_ID_LENGTH_MAX, "x").group.endswith("aaaa")
    with pytest.raises(ValueError, match="cannot be a user's id"):
        carillon.student_event("a" * (USER_ID_LENGTH_MAX + 1), "x")
    assert carillon.group_event("g" * GROUP_LENGTH_MAX, {"type": "x"}).group
    with pytest.raises(ValueError, match="cannot be a group"):
        carillon.group_event("g" * (GROUP_LENGTH_MAX + 1), {"type": "x"})


@pytest.mark.parametrize("name", ["", "a b", "a/b", "é", "a\n", "a!b", "٣"])
def test_names_have_an_alphabet(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        carillon.student_event(name, "x")
    with pytest.raises(ValueError, match="cannot be"):
        carillon.group_event(name, {"type": "x"})


def test_the_servers_own_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="the server's own"):
        carillon.group_event("carillon.x", {"type": "x"})
    assert carillon.group_event("carillonx", {"type": "x"}).group == "carillonx"


def test_a_notifications_id_is_an_integer_or_a_string() -> None:
    for good in (1, "n-1", None):
        carillon.user_event(7, {"id": good})
    for bad in (True, 1.5, [1]):
        with pytest.raises(TypeError, match="id of a notification"):
            carillon.user_event(7, {"id": bad})


def published(server: CarillonServer, path: str, body: Any) -> int:
    """The status for a body that none of our checks has seen."""
    headers = {"Authorization": f"Api-Key {server.api_key}"}
    request = Request(f"{server.url}/api/realtime/{path}", json.dumps(body).encode(), headers)
    try:
        with urlopen(request) as response:
            return int(response.status)
    except HTTPError as error:
        with error:
            return error.code


def test_the_server_refuses_the_same_types(server: CarillonServer) -> None:
    for event_type in [*RESERVED_TYPES, "", "_a", ".a", "websocket.close", "carillon.x"]:
        assert published(server, "groups/g/", {"type": event_type}) == 400, event_type
    for event_type in ["websocket_close", "carillonx", "errors", "a-b", "lesson.published"]:
        assert published(server, "groups/g/", {"type": event_type}) == 202, event_type


def test_the_server_takes_the_deepest_and_longest_that_we_do() -> None:
    value: Any = 1
    for _ in range(DEPTH_MAX - 1):
        value = [value]
    long_id = "a" * USER_ID_LENGTH_MAX
    with CarillonServer() as server, carillon.Client(server.url, server.api_key) as client:
        assert client.notify_student(long_id, "deep", {"value": value}).id
        assert client.group_send("g" * GROUP_LENGTH_MAX, {"type": "deep", "value": value}).id
        assert client.notify_user(long_id, {"value": value[0]}).id
        assert client.update_leaderboard(value[0]).id


def test_ids_of_dots_are_ids_and_no_steps_of_a_path(server: CarillonServer) -> None:
    client = carillon.Client(server.url, server.api_key)
    for dots in (".", ".."):
        with server.connect(f"/ws/student/{dots.replace('.', '%2E')}/", dots) as socket:
            client.notify_student(dots, "grade_received", {"grade": {"score": 1}})
            assert socket.read_json()["grade"] == {"score": 1}
    client.close()
