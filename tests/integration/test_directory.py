"""The user directory: who answers for a token that carries no role."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeServer
from tests.support import django_users, tokens, ws
from tests.support.backend import Asked, Backend
from tests.support.django_users import INACTIVE, MENTOR, STAFF, STUDENT, SUPERUSER, UNKNOWN
from tests.support.http import Response, request_bytes
from tests.support.server import Server
from tests.support.waiting import wait_until

DASHBOARD = "/ws/dashboard/"
ONE_WORKER = {"CARILLON_WORKERS": "1"}
UNWELL = re.compile(r".*the user directory cannot say who a user is.*")
WELL = re.compile(r".*the user directory answers again.*")
USER_NOT_FOUND = {"detail": "User not found", "code": "user_not_found"}
USER_INACTIVE = {"detail": "User is inactive", "code": "user_inactive"}


def status_of(server: Server, path: str, token: str | None, headers: Any = ()) -> int:
    try:
        with server.connect(path, token, headers) as socket:
            assert socket.read_json()["type"] == "connection_established"
            return 101
    except ws.Refused as refused:
        return refused.response.status


def lookups(server: Server, outcome: str) -> float:
    return server.metrics().count("carillon_directory_lookups_total", outcome=outcome)


def check_unavailable(response: Response) -> None:
    assert response.status == 503
    assert response.json()["code"] == "directory_unavailable"
    assert int(response.header("Retry-After") or "0") > 0


# ---- database ----


@pytest.fixture(scope="module")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("directory")
    url = django_users.make_sqlite(directory / "db.sqlite3")
    server = Server(directory, {"CARILLON_AUTH_DIRECTORY": "database", "DATABASE_URL": url})
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        (STAFF, DASHBOARD, 101),
        (SUPERUSER, DASHBOARD, 101),
        (STAFF, f"/ws/student/{STUDENT}/", 101),
        (STAFF, f"/ws/mentor/{MENTOR}/", 101),
        (STUDENT, DASHBOARD, 403),
        # Django's table knows no roles: the id alone opens a user's own endpoints.
        (STUDENT, f"/ws/student/{STUDENT}/", 101),
        (STUDENT, f"/ws/student/{MENTOR}/", 403),
        (STUDENT, "/ws/notifications/", 101),
        (INACTIVE, DASHBOARD, 401),
        (UNKNOWN, DASHBOARD, 401),
    ],
)
def test_djangos_table_says_who_is_staff(
    sqlite_server: Server, user: int, path: str, status: int
) -> None:
    for token in (tokens.access(user), tokens.access(str(user))):
        assert status_of(sqlite_server, path, token) == status


def test_refusals_are_simplejwts(sqlite_server: Server) -> None:
    unknown = sqlite_server.refusal(DASHBOARD, tokens.access(UNKNOWN))
    assert (unknown.status, unknown.json()) == (401, USER_NOT_FOUND)
    assert unknown.header("WWW-Authenticate") == 'Bearer realm="api"'
    inactive = sqlite_server.refusal(DASHBOARD, tokens.access(INACTIVE))
    assert (inactive.status, inactive.json()) == (401, USER_INACTIVE)
    no_role = sqlite_server.refusal(DASHBOARD, tokens.access(STUDENT))
    assert no_role.json()["code"] == "permission_denied"
    assert "auth.directory" in no_role.json()["detail"]


@pytest.mark.parametrize("user", ["01", "seven", "1.0", "-1", "1_0", "9" * 25])
def test_an_id_that_is_none_of_the_table_is_nobodys(sqlite_server: Server, user: str) -> None:
    assert sqlite_server.refusal(DASHBOARD, tokens.access(user)).json() == USER_NOT_FOUND


def test_a_token_with_a_role_asks_nobody(sqlite_server: Server) -> None:
    before = sqlite_server.metrics().value("carillon_directory_lookups_total")
    assert status_of(sqlite_server, DASHBOARD, tokens.admin(UNKNOWN)) == 101
    assert status_of(sqlite_server, DASHBOARD, tokens.student(STAFF)) == 403
    assert status_of(sqlite_server, "/ws/leaderboard/", tokens.access(UNKNOWN)) == 101
    assert sqlite_server.metrics().value("carillon_directory_lookups_total") == before


def test_a_query_of_ones_own_brings_roles(make_server: MakeServer, tmp_path: Path) -> None:
    url = django_users.make_sqlite(tmp_path / "db.sqlite3")
    server = make_server(
        {
            "CARILLON_AUTH_DIRECTORY": "database",
            "DATABASE_URL": url,
            "CARILLON_AUTH_DATABASE_QUERY": django_users.ROLE_QUERY,
        }
    )
    assert status_of(server, DASHBOARD, tokens.access(MENTOR)) == 101
    assert status_of(server, f"/ws/mentor/{MENTOR}/", tokens.access(MENTOR)) == 101
    # A role that is known and wrong is refused even where the id matches.
    assert status_of(server, f"/ws/student/{MENTOR}/", tokens.access(MENTOR)) == 403
    assert status_of(server, f"/ws/student/{STUDENT}/", tokens.access(STUDENT)) == 101
    assert status_of(server, DASHBOARD, tokens.access(STUDENT)) == 403
    assert status_of(server, DASHBOARD, tokens.access(STAFF)) == 101


def test_an_answer_is_kept_for_its_time(make_server: MakeServer, tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    url = django_users.make_sqlite(path)
    directory = {"CARILLON_AUTH_DIRECTORY": "database", "DATABASE_URL": url, **ONE_WORKER}
    keeping = make_server(directory)
    forgetful = make_server({**directory, "CARILLON_AUTH_DIRECTORY_TTL": "0"})
    for server in (keeping, forgetful):
        assert status_of(server, DASHBOARD, tokens.access(STAFF)) == 101
    django_users.change_sqlite(path, f"UPDATE auth_user SET is_staff = 0 WHERE id = {STAFF}")
    assert status_of(keeping, DASHBOARD, tokens.access(STAFF)) == 101
    assert status_of(forgetful, DASHBOARD, tokens.access(STAFF)) == 403
    assert (lookups(keeping, "found"), lookups(keeping, "cached")) == (1, 1)
    assert (lookups(forgetful, "found"), lookups(forgetful, "cached")) == (2, 0)


def test_a_database_that_is_gone_is_a_503_and_comes_back(
    make_server: MakeServer, tmp_path: Path
) -> None:
    path = tmp_path / "db.sqlite3"
    url = django_users.make_sqlite(path)
    away = path.rename(tmp_path / "away")
    server = make_server({"CARILLON_AUTH_DIRECTORY": "database", "DATABASE_URL": url, **ONE_WORKER})
    with server.joined("/ws/leaderboard/", tokens.access(STUDENT)) as other:
        for _ in range(3):
            check_unavailable(server.refusal(DASHBOARD, tokens.access(STAFF)))
        assert other.ping(1)["type"] == "pong"
        assert status_of(server, "/ws/notifications/", tokens.access(STUDENT)) == 101
        assert str(path) in server.wait_for_output(UNWELL)[0]
        away.rename(path)
        wait_until(
            lambda: status_of(server, DASHBOARD, tokens.access(STAFF)) == 101, "the database"
        )
    server.wait_for_output(WELL)
    assert (len(UNWELL.findall(server.output)), len(WELL.findall(server.output))) == (1, 1)


def test_a_query_that_fails_is_a_503_never_a_403(make_server: MakeServer, tmp_path: Path) -> None:
    url = django_users.make_sqlite(tmp_path / "db.sqlite3")
    server = make_server(
        {
            "CARILLON_AUTH_DIRECTORY": "database",
            "DATABASE_URL": url,
            "CARILLON_AUTH_DATABASE_QUERY": "SELECT is_staff FROM nowhere WHERE id = $1",
        }
    )
    check_unavailable(server.refusal(DASHBOARD, tokens.access(STAFF)))
    assert "no such table: nowhere" in server.wait_for_output(UNWELL)[0]


# ---- http ----


USERS: dict[str, dict[str, Any]] = {
    "1": {"user_id": 1, "role": None, "is_staff": True},
    "3": {"user_id": "3", "role": "mentor", "is_staff": False},
    "7": {"role": "student"},
    "8": {"user_id": 8},
    "9": {"user_id": 9, "is_staff": True, "is_active": False},
}


def answer_user(asked: Asked) -> tuple[int, Any]:
    user = USERS.get(asked.path.strip("/").split("/")[-1])
    return (200, user) if user is not None else (404, {"detail": "Not found."})


@pytest.fixture
def backend() -> Iterator[Backend]:
    with Backend(answer_user) as running:
        yield running


def http_directory(backend: Backend, **more: str) -> dict[str, str]:
    return {
        "CARILLON_AUTH_DIRECTORY": "http",
        "CARILLON_AUTH_DIRECTORY_URL": f"{backend.url}/users/{{user_id}}/",
        **ONE_WORKER,
        **more,
    }


def test_a_backend_says_who_may(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(http_directory(backend))
    assert status_of(server, DASHBOARD, tokens.access(1)) == 101
    assert status_of(server, DASHBOARD, tokens.access(3)) == 101
    assert status_of(server, DASHBOARD, tokens.access(7)) == 403
    assert status_of(server, "/ws/mentor/7/", tokens.access(7)) == 403
    assert status_of(server, "/ws/mentor/8/", tokens.access(8)) == 101
    assert server.refusal(DASHBOARD, tokens.access(9)).json() == USER_INACTIVE
    assert server.refusal(DASHBOARD, tokens.access(404)).json() == USER_NOT_FOUND
    asked = [request.path for request in backend.requests]
    assert asked == [f"/users/{user}/" for user in (1, 3, 7, 8, 9, 404)]
    assert all("Authorization" not in request.headers for request in backend.requests)


def test_a_url_without_a_place_for_the_id_gets_a_query(
    make_server: MakeServer, backend: Backend
) -> None:
    server = make_server(
        http_directory(backend, CARILLON_AUTH_DIRECTORY_URL=f"{backend.url}/who?x=1")
    )
    backend.answer = lambda asked: (200, {"is_staff": True})
    assert status_of(server, DASHBOARD, tokens.access("a.b-c_9")) == 101
    assert [request.path for request in backend.requests] == ["/who?x=1&user_id=a.b-c_9"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {}),
        (302, {}),
        (401, {}),
        (403, {}),
        (200, b"<html>"),
        (200, []),
        (200, {"user_id": 2, "is_staff": True}),
        (200, b" " * 70_000 + b'{"is_staff":true}'),
    ],
)
def test_an_answer_that_is_none_is_a_503(
    make_server: MakeServer, backend: Backend, status: int, body: Any
) -> None:
    server = make_server(http_directory(backend))
    backend.answer = lambda asked: (status, body)
    check_unavailable(server.refusal(DASHBOARD, tokens.access(1)))
    backend.answer = answer_user
    assert status_of(server, DASHBOARD, tokens.access(1)) == 101  # not remembered


def test_a_backend_that_is_down_is_a_503(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(http_directory(backend))
    backend.stop()
    check_unavailable(server.refusal(DASHBOARD, tokens.access(1)))
    check_unavailable(server.refusal(DASHBOARD, tokens.access(1)))
    server.wait_for_output(UNWELL)
    assert len(UNWELL.findall(server.output)) == 1


def test_a_backend_that_is_slow_is_a_503(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(http_directory(backend, CARILLON_AUTH_DIRECTORY_TIMEOUT="100ms"))
    backend.gate.clear()
    check_unavailable(server.refusal(DASHBOARD, tokens.access(1)))
    assert lookups(server, "unavailable") + lookups(server, "timed_out") >= 1
    backend.gate.set()
    assert status_of(server, DASHBOARD, tokens.access(1)) == 101


def test_the_handshakes_own_timeout_goes_on(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(http_directory(backend, CARILLON_LIMITS_HANDSHAKE_TIMEOUT="100ms"))
    backend.gate.clear()
    check_unavailable(server.refusal(DASHBOARD, tokens.access(1)))


def test_many_who_ask_the_same_are_one_question(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(http_directory(backend))
    backend.gate.clear()
    with ThreadPoolExecutor(50) as threads:
        waiting = [
            threads.submit(status_of, server, DASHBOARD, tokens.access(3)) for _ in range(50)
        ]
        wait_until(lambda: lookups(server, "joined") == 49, "49 that wait with the first")
        backend.gate.set()
        assert [each.result() for each in waiting] == [101] * 50
    assert len(backend.requests) == 1
    assert status_of(server, DASHBOARD, tokens.access(3)) == 101
    assert len(backend.requests) == 1
    assert lookups(server, "cached") == 1


def test_others_do_not_wait(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(http_directory(backend))
    with server.joined("/ws/leaderboard/", tokens.access(3)) as other, server.open() as slow:
        backend.gate.clear()
        slow.send(handshake(slow.authority, tokens.access(1)))
        wait_until(lambda: backend.requests, "the question")
        assert other.ping(1)["type"] == "pong"
        assert status_of(server, "/ws/notifications/", tokens.access(7)) == 101
        assert status_of(server, DASHBOARD, tokens.mentor(3)) == 101
        backend.gate.set()
        assert slow.read_response().status == 101


def handshake(authority: str, token: str, path: str = DASHBOARD) -> bytes:
    return request_bytes("GET", ws.with_token(path, token), authority, ws.upgrade_headers())


def test_a_connection_that_goes_away_gives_back_its_place(
    make_server: MakeServer, backend: Backend
) -> None:
    server = make_server(http_directory(backend, CARILLON_LIMITS_CONNECTIONS_MAX="1"))
    backend.gate.clear()
    with server.open() as connection:
        connection.send(handshake(connection.authority, tokens.access(1)))
        wait_until(lambda: backend.requests, "the question")
        assert server.refusal("/ws/leaderboard/", tokens.admin()).status == 503
    wait_until(lambda: status_of(server, "/ws/leaderboard/", tokens.admin()) == 101, "the place")
    backend.gate.set()
    wait_until(lambda: lookups(server, "found") == 1, "the answer that nobody waits for")
    assert status_of(server, DASHBOARD, tokens.access(1)) == 101


@pytest.mark.parametrize("answered", [True, False])
def test_what_comes_after_the_handshake_waits(
    make_server: MakeServer, backend: Backend, answered: bool
) -> None:
    server = make_server(http_directory(backend))
    backend.gate.clear()
    with server.open() as connection:
        token = tokens.access(1 if answered else 7)
        ping = ws.frame_bytes(ws.TEXT, b'{"type":"ping","timestamp":"early"}')
        healthz = request_bytes("GET", "/healthz", connection.authority)
        connection.send(
            handshake(connection.authority, token) + (ping if answered else healthz[:20])
        )
        wait_until(lambda: backend.requests, "the question")
        if not answered:
            connection.send(healthz[20:])
        backend.gate.set()
        response = connection.read_response()
        assert response.status == (101 if answered else 403)
        if answered:
            socket = ws.WebSocket(connection, response)
            assert socket.read_json()["type"] == "connection_established"
            assert socket.read_json() == {"type": "pong", "timestamp": "early"}
        else:
            assert connection.read_response().status == 200


def test_a_pipelined_handshake_does_not_wait(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(http_directory(backend))
    with server.open() as connection:
        first = request_bytes("GET", "/readyz", connection.authority)
        connection.send(first + handshake(connection.authority, tokens.access(1)))
        assert connection.read_response().status == 200
        assert connection.read_response().status == 400
    assert backend.requests == []


def test_a_drain_tells_who_waits(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(http_directory(backend))
    backend.gate.clear()
    with server.open() as connection:
        connection.send(handshake(connection.authority, tokens.access(1)))
        wait_until(lambda: backend.requests, "the question")
        server.terminate()
        check_unavailable(connection.read_response())
        assert connection.ended()
    assert server.wait() == 0


def test_more_questions_than_may_be_asked_at_once_wait_their_turn(
    make_server: MakeServer, backend: Backend
) -> None:
    server = make_server(
        http_directory(
            backend,
            CARILLON_AUTH_DIRECTORY_CONCURRENCY_MAX="2",
            CARILLON_AUTH_DIRECTORY_TIMEOUT="20s",
        )
    )
    backend.answer = lambda asked: (200, {"is_staff": True})
    backend.gate.clear()
    with ThreadPoolExecutor(10) as threads:
        waiting = [
            threads.submit(status_of, server, DASHBOARD, tokens.access(user))
            for user in range(100, 110)
        ]
        wait_until(lambda: len(backend.requests) == 2, "as many as may be asked")
        assert status_of(server, DASHBOARD, tokens.admin()) == 101
        assert len(backend.requests) == 2
        backend.gate.set()
        assert [each.result() for each in waiting] == [101] * 10
    assert len(backend.requests) == 10
