"""Carillon's client for Python: publish events to the browsers that are connected.

`carillon.django` has the helpers for Django, `carillon.testing` a transport for tests.
"""

from ._client import AsyncClient, Client
from ._events import (
    DASHBOARD_GROUP,
    LEADERBOARD_GROUP,
    Event,
    dashboard_event,
    group_event,
    leaderboard_event,
    mentor_event,
    mentor_group,
    student_event,
    student_group,
    user_event,
    user_group,
)
from ._exceptions import (
    BinaryNotFound,
    CarillonError,
    ConfigurationError,
    Refused,
    TransportError,
    Unavailable,
)
from ._transports.base import Receipt, Transport
from ._transports.http import HTTPTransport
from ._transports.layer import LayerTransport
from ._transports.memory import MockTransport
from ._version import __version__

__all__ = [
    "AsyncClient",
    "BinaryNotFound",
    "CarillonError",
    "Client",
    "ConfigurationError",
    "DASHBOARD_GROUP",
    "Event",
    "HTTPTransport",
    "LEADERBOARD_GROUP",
    "LayerTransport",
    "MockTransport",
    "Receipt",
    "Refused",
    "Transport",
    "TransportError",
    "Unavailable",
    "__version__",
    "dashboard_event",
    "group_event",
    "leaderboard_event",
    "mentor_event",
    "mentor_group",
    "student_event",
    "student_group",
    "user_event",
    "user_group",
]
