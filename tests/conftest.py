"""Fixtures for tests that talk to the real server over real sockets."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Server

MakeServer = Callable[..., Server]

_user_ids = itertools.count(100_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with default settings, shared by the tests of one file."""
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Starts servers with their own settings: make_server({"ALLOWED_HOSTS": "…"}, toml=…)."""
    numbers = itertools.count()
    with ExitStack() as running:

        def make(settings: dict[str, str] | None = None, **how: Any) -> Server:
            directory = tmp_path / f"server-{next(numbers)}"
            directory.mkdir()
            made = Server(directory, settings, **how)
            running.callback(made.stop)
            return made

        yield make


@pytest.fixture
def user_id() -> str:
    """A user that no other test has."""
    return str(next(_user_ids))
