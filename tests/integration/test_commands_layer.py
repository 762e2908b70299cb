"""The commands that look at the channel layer or write into it, with a real Redis."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeServer
from tests.support import tokens
from tests.support.commands import Commands, Outcome, step_of
from tests.support.redis import MASTER_NAME, Redis, Sentinels, free_port
from tests.support.server import API_KEY, Server
from tests.support.waiting import wait_until

SECRETS = {"SECRET_KEY": tokens.SECRET_KEY, "CARILLON_API_KEYS": API_KEY}
PASSWORD = "the-right-one"
BACKENDS = pytest.mark.parametrize("backend", ["core", "pubsub"])
MakeRedis = Callable[..., Redis]


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


@pytest.fixture
def make_redis(tmp_path: Path) -> Iterator[MakeRedis]:
    numbers = itertools.count()
    with ExitStack() as running:

        def make(**how: Any) -> Redis:
            made = Redis(tmp_path / f"redis-{next(numbers)}", **how)
            running.callback(made.kill)
            return made

        yield make


@pytest.fixture
def redis(make_redis: MakeRedis) -> Redis:
    return make_redis()


def absent_url() -> str:
    return f"redis://127.0.0.1:{free_port()}/0"


def settings_of(url: str, backend: str = "core", **more: str) -> dict[str, str]:
    return {**SECRETS, "REDIS_URL": url, "CARILLON_LAYER_BACKEND": backend, **more}


def findings(outcome: Outcome, verdict: str) -> list[dict[str, str]]:
    return [found for found in outcome.json["findings"] if found["verdict"] == verdict]


def check(commands: Commands, settings: dict[str, str], *more: str) -> Outcome:
    return commands.run("check", "--json", *more, settings=settings)


def the_bad(outcome: Outcome) -> dict[str, str]:
    assert outcome.code == 1, outcome.out
    [found] = findings(outcome, "bad")
    return found


def replica_of(make_redis: MakeRedis, master: Redis) -> Redis:
    replica = make_redis(options={"replicaof": f"127.0.0.1 {master.port}"})
    wait_until(lambda: replica.info("replication")["master_link_status"] == "up", "the replica")
    return replica


# ---- check ----


@BACKENDS
def test_check_is_content_with_a_redis_that_works(
    commands: Commands, redis: Redis, backend: str
) -> None:
    outcome = check(commands, settings_of(redis.url, backend))
    assert outcome.code == 0, outcome.out
    subject = f"redis://127.0.0.1:{redis.port}/0"
    [found] = [found for found in findings(outcome, "good") if found["subject"] == subject]
    assert "answers and takes events" in found["what"]
    assert redis.key_names() == []


def test_check_says_that_each_node_counts_unread_for_itself(
    commands: Commands, redis: Redis
) -> None:
    [found] = findings(check(commands, settings_of(redis.url)), "warning")
    assert found["subject"] == "inbox" and "unread" in found["what"]
    assert findings(check(commands, SECRETS), "warning") == []


@BACKENDS
def test_check_names_a_redis_that_is_absent(commands: Commands, backend: str) -> None:
    found = the_bad(check(commands, settings_of(absent_url(), backend)))
    assert "refused" in found["what"]
    assert "start Redis" in found["remedy"] and "REDIS_URL" in found["remedy"]


@BACKENDS
@pytest.mark.parametrize(
    ("user", "password", "said"),
    [("", "", "NOAUTH"), ("", "the-wrong-one", "WRONGPASS"), ("nobody", PASSWORD, "WRONGPASS")],
    ids=["no-password", "wrong-password", "wrong-user"],
)
def test_check_names_a_password_that_is_refused(
    commands: Commands, make_redis: MakeRedis, backend: str, user: str, password: str, said: str
) -> None:
    url = make_redis(password=PASSWORD).url_for(user, password)
    outcome = check(commands, settings_of(url, backend))
    found = the_bad(outcome)
    assert said in found["what"] and "REDIS_URL" in found["remedy"]
    for text in (outcome.out, outcome.error):
        assert "the-wrong-one" not in text and PASSWORD not in text


@BACKENDS
def test_check_names_a_replica(commands: Commands, make_redis: MakeRedis, backend: str) -> None:
    replica = replica_of(make_redis, make_redis())
    found = the_bad(check(commands, settings_of(replica.url, backend)))
    assert "replica" in found["what"] and "master" in found["remedy"]


def test_check_names_a_redis_without_memory(commands: Commands, make_redis: MakeRedis) -> None:
    redis = make_redis(options={"maxmemory": "1", "maxmemory-policy": "noeviction"})
    found = the_bad(check(commands, settings_of(redis.url)))
    assert "OOM" in found["what"] and "maxmemory" in found["remedy"]


def test_check_warns_of_an_eviction_policy(commands: Commands, make_redis: MakeRedis) -> None:
    options = {"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"}
    redis = make_redis(options=options)
    outcome = check(commands, settings_of(redis.url))
    assert outcome.code == 0
    assert any("allkeys-lru" in found["what"] for found in findings(outcome, "warning"))
    outcome = check(commands, settings_of(redis.url, "pubsub"))
    assert not any("allkeys-lru" in found["what"] for found in findings(outcome, "warning"))
    redis("CONFIG", "SET", "maxmemory-policy", "noeviction")
    outcome = check(commands, settings_of(redis.url))
    assert not any("maxmemory" in found["what"] for found in findings(outcome, "warning"))


def test_check_names_a_cluster(commands: Commands, make_redis: MakeRedis) -> None:
    redis = make_redis(options={"cluster-enabled": "yes"})
    found = the_bad(check(commands, settings_of(redis.url)))
    assert "Cluster" in found["what"] and "not a Cluster" in found["remedy"]


@BACKENDS
def test_check_needs_no_more_than_the_layer_may(
    commands: Commands, make_redis: MakeRedis, backend: str
) -> None:
    rules = (
        "on >secret ~asgi* ~carillon:* &* +zadd +publish +ping +client|setname"
        " +get +set +hgetall"
    )
    url = make_redis(users=[f"carillon {rules}"]).url_for("carillon", "secret")
    outcome = check(commands, settings_of(url, backend))
    assert outcome.code == 0, outcome.out
    assert "does not tell its version" in outcome.out


@BACKENDS
@pytest.mark.parametrize(
    "rights",
    [
        pytest.param("~asgi* &*", id="the layer"),
        # Without ~carillon:*, where that lies.
        pytest.param("~asgi* &* +zadd +publish +get +set +hgetall", id="what nodes share"),
    ],
)
def test_check_names_what_the_user_may_not(
    commands: Commands, make_redis: MakeRedis, backend: str, rights: str
) -> None:
    url = make_redis(users=[f"carillon on >secret +ping {rights}"]).url_for("carillon", "secret")
    found = the_bad(check(commands, settings_of(url, backend)))
    assert "NOPERM" in found["what"] and "ACL SETUSER" in found["remedy"]


def test_check_looks_at_every_host(commands: Commands, redis: Redis) -> None:
    hosts = f"{redis.url},{absent_url()}"
    outcome = check(commands, {**SECRETS, "CARILLON_LAYER_HOSTS": hosts})
    assert "refused" in the_bad(outcome)["what"]
    assert any(found["subject"].startswith("redis://") for found in findings(outcome, "good"))


def test_check_finds_the_master_by_its_sentinels(commands: Commands, tmp_path: Path) -> None:
    sentinels = Sentinels(tmp_path / "sentinels")
    try:
        addresses = ",".join(f"{host}:{port}" for host, port in sentinels.addresses)
        settings = {
            **settings_of("redis://"),
            "CARILLON_LAYER_SENTINELS": addresses,
            "CARILLON_LAYER_SENTINEL_MASTER": MASTER_NAME,
        }
        outcome = check(commands, settings)
        assert outcome.code == 0, outcome.out
        assert "answers and takes events" in outcome.out
        found = the_bad(check(commands, settings | {"CARILLON_LAYER_SENTINEL_MASTER": "other"}))
        assert "other" in found["what"] and "name of the master" in found["remedy"]
    finally:
        sentinels.end()


# ---- config ----


def test_config_masks_the_password(commands: Commands) -> None:
    settings = settings_of(f"redis://me:{PASSWORD}@127.0.0.1:6379/0")
    outcome = commands.run("config", "--changed", settings=settings)
    assert "redis://me:***@127.0.0.1:6379/0" in outcome.out
    assert PASSWORD not in outcome.out + outcome.error


# ---- test-websocket ----


def run_test_websocket(commands: Commands, server: Server, settings: dict[str, str]) -> Outcome:
    url = f"http://127.0.0.1:{server.port}"
    return commands.run("test-websocket", "--url", url, "--json", settings=settings)


@BACKENDS
def test_websocket_makes_a_round_trip_through_the_layer(
    commands: Commands, redis: Redis, make_server: MakeServer, backend: str
) -> None:
    settings = settings_of(redis.url, backend)
    server = make_server(settings)
    wait_until(lambda: server.request("GET", "/readyz").status == 200, "/readyz")
    outcome = run_test_websocket(commands, server, settings)
    assert outcome.code == 0, outcome.out
    for name in ("layer", "round_trip"):
        assert step_of(outcome, name)["ok"] is True
        assert step_of(outcome, name)["latency_ms"] is not None
    server.stop()
    assert redis.key_names() == []


def test_websocket_asks_the_server_where_no_redis_is_configured(
    commands: Commands, redis: Redis, make_server: MakeServer
) -> None:
    server = make_server(settings_of(redis.url))
    wait_until(lambda: server.request("GET", "/readyz").status == 200, "/readyz")
    outcome = run_test_websocket(commands, server, SECRETS)
    assert outcome.code == 0, outcome.out
    assert step_of(outcome, "layer")["detail"] == "the server says so"
    assert "round_trip" not in [step["step"] for step in outcome.json["steps"]]


def test_websocket_names_the_trouble_of_the_servers_layer(
    commands: Commands, make_server: MakeServer
) -> None:
    server = make_server(settings_of(absent_url()))
    wait_until(lambda: b"refused" in server.request("GET", "/readyz").body, "the trouble")
    outcome = run_test_websocket(commands, server, SECRETS)
    assert outcome.code == 1
    for name in ("ready", "layer"):
        assert "refused" in step_of(outcome, name)["detail"]
        assert "start Redis" in step_of(outcome, name)["remedy"]


# ---- notify --via ----


@BACKENDS
@pytest.mark.parametrize(
    ("arguments", "path", "token", "event"),
    [
        (
            ["student", "7", "graded", '{"n":1}'],
            "/ws/student/7/",
            tokens.student(7),
            {"type": "graded", "n": 1},
        ),
        (
            ["mentor", "3", "review.request"],
            "/ws/mentor/3/",
            tokens.mentor(3),
            {"type": "review_request"},
        ),
        (
            ["user", "7", '{"title":"Hi"}'],
            "/ws/notifications/",
            tokens.student(7),
            {"type": "notification", "notification": {"title": "Hi"}},
        ),
        (
            ["dashboard", "dashboard_update", '{"active":4}'],
            "/ws/dashboard/",
            tokens.mentor(3),
            {"type": "dashboard_update", "active": 4},
        ),
        (
            ["leaderboard", '[{"rank":1}]'],
            "/ws/leaderboard/",
            tokens.student(7),
            {"type": "leaderboard_update", "leaderboard": [{"rank": 1}]},
        ),
        (
            ["group", "student_7", '{"type":"a","n":1}'],
            "/ws/student/7/",
            tokens.student(7),
            {"type": "a", "n": 1},
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_via_redis_reaches_the_sockets_of_a_server(
    commands: Commands,
    redis: Redis,
    make_server: MakeServer,
    backend: str,
    arguments: list[str],
    path: str,
    token: str,
    event: dict[str, Any],
) -> None:
    server = make_server(settings_of(redis.url, backend))
    wait_until(lambda: server.request("GET", "/readyz").status == 200, "/readyz")
    socket = server.joined(path, token)
    outcome = commands.run(
        *["notify", *arguments, "--via", redis.url], settings={"CARILLON_LAYER_BACKEND": backend}
    )
    assert (outcome.code, outcome.error) == (0, "")
    assert outcome.out.startswith("sent to group ")
    assert socket.read_json() == event


@BACKENDS
def test_via_takes_the_rest_of_the_layer_from_the_settings(
    commands: Commands, make_redis: MakeRedis, make_server: MakeServer, backend: str
) -> None:
    url = make_redis(password=PASSWORD).url
    settings = settings_of(
        url, backend, CARILLON_LAYER_PREFIX="school", CARILLON_LAYER_KEYS="a-key"
    )
    server = make_server(settings)
    wait_until(lambda: server.request("GET", "/readyz").status == 200, "/readyz")
    socket = server.joined("/ws/student/7/", tokens.student(7))
    for n, via in enumerate(["layer", url]):
        outcome = commands.run(
            *["notify", "student", "7", "graded", f'{{"n":{n}}}', "--via", via, "--json"],
            settings=settings,
        )
        assert outcome.code == 0, outcome.error
        assert outcome.json == {"accepted": True, "group": "student_7", "over_capacity": 0}
        assert socket.read_json() == {"type": "graded", "n": n}


@BACKENDS
def test_via_leaves_nothing_behind(commands: Commands, redis: Redis, backend: str) -> None:
    settings = {"CARILLON_LAYER_BACKEND": backend}
    outcome = commands.run("notify", "user", "7", "{}", "--via", redis.url, settings=settings)
    assert outcome.code == 0, outcome.error
    assert redis.key_names() == []
    assert redis.client_count() == 0


def run_via(commands: Commands, via: str, *more: str, **settings: str) -> Outcome:
    return commands.run("notify", "user", "7", "{}", "--via", via, *more, settings=settings)


@BACKENDS
def test_via_names_a_redis_that_is_absent(commands: Commands, backend: str) -> None:
    outcome = run_via(commands, absent_url(), CARILLON_LAYER_BACKEND=backend)
    assert outcome.code == 4
    [line] = outcome.errors
    assert "refused" in line and "; start Redis" in line


@BACKENDS
def test_via_names_a_wrong_password(
    commands: Commands, make_redis: MakeRedis, backend: str
) -> None:
    url = make_redis(password=PASSWORD).url_for(password="the-wrong-one")
    outcome = run_via(commands, url, CARILLON_LAYER_BACKEND=backend)
    assert outcome.code == 4
    [line] = outcome.errors
    assert "WRONGPASS" in line and "REDIS_URL" in line
    assert "the-wrong-one" not in line and PASSWORD not in line


def test_via_names_a_redis_that_takes_no_events(commands: Commands, make_redis: MakeRedis) -> None:
    full = make_redis(options={"maxmemory": "1", "maxmemory-policy": "noeviction"})
    replica = replica_of(make_redis, make_redis())
    for redis, said in ((full, "OOM"), (replica, "replica")):
        outcome = run_via(commands, redis.url)
        assert (outcome.code, said in outcome.errors[0]) == (4, True), outcome.error


def test_via_gives_a_redis_that_stands_still_up(commands: Commands, redis: Redis) -> None:
    redis.pause()
    outcome = run_via(commands, redis.url, "--timeout", "300ms")
    assert outcome.code == 4
    assert "300 ms" in outcome.errors[0] and "paused" in outcome.errors[0]


@pytest.mark.parametrize(
    ("via", "more", "said"),
    [
        ("http://127.0.0.1", [], "--via: the address of Redis"),
        ("layer", [], "--via: the settings name no Redis"),
        ("redis://127.0.0.1", ["--url", "http://127.0.0.1"], "--via: --url names a server"),
        ("redis://127.0.0.1", ["--idempotency-key", "k"], "--idempotency-key: only a server"),
        ("redis://127.0.0.1", ["--timeout", "soon"], "--timeout: 'soon' is no duration"),
    ],
)
def test_via_names_what_is_wrong_with_the_command(
    commands: Commands, via: str, more: list[str], said: str
) -> None:
    outcome = run_via(commands, via, *more)
    assert outcome.code == 2
    assert said in outcome.errors[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["student", "a b", "x", "{}"], "id: Letters"),
        (["student", "7", "_x", "{}"], "event_type: "),
        (["group", "carillon.x", '{"type":"a"}'], "group: Groups that begin"),
        (["group", "g", json.dumps({"type": "websocket.close"})], "type: "),
        (["leaderboard", "{}"], "JSON: give the leaderboard"),
    ],
)
def test_via_refuses_what_a_server_would(
    commands: Commands, arguments: list[str], said: str
) -> None:
    outcome = commands.run("notify", *arguments, "--via", absent_url())
    assert outcome.code == 2
    assert said in outcome.errors[0]
