"""Publishing over HTTP: routes, credentials, refusals, idempotency, batches."""

import json
from typing import Any

import pytest

from tests.conftest import MakeServer
from tests.support import problems, tokens
from tests.support.server import API_KEY, Server

DASHBOARD = "/api/realtime/dashboard/"


# ---- each route ----


def test_dashboard(server: Server) -> None:
    with server.joined("/ws/dashboard/", tokens.mentor()) as socket:
        server.accepted(DASHBOARD, {"event_type": "grade_updated", "data": {"grade": {"id": 1}}})
        assert socket.read_json() == {"type": "grade_updated", "grade": {"id": 1}}
        server.accepted(DASHBOARD, {"event_type": "refresh"})
        assert socket.read_json() == {"type": "refresh"}


def test_users(server: Server, user_id: str) -> None:
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        body = {"notification": {"title": "Graded", "id": "n1", "created_at": "2026-01-01"}}
        server.accepted(f"/api/realtime/users/{user_id}/", body)
        assert socket.read_json() == {"type": "notification", **body, "unread_count": 1}


@pytest.mark.parametrize("kind", ["mentor", "student"])
def test_mentors_and_students(server: Server, user_id: str, kind: str) -> None:
    token = tokens.access(user_id, role=kind)
    with server.joined(f"/ws/{kind}/{user_id}/", token) as socket:
        body = {"event_type": "review_request", "data": {"request": {"id": 9}}}
        server.accepted(f"/api/realtime/{kind}s/{user_id}/", body)
        assert socket.read_json() == {"type": "review_request", "request": {"id": 9}}


def test_leaderboard(make_server: MakeServer) -> None:
    server = make_server()
    board = [{"rank": 1, "id": 7, "name": "Dana", "points": 12}]
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        server.accepted("/api/realtime/leaderboard/", {"leaderboard": board}, "PUT")
        assert socket.read_json() == {"type": "leaderboard_update", "leaderboard": board}


def test_groups(server: Server, user_id: str) -> None:
    with server.joined(f"/ws/student/{user_id}/", tokens.student(user_id)) as socket:
        event = {"type": "anything.at_all", "z": 1, "a": [True, None]}
        server.accepted(f"/api/realtime/groups/student_{user_id}/", event)
        assert socket.read_json() == {**event, "type": "anything_at_all"}


def test_batch(server: Server, user_id: str) -> None:
    with server.joined(f"/ws/student/{user_id}/", tokens.student(user_id)) as socket:
        batch = [
            {"group": f"student_{user_id}", "event": {"type": "step", "n": n}} for n in range(1000)
        ]
        answer = server.accepted("/api/realtime/batch/", batch)
        assert answer["accepted"] is True
        assert len(set(answer["ids"])) == 1000
        assert [socket.read_json()["n"] for _ in range(1000)] == list(range(1000))


def test_the_answer_names_the_event(server: Server) -> None:
    answers = [server.accepted(DASHBOARD, {"event_type": "x"}) for _ in range(2)]
    assert all(set(a) == {"accepted", "id"} and a["accepted"] is True for a in answers)
    assert answers[0]["id"] != answers[1]["id"]


def test_publishing_to_nobody_is_accepted(server: Server, user_id: str) -> None:
    server.accepted(f"/api/realtime/students/{user_id}/", {"event_type": "x", "data": {}})


def test_members_of_a_group(server: Server, user_id: str) -> None:
    target = f"/api/realtime/groups/student_{user_id}/"
    key = [("Authorization", f"Api-Key {API_KEY}")]
    assert server.request("GET", target, key).json()["members"] == 0
    with server.joined(f"/ws/student/{user_id}/", tokens.student(user_id)) as one:
        with server.joined(f"/ws/student/{user_id}/", tokens.admin()) as two:
            answer = server.request("GET", target, key).json()
            assert answer["members"] == 2
            assert answer["cluster"] is None
            two.close()
        one.close()


def test_stats(server: Server) -> None:
    with server.joined("/ws/leaderboard/", tokens.student()):
        response = server.request(
            "GET", "/api/realtime/stats/", [("Authorization", f"Api-Key {API_KEY}")]
        )
        assert response.status == 200
        assert response.json()["connections"]


# ---- who may ----

ROUTES: list[tuple[str, str, Any]] = [
    ("POST", DASHBOARD, {"event_type": "x"}),
    ("POST", "/api/realtime/users/1/", {"notification": {}}),
    ("POST", "/api/realtime/mentors/1/", {"event_type": "x"}),
    ("POST", "/api/realtime/students/1/", {"event_type": "x"}),
    ("PUT", "/api/realtime/leaderboard/", {"leaderboard": []}),
    ("POST", "/api/realtime/groups/some.group/", {"type": "x"}),
    ("POST", "/api/realtime/batch/", [{"group": "g", "event": {"type": "x"}}]),
]


@pytest.mark.parametrize(("method", "target", "body"), ROUTES, ids=[r[1] for r in ROUTES])
def test_credentials(
    make_server: MakeServer, server: Server, method: str, target: str, body: Any
) -> None:
    def status(authorization: str | None) -> int:
        return server.publish(target, body, method, authorization=authorization).status

    assert status(f"Api-Key {API_KEY}") == 202
    assert status(f"Bearer {tokens.admin()}") == 202
    assert status(f"Bearer {tokens.access(is_staff=True)}") == 202
    assert status(f"Bearer {tokens.student()}") == 403
    assert status(f"Bearer {tokens.mentor()}") == 403
    assert status(f"Bearer {tokens.access()}") == 403
    assert status(f"Bearer {tokens.expired()}") == 401
    assert status(f"Api-Key {API_KEY}x") == 401
    assert status(f"Api-Key {API_KEY[:-1]}") == 401
    assert status("Api-Key ") == 401
    assert status("Basic eDp5") == 401
    assert status(None) == 401


@pytest.mark.parametrize("target", ["/api/realtime/groups/g/", "/api/realtime/stats/"])
def test_reading_needs_credentials_too(server: Server, target: str) -> None:
    assert server.request("GET", target).status == 401
    student = [("Authorization", f"Bearer {tokens.student()}")]
    assert server.request("GET", target, student).status == 403


def test_refusals_have_their_bodies(server: Server) -> None:
    nobody = server.publish(DASHBOARD, {"event_type": "x"}, authorization=None)
    assert nobody.json() == problems.NO_CREDENTIALS
    assert nobody.header("WWW-Authenticate") == 'Bearer realm="api"'
    student = server.publish(
        DASHBOARD, {"event_type": "x"}, authorization=f"Bearer {tokens.student()}"
    )
    assert student.json()["code"] == "permission_denied"
    old = server.publish(DASHBOARD, {"event_type": "x"}, authorization=f"Bearer {tokens.expired()}")
    assert old.json() == problems.bad_token("Token is expired")


def test_several_keys_make_rotation_possible(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_API_KEYS": "first-key-0123456789,second-key-0123456789"})
    for key in ("first-key-0123456789", "second-key-0123456789"):
        body = {"event_type": "x"}
        assert server.publish(DASHBOARD, body, authorization=f"Api-Key {key}").status == 202


def test_without_keys_none_is_good(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_API_KEYS": ""})
    for key in ("", "x", ","):
        body = {"event_type": "x"}
        assert server.publish(DASHBOARD, body, authorization=f"Api-Key {key}").status == 401


# ---- what is refused ----


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"x"',
        b'{"event_type":"x"',
        b'{"event_type":"x"}}',
        b"{'event_type':'x'}",
        b'{"event_type":"\xff"}',
        b'{"event_type":"\\ud800"}',
        b'{"event_type":"x","event_type":"y"}',
        b'{"event_type":"x","data":{"a":1,"a":2}}',
        b'{"event_type":"x","data":{"a":NaN}}',
        b'{"event_type":"x","data":{"a":01}}',
    ],
)
def test_what_is_no_request(server: Server, body: bytes) -> None:
    response = server.publish(DASHBOARD, body)
    assert response.status == 400
    assert isinstance(response.json(), dict)


BAD_TYPES = [
    "",
    "_x",
    ".x",
    "websocket.send",
    "websocket.x",
    "carillon.x",
    "pong",
    "error",
    "connection_established",
    "connection.established",
    "disconnect",
    "unread_count",
    7,
    None,
    True,
    ["x"],
    {"x": 1},
]


@pytest.mark.parametrize("bad", BAD_TYPES, ids=repr)
def test_types_that_are_the_server_s_own(server: Server, bad: Any) -> None:
    response = server.publish(DASHBOARD, {"event_type": bad})
    assert response.status == 400
    assert isinstance(response.json()["event_type"][0], str)
    response = server.publish("/api/realtime/groups/g/", {"type": bad})
    assert response.status == 400
    assert isinstance(response.json()["type"][0], str)
    batch = [{"group": "g", "event": {"type": bad}}]
    assert server.publish("/api/realtime/batch/", batch).status == 400


@pytest.mark.parametrize(
    ("method", "target", "body", "field"),
    [
        ("POST", DASHBOARD, {}, "event_type"),
        ("POST", DASHBOARD, {"event_type": "x", "data": 7}, "data"),
        ("POST", DASHBOARD, {"event_type": "x", "data": []}, "data"),
        ("POST", DASHBOARD, {"event_type": "x", "data": {"type": "y"}}, "data"),
        ("POST", "/api/realtime/students/1/", {"data": {}}, "event_type"),
        ("POST", "/api/realtime/mentors/1/", {"event_type": "x", "data": "y"}, "data"),
        ("POST", "/api/realtime/users/1/", {}, "notification"),
        ("POST", "/api/realtime/users/1/", {"notification": "x"}, "notification"),
        ("PUT", "/api/realtime/leaderboard/", {}, "leaderboard"),
        ("POST", "/api/realtime/groups/g/", {"x": 1}, "type"),
    ],
)
def test_fields_are_named(server: Server, method: str, target: str, body: Any, field: str) -> None:
    response = server.publish(target, body, method)
    assert response.status == 400
    problems_of = response.json()
    assert isinstance(problems_of[field], list) and isinstance(problems_of[field][0], str)


@pytest.mark.parametrize(
    ("group", "status"),
    [
        ("a", 202),
        ("A-z_0.9", 202),
        ("x" * 99, 202),
        ("x" * 100, 400),
        ("a%20b", 400),
        ("%C3%A4", 400),
        ("a%2Fb", 404),
        ("a:b", 400),
        ("carillon.x", 400),
        ("carillonx", 202),
        ("", 404),
    ],
)
def test_group_names(server: Server, group: str, status: int) -> None:
    target = f"/api/realtime/groups/{group}/"
    response = server.publish(target, {"type": "x"})
    assert response.status in ({status, 400} if status == 404 else {status})


@pytest.mark.parametrize("user", ["a%20b", "x" * 65, "%2A"])
@pytest.mark.parametrize("kind", ["users", "mentors", "students"])
def test_ids_that_nobody_can_have(server: Server, kind: str, user: str) -> None:
    body: Any = {"notification": {}} if kind == "users" else {"event_type": "x"}
    assert server.publish(f"/api/realtime/{kind}/{user}/", body).status == 400


@pytest.mark.parametrize(
    "batch",
    [
        [],
        {},
        [7],
        [{}],
        [{"group": "g"}],
        [{"event": {"type": "x"}}],
        [{"group": 7, "event": {"type": "x"}}],
        [{"group": "g", "event": 7}],
        [{"group": "carillon.g", "event": {"type": "x"}}],
        [{"group": "a b", "event": {"type": "x"}}],
        [{"group": "g", "event": {"type": "x"}}] * 1001,
    ],
    ids=lambda b: repr(b)[:40],
)
def test_batches_that_are_none(server: Server, batch: Any) -> None:
    response = server.publish("/api/realtime/batch/", batch)
    assert response.status == (202 if batch == [] and response.status == 202 else 400)


def test_a_batch_is_sent_whole_or_not_at_all(server: Server, user_id: str) -> None:
    with server.joined(f"/ws/student/{user_id}/", tokens.student(user_id)) as socket:
        good = {"group": f"student_{user_id}", "event": {"type": "x"}}
        bad = {"group": f"student_{user_id}", "event": {"type": "_x"}}
        assert server.publish("/api/realtime/batch/", [good, good, bad]).status == 400
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}


# ---- idempotency ----


def test_a_retry_is_harmless(server: Server, user_id: str) -> None:
    target, key = f"/api/realtime/users/{user_id}/", [("Idempotency-Key", f"k-{user_id}")]
    body = {"notification": {"title": "once"}}
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        answers = [server.accepted(target, body, headers=key) for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        assert socket.read_json()["unread_count"] == 1
        assert socket.ping(2) == {"type": "pong", "timestamp": 2}


def test_a_key_belongs_to_its_body(server: Server, user_id: str) -> None:
    target, key = f"/api/realtime/users/{user_id}/", [("Idempotency-Key", f"k-{user_id}")]
    server.accepted(target, {"notification": {"title": "a"}}, headers=key)
    assert server.publish(target, {"notification": {"title": "b"}}, headers=key).status == 422


def test_a_key_belongs_to_its_path(server: Server, user_id: str) -> None:
    key = [("Idempotency-Key", f"k-{user_id}")]
    body = {"event_type": "x"}
    one = server.accepted(f"/api/realtime/students/{user_id}/", body, headers=key)
    two = server.accepted(f"/api/realtime/mentors/{user_id}/", body, headers=key)
    assert one["id"] != two["id"]


def test_a_refused_request_does_not_use_its_key_up(server: Server, user_id: str) -> None:
    target, key = f"/api/realtime/students/{user_id}/", [("Idempotency-Key", f"k-{user_id}")]
    assert server.publish(target, {"event_type": "_"}, headers=key).status == 400
    server.accepted(target, {"event_type": "x"}, headers=key)


def test_the_oldest_keys_are_forgotten(make_server: MakeServer, user_id: str) -> None:
    server = make_server({"CARILLON_LIMITS_IDEMPOTENCY_KEYS_MAX": "10"})
    target, body = f"/api/realtime/students/{user_id}/", {"event_type": "x"}
    first = server.accepted(target, body, headers=[("Idempotency-Key", "first")])
    for n in range(20):
        server.accepted(target, body, headers=[("Idempotency-Key", f"k{n}")])
    again = server.accepted(target, body, headers=[("Idempotency-Key", "first")])
    assert again["id"] != first["id"]


# ---- rate ----


def test_publishes_may_be_limited_per_key(make_server: MakeServer) -> None:
    server = make_server(
        {
            "CARILLON_LIMITS_PUBLISH_RATE_PER_S": "1",
            "CARILLON_API_KEYS": "one-key-0123456789,two-key-0123456789",
        }
    )

    def status(key: str) -> tuple[int, str | None]:
        response = server.publish(DASHBOARD, {"event_type": "x"}, authorization=f"Api-Key {key}")
        return response.status, response.header("Retry-After")

    answers = [status("one-key-0123456789") for _ in range(30)]
    assert answers[0][0] == 202
    refused = [retry for code, retry in answers if code == 429]
    assert refused and all(retry and int(retry) >= 1 for retry in refused)
    assert status("two-key-0123456789")[0] == 202


def test_cross_origin_pages_may_publish_where_they_are_listed(make_server: MakeServer) -> None:
    server = make_server({"CORS_ALLOWED_ORIGINS": "https://app.example.com"})
    preflight = [
        ("Origin", "https://app.example.com"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,content-type"),
    ]
    answer = server.request("OPTIONS", DASHBOARD, preflight)
    assert answer.status in (200, 204)
    assert answer.header("Access-Control-Allow-Origin") == "https://app.example.com"
    assert "POST" in (answer.header("Access-Control-Allow-Methods") or "")
    allowed = (answer.header("Access-Control-Allow-Headers") or "").lower()
    assert "authorization" in allowed and "content-type" in allowed
    origin = [("Origin", "https://app.example.com")]
    answer = server.publish(DASHBOARD, {"event_type": "x"}, headers=origin)
    assert answer.header("Access-Control-Allow-Origin") == "https://app.example.com"
    answer = server.publish(
        DASHBOARD, {"event_type": "x"}, headers=[("Origin", "https://other.example.com")]
    )
    assert answer.header("Access-Control-Allow-Origin") is None


def test_json_stays_json(server: Server) -> None:
    response = server.publish(DASHBOARD, {"event_type": "x"})
    assert response.header("Content-Type") == "application/json"
    json.loads(response.body)
