"""The real server beside a test, with the settings of the project."""

from collections.abc import Iterator
from contextlib import contextmanager

from .._server import CarillonServer
from .._transports.http import HTTPTransport
from . import conf
from ._transport import make_transport, use_transport
from .serving import server_environment

LOOPBACK = ("127.0.0.1", "localhost")


@contextmanager
def running_server() -> Iterator[CarillonServer]:
    """Runs for the time of the block. The helpers publish to it: over its HTTP API, or through
    the channel layer that both share where that is the transport and is not in memory."""
    carillon = conf.load()
    environment = server_environment(carillon)
    hosts = [*filter(None, environment["ALLOWED_HOSTS"].split(",")), *LOOPBACK]
    environment["ALLOWED_HOSTS"] = ",".join(dict.fromkeys(hosts))
    environment.pop("PORT", None)
    environment.pop("CARILLON_BIND", None)
    if not environment.get("CARILLON_API_KEYS"):
        environment.pop("CARILLON_API_KEYS", None)
    is_shared = carillon.transport_name == "layer" and environment.get("CARILLON_LAYER") != "memory"
    with CarillonServer(environment, binary=carillon.binary) as server:
        transport = (
            make_transport(carillon) if is_shared else HTTPTransport(server.url, server.api_key)
        )
        try:
            with use_transport(transport):
                yield server
        finally:
            transport.close()
