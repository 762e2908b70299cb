"""Fixtures: the real server and a real Redis."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from carillon.testing import CarillonServer
from tests.support.redis import RedisServer

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[3]
os.environ.setdefault("CARILLON_BIN", str(ROOT / "build/release/carillon"))


@pytest.fixture(scope="session")
def server() -> Iterator[CarillonServer]:
    """One server for all tests: each uses users and groups of its own."""
    with CarillonServer({"CARILLON_WORKERS": "1"}) as running:
        yield running
        assert running.stop() == 0, running.output


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running
