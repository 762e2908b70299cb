"""Endpoints that a TOML file declares: paths, who may connect, groups, what may be said."""

import pytest

from tests.conftest import MakeServer
from tests.support import tokens
from tests.support.server import Server

FILE = """
[[endpoints]]
name = "course"
path = "/ws/course/{id}/"
allow = ["authenticated"]
groups = ["course_{id}", "courses"]
greeting = "Welcome"
client_messages = ["ping"]

[[endpoints]]
name = "desk"
path = "/ws/desk/{owner}/drawer/{drawer}/"
allow = ["self:owner", "staff"]
groups = ["desk_{owner}_{drawer}", "mine_{user_id}"]
unread_count = true
client_messages = ["ping", "mark_read", "mark_all_read"]

[[endpoints]]
name = "scores"
path = "/ws/scores/"
allow = ["student", "mentor"]
groups = ["scores"]
state_types = ["score"]
relay = "listed"
event_types = ["score", "final_score"]
client_messages = []

[[endpoints]]
name = "leaderboard"
greeting = "Changed"
"""


@pytest.fixture
def server(make_server: MakeServer) -> Server:
    return make_server(toml=FILE)


def publish(server: Server, group: str, event: dict[str, object]) -> None:
    server.accepted(f"/api/realtime/groups/{group}/", event)


def test_a_path_with_a_parameter(server: Server) -> None:
    with server.connect("/ws/course/alg-2/", tokens.student()) as socket:
        assert socket.read_json() == {"type": "connection_established", "message": "Welcome"}
        publish(server, "course_alg-2", {"type": "x", "n": 1})
        publish(server, "course_other", {"type": "x", "n": 2})
        publish(server, "courses", {"type": "x", "n": 3})
        assert [socket.read_json()["n"] for _ in range(2)] == [1, 3]


def test_the_owner_s_endpoint(server: Server) -> None:
    path = "/ws/desk/7/drawer/top"
    assert server.refusal(path, tokens.student("8")).status == 403
    assert server.refusal(path).status == 401
    with server.connect(path, tokens.mentor("7")) as socket:
        assert socket.read_json() == {"type": "connection_established", "unread_count": 0}
        publish(server, "desk_7_top", {"type": "x"})
        assert socket.read_json() == {"type": "x"}
        publish(server, "mine_7", {"type": "y"})
        assert socket.read_json() == {"type": "y"}
    assert server.joined(path, tokens.admin()).close().code == 1000


def test_roles(server: Server) -> None:
    assert server.refusal("/ws/scores/", tokens.access(role="admin")).status == 403
    assert server.joined("/ws/scores/", tokens.student()).close().code == 1000


def test_state_types_and_listed_ones(server: Server) -> None:
    publish(server, "scores", {"type": "score", "n": 1})
    publish(server, "scores", {"type": "score", "n": 2})
    publish(server, "scores", {"type": "final.score", "n": 3})
    with server.joined("/ws/scores/", tokens.student()) as socket:
        assert socket.read_json() == {"type": "score", "n": 2}
        publish(server, "scores", {"type": "unlisted"})
        publish(server, "scores", {"type": "final.score", "n": 4})
        assert socket.read_json() == {"type": "final_score", "n": 4}


def test_what_a_client_may_not_say(server: Server) -> None:
    with server.joined("/ws/scores/", tokens.student()) as socket:
        socket.send_json({"type": "ping"})
        assert socket.read_json()["code"] == "unknown_type"
    with server.joined("/ws/course/1/", tokens.student()) as socket:
        socket.send_json({"type": "mark_all_read"})
        assert socket.read_json()["code"] == "unknown_type"
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}


def test_the_five_remain_and_may_be_changed(server: Server) -> None:
    with server.connect("/ws/leaderboard/", tokens.student()) as socket:
        assert socket.read_json() == {"type": "connection_established", "message": "Changed"}
    for path in ("/ws/dashboard/", "/ws/notifications/", "/ws/mentor/3/", "/ws/student/7/"):
        assert server.joined(path, tokens.admin()).close().code == 1000


@pytest.mark.parametrize("course", ["x" * 99, "%C3%A4", "a%20b", "a:b"])
def test_a_parameter_that_makes_no_group_name(server: Server, course: str) -> None:
    response = server.refusal(f"/ws/course/{course}/", tokens.student())
    assert response.status in (400, 404)
