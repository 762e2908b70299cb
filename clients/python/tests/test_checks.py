"""`manage.py check`: each finding, and the neighbouring setting that is well."""

import re
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from carillon.django import checks

CORE, PUBSUB, MEMORY = checks.CORE, checks.PUBSUB, checks.IN_MEMORY
GOOD = {"channel_capacity": {"gw.*": 10000}}
KEY = "k" * 32


def found(**settings: Any) -> set[str]:
    defaults = {"CARILLON": {"API_KEY": "key"}, "CHANNEL_LAYERS": {}, "SECRET_KEY": KEY}
    with override_settings(**{**defaults, **settings}):
        return {str(m.id) for m in run_checks() if str(m.id).startswith("carillon.")}


def layer(backend: str, **config: Any) -> dict[str, Any]:
    return {"default": {"BACKEND": backend, "CONFIG": config}}


def test_good_settings_have_no_findings() -> None:
    assert found() == set()
    assert found(CHANNEL_LAYERS=layer(CORE, **GOOD)) == set()
    assert found(CHANNEL_LAYERS=layer(PUBSUB)) == set()


@pytest.mark.parametrize(
    "carillon",
    [
        {"API_KEYS": "x"},
        {"API_KEY": 7},
        {"TIMEOUT_S": 0},
        {"TIMEOUT_S": True},
        {"FAIL_SILENTLY": 1},
        ["API_KEY"],
    ],
)
def test_e001_carillon_itself_is_wrong(carillon: Any) -> None:
    assert found(CARILLON=carillon) == {"carillon.E001"}


def test_e002_http_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARILLON_API_KEY", raising=False)
    assert found(CARILLON={}) == {"carillon.E002"}
    monkeypatch.setenv("CARILLON_API_KEY", "key")
    assert found(CARILLON={}) == set()


def test_e003_the_layer_without_a_layer() -> None:
    assert found(CARILLON={"TRANSPORT": "layer"}) == {"carillon.E003"}
    settings = {"CARILLON": {"TRANSPORT": "layer", "CHANNEL_LAYER": "other"}}
    assert found(CHANNEL_LAYERS=layer(CORE, **GOOD), **settings) == {"carillon.E003"}
    layers = {"other": layer(CORE, **GOOD)["default"]}
    assert found(CHANNEL_LAYERS=layers, **settings) == set()


def test_w001_the_layer_in_memory_in_production() -> None:
    assert found(CHANNEL_LAYERS=layer(MEMORY)) == {"carillon.W001"}
    assert found(CHANNEL_LAYERS=layer(MEMORY), DEBUG=True) == set()
    http = {"TRANSPORT": "http", "API_KEY": "key"}
    assert found(CHANNEL_LAYERS=layer(MEMORY), CARILLON=http) == set()


@pytest.mark.parametrize(
    ("config", "is_found"),
    [
        ({}, True),
        ({"capacity": 9_999}, True),
        ({"capacity": 10_000}, False),
        ({"channel_capacity": {"gw.*": 9_999}}, True),
        ({"channel_capacity": {"http.*": 5}}, True),
        ({"channel_capacity": {"*": 5, "gw.*": 10_000}}, True),  # the first that matches counts
        ({"channel_capacity": {"gw*": 10_000}}, False),
        ({"channel_capacity": [(re.compile(r"gw\."), 10_000)]}, False),
    ],
)
def test_w002_capacity_for_the_gateway(config: dict[str, Any], is_found: bool) -> None:
    assert found(CHANNEL_LAYERS=layer(CORE, **config)) == ({"carillon.W002"} if is_found else set())


def test_w002_counts_as_channels_itself_does() -> None:
    from channels_redis.core import RedisChannelLayer

    for config in (
        {"channel_capacity": {"gw.*": 7}},
        {"channel_capacity": {"*": 5, "gw.*": 7}, "capacity": 9},
        {"channel_capacity": {"gw": 5}, "capacity": 9},
        {"channel_capacity": {re.compile(r"gw\..*!g"): 8}},
        {},
    ):
        theirs = RedisChannelLayer(**config).get_capacity(checks.GATEWAY_CHANNEL)
        assert checks.capacity_for(checks.GATEWAY_CHANNEL, config) == theirs


def test_w003_daphne_is_still_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "INSTALLED_APPS", ["daphne", *settings.INSTALLED_APPS])
    assert [m.id for m in checks._check_daphne()] == ["carillon.W003"]
    monkeypatch.undo()
    assert checks._check_daphne() == []


def test_w004_a_short_secret_key() -> None:
    assert found(SECRET_KEY="k" * 31) == {"carillon.W004"}
    assert found(SECRET_KEY="k" * 32) == set()
    assert found(SECRET_KEY="é" * 16) == set()  # bytes count


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda text: monkeypatch.setattr("importlib.metadata.version", lambda name: text)


def test_e004_a_serializer_that_carillon_does_not_have() -> None:
    assert found(CHANNEL_LAYERS=layer(CORE, serializer_format="yaml", **GOOD)) == {"carillon.E004"}
    assert found(CHANNEL_LAYERS=layer(CORE, serializer_format="json", **GOOD)) == set()


def test_e005_a_version_without_serializers(version: Any) -> None:
    for backend, config in ((CORE, GOOD), (PUBSUB, {})):
        layers = layer(backend, serializer_format="json", **config)
        version("4.2.0")
        assert found(CHANNEL_LAYERS=layers) == {"carillon.E005"}
        version("4.2.1")
        assert found(CHANNEL_LAYERS=layers) == set()


def test_e006_a_version_that_publishes_in_plain_text(version: Any) -> None:
    keys = {"symmetric_encryption_keys": ["secret"]}
    version("4.2.0")
    assert found(CHANNEL_LAYERS=layer(PUBSUB, **keys)) == {"carillon.E006"}
    assert found(CHANNEL_LAYERS=layer(CORE, **keys, **GOOD)) == set()
    version("4.2.1")
    assert found(CHANNEL_LAYERS=layer(PUBSUB, **keys)) == set()


def test_every_finding_has_a_remedy_and_shows_no_secret() -> None:
    with override_settings(
        SECRET_KEY="s3cret", CHANNEL_LAYERS=layer(CORE, symmetric_encryption_keys=["s3cret"])
    ):
        messages = [m for m in run_checks() if str(m.id).startswith("carillon.")]
    assert {m.id for m in messages} == {"carillon.W002", "carillon.W004"}
    for message in messages:
        assert message.hint
        assert "s3cret" not in str(message)
