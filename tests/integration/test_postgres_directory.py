"""The user directory in a real PostgreSQL."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeServer
from tests.integration.test_directory import (
    DASHBOARD,
    ONE_WORKER,
    UNWELL,
    USER_INACTIVE,
    USER_NOT_FOUND,
    WELL,
    check_unavailable,
    status_of,
)
from tests.support import django_users, tokens
from tests.support.django_users import INACTIVE, MENTOR, STAFF, STUDENT, SUPERUSER, UNKNOWN
from tests.support.postgres import Postgres
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="carillon-pg-") as directory:
        running = Postgres(Path(directory))
        try:
            running.sql(django_users.POSTGRES_TABLE + django_users.ROWS, user="postgres")
            running.sql(
                "GRANT SELECT ON auth_user, profiles TO carillon;"
                "CREATE TABLE uuid_user (id uuid PRIMARY KEY, is_staff boolean, roles text[]);"
                "INSERT INTO uuid_user VALUES"
                " ('6b1f0000-0000-4000-8000-000000000001', false, '{mentor,student}');"
                "GRANT ALL ON uuid_user TO carillon;"
            )
            yield running
        finally:
            running.stop()


def settings(postgres: Postgres, **more: str) -> dict[str, str]:
    return {
        "CARILLON_AUTH_DIRECTORY": "database",
        "DATABASE_URL": postgres.url(),
        **ONE_WORKER,
        **more,
    }


def test_djangos_table_says_who_may(make_server: MakeServer, postgres: Postgres) -> None:
    server = make_server({**settings(postgres), "DATABASE_URL": postgres.url(scheme="postgres")})
    assert status_of(server, DASHBOARD, tokens.access(STAFF)) == 101
    assert status_of(server, DASHBOARD, tokens.access(SUPERUSER)) == 101
    assert status_of(server, DASHBOARD, tokens.access(STUDENT)) == 403
    assert status_of(server, f"/ws/student/{STUDENT}/", tokens.access(STUDENT)) == 101
    assert server.refusal(DASHBOARD, tokens.access(UNKNOWN)).json() == USER_NOT_FOUND
    assert server.refusal(DASHBOARD, tokens.access(INACTIVE)).json() == USER_INACTIVE
    for user in ("seven", "01", "9" * 25, "1.0"):
        assert server.refusal(DASHBOARD, tokens.access(user)).json() == USER_NOT_FOUND
    assert not UNWELL.search(server.output)


def test_a_query_of_ones_own_brings_roles(make_server: MakeServer, postgres: Postgres) -> None:
    server = make_server(settings(postgres, CARILLON_AUTH_DATABASE_QUERY=django_users.ROLE_QUERY))
    assert status_of(server, DASHBOARD, tokens.access(MENTOR)) == 101
    assert status_of(server, f"/ws/student/{MENTOR}/", tokens.access(MENTOR)) == 403
    assert status_of(server, f"/ws/student/{STUDENT}/", tokens.access(STUDENT)) == 101


def test_ids_may_be_uuids_and_roles_an_array(make_server: MakeServer, postgres: Postgres) -> None:
    query = "SELECT id, is_staff, roles FROM uuid_user WHERE id = $1"
    server = make_server(settings(postgres, CARILLON_AUTH_DATABASE_QUERY=query))
    user = "6b1f0000-0000-4000-8000-000000000001"
    assert status_of(server, f"/ws/mentor/{user}/", tokens.access(user)) == 101
    assert status_of(server, f"/ws/student/{user}/", tokens.access(user)) == 101
    assert status_of(server, DASHBOARD, tokens.access(user.replace("0001", "0002"))) == 401
    assert status_of(server, DASHBOARD, tokens.access(7)) == 401


def test_nothing_is_ever_written(make_server: MakeServer, postgres: Postgres) -> None:
    query = "DELETE FROM uuid_user WHERE id::text <> $1 RETURNING is_staff"
    server = make_server(settings(postgres, CARILLON_AUTH_DATABASE_QUERY=query))
    check_unavailable(server.refusal(DASHBOARD, tokens.access(STAFF)))
    assert "read-only transaction" in server.wait_for_output(UNWELL)[0]
    assert postgres.sql("SELECT count(*) FROM uuid_user").strip() == "1"


def test_a_query_that_takes_too_long_is_a_503(make_server: MakeServer, postgres: Postgres) -> None:
    query = "SELECT id, is_staff FROM auth_user, pg_sleep(60) WHERE id = $1"
    server = make_server(
        settings(
            postgres,
            CARILLON_AUTH_DATABASE_QUERY=query,
            CARILLON_AUTH_DIRECTORY_TIMEOUT="200ms",
        )
    )
    check_unavailable(server.refusal(DASHBOARD, tokens.access(STAFF)))
    server.wait_for_output(UNWELL)
    wait_until(
        lambda: postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%(60)%' "
                             "AND pid <> pg_backend_pid() AND state = 'active'").strip() == "0",
        "the end of the query",
    )  # fmt: skip


def test_a_wrong_password_is_a_503_and_stays_secret(
    make_server: MakeServer, postgres: Postgres
) -> None:
    server = make_server(
        {**settings(postgres), "DATABASE_URL": postgres.url(password="hunter2hunter2")}
    )
    check_unavailable(server.refusal(DASHBOARD, tokens.access(STAFF)))
    assert "password authentication failed" in server.wait_for_output(UNWELL)[0]
    assert "hunter2" not in server.output


def test_it_comes_back_after_a_restart(make_server: MakeServer, postgres: Postgres) -> None:
    server = make_server(settings(postgres, CARILLON_AUTH_DIRECTORY_TTL="0"))
    assert status_of(server, DASHBOARD, tokens.access(STAFF)) == 101
    postgres.stop()
    postgres.start()
    # The connection that rested is dead, and nobody is told.
    assert status_of(server, DASHBOARD, tokens.access(STAFF)) == 101
    postgres.stop()
    check_unavailable(server.refusal(DASHBOARD, tokens.access(STAFF)))
    postgres.start()
    wait_until(lambda: status_of(server, DASHBOARD, tokens.access(STAFF)) == 101, "the database")
    server.wait_for_output(WELL)
    assert (len(UNWELL.findall(server.output)), len(WELL.findall(server.output))) == (1, 1)


def test_one_that_hangs_is_a_503_in_time(make_server: MakeServer, postgres: Postgres) -> None:
    server = make_server(
        settings(postgres, CARILLON_AUTH_DIRECTORY_TTL="0", CARILLON_AUTH_DIRECTORY_TIMEOUT="200ms")
    )
    assert status_of(server, DASHBOARD, tokens.access(STAFF)) == 101
    postgres.freeze()
    try:
        for _ in range(6):
            check_unavailable(server.refusal(DASHBOARD, tokens.access(STAFF)))
        assert status_of(server, DASHBOARD, tokens.admin()) == 101
    finally:
        postgres.thaw()
    wait_until(lambda: status_of(server, DASHBOARD, tokens.access(STAFF)) == 101, "the database")


def test_the_program_loads_libpq_only_when_it_is_asked_to(
    make_server: MakeServer, postgres: Postgres
) -> None:
    def has_libpq(pid: int) -> bool:
        return "libpq.so" in Path(f"/proc/{pid}/maps").read_text()

    assert not has_libpq(make_server().process.pid)
    assert has_libpq(make_server(settings(postgres)).process.pid)
