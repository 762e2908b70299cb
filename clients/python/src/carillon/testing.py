"""For tests of those who publish: a transport without a network, and the real server.

`carillon.django.testing` has what goes with Django's test cases.
"""

from ._server import CarillonServer
from ._tokens import access_token
from ._transports.memory import MockTransport
from ._websocket import ConnectionClosed, HandshakeRefused, WebSocket

__all__ = [
    "CarillonServer",
    "ConnectionClosed",
    "HandshakeRefused",
    "MockTransport",
    "WebSocket",
    "access_token",
]
