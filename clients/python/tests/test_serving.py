"""The server's environment that follows from Django's settings."""

import datetime
import re
from typing import Any

import pytest
from django.test import override_settings

from carillon import ConfigurationError
from carillon.django.checks import CORE, IN_MEMORY, PUBSUB
from carillon.django.serving import host_url, layer_environment, server_environment


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("CARILLON_") or name in ("REDIS_URL", "ALLOWED_HOSTS", "DEBUG"):
            monkeypatch.delenv(name)


def layer(backend: str, **config: Any) -> dict[str, str]:
    return layer_environment({"BACKEND": backend, "CONFIG": config})


def test_the_names_that_both_share() -> None:
    with override_settings(
        SECRET_KEY="k" * 40,
        DEBUG=True,
        ALLOWED_HOSTS=["example.com", ".example.org"],
        CORS_ALLOWED_ORIGINS=["https://app.example.com"],
        CARILLON={"API_KEY": "key", "SESSION_URL": "http://127.0.0.1:8000/realtime/session/"},
    ):
        found = server_environment()
    assert found["SECRET_KEY"] == "k" * 40
    assert found["DEBUG"] == "true"
    assert found["ALLOWED_HOSTS"] == "example.com,.example.org"
    assert found["CORS_ALLOWED_ORIGINS"] == "https://app.example.com"
    assert found["CARILLON_API_KEYS"] == "key"
    assert found["CARILLON_LAYER"] == "memory"
    assert found["CARILLON_AUTH_HTTP_URL"] == "http://127.0.0.1:8000/realtime/session/"
    assert found["CARILLON_AUTH_HTTP_COOKIES"] == "sessionid"
    assert found["PATH"]


def test_what_the_environment_says_of_carillon_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARILLON_LAYER", "redis://other")
    monkeypatch.setenv("CARILLON_API_KEYS", "other")
    monkeypatch.setenv("CARILLON_API_KEY", "ours")
    monkeypatch.setenv("CARILLON_BIN", "/ours")
    monkeypatch.setenv("SECRET_KEY", "not Django's")
    with override_settings(CARILLON={"API_KEY": "key"}):
        found = server_environment()
    assert found["SECRET_KEY"] != "not Django's"
    assert not {"CARILLON_API_KEY", "CARILLON_BIN"} & set(found)
    assert (found["CARILLON_LAYER"], found["CARILLON_API_KEYS"]) == ("redis://other", "other")


def test_simplejwts_settings_are_carillons() -> None:
    with override_settings(
        SIMPLE_JWT={
            "SIGNING_KEY": b"s" * 40,
            "ALGORITHM": "HS512",
            "USER_ID_CLAIM": "uid",
            "ISSUER": "school",
            "AUDIENCE": "pages",
            "LEEWAY": datetime.timedelta(seconds=5),
        }
    ):
        found = server_environment()
    assert found["SECRET_KEY"] == "s" * 40
    assert found["CARILLON_AUTH_ALGORITHMS"] == "HS512"
    assert found["CARILLON_AUTH_USER_ID_CLAIM"] == "uid"
    assert found["CARILLON_AUTH_ISSUER"] == "school"
    assert found["CARILLON_AUTH_AUDIENCE"] == "pages"
    assert found["CARILLON_AUTH_LEEWAY"] == "5s"
    assert not {n for n in server_environment() if n.startswith("CARILLON_AUTH")}


def test_every_option_of_the_layer_has_its_setting() -> None:
    assert layer(CORE, hosts=["redis://a:1/2"]) == {
        "CARILLON_LAYER_BACKEND": "core",
        "CARILLON_LAYER": "redis://a:1/2",
    }
    assert layer(
        PUBSUB,
        hosts=["redis://a", ("b", 7)],
        prefix="school",
        serializer_format="json",
        symmetric_encryption_keys=["one", b"two"],
        random_prefix_length=4,
        capacity=200,
        channel_capacity={"gw.*": 10000, "http.*": 5},
        expiry=30,
        group_expiry=3600,
    ) == {
        "CARILLON_LAYER_BACKEND": "pubsub",
        "CARILLON_LAYER_HOSTS": "redis://a,redis://b:7",
        "CARILLON_LAYER_PREFIX": "school",
        "CARILLON_LAYER_SERIALIZER": "json",
        "CARILLON_LAYER_KEYS": "one,two",
        "CARILLON_LAYER_RANDOM_PREFIX_LENGTH": "4",
        "CARILLON_CHANNEL_CAPACITY": "200",
        "CARILLON_LAYER_CHANNEL_CAPACITIES": "gw.*=10000,http.*=5",
        "CARILLON_CHANNEL_EXPIRY": "30s",
        "CARILLON_GROUP_EXPIRY": "3600s",
    }
    assert layer(CORE)["CARILLON_LAYER"] == "redis://localhost:6379"
    assert layer(IN_MEMORY) == layer_environment(None) == {"CARILLON_LAYER": "memory"}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("rediss://h:1/0", "rediss://h:1/0"),
        (("h", 6380), "redis://h:6380"),
        (["h", 6380], "redis://h:6380"),
        ({"address": "redis://h:1/0"}, "redis://h:1/0"),
        ({"address": "redis://h:1?db=2", "socket_timeout": 3}, "redis://h:1?db=2&socket_timeout=3"),
        ({"host": "h", "port": 1, "db": 2}, "redis://h:1?db=2"),
        ({"host": "::1"}, "redis://[::1]:6379"),
        ({"host": "h", "ssl": True, "username": "u", "password": "p@/:"},
         "rediss://u:p%40%2F%3A@h:6379"),
        ({"host": "h", "password": "p"}, "redis://:p@h:6379"),
        ({"host": "h", "ssl": True, "ssl_cert_reqs": None}, "rediss://h:6379?ssl_cert_reqs=none"),
        ({"address": "redis://h", "socket_timeout": None, "client_name": None}, "redis://h"),
        ({"path": "/run/redis.sock", "db": 1}, "unix:///run/redis.sock?db=1"),
    ],
)  # fmt: skip
def test_a_host_in_any_form_becomes_a_url(host: Any, url: str) -> None:
    assert host_url(host) == url


def test_the_url_of_a_host_reads_as_the_host_did() -> None:
    from redis.asyncio.connection import ConnectionPool

    host = {"host": "h", "port": 7, "db": 3, "username": "ü", "password": "p %@/:?#"}
    parsed = ConnectionPool.from_url(host_url(host)).connection_kwargs
    assert {name: parsed[name] for name in host} == host


def test_sentinel_has_its_own_settings() -> None:
    host = {
        "sentinels": [("a", 26379), ("b", 26380)],
        "master_name": "mymaster",
        "sentinel_kwargs": {"username": "s", "password": "sp"},
        "password": "mp",
        "db": 3,
    }
    assert layer(CORE, hosts=[host]) == {
        "CARILLON_LAYER_BACKEND": "core",
        "CARILLON_LAYER_SENTINELS": "a:26379,b:26380",
        "CARILLON_LAYER_SENTINEL_MASTER": "mymaster",
        "CARILLON_LAYER_SENTINEL_USER": "s",
        "CARILLON_LAYER_SENTINEL_PASSWORD": "sp",
        "CARILLON_LAYER": "redis://:mp@localhost:6379?db=3",
    }


@pytest.mark.parametrize(
    ("backend", "config", "text"),
    [
        ("channels_postgres.core.PostgresChannelLayer", {}, "shares no channel layer"),
        (CORE, {"hosts": "redis://h"}, "hosts must be a list"),
        (CORE, {"hosts": [7]}, "cannot be a int"),
        (CORE, {"hosts": ["redis://h", {"sentinels": []}]}, "Sentinel among several"),
        (CORE, {"symmetric_encryption_keys": ["a,b"]}, "holds a comma"),
        (CORE, {"channel_capacity": {re.compile("x"): 1}}, "of globs"),
    ],
)
def test_what_carillon_cannot_have_is_told(backend: str, config: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text) as raised:
        layer(backend, **config)
    assert "a,b" not in str(raised.value)
