"""Fixtures for pytest, there wherever this package is installed.

`carillon_events`: the list of what the test sent; nothing goes out.
`carillon_server`: the real server with the project's settings, stopped after the test.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .._events import Event
    from .._server import CarillonServer


@pytest.fixture
def carillon_events() -> Iterator[list["Event"]]:
    """What leaves during the test, in order. With pytest-django's `db` nothing commits: wrap the
    call in `django_capture_on_commit_callbacks(execute=True)`."""
    from .testing import capture_events

    with capture_events() as events:
        yield events


@pytest.fixture
def carillon_server() -> Iterator["CarillonServer"]:
    """`carillon serve` on a free port; the helpers publish to it. Without the program the test
    fails with the reason: name it in CARILLON_BIN or CARILLON["BINARY"]."""
    from .running import running_server

    with running_server() as server:
        yield server
