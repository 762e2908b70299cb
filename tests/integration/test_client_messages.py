"""What a client may say and what it is answered."""

import json
from typing import Any

import pytest

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.server import Server
from tests.support.waiting import wait_until

PATHS = [
    "/ws/dashboard/",
    "/ws/notifications/",
    "/ws/leaderboard/",
    "/ws/mentor/3/",
    "/ws/student/7/",
]
GENEROUS = {"CARILLON_LIMITS_MESSAGE_BURST": "1000"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Without a rate to mind, so that one connection can be asked much."""
    running = Server(tmp_path_factory.mktemp("server"), GENEROUS)
    yield running
    running.stop()


@pytest.mark.parametrize("path", PATHS)
def test_ping_is_for_all(server: Server, path: str) -> None:
    with server.joined(path, tokens.admin()) as socket:
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}


@pytest.mark.parametrize(
    "stamp",
    [
        "0",
        "-1.50",
        "18446744073709551616",
        '"text"',
        "null",
        "true",
        '{"b":1,"a":[2]}',
        "[]",
        '"\\u00e4\\n"',
    ],
)
def test_the_stamp_is_echoed_as_sent(server: Server, stamp: str) -> None:
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        socket.send_text(f'{{"type":"ping","timestamp":{stamp}}}')
        answer = socket.read_message().payload.decode()
        as_text: dict[str, Any] = {"parse_float": str, "parse_int": str}
        assert json.loads(answer, **as_text) == {
            "type": "pong",
            "timestamp": json.loads(stamp, **as_text),
        }


def test_no_stamp_is_null(server: Server) -> None:
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        socket.send_json({"type": "ping"})
        assert socket.read_message().payload == b'{"type":"pong","timestamp":null}'


# ---- marking ----


def test_mark_read_tells_every_connection_of_that_user(server: Server, user_id: str) -> None:
    token = tokens.student(user_id)
    for n in range(3):
        server.accepted(f"/api/realtime/users/{user_id}/", {"notification": {"id": n}})
    with (
        server.joined("/ws/notifications/", token) as one,
        server.joined("/ws/notifications/", token) as two,
        server.joined("/ws/notifications/", tokens.student(user_id + "1")) as stranger,
    ):
        one.send_json({"type": "mark_read", "notification_id": 1})
        for socket in (one, two):
            assert socket.read_json() == {"type": "unread_count", "unread_count": 2}
        two.send_json({"type": "mark_all_read"})
        for socket in (one, two):
            assert socket.read_json() == {"type": "unread_count", "unread_count": 0}
        assert stranger.ping(1) == {"type": "pong", "timestamp": 1}
    with server.connect("/ws/notifications/", token) as socket:
        assert socket.read_json()["unread_count"] == 0


def test_ids_that_the_server_gave_can_be_marked(server: Server, user_id: str) -> None:
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        server.accepted(f"/api/realtime/users/{user_id}/", {"notification": {}})
        given = socket.read_json()["notification"]["id"]
        socket.send_json({"type": "mark_read", "notification_id": given})
        assert socket.read_json() == {"type": "unread_count", "unread_count": 0}


def test_marking_twice_counts_once(server: Server, user_id: str) -> None:
    for n in range(2):
        server.accepted(f"/api/realtime/users/{user_id}/", {"notification": {"id": f"n{n}"}})
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        for _ in range(2):
            socket.send_json({"type": "mark_read", "notification_id": "n0"})
            assert socket.read_json() == {"type": "unread_count", "unread_count": 1}


def test_another_user_s_notification_is_not_found(server: Server, user_id: str) -> None:
    server.accepted(f"/api/realtime/users/{user_id}/", {"notification": {"id": "theirs"}})
    with server.joined("/ws/notifications/", tokens.student(user_id + "1")) as socket:
        socket.send_json({"type": "mark_read", "notification_id": "theirs"})
        assert socket.read_json()["code"] == "not_found"
    with server.connect("/ws/notifications/", tokens.student(user_id)) as socket:
        assert socket.read_json()["unread_count"] == 1


# ---- errors ----


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        ("ping", "invalid_json"),
        ("{'type':'ping'}", "invalid_json"),
        ('{"type":"ping"} x', "invalid_json"),
        ('{"type":"ping","type":"ping"}', "invalid_json"),
        ("[" * 1000 + "]" * 1000, "invalid_json"),
        ('{"type":"\\ud800"}', "invalid_json"),
        # No finite number is near it, so nobody could read it back.
        ('{"type":"ping","timestamp":1e400}', "invalid_json"),
        ('{"type":"nonsense"}', "unknown_type"),
        ('{"type":"pong"}', "unknown_type"),
        ('{"type":"PING"}', "unknown_type"),
        ('{"type":"mark_read"}', "invalid_field"),
        ('{"type":"mark_read","notification_id":null}', "invalid_field"),
        ('{"type":"mark_read","notification_id":{}}', "invalid_field"),
        ('{"type":"mark_read","notification_id":1.5}', "invalid_field"),
        ('{"type":"mark_read","notification_id":"nowhere"}', "not_found"),
        ('{"type":"mark_read","notification_id":123456789}', "not_found"),
    ],
)
def test_errors_leave_the_connection(server: Server, user_id: str, text: str, code: str) -> None:
    with server.joined("/ws/notifications/", tokens.student(user_id)) as socket:
        socket.send_text(text)
        answer = socket.read_json()
        assert answer["type"] == "error"
        assert answer["code"] == code
        assert isinstance(answer["message"], str) and answer["message"]
        assert set(answer) == {"type", "code", "message"}
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}


@pytest.mark.parametrize("text", ["7", '"ping"', "null", "[]", "{}", '{"type":7}', '{"type":null}'])
def test_what_is_json_but_no_message(server: Server, text: str) -> None:
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        socket.send_text(text)
        answer = socket.read_json()
        assert answer["type"] == "error"
        assert answer["code"] in ("invalid_json", "invalid_field", "unknown_type")
        assert socket.ping(1)["type"] == "pong"


@pytest.mark.parametrize("path", [p for p in PATHS if p != "/ws/notifications/"])
@pytest.mark.parametrize("type_", ["mark_read", "mark_all_read"])
def test_marks_are_for_notifications_alone(server: Server, path: str, type_: str) -> None:
    with server.joined(path, tokens.admin()) as socket:
        socket.send_json({"type": type_, "notification_id": 1})
        assert socket.read_json()["code"] == "unknown_type"


def test_errors_echo_nothing(server: Server) -> None:
    secret = "marker-that-must-not-come-back"
    with server.joined("/ws/notifications/", tokens.student()) as socket:
        for text in (
            secret,
            json.dumps({"type": secret}),
            json.dumps({"type": "mark_read", "notification_id": secret}),
            json.dumps({"type": "mark_read", "notification_id": [secret]}),
        ):
            socket.send_text(text)
            assert secret.encode() not in socket.read_message().payload


# ---- floods ----


def drain(socket: ws.WebSocket) -> tuple[dict[str, int], ws.Closed]:
    """Counts answers by their type (errors by their code) up to the close."""
    counts: dict[str, int] = {}
    while True:
        frame = socket.read_frame()
        if frame.opcode == ws.CLOSE:
            return counts, ws.closed_of(frame)
        if frame.opcode == ws.PONG:
            name = "frame"
        else:
            event = frame.json()
            name = event.get("code", event["type"])
        counts[name] = counts.get(name, 0) + 1


def test_a_flood_is_refused_and_then_ended(make_server: MakeServer) -> None:
    server = make_server(
        {"CARILLON_LIMITS_MESSAGE_RATE_PER_S": "1", "CARILLON_LIMITS_MESSAGE_BURST": "5"}
    )
    witness = server.joined("/ws/leaderboard/", tokens.mentor())
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        socket.send_raw(ws.frame_bytes(ws.TEXT, b'{"type":"ping"}') * 200)
        counts, closed = drain(socket)
    assert closed == ws.goodbye(4429)
    assert 5 <= counts["pong"] < 20
    assert 39 <= counts["rate_limited"] <= 80
    assert witness.ping(1) == {"type": "pong", "timestamp": 1}


def test_ping_frames_count(make_server: MakeServer) -> None:
    server = make_server(
        {"CARILLON_LIMITS_MESSAGE_RATE_PER_S": "1", "CARILLON_LIMITS_MESSAGE_BURST": "5"}
    )
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        socket.send_raw(ws.frame_bytes(ws.PING, b"x") * 200)
        counts, closed = drain(socket)
    assert closed == ws.goodbye(4429)
    assert 5 <= counts["frame"] < 20


def test_the_default_burst_is_40(make_server: MakeServer) -> None:
    server = make_server()
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        socket.send_raw(ws.frame_bytes(ws.TEXT, b'{"type":"ping"}') * 40)
        assert [socket.read_json()["type"] for _ in range(40)] == ["pong"] * 40


def test_the_bucket_fills_again(make_server: MakeServer) -> None:
    server = make_server(
        {"CARILLON_LIMITS_MESSAGE_RATE_PER_S": "20", "CARILLON_LIMITS_MESSAGE_BURST": "1"}
    )
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        for _ in range(5):
            wait_until(lambda: socket.ping()["type"] == "pong", "a token", pause_s=0.06)
