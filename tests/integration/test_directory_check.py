"""What `carillon check` says of the user directory, and what keeps the server from starting."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import django_users
from tests.support.backend import Backend
from tests.support.commands import Commands

SECRETS = {"SECRET_KEY": "offline-secret-0123456789abcdefghij"}


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


@pytest.fixture
def backend() -> Iterator[Backend]:
    with Backend(lambda asked: (404, {})) as running:
        yield running


def finding(commands: Commands, subject: str, **settings: str) -> dict[str, Any]:
    outcome = commands.run("check", "--json", settings={**SECRETS, **settings})
    found = {entry["subject"]: entry for entry in outcome.json["findings"]}[subject]
    assert outcome.code == (0 if found["verdict"] == "good" else 1)
    return found


def database(url: str, **more: str) -> dict[str, str]:
    return {"CARILLON_AUTH_DIRECTORY": "database", "DATABASE_URL": url, **more}


def test_a_database_that_answers_is_good(commands: Commands, tmp_path: Path) -> None:
    url = django_users.make_sqlite(tmp_path / "db.sqlite3")
    assert finding(commands, "auth.database_url", **database(url))["verdict"] == "good"


def test_a_database_that_is_not_there_is_named(commands: Commands, tmp_path: Path) -> None:
    found = finding(commands, "auth.database_url", **database(f"sqlite:///{tmp_path}/no.sqlite3"))
    assert (found["verdict"], "no.sqlite3" in found["what"]) == ("bad", True)
    assert "DATABASE_URL" in found["remedy"]
    url = f"postgresql://carillon:hunter2@/django?host={tmp_path}"
    found = finding(commands, "auth.database_url", **database(url))
    assert (found["verdict"], str(tmp_path) in found["what"]) == ("bad", True)
    assert "hunter2" not in str(found)


def test_a_query_that_does_not_fit_is_named(commands: Commands, tmp_path: Path) -> None:
    url = django_users.make_sqlite(tmp_path / "db.sqlite3")
    query = "SELECT is_staff FROM accounts_user WHERE id = $1"
    found = finding(
        commands, "auth.database_query", **database(url, CARILLON_AUTH_DATABASE_QUERY=query)
    )
    assert (found["verdict"], found["what"]) == ("bad", "no such table: accounts_user")
    assert "auth.database_query" in found["remedy"]


@pytest.mark.parametrize(
    ("answer", "verdict", "what"),
    [
        ((404, {}), "good", "it answers"),
        ((200, {"user_id": 0}), "good", "it answers"),
        ((401, {}), "bad", "answered 401"),
        ((302, {}), "bad", "answered 302"),
        ((200, b"<html>"), "bad", "the answer is no JSON object"),
    ],
)
def test_the_backends_answer_is_judged(
    commands: Commands, backend: Backend, answer: tuple[int, Any], verdict: str, what: str
) -> None:
    backend.answer = lambda asked: answer
    found = finding(
        commands,
        "auth.directory_url",
        CARILLON_AUTH_DIRECTORY="http",
        CARILLON_AUTH_DIRECTORY_URL=f"{backend.url}/users/{{user_id}}/",
    )
    assert (found["verdict"], found["what"]) == (verdict, what)
    assert bool(found["remedy"]) == (verdict == "bad")
    assert [asked.path for asked in backend.requests] == ["/users/0/"]


@pytest.mark.parametrize(
    ("answer", "verdict", "what"),
    [
        ((401, {}), "good", "it answers"),
        ((403, {}), "good", "it answers"),
        ((302, {}), "bad", "answered 302"),
        ((200, {"user_id": 1}), "bad", "takes whoever has no session for a user"),
    ],
)
def test_the_view_of_sessions_is_judged(
    commands: Commands, backend: Backend, answer: tuple[int, Any], verdict: str, what: str
) -> None:
    backend.answer = lambda asked: answer
    found = finding(commands, "auth.http_url", CARILLON_AUTH_HTTP_URL=f"{backend.url}/session/")
    assert (found["verdict"], found["what"]) == (verdict, what)
    assert bool(found["remedy"]) == (verdict == "bad")


def test_a_backend_that_is_not_there_is_named(commands: Commands, backend: Backend) -> None:
    backend.stop()
    found = finding(commands, "auth.http_url", CARILLON_AUTH_HTTP_URL=f"{backend.url}/session/")
    assert (found["verdict"], bool(found["remedy"])) == ("bad", True)


@pytest.mark.parametrize(
    ("settings", "names", "code"),
    [
        ({"CARILLON_AUTH_DIRECTORY": "database"}, "auth.database_url", 3),
        ({"CARILLON_AUTH_DIRECTORY": "http"}, "auth.directory_url", 3),
        (database("postgresql://u:hunter2@h/d?conn_max_age=60"), "conn_max_age", 1),
    ],
)
def test_what_cannot_work_keeps_the_server_from_starting(
    commands: Commands, settings: dict[str, str], names: str, code: int
) -> None:
    started = commands.run("serve", "--bind", "127.0.0.1:0", settings={**SECRETS, **settings})
    assert started.code == 3
    assert names in started.error
    assert "hunter2" not in started.error
    checked = commands.run("check", settings={**SECRETS, **settings})
    assert checked.code == code
    assert names in checked.out


def test_without_libpq_the_package_is_named(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "libpq.so.5").write_bytes(b"")  # found first, and no library
    settings = {
        **SECRETS,
        **database("postgresql://u@h/d"),
        "LD_LIBRARY_PATH": str(tmp_path),
    }
    started = commands.run("serve", "--bind", "127.0.0.1:0", settings=settings)
    assert started.code == 3
    assert "install the package libpq5" in started.error
    checked = commands.run("check", settings=settings)
    assert "→ install the package libpq5" in checked.out
