"""Who may connect where: every endpoint with every kind of caller."""

import pytest

from tests.support import problems, tokens, ws
from tests.support.server import Server

STUDENT, OTHER_STUDENT, MENTOR, OTHER_MENTOR, ADMIN = "7", "8", "3", "4", "1"

CALLERS = {
    "nobody": None,
    "expired": tokens.expired(STUDENT),
    "student": tokens.student(STUDENT),
    "other student": tokens.student(OTHER_STUDENT),
    "mentor": tokens.mentor(MENTOR),
    "other mentor": tokens.mentor(OTHER_MENTOR),
    "admin": tokens.admin(ADMIN),
}

ENDPOINTS = {
    "/ws/dashboard/": {"mentor", "other mentor", "admin"},
    "/ws/notifications/": {"student", "other student", "mentor", "other mentor", "admin"},
    "/ws/leaderboard/": {"student", "other student", "mentor", "other mentor", "admin"},
    f"/ws/mentor/{MENTOR}/": {"mentor", "admin"},
    f"/ws/student/{STUDENT}/": {"student", "admin"},
}


def status_of(server: Server, path: str, token: str | None) -> int:
    try:
        with server.connect(path, token) as socket:
            assert socket.read_json()["type"] == "connection_established"
            return 101
    except ws.Refused as refused:
        return refused.response.status


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("caller", CALLERS)
def test_matrix(server: Server, path: str, caller: str) -> None:
    if caller in ("nobody", "expired"):
        expected = 401
    else:
        expected = 101 if caller in ENDPOINTS[path] else 403
    assert status_of(server, path, CALLERS[caller]) == expected


@pytest.mark.parametrize("path", ENDPOINTS)
def test_refusals_say_why(server: Server, path: str) -> None:
    nobody = server.refusal(path)
    assert nobody.header("WWW-Authenticate") == 'Bearer realm="api"'
    assert nobody.json() == problems.NO_CREDENTIALS
    expired = server.refusal(path, CALLERS["expired"])
    assert expired.header("WWW-Authenticate") == 'Bearer realm="api"'
    assert expired.json() == problems.bad_token("Token is expired")


@pytest.mark.parametrize(
    ("claims", "path", "status"),
    [
        # A role that nobody knows: the id alone opens a user's own stream, and nothing else.
        ({}, "/ws/student/5/", 101),
        ({}, "/ws/mentor/5/", 101),
        ({}, "/ws/student/6/", 403),
        ({}, "/ws/dashboard/", 403),
        ({}, "/ws/notifications/", 101),
        # A role that is known and wrong is refused even where the id matches.
        ({"role": "student"}, "/ws/mentor/5/", 403),
        ({"role": "mentor"}, "/ws/student/5/", 403),
        ({"is_staff": False}, "/ws/dashboard/", 403),
        # Staff by each of its names.
        ({"is_staff": True}, "/ws/dashboard/", 101),
        ({"is_superuser": True}, "/ws/student/6/", 101),
        ({"role": "admin"}, "/ws/mentor/6/", 101),
        ({"is_staff": True, "role": "student"}, "/ws/mentor/6/", 101),
        # A list grants the union.
        ({"roles": ["student", "mentor"]}, "/ws/mentor/5/", 101),
        ({"roles": ["student", "mentor"]}, "/ws/student/5/", 101),
        ({"roles": ["student", "mentor"]}, "/ws/dashboard/", 101),
        ({"roles": ["student"]}, "/ws/dashboard/", 403),
        ({"roles": ["admin"]}, "/ws/student/6/", 101),
        # A claim of another JSON type is ignored, not guessed at.
        ({"is_staff": "true"}, "/ws/dashboard/", 403),
        ({"is_staff": 1}, "/ws/dashboard/", 403),
        ({"role": ["admin"]}, "/ws/dashboard/", 403),
        ({"roles": "admin"}, "/ws/dashboard/", 403),
        ({"role": "Admin"}, "/ws/dashboard/", 403),
        ({"role": "owner"}, "/ws/dashboard/", 403),
    ],
)
def test_roles(server: Server, claims: dict[str, object], path: str, status: int) -> None:
    assert status_of(server, path, tokens.access("5", **claims)) == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ws/student/7/", 101),
        ("/ws/student/7", 101),
        ("/ws/student/%37/", 101),
        ("/ws/student/%2537/", 403),
        ("/ws/student/07/", 403),
        ("/ws/student/7%2F/", 404),
        ("/ws/student/7%00/", 404),
        ("/ws/student//", 404),
        ("/ws/student/7/8/", 404),
        ("/ws/student/", 404),
        ("/WS/student/7/", 404),
        ("//ws/student/7/", 404),
    ],
)
def test_the_id_is_compared_as_text_after_one_decoding(
    server: Server, path: str, status: int
) -> None:
    assert status_of(server, path, tokens.student("7")) == status


@pytest.mark.parametrize("user", ["a", "A_b.c-9", "x" * 64, 12, 0])
def test_ids_that_may_be_part_of_a_group_name(server: Server, user: object) -> None:
    assert status_of(server, f"/ws/student/{user}/", tokens.student(user)) == 101
