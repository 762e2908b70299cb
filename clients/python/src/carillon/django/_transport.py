"""The transport that the settings name, one for the whole process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from .._exceptions import ConfigurationError
from .._transports.base import Transport
from .._transports.http import HTTPTransport
from .._transports.layer import LayerTransport, described
from .._values import add_converter
from . import conf

_lock = threading.RLock()
_current: Transport | None = None
_overrides: list[Transport] = []


def current() -> Transport:
    """The innermost of `use_transport`, else what the settings say, opened at its first use."""
    global _current
    if _overrides:
        return _overrides[-1]
    if (transport := _current) is not None:
        return transport
    with _lock:
        if _current is None:
            _current = make_transport(conf.load())
        return _current


@contextmanager
def use_transport(transport: Transport) -> Iterator[Transport]:
    """Sends everything through `transport` for the time of the block, on every thread."""
    _overrides.append(transport)
    try:
        yield transport
    finally:
        _overrides.remove(transport)


def make_transport(settings: conf.Settings) -> Transport:
    name = settings.transport_name
    if name == "layer":
        return LayerTransport(lambda: layer_of(settings), timeout_s=settings.timeout_s)
    if name == "http":
        return HTTPTransport(settings.url, settings.api_key, timeout_s=settings.timeout_s)
    try:
        made = import_string(name)
    except ImportError as error:
        raise ConfigurationError(f'CARILLON["TRANSPORT"]: {error}') from error
    transport = made() if callable(made) else made
    if not isinstance(transport, Transport):
        raise ConfigurationError(f'CARILLON["TRANSPORT"]: {name} is no carillon.Transport')
    return transport


def layer_of(settings: conf.Settings) -> Any:
    """The channel layer, as Channels itself would hand it out."""
    try:
        from channels.layers import get_channel_layer
    except ImportError:
        raise ConfigurationError(
            'the transport "layer" needs Channels: pip install channels-redis, '
            'or set CARILLON["TRANSPORT"] to "http"'
        ) from None
    try:
        layer = get_channel_layer(settings.channel_layer)
    except Exception as error:
        # Whatever a layer makes of its own settings.
        raise ConfigurationError(f"CHANNEL_LAYERS: {described(error)}") from error
    if layer is None:
        raise ConfigurationError(f"CHANNEL_LAYERS has no {settings.channel_layer!r}")
    return layer


def _forget() -> None:
    global _current
    with _lock:
        transport, _current = _current, None
    if transport is not None:
        transport.close()


def _convert(value: Any) -> Any:
    """Django's own: lazy translations, and querysets of values()."""
    if isinstance(value, Promise):
        return str(value)
    return list(value) if isinstance(value, QuerySet) else value


conf.on_change(_forget)
add_converter(_convert)
