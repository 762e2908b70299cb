"""The commands that talk to a server, with one that answers what a test wrote down."""

import json
import re
import socket
from pathlib import Path

import jwt
import pytest

from tests.support.commands import Commands, expired_token, step_of
from tests.support.stub_server import StubServer, close_frame, response, switching, text_frame

SECRET = "offline-secret-0123456789abcdefghij"
SECRETS = {"SECRET_KEY": SECRET}
KEYS = {"CARILLON_API_KEYS": "key-one,key-two"}
HELLO = text_frame('{"type":"connection_established","unread_count":0}')


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


# ---- publishing ----


def unused_url() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


def accepted(head: str, body: bytes) -> bytes:
    return response(202, b'{"accepted":true,"id":"e-1"}')


@pytest.mark.parametrize(
    ("arguments", "line", "body"),
    [
        (
            ["student", "7", "grade_received", '{"grade":{"score":92}}'],
            "POST /api/realtime/students/7/ HTTP/1.1",
            {"event_type": "grade_received", "data": {"grade": {"score": 92}}},
        ),
        (
            ["mentor", "3", "review_request", "{}"],
            "POST /api/realtime/mentors/3/ HTTP/1.1",
            {"event_type": "review_request", "data": {}},
        ),
        (
            ["dashboard", "dashboard_update"],
            "POST /api/realtime/dashboard/ HTTP/1.1",
            {"event_type": "dashboard_update", "data": {}},
        ),
        (
            ["user", "7", '{"title":"x"}'],
            "POST /api/realtime/users/7/ HTTP/1.1",
            {"notification": {"title": "x"}},
        ),
        (
            ["leaderboard", '[{"rank":1}]'],
            "PUT /api/realtime/leaderboard/ HTTP/1.1",
            {"leaderboard": [{"rank": 1}]},
        ),
        (
            ["group", "course/12", '{"type":"a","n":1}'],
            "POST /api/realtime/groups/course%2F12/ HTTP/1.1",
            {"type": "a", "n": 1},
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_notify_sends_what_the_api_takes(
    commands: Commands, arguments: list[str], line: str, body: object
) -> None:
    with StubServer(accepted) as server:
        outcome = commands.run("notify", *arguments, "--url", server.url, settings=KEYS)
    assert (outcome.code, outcome.out, outcome.error) == (0, "accepted e-1\n", "")
    head, sent = server.requests[0]
    assert head.splitlines()[0] == line
    assert "Authorization: Api-Key key-one" in head
    assert json.loads(sent) == body


def test_notify_reads_standard_input(commands: Commands) -> None:
    with StubServer(accepted) as server:
        for last in ([], ["-"]):
            outcome = commands.run(
                *["notify", "leaderboard", *last, "--url", server.url, "--json"],
                settings=KEYS,
                stdin='[{"rank":1}]\n',
            )
            assert outcome.code == 0
            assert outcome.json == {"accepted": True, "id": "e-1"}
    for _, sent in server.requests:
        assert json.loads(sent) == {"leaderboard": [{"rank": 1}]}


def test_notify_keeps_numbers_and_order(commands: Commands) -> None:
    text = '{"z":18446744073709551615,"a":1.0,"m":"é"}'
    with StubServer(accepted) as server:
        commands.run("notify", "user", "7", text, "--url", server.url, settings=KEYS)
    assert server.requests[0][1].decode() == f'{{"notification":{text}}}'


def test_notify_passes_an_idempotency_key_on(commands: Commands) -> None:
    with StubServer(accepted) as server:
        commands.run(
            *["notify", "user", "7", "{}", "--idempotency-key", "k1", "--url", server.url],
            settings=KEYS,
        )
    assert "Idempotency-Key: k1" in server.requests[0][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["student", "7", "x", "{bad"], "JSON: is not JSON"),
        (["student", "7", "x", "[]"], "JSON: give an object of the event's fields"),
        (["student", "7", "x", '{"a":1,"a":2}'], "JSON: has a key twice"),
        (["user", "7", "[]"], "JSON: give the notification"),
        (["leaderboard", "{}"], "JSON: give the leaderboard, a list"),
        (["group", "g", "{}"], 'JSON: give the event, an object with a string "type"'),
    ],
)
def test_notify_refuses_wrong_json_before_it_sends(
    commands: Commands, arguments: list[str], said: str
) -> None:
    outcome = commands.run("notify", *arguments, settings=KEYS)
    assert outcome.code == 2
    assert said in outcome.errors[0]


@pytest.mark.parametrize("spelling", ["send-test-notification", "send_test_notification"])
def test_send_test_notification_in_both_spellings(commands: Commands, spelling: str) -> None:
    with StubServer(accepted) as server:
        outcome = commands.run(
            *[spelling, "--user-id", "1", "--title", "T", "--url", server.url], settings=KEYS
        )
    assert outcome.code == 0
    assert server.requests[0][0].startswith("POST /api/realtime/users/1/ ")
    notification = json.loads(server.requests[0][1])["notification"]
    assert notification["title"] == "T"
    assert set(notification) == {"title", "message", "type"}


def test_without_an_api_key_a_staff_token_is_sent(commands: Commands) -> None:
    with StubServer(accepted) as server:
        commands.run("notify", "user", "7", "{}", "--url", server.url, settings=SECRETS)
    token = re.search(r"^Authorization: Bearer (\S+)", server.requests[0][0], re.MULTILINE)
    assert token is not None
    claims = jwt.decode(token[1], SECRET, algorithms=["HS256"])
    assert claims["is_staff"] is True
    assert claims["exp"] - claims["iat"] == 60


def test_without_any_credential_it_is_code_3(commands: Commands) -> None:
    outcome = commands.run("notify", "user", "7", "{}", "--url", unused_url())
    assert outcome.code == 3
    assert "CARILLON_API_KEYS: is not set here" in outcome.errors[0]


def test_the_demonstrations_secret_is_found(commands: Commands) -> None:
    commands.write("build/demo/.env", f"SECRET_KEY={SECRET}\nCARILLON_API_KEYS=demo-key\n")
    with StubServer(accepted) as server:
        outcome = commands.run("notify", "user", "7", "{}", "--url", server.url)
        assert outcome.code == 0
        assert outcome.error.count("\n") == 1
        assert "build/demo/.env" in outcome.error
        assert "Authorization: Api-Key demo-key" in server.requests[0][0]
        commands.run("notify", "user", "7", "{}", "--url", server.url, settings=KEYS)
        assert "Authorization: Api-Key key-one" in server.requests[1][0]


def test_the_server_is_found_by_its_bind(commands: Commands) -> None:
    with StubServer(accepted) as server:
        bind = server.url.removeprefix("http://").replace("127.0.0.1", "0.0.0.0")
        outcome = commands.run(
            *["notify", "user", "7", "{}"],
            settings={**KEYS, "CARILLON_BIND": bind, "ALLOWED_HOSTS": ".example.com"},
        )
    assert outcome.code == 0
    assert "Host: example.com\r" in server.requests[0][0] + "\r"


def test_nobody_there_is_code_4(commands: Commands) -> None:
    outcome = commands.run("notify", "user", "7", "{}", "--url", unused_url(), settings=KEYS)
    assert outcome.code == 4
    assert re.fullmatch(
        r"error: http://127\.0\.0\.1:\d+: connection refused; start the server .*",
        outcome.errors[0],
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "closed without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "is this a Carillon server?"),
        (b"HTTP/1.1 202 A\r\nContent-Length: 9\r\n\r\n{", "the answer broke off"),
        (b"HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi", "the answer broke off"),
    ],
)
def test_what_is_no_server_of_ours_is_code_4(commands: Commands, answer: bytes, said: str) -> None:
    with StubServer(lambda head, body: answer) as server:
        outcome = commands.run("notify", "user", "7", "{}", "--url", server.url, settings=KEYS)
    assert outcome.code == 4
    assert said in outcome.errors[0]


def test_chunked_answers_are_read(commands: Commands) -> None:
    chunks = b'6\r\n{"id":\r\n5\r\n"e-2"\r\n1\r\n}\r\n0\r\n\r\n'
    answer = b"HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    with StubServer(lambda head, body: answer) as server:
        outcome = commands.run("notify", "user", "7", "{}", "--url", server.url, settings=KEYS)
    assert outcome.out == "accepted e-2\n"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b'{"detail":"Invalid API key."}', "401: Invalid API key; set CARILLON_API_KEYS"),
        (400, b'{"event_type":["is odd"]}', "400: event_type: is odd; mend what it names"),
        (503, b"", "503; nothing was sent; try again"),
        (404, b"<html>\x1b[2J</html>", "404; look at --url"),
    ],
)
def test_a_refusal_is_code_1_with_a_remedy(
    commands: Commands, status: int, body: bytes, said: str
) -> None:
    with StubServer(lambda head, sent: response(status, body)) as server:
        outcome = commands.run("notify", "user", "7", "{}", "--url", server.url, settings=KEYS)
    assert outcome.code == 1
    assert said in outcome.errors[0]
    assert "\x1b" not in outcome.error


# ---- test-websocket ----


def healthy(head: str, then: bytes) -> bytes:
    """200 for the probes, `then` for everything else."""
    is_probe = head.startswith(("GET /healthz ", "GET /readyz "))
    return response(200, b'{"status":"ok"}') if is_probe else then


@pytest.mark.parametrize("spelling", ["test-websocket", "test_websocket"])
def test_websocket_names_a_server_that_is_down(commands: Commands, spelling: str) -> None:
    outcome = commands.run(spelling, "--url", unused_url(), "--json", settings=SECRETS)
    assert outcome.code == 1
    assert outcome.json["ok"] is False
    step = step_of(outcome, "reachable")
    assert step["ok"] is False
    assert "connection refused" in step["detail"]
    assert "start the server" in step["remedy"]
    assert step_of(outcome, "received")["ok"] is None


def test_websocket_marks_each_step(commands: Commands) -> None:
    outcome = commands.run("test-websocket", "--url", unused_url(), settings=SECRETS)
    lines = outcome.out.splitlines()
    assert lines[0].startswith("✗ server reachable: ")
    assert lines[1].startswith("  → ")
    assert len([line for line in lines if line.endswith(": not tried")]) == 7
    assert "\x1b" not in outcome.out


def test_websocket_names_an_expired_token(commands: Commands) -> None:
    with StubServer(lambda head, body: healthy(head, b"")) as server:
        outcome = commands.run(
            *["test-websocket", "--url", server.url, "--token", expired_token(SECRET), "--json"],
            settings=SECRETS,
        )
    assert outcome.code == 1
    step = step_of(outcome, "token")
    assert step["ok"] is False
    assert "it has expired" in step["detail"]
    assert step["remedy"]


def test_websocket_names_what_is_no_token(commands: Commands) -> None:
    with StubServer(lambda head, body: healthy(head, b"")) as server:
        outcome = commands.run(
            *["test-websocket", "--url", server.url, "--token", "x", "--json"], settings=SECRETS
        )
    assert step_of(outcome, "token")["ok"] is False


def test_websocket_names_a_missing_secret(commands: Commands) -> None:
    with StubServer(lambda head, body: healthy(head, b"")) as server:
        outcome = commands.run("test-websocket", "--url", server.url, "--json")
    assert outcome.code == 1
    assert "SECRET_KEY is not set here" in step_of(outcome, "token")["detail"]


def test_websocket_names_a_wrong_secret(commands: Commands) -> None:
    refusal = response(401, b'{"detail":"Token is invalid"}')
    with StubServer(lambda head, body: healthy(head, refusal)) as server:
        outcome = commands.run("test-websocket", "--url", server.url, "--json", settings=SECRETS)
    assert outcome.code == 1
    step = step_of(outcome, "accepted")
    assert step["ok"] is False
    assert step["detail"] == "401: Token is invalid"
    assert "SECRET_KEY" in step["remedy"]


@pytest.mark.parametrize(
    ("status", "said"), [(400, "ALLOWED_HOSTS"), (404, "no such endpoint"), (503, "limits")]
)
def test_websocket_names_a_refused_upgrade(commands: Commands, status: int, said: str) -> None:
    with StubServer(lambda head, body: healthy(head, response(status))) as server:
        outcome = commands.run("test-websocket", "--url", server.url, "--json", settings=SECRETS)
    step = step_of(outcome, "connected")
    assert step["ok"] is False
    assert said in step["remedy"]


def test_websocket_goes_on_when_the_server_is_not_ready(commands: Commands) -> None:
    def answer(head: str, body: bytes) -> bytes:
        if head.startswith("GET /readyz "):
            return response(503, b'{"layer":"unreachable"}')
        return healthy(head, response(401))

    with StubServer(answer) as server:
        outcome = commands.run("test-websocket", "--url", server.url, "--json", settings=SECRETS)
    assert "unreachable" in step_of(outcome, "ready")["detail"]
    assert step_of(outcome, "accepted")["ok"] is False


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (text_frame('{"type":"surprise"}'), "not connection_established"),
        (close_frame(4403, "forbidden"), "closed with 4403 forbidden"),
        (b"\xf1\x00", "broke RFC 6455: reserved_bits"),
    ],
)
def test_websocket_names_a_wrong_first_frame(commands: Commands, frames: bytes, said: str) -> None:
    def answer(head: str, body: bytes) -> bytes:
        return switching(head, frames) if head.startswith("GET /ws/") else healthy(head, b"")

    with StubServer(answer) as server:
        outcome = commands.run("test-websocket", "--url", server.url, "--json", settings=SECRETS)
    assert step_of(outcome, "accepted")["ok"] is True
    step = step_of(outcome, "connected")
    assert step["ok"] is False
    assert said in step["detail"]


def test_websocket_names_a_wrong_api_key(commands: Commands) -> None:
    def answer(head: str, body: bytes) -> bytes:
        if head.startswith("GET /ws/"):
            return switching(head, HELLO)
        return healthy(head, response(401, b'{"detail":"Invalid API key."}'))

    with StubServer(answer) as server:
        outcome = commands.run(
            "test-websocket", "--url", server.url, "--json", settings={**SECRETS, **KEYS}
        )
    assert outcome.code == 1
    step = step_of(outcome, "published")
    assert step["ok"] is False
    assert "CARILLON_API_KEYS" in step["remedy"]


def test_websocket_names_an_event_that_does_not_come(commands: Commands) -> None:
    def answer(head: str, body: bytes) -> bytes:
        if head.startswith("GET /ws/"):
            return switching(head, HELLO + close_frame(1011, "internal"))
        return healthy(head, response(202, b'{"accepted":true,"id":"e"}'))

    with StubServer(answer) as server:
        outcome = commands.run("test-websocket", "--url", server.url, "--json", settings=SECRETS)
    assert step_of(outcome, "published")["ok"] is True
    step = step_of(outcome, "received")
    assert step["ok"] is False
    assert "closed with 1011 internal" in step["detail"]


def test_a_server_that_says_nothing_is_given_up(commands: Commands) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        outcome = commands.run(
            *["notify", "user", "7", "{}", "--url", url, "--timeout", "50ms"], settings=KEYS
        )
    assert outcome.code == 4
    assert "no answer within 50 ms" in outcome.errors[0]
