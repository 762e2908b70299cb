"""Sessions that only the backend knows: Django's cookie, or an Authorization that is no token."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import MakeServer
from tests.support import problems, tokens, ws
from tests.support.backend import Asked, Backend
from tests.support.http import Response
from tests.support.server import Server
from tests.support.waiting import wait_until

DASHBOARD, NOTIFICATIONS = "/ws/dashboard/", "/ws/notifications/"
COOKIES = {
    "sessionid=staff": {"user_id": 1, "role": None, "is_staff": True, "expires_in": 3600},
    "sessionid=mentor": {"user_id": "3", "role": "mentor", "is_staff": False, "expires_in": 3600},
    "sessionid=plain": {"user_id": 7, "role": None, "is_staff": False},
    "sessionid=ended": {"user_id": 7, "expires_in": 0},
    "sessionid=inactive": {"user_id": 7, "is_active": False},
}
AUTHORIZATIONS = {
    "Token 0123": COOKIES["sessionid=staff"],
    "Bearer opaque": COOKIES["sessionid=mentor"],
}
NOT_VALID = {
    "detail": "The session is not valid or has ended.",
    "code": "authentication_failed",
}


def answer(asked: Asked) -> tuple[int, Any]:
    known = COOKIES.get(asked.headers.get("Cookie", "")) or AUTHORIZATIONS.get(
        asked.headers.get("Authorization", "")
    )
    return (200, known) if known else (403, {"detail": "no"})


@pytest.fixture
def backend() -> Iterator[Backend]:
    with Backend(answer) as running:
        yield running


def session_settings(backend: Backend, **more: str) -> dict[str, str]:
    return {
        "CARILLON_AUTH_HTTP_URL": f"{backend.url}/realtime/session/",
        "CARILLON_WORKERS": "1",
        **more,
    }


@pytest.fixture
def server(make_server: MakeServer, backend: Backend) -> Server:
    return make_server(session_settings(backend))


def page(server: Server, cookie: str) -> list[tuple[str, str]]:
    """What a browser sends from a page of the server's own origin."""
    return [("Origin", f"http://{server.host}:{server.port}"), ("Cookie", cookie)]


def status_of(server: Server, path: str, headers: Any, token: str | None = None) -> int:
    try:
        with server.connect(path, token, headers) as socket:
            assert socket.read_json()["type"] == "connection_established"
            return 101
    except ws.Refused as refused:
        return refused.response.status


def lookups(server: Server, outcome: str) -> float:
    return server.metrics().count("carillon_session_lookups_total", outcome=outcome)


def check_unavailable(response: Response) -> None:
    assert response.status == 503
    assert response.json()["code"] == "directory_unavailable"
    assert int(response.header("Retry-After") or "0") > 0


@pytest.mark.parametrize(
    ("cookie", "path", "status"),
    [
        ("sessionid=staff", DASHBOARD, 101),
        ("sessionid=staff", "/ws/student/7/", 101),
        ("sessionid=mentor", DASHBOARD, 101),
        ("sessionid=mentor", "/ws/mentor/3/", 101),
        ("sessionid=mentor", "/ws/student/3/", 403),
        ("sessionid=plain", NOTIFICATIONS, 101),
        ("sessionid=plain", "/ws/student/7/", 101),
        ("sessionid=plain", "/ws/student/8/", 403),
        ("sessionid=plain", DASHBOARD, 403),
        ("sessionid=ended", NOTIFICATIONS, 401),
        ("sessionid=inactive", NOTIFICATIONS, 401),
        ("sessionid=unknown", NOTIFICATIONS, 401),
    ],
)
def test_the_backend_says_whose_a_cookie_is(
    server: Server, cookie: str, path: str, status: int
) -> None:
    assert status_of(server, path, page(server, cookie)) == status


def test_events_reach_the_user_of_the_session(server: Server) -> None:
    with server.connect(NOTIFICATIONS, headers=page(server, "sessionid=plain")) as socket:
        assert socket.read_json()["type"] == "connection_established"
        server.accepted("/api/realtime/users/7/", {"notification": {"title": "hello"}})
        assert socket.read_json()["notification"]["title"] == "hello"


def test_the_backend_is_sent_the_credential_and_nothing_else(
    server: Server, backend: Backend
) -> None:
    headers = [
        *page(server, "csrftoken=c; sessionid=staff; other=o"),
        ("X-Forwarded-For", "1.2.3.4"),
        ("User-Agent", "browser"),
    ]
    assert status_of(server, DASHBOARD, headers) == 101
    (asked,) = backend.requests
    assert asked.path == "/realtime/session/"
    assert sorted(name.lower() for name in asked.headers) == [
        "accept",
        "cookie",
        "host",
        "user-agent",
    ]
    assert asked.headers["Cookie"] == "sessionid=staff"
    assert asked.headers["User-Agent"] == "carillon"
    assert asked.headers["Host"] == f"127.0.0.1:{backend.port}"


def test_other_cookies_may_be_named(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(session_settings(backend, CARILLON_AUTH_HTTP_COOKIES="sid,tenant"))
    backend.answer = lambda asked: (200, {"user_id": 7})
    headers = page(server, "sessionid=no; tenant=t; sid=s")
    assert status_of(server, NOTIFICATIONS, headers) == 101
    assert backend.requests[0].headers["Cookie"] == "tenant=t; sid=s"


def test_a_cookie_needs_an_allowed_origin(server: Server, backend: Backend) -> None:
    missing = server.refusal(DASHBOARD, headers=[("Cookie", "sessionid=staff")])
    assert (missing.status, missing.json()["code"]) == (403, "origin_required")
    foreign = server.refusal(
        DASHBOARD, headers=[("Cookie", "sessionid=staff"), ("Origin", "https://evil.example")]
    )
    assert (foreign.status, foreign.json()["code"]) == (403, "origin_not_allowed")
    assert backend.requests == []


def test_without_any_credential_it_is_a_401(server: Server, backend: Backend) -> None:
    for headers in ([], page(server, "csrftoken=c")):
        refused = server.refusal(DASHBOARD, headers=headers)
        assert (refused.status, refused.json()) == (401, problems.NO_CREDENTIALS)
    assert backend.requests == []


def test_a_refused_session_is_a_401(server: Server) -> None:
    refused = server.refusal(DASHBOARD, headers=page(server, "sessionid=unknown"))
    assert (refused.status, refused.json()) == (401, NOT_VALID)
    assert refused.header("WWW-Authenticate") == 'Bearer realm="api"'


@pytest.mark.parametrize("authorization", AUTHORIZATIONS)
def test_an_authorization_that_is_no_token_is_the_backends(
    server: Server, backend: Backend, authorization: str
) -> None:
    headers = [("Authorization", authorization), ("Cookie", "sessionid=plain")]
    assert status_of(server, DASHBOARD, headers) == 101
    (asked,) = backend.requests
    assert (asked.headers["Authorization"], asked.headers["Cookie"]) == (authorization, None)


def test_a_token_of_ours_stays_here(server: Server, backend: Backend) -> None:
    cookie = page(server, "sessionid=staff")
    assert status_of(server, DASHBOARD, cookie, tokens.student()) == 403
    refused = server.refusal(DASHBOARD, tokens.expired(), cookie)
    assert refused.json() == problems.bad_token("Token is expired")
    bearer = [("Authorization", f"Bearer {tokens.expired()}")]
    assert server.refusal(DASHBOARD, headers=bearer).json() == problems.bad_token(
        "Token is expired"
    )
    key = [("Authorization", "Api-Key 0123"), *cookie]
    assert server.refusal(DASHBOARD, headers=key).json() == problems.NO_CREDENTIALS
    assert backend.requests == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {}),
        (302, {}),
        (404, {}),
        (204, b""),
        (200, b"<html>"),
        (200, {}),
        (200, {"user_id": None}),
        (200, {"user_id": "a b"}),
        (200, {"user_id": 7, "expires_in": "soon"}),
    ],
)
def test_an_answer_that_is_none_is_a_503(
    server: Server, backend: Backend, status: int, body: Any
) -> None:
    backend.answer = lambda asked: (status, body)
    headers = page(server, "sessionid=staff")
    check_unavailable(server.refusal(DASHBOARD, headers=headers))
    backend.answer = answer
    assert status_of(server, DASHBOARD, headers) == 101


def test_a_backend_that_is_slow_or_down_is_a_503(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(session_settings(backend, CARILLON_AUTH_DIRECTORY_TIMEOUT="100ms"))
    headers = page(server, "sessionid=staff")
    backend.gate.clear()
    check_unavailable(server.refusal(DASHBOARD, headers=headers))
    backend.stop()
    check_unavailable(server.refusal(DASHBOARD, headers=page(server, "sessionid=mentor")))
    assert status_of(server, DASHBOARD, [], tokens.admin()) == 101


def test_an_answer_is_kept_and_shared(server: Server, backend: Backend) -> None:
    headers = page(server, "sessionid=mentor")
    backend.gate.clear()
    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(status_of, server, DASHBOARD, headers) for _ in range(20)]
        wait_until(lambda: lookups(server, "joined") == 19, "19 that wait with the first")
        backend.gate.set()
        assert [each.result() for each in waiting] == [101] * 20
    assert status_of(server, "/ws/mentor/3/", headers) == 101
    assert len(backend.requests) == 1
    assert lookups(server, "cached") == 1


def test_an_answer_is_kept_no_longer_than_the_session(
    make_server: MakeServer, backend: Backend
) -> None:
    server = make_server(session_settings(backend))
    backend.answer = lambda asked: (200, {"user_id": 7, "expires_in": 1})
    headers = page(server, "sessionid=plain")
    assert status_of(server, NOTIFICATIONS, headers) == 101
    wait_until(
        lambda: status_of(server, NOTIFICATIONS, headers) == 101 and len(backend.requests) > 1,
        "the second question",
    )


def test_the_connection_ends_with_the_session(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(session_settings(backend, CARILLON_AUTH_ON_EXPIRY="enforce"))
    backend.answer = lambda asked: (200, {"user_id": 7, "expires_in": 1})
    with server.connect(NOTIFICATIONS, headers=page(server, "sessionid=plain")) as socket:
        assert socket.read_json()["type"] == "connection_established"
        assert socket.read_close() == ws.goodbye(4401, "token_expired")


def test_a_role_that_the_session_lacks_is_the_directorys(
    make_server: MakeServer, backend: Backend
) -> None:
    server = make_server(
        session_settings(
            backend,
            CARILLON_AUTH_DIRECTORY="http",
            CARILLON_AUTH_DIRECTORY_URL=f"{backend.url}/users/{{user_id}}/",
        )
    )

    def answer_both(asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("/users/"):
            return 200, {"role": "mentor"}
        return 200, {"user_id": 7}

    backend.answer = answer_both
    assert status_of(server, DASHBOARD, page(server, "sessionid=plain")) == 101
    assert [asked.path for asked in backend.requests] == ["/realtime/session/", "/users/7/"]


def test_no_cookie_reaches_the_log(make_server: MakeServer, backend: Backend) -> None:
    server = make_server(session_settings(backend, CARILLON_LOG_LEVEL="debug"))
    for body in ({"user_id": 7}, {}, b"sessionid=echo"):
        backend.answer = lambda asked, body=body: (200, body)
        for secret in ("hunter2a", "hunter2b"):
            status_of(server, NOTIFICATIONS, page(server, f"sessionid={secret}{len(str(body))}"))
            status_of(server, NOTIFICATIONS, [("Authorization", f"Token {secret}{len(str(body))}")])
    server.stop()
    assert "cannot say who a user is" in server.output
    assert "hunter2" not in server.output
    assert "echo" not in server.output
