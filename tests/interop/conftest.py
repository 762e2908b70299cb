"""Fixtures for tests against the real Redis and the real Django Channels."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeServer
from tests.support.channels import VERSIONS, Channels, ChannelsServer, Peer, PeerLayer
from tests.support.layer_settings import LayerSettings
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.waiting import wait_until

collect_ignore = ["django_project"]  # a management command's file is named like a test

Node = Server | ChannelsServer
MakeRedis = Callable[..., Redis]
MakeNode = Callable[..., Node]
MakeLayer = Callable[..., PeerLayer]
MakeCarillon = Callable[..., Server]


@pytest.fixture(scope="session", params=VERSIONS)
def channels(request: pytest.FixtureRequest) -> Channels:
    return Channels(request.param)


@pytest.fixture(scope="session")
def peer(channels: Channels) -> Iterator[Peer]:
    """A Django process for every test; each test's layers in it are its own."""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings_matrix", "CHANNEL_LAYERS": "{}"}
    with channels.peer(**settings) as running:
        yield running


@pytest.fixture
def make_carillon(make_server: MakeServer) -> MakeCarillon:
    """Starts Carillon on a channel layer, ready: make_carillon(layer, {"CARILLON_…": "…"})."""

    def make(layer: LayerSettings, settings: dict[str, str] | None = None, **how: Any) -> Server:
        return ready(make_server(layer.for_carillon() | (settings or {}), **how))

    return make


def ready(server: Server) -> Server:
    wait_until(lambda: is_ready(server), "/readyz")
    return server


def is_ready(server: Server) -> bool:
    return server.request("GET", "/readyz").status == 200


@pytest.fixture
def django(peer: Peer) -> Iterator[MakeLayer]:
    """Makes Django's channel layer with the given settings."""
    layers: list[PeerLayer] = []

    def make(settings: LayerSettings, name: str = "") -> PeerLayer:
        layers.append(peer.layer(settings, name))
        return layers[-1]

    yield make
    for layer in layers:
        layer.forget()


@pytest.fixture
def make_redis(tmp_path: Path) -> Iterator[MakeRedis]:
    """Starts Redis servers: make_redis(password=…, options={"maxmemory": "8mb"})."""
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


@pytest.fixture(params=["channels", "carillon"])
def make_node(
    request: pytest.FixtureRequest, tmp_path: Path, channels: Channels, make_server: MakeServer
) -> Iterator[MakeNode]:
    """Starts a node on a channel layer: first, as the control, Django's own, then Carillon's."""
    with ExitStack() as running:

        def make_channels_node(layer: LayerSettings) -> Node:
            settings = {
                "DJANGO_SETTINGS_MODULE": "config.settings_matrix",
                "CHANNEL_LAYERS": json.dumps({"default": layer.for_django()}),
            }
            return running.enter_context(channels.served(tmp_path, settings))

        def make_carillon_node(layer: LayerSettings) -> Node:
            return ready(make_server(layer.for_carillon()))

        yield make_channels_node if request.param == "channels" else make_carillon_node
