"""Fixtures for pytest, there wherever this package is installed.

`carillon_events`: the list of what the test sent with the helpers for Django; nothing goes out.
`carillon_server`: the real server, with the settings of a Django project if this is one.
"""

import importlib.util
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

# Django is not imported before a test asks for a fixture: it may not be there, or not yet set up.
if TYPE_CHECKING:
    from ._events import Event
    from ._server import CarillonServer


@pytest.fixture
def carillon_events() -> Iterator[list["Event"]]:
    """What leaves during the test, in order. With pytest-django's `db` nothing commits: wrap the
    call in `django_capture_on_commit_callbacks(execute=True)`."""
    from .django.testing import capture_events

    with capture_events() as events:
        yield events


@pytest.fixture
def carillon_server() -> Iterator["CarillonServer"]:
    """`carillon serve` on a free port until the test ends; Django's helpers publish to it. Without
    the program the test fails with the reason: name it in CARILLON_BIN or CARILLON["BINARY"]."""
    if _has_django():
        from .django.running import running_server

        with running_server() as server:
            yield server
    else:
        from ._server import CarillonServer

        with CarillonServer() as server:
            yield server


def _has_django() -> bool:
    if importlib.util.find_spec("django") is None:
        return False
    from django.conf import ENVIRONMENT_VARIABLE, settings

    return settings.configured or ENVIRONMENT_VARIABLE in os.environ
