"""The first frames of the five endpoints, byte for byte."""

import pytest

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.server import Server

FIRST = {
    "/ws/dashboard/": (
        b'{"type":"connection_established","message":"Connected to dashboard updates"}'
    ),
    "/ws/notifications/": b'{"type":"connection_established","unread_count":0}',
    "/ws/leaderboard/": b'{"type":"connection_established"}',
    "/ws/mentor/3/": b'{"type":"connection_established"}',
    "/ws/student/7/": b'{"type":"connection_established"}',
}


@pytest.mark.parametrize("slash", ["/", ""], ids=["slash", "no slash"])
@pytest.mark.parametrize("path", FIRST)
def test_the_first_frame(server: Server, path: str, slash: str) -> None:
    with server.connect(path.rstrip("/") + slash, tokens.admin()) as socket:
        assert socket.read_message() == ws.Frame(ws.TEXT, FIRST[path])
        # Nothing else comes unasked.
        assert socket.ping(2) == {"type": "pong", "timestamp": 2}


def test_the_first_frame_counts_the_unread(server: Server, user_id: str) -> None:
    for _ in range(3):
        server.accepted(f"/api/realtime/users/{user_id}/", {"notification": {"title": "t"}})
    with server.connect("/ws/notifications/", tokens.student(user_id)) as socket:
        assert socket.read_json() == {"type": "connection_established", "unread_count": 3}


def test_a_known_leaderboard_follows_at_once(make_server: MakeServer) -> None:
    server = make_server()
    boards = [[{"rank": 1, "id": 7, "name": "Dana", "points": n}] for n in range(3)]
    for board in boards:
        server.accepted("/api/realtime/leaderboard/", {"leaderboard": board}, "PUT")
    with server.connect("/ws/leaderboard/", tokens.student()) as socket:
        assert socket.read_json() == {"type": "connection_established"}
        assert socket.read_json() == {"type": "leaderboard_update", "leaderboard": boards[-1]}
        assert socket.ping(3) == {"type": "pong", "timestamp": 3}


def test_a_state_event_is_kept_whoever_sends_it(make_server: MakeServer) -> None:
    server = make_server()
    event = {"type": "leaderboard.update", "leaderboard": [1, 2]}
    server.accepted("/api/realtime/groups/leaderboard_updates/", event)
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        assert socket.read_json() == {"type": "leaderboard_update", "leaderboard": [1, 2]}


def test_other_events_are_not_kept(server: Server, user_id: str) -> None:
    server.accepted(f"/api/realtime/students/{user_id}/", {"event_type": "x", "data": {}})
    with server.joined(f"/ws/student/{user_id}/", tokens.student(user_id)) as socket:
        assert socket.ping(4) == {"type": "pong", "timestamp": 4}
