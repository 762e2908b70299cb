"""The commands against the running server."""

import socket
from pathlib import Path

import pytest

from tests.conftest import MakeServer
from tests.support import tokens
from tests.support.commands import Commands, step_of
from tests.support.server import API_KEY, Server

SETTINGS = {"SECRET_KEY": tokens.SECRET_KEY, "CARILLON_API_KEYS": API_KEY}


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


def url_of(server: Server) -> str:
    return f"http://{server.host}:{server.port}"


@pytest.mark.parametrize("without", [None, "CARILLON_API_KEYS"])
def test_websocket_passes_every_step(
    commands: Commands, server: Server, without: str | None
) -> None:
    settings = {name: value for name, value in SETTINGS.items() if name != without}
    outcome = commands.run("test-websocket", "--url", url_of(server), "--json", settings=settings)
    assert outcome.code == 0, outcome.out
    assert outcome.json["ok"] is True
    assert all(step["ok"] is True for step in outcome.json["steps"])
    assert step_of(outcome, "received")["latency_ms"] is not None


def test_websocket_prints_a_check_mark_for_each_step(commands: Commands, server: Server) -> None:
    outcome = commands.run("test_websocket", "--url", url_of(server), settings=SETTINGS)
    assert outcome.code == 0
    assert [line[0] for line in outcome.out.splitlines()] == ["✓"] * 8


def test_websocket_with_a_users_own_token(commands: Commands, server: Server, user_id: str) -> None:
    token = commands.run("token", "issue", "--user-id", user_id, settings=SETTINGS).out.strip()
    outcome = commands.run(
        *["test-websocket", "--url", url_of(server), "--token", token, "--json"], settings=SETTINGS
    )
    assert outcome.code == 0, outcome.out
    assert step_of(outcome, "token")["detail"] == f"user {user_id}"


def test_websocket_names_a_wrong_secret(commands: Commands, server: Server) -> None:
    outcome = commands.run(
        *["test-websocket", "--url", url_of(server), "--json"],
        settings={**SETTINGS, "SECRET_KEY": "another-secret-0123456789abcdefghij"},
    )
    assert outcome.code == 1
    assert step_of(outcome, "token")["ok"] is True
    step = step_of(outcome, "accepted")
    assert step["ok"] is False
    assert step["detail"].startswith("401: ")
    assert "SECRET_KEY" in step["remedy"]


def test_websocket_names_a_wrong_api_key(commands: Commands, server: Server) -> None:
    outcome = commands.run(
        *["test-websocket", "--url", url_of(server), "--json"],
        settings={**SETTINGS, "CARILLON_API_KEYS": "wrong"},
    )
    assert outcome.code == 1
    assert step_of(outcome, "connected")["ok"] is True
    step = step_of(outcome, "published")
    assert step["ok"] is False
    assert "CARILLON_API_KEYS" in step["remedy"]


def test_websocket_uses_a_name_that_the_server_allows(
    commands: Commands, make_server: MakeServer
) -> None:
    server = make_server({"ALLOWED_HOSTS": "example.com"})
    settings = {
        **SETTINGS,
        "ALLOWED_HOSTS": "example.com",
        "CARILLON_BIND": f"{server.host}:{server.port}",
    }
    outcome = commands.run("test-websocket", "--json", settings=settings)
    assert outcome.code == 0, outcome.out
    refused = commands.run("test-websocket", "--url", url_of(server), "--json", settings=settings)
    assert refused.code == 1
    assert "ALLOWED_HOSTS" in step_of(refused, "connected")["remedy"]


def test_commands_speak_to_a_unix_socket(
    commands: Commands, make_server: MakeServer, tmp_path: Path
) -> None:
    path = tmp_path / "c.sock"
    # A proxy may stand before a unix socket, so it asks for what any reachable address asks for.
    strict = {"ALLOWED_HOSTS": "localhost", "SECRET_KEY": "bRv0Zt9m2K4q8W1x7Y5n3P6s0D2f4G8h"}
    make_server(strict, arguments=["--bind", f"unix:{path}"])
    outcome = commands.run(
        "test-websocket", "--json", settings={**SETTINGS, **strict, "CARILLON_BIND": f"unix:{path}"}
    )
    assert outcome.code == 0, outcome.out


def test_notify_reaches_the_student(commands: Commands, server: Server, user_id: str) -> None:
    token = commands.run(
        "token", "issue", "--user-id", user_id, "--role", "student", settings=SETTINGS
    ).out.strip()
    with server.joined(f"/ws/student/{user_id}/", token) as student:
        outcome = commands.run(
            *["notify", "student", user_id, "grade_received", '{"grade":{"score":92}}'],
            *["--url", url_of(server)],
            settings=SETTINGS,
        )
        assert outcome.code == 0
        assert student.read_json() == {"type": "grade_received", "grade": {"score": 92}}


def test_a_test_notification_is_stored_and_pushed(
    commands: Commands, server: Server, user_id: str
) -> None:
    token = commands.run("token", "issue", "--user-id", user_id, settings=SETTINGS).out.strip()
    with server.joined("/ws/notifications/", token) as user:
        outcome = commands.run(
            *["send-test-notification", "--user-id", user_id, "--title", "T"],
            *["--url", url_of(server)],
            settings=SETTINGS,
        )
        assert outcome.code == 0
        frame = user.read_json()
        assert frame["notification"]["title"] == "T"
        assert frame["unread_count"] == 1


def test_a_port_that_is_taken_is_one_line_and_code_3(commands: Commands) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        outcome = commands.run("serve", "--bind", bind, settings=SETTINGS)
    assert outcome.code == 3
    assert bind in outcome.errors[0]
