"""The transport that the settings name, one for the whole process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from .._exceptions import ConfigurationError
from .._forks import reset_after_fork
from .._transports.base import Transport
from .._transports.http import HTTPTransport
from .._transports.layer import LayerTransport, described
from .._values import add_converter
from . import conf


class _Opened:
    """What the settings say, once somebody has wanted it. A child keeps it: each transport sees
    to its own fork."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.transport: Transport | None = None
        reset_after_fork(self)

    def reset_in_child(self) -> None:
        self.lock = threading.RLock()


_opened = _Opened()
_overrides: list[Transport] = []


def current() -> Transport:
    """The innermost of `use_transport`, else what the settings say, opened at its first use."""
    if _overrides:
        return _overrides[-1]
    if (transport := _opened.transport) is not None:
        return transport
    with _opened.lock:
        if _opened.transport is None:
            _opened.transport = make_transport(conf.load())
        return _opened.transport


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
    with _opened.lock:
        transport, _opened.transport = _opened.transport, None
    if transport is not None:
        transport.close()


def _convert(value: Any) -> Any:
    """Django's own: lazy translations, and querysets of values()."""
    if isinstance(value, Promise):
        return str(value)
    return list(value) if isinstance(value, QuerySet) else value


conf.on_change(_forget)
add_converter(_convert)
