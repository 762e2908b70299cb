"""Client messages that an endpoint hands on to a named channel."""

from pathlib import Path

import pytest

from tests.conftest import MakeServer
from tests.support import tokens
from tests.support.commands import Commands
from tests.support.server import Server

FILE = """
[[endpoints]]
name = "course"
path = "/ws/course/{id}/"
allow = ["authenticated"]
client_messages = ["ping"]
forward_to = "backend"
"""


@pytest.fixture
def server(make_server: MakeServer) -> Server:
    return make_server({"CARILLON_CHANNEL_CAPACITY": "2"}, toml=FILE)


def test_a_message_is_taken_until_the_channel_is_full(server: Server) -> None:
    with server.joined("/ws/course/42/", tokens.student()) as socket:
        for n in range(3):
            socket.send_json({"type": "question", "n": n})
        refused = socket.read_json()
        assert refused["type"] == "error"
        assert refused["code"] == "overloaded"
        assert "question" not in refused["message"]
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}


def test_other_endpoints_hand_nothing_on(server: Server) -> None:
    with server.joined("/ws/leaderboard/", tokens.student()) as socket:
        socket.send_json({"type": "question"})
        assert socket.read_json()["code"] == "unknown_type"


def test_what_is_no_message_is_not_handed_on(server: Server) -> None:
    with server.joined("/ws/course/42/", tokens.student()) as socket:
        socket.send_text("[]")
        assert socket.read_json()["code"] == "invalid_json"
        socket.send_json({"type": 7})
        assert socket.read_json()["code"] == "invalid_field"


@pytest.mark.parametrize(
    "line",
    [
        'forward_to = "a b"',
        'forward_to = "gw.x!c1"',
        'forward_to = "backend"\nforward_type = "websocket.close"',
        'forward_to = "backend"\nforward_type = "pong"',
    ],
)
def test_settings_that_would_not_do_are_refused(tmp_path: Path, line: str) -> None:
    commands = Commands(tmp_path)
    commands.write("carillon.toml", FILE.replace('forward_to = "backend"', line))
    outcome = commands.run("serve", "--bind", "127.0.0.1:0")
    assert outcome.code == 3
    assert "forward_" in outcome.error
