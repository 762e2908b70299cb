"""What `manage.py check` says about real-time delivery, each with its remedy."""

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from importlib import metadata
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from . import conf

SECRET_KEY_BYTES_MIN = 32
CORE = "channels_redis.core.RedisChannelLayer"
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"
IN_MEMORY = "channels.layers.InMemoryChannelLayer"
SERIALIZERS = ("msgpack", "json")
# A channel as Carillon names the ones that it registers.
GATEWAY_CHANNEL = "gw.0123456789abcdef0123456789abcdef!g1"
GATEWAY_CAPACITY = 10_000


@register(Tags.compatibility)
def check_settings(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """CARILLON itself, the transport, the key that tokens are signed with."""
    found: list[CheckMessage] = [
        Error(problem, hint="docs/PYTHON.md lists the keys.", id="carillon.E001")
        for problem in conf.problems()
    ]
    if found:
        return found
    return [*_check_transport(conf.load()), *_check_secret_key(), *_check_daphne()]


@register(Tags.compatibility)
def check_channel_layer(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The channel layer that Carillon is to share."""
    if conf.problems():
        return []
    carillon = conf.load()
    layer = conf.channel_layers().get(carillon.channel_layer)
    if carillon.transport_name != "layer" or not isinstance(layer, dict):
        return []
    backend, config = layer.get("BACKEND"), layer.get("CONFIG", {})
    if backend == IN_MEMORY:
        return _check_in_memory()
    found: list[CheckMessage] = []
    if backend == CORE:
        found += _check_capacity(carillon.channel_layer, config)
    if backend in (CORE, PUBSUB):
        found += _check_serializer(backend, config)
        found += _check_encryption(backend, config)
    return found


def _check_transport(carillon: conf.Settings) -> list[CheckMessage]:
    if carillon.transport_name == "http" and not carillon.api_key:
        return [
            Error(
                "Events go to Carillon over HTTP, but there is no API key.",
                hint='Set CARILLON["API_KEY"] or the environment variable CARILLON_API_KEY to one '
                "of the server's CARILLON_API_KEYS; or set CHANNEL_LAYERS to share its Redis.",
                id="carillon.E002",
            )
        ]
    if carillon.transport_name == "layer" and carillon.channel_layer not in conf.channel_layers():
        return [
            Error(
                f'CARILLON["TRANSPORT"] is "layer", but CHANNEL_LAYERS has no '
                f"{carillon.channel_layer!r}.",
                hint="Configure channels_redis there, as `manage.py realtime_install` shows.",
                id="carillon.E003",
            )
        ]
    return []


def _check_secret_key() -> list[CheckMessage]:
    length = len(str(settings.SECRET_KEY).encode())
    if length >= SECRET_KEY_BYTES_MIN:
        return []
    return [
        Warning(
            f"SECRET_KEY has {length} bytes: with fewer than {SECRET_KEY_BYTES_MIN} Carillon "
            "refuses to listen where others than this machine reach it.",
            hint="Make a longer one: python -c 'import secrets; print(secrets.token_urlsafe(64))'",
            id="carillon.W004",
        )
    ]


def _check_daphne() -> list[CheckMessage]:
    if "daphne" not in settings.INSTALLED_APPS:
        return []
    return [
        Warning(
            "'daphne' is still in INSTALLED_APPS: it replaces runserver, and answers WebSockets "
            "that are Carillon's now.",
            hint="Remove it, unless this process still serves WebSockets of its own.",
            id="carillon.W003",
        )
    ]


def _check_in_memory() -> list[CheckMessage]:
    if settings.DEBUG:
        return []
    return [
        Warning(
            "The channel layer is in memory: its events do not leave this process.",
            hint="Use channels_redis with the Redis that Carillon has, or "
            'CARILLON["TRANSPORT"] = "http".',
            id="carillon.W001",
        )
    ]


def _check_capacity(alias: str, config: dict[str, Any]) -> list[CheckMessage]:
    capacity = capacity_for(GATEWAY_CHANNEL, config)
    if capacity >= GATEWAY_CAPACITY:
        return []
    return [
        Warning(
            f"Django drops events for Carillon while more than {capacity} wait in its channel.",
            hint=f'Set CHANNEL_LAYERS[{alias!r}]["CONFIG"]["channel_capacity"] to '
            f'{{"gw.*": {GATEWAY_CAPACITY}}}.',
            id="carillon.W002",
        )
    ]


def _check_serializer(backend: str, config: dict[str, Any]) -> list[CheckMessage]:
    serializer = config.get("serializer_format", "msgpack")
    if serializer not in SERIALIZERS:
        return [
            Error(
                f"Carillon cannot read what the serializer {serializer!r} writes.",
                hint='Set serializer_format to "msgpack", the default, or to "json".',
                id="carillon.E004",
            )
        ]
    if serializer == "msgpack" or _channels_redis() >= (4, 2, 1):
        return []
    said = "refuses" if backend == CORE else "ignores"
    return [
        Error(
            f"This version of channels_redis {said} serializer_format={serializer!r}.",
            hint="Upgrade it: pip install 'channels-redis>=4.2.1'",
            id="carillon.E005",
        )
    ]


def _check_encryption(backend: str, config: dict[str, Any]) -> list[CheckMessage]:
    is_ignored = backend == PUBSUB and _channels_redis() < (4, 2, 1)
    if not (config.get("symmetric_encryption_keys") and is_ignored):
        return []
    return [
        Error(
            "This version of channels_redis.pubsub ignores symmetric_encryption_keys: it publishes "
            "in plain text, which a Carillon that has the keys refuses.",
            hint="Upgrade it: pip install 'channels-redis>=4.2.1'",
            id="carillon.E006",
        )
    ]


def capacity_for(channel: str, config: dict[str, Any]) -> int:
    """The sender's own look-up: the first pattern that matches, else `capacity`."""
    patterns: Any = config.get("channel_capacity") or {}
    pairs = patterns.items() if hasattr(patterns, "items") else patterns
    for pattern, capacity in pairs:
        match: Callable[[str], Any] = getattr(pattern, "match", None) or (
            lambda name, glob=pattern: fnmatchcase(name, glob)
        )
        if match(channel):
            return int(capacity)
    return int(config.get("capacity", 100))


def _channels_redis() -> tuple[int, ...]:
    try:
        version = metadata.version("channels-redis")
    except metadata.PackageNotFoundError:
        return (0,)
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
