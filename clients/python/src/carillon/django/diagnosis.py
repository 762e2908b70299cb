"""Does it work, as a page would see it, and if not, where does it break?

The steps of `manage.py test_websocket`, in the order in which an event travels.
"""

import http.client
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error

from .._events import group_event
from .._exceptions import CarillonError
from .._tokens import access_token
from .._transports.layer import LayerTransport, is_in_memory
from .._websocket import ConnectionClosed, HandshakeRefused, WebSocket
from . import _transport, checks, conf

TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Step:
    """`passed` is None for a step that was not tried."""

    name: str
    passed: bool | None
    detail: str
    remedy: str = ""


class Diagnosis:
    """One run: the steps so far, and what they have found for the later ones."""

    def __init__(self, on_step: Callable[[Step], None], timeout_s: float = TIMEOUT_S) -> None:
        self.steps: list[Step] = []
        self._on_step = on_step
        self._timeout_s = timeout_s
        self._user_id = f"carillon-test-{secrets.token_hex(4)}"
        self._socket: WebSocket | None = None

    @property
    def passed(self) -> bool:
        return all(step.passed is not False for step in self.steps)

    def run(self) -> bool:
        """True when every step that could be tried passed."""
        if not self._check_settings():
            return False
        carillon = conf.load()
        if carillon.transport_name == "layer":
            self._check_layer(carillon)
        if not self._check_ready(carillon):
            self._leave("token accepted", "event received")
        elif not self._check_token(carillon):
            self._leave("event received")
        else:
            self._check_event(carillon)
        return self.passed

    def _check_settings(self) -> bool:
        found = [*checks.check_settings(), *checks.check_channel_layer()]
        errors = [message for message in found if isinstance(message, Error)]
        if errors:
            for error in errors:
                self._fail("settings", f"{error.msg} ({error.id})", str(error.hint or ""))
            return False
        carillon = conf.load()
        ways = {"layer": f"the channel layer {carillon.channel_layer!r}", "http": carillon.url}
        way = ways.get(carillon.transport_name, carillon.transport_name)
        self._pass("settings", f"events go through {way}")
        for warning in found:
            self._report(
                Step("settings", None, f"{warning.msg} ({warning.id})", str(warning.hint or ""))
            )
        return True

    def _check_layer(self, carillon: conf.Settings) -> bool:
        name = "channel layer"
        transport = _transport.make_transport(carillon)
        assert isinstance(transport, LayerTransport)
        try:
            layer = _transport.layer_of(carillon)
            if is_in_memory(layer):
                return self._fail(
                    name,
                    "it is in memory: its events do not leave this process",
                    "use channels_redis, as `manage.py realtime_install` shows",
                )
            started = time.perf_counter()
            transport.run(lambda: _round_trip(layer))
            latency_ms = (time.perf_counter() - started) * 1000
        except CarillonError as error:
            return self._fail(
                name,
                str(error),
                "is Redis running, and are CHANNEL_LAYERS' hosts "
                "and REDIS_URL right? Try `redis-cli ping`",
            )
        finally:
            transport.close()
        return self._pass(name, f"a message came back in {latency_ms:.1f} ms, connecting included")

    def _check_ready(self, carillon: conf.Settings) -> bool:
        name = "server ready"
        try:
            status, body = _get(carillon.url, "/readyz", self._timeout_s)
        except OSError as error:
            return self._fail(
                name,
                f"{carillon.url}: {error}",
                'start it with `manage.py runrealtime`, or mend CARILLON["URL"]',
            )
        if status == 200 and b"ready" in body:
            return self._pass(name, carillon.url)
        if status == 503:
            return self._fail(
                name,
                f"{carillon.url} answers 503 {_short(body)}",
                "its log says why; with Redis as the layer, is that running?",
            )
        return self._fail(
            name,
            f"{carillon.url} answers {status} to /readyz",
            'something else than Carillon listens there: mend CARILLON["URL"]',
        )

    def _check_token(self, carillon: conf.Settings) -> bool:
        name = "token accepted"
        url = f"ws{carillon.url.removeprefix('http')}/ws/notifications/"
        try:
            self._socket = WebSocket(url, _token(self._user_id), timeout_s=self._timeout_s)
            first = self._socket.read_json()
        except HandshakeRefused as refused:
            return self._fail(name, f"{url} answers {refused}", _remedy_for(refused.status))
        except (OSError, ValueError, ConnectionClosed) as error:
            return self._fail(name, f"{url}: {error}", "does a proxy between them pass WebSockets?")
        if first.get("type") != "connection_established":
            return self._fail(
                name,
                f"{url} greets with {first.get('type')!r}",
                "something else than Carillon answers there",
            )
        return self._pass(name, f"WebSocket connected as user {self._user_id}")

    def _check_event(self, carillon: conf.Settings) -> bool:
        name = "event received"
        assert self._socket is not None
        probe = secrets.token_hex(8)
        event = group_event(
            f"notifications_{self._user_id}", {"type": "test_event", "probe": probe}
        )
        transport = _transport.make_transport(carillon)
        started = time.perf_counter()
        try:
            transport.send(event)
            while self._socket.read_json(self._timeout_s).get("probe") != probe:
                pass
        except CarillonError as error:
            return self._fail(
                name, f"not accepted: {error}", _remedy_for(getattr(error, "status", 0))
            )
        except (OSError, ValueError, ConnectionClosed) as error:
            return self._fail(
                name,
                f"accepted, but it did not arrive: {error}",
                "does Carillon have the same layer (Redis, prefix, keys)? Run it with "
                "`manage.py runrealtime`, or compare `carillon config` with CHANNEL_LAYERS",
            )
        finally:
            transport.close()
            self._socket.close()
        latency_ms = (time.perf_counter() - started) * 1000
        return self._pass(name, f"published and received in {latency_ms:.1f} ms")

    def _pass(self, name: str, detail: str) -> bool:
        return self._report(Step(name, True, detail))

    def _fail(self, name: str, detail: str, remedy: str) -> bool:
        return self._report(Step(name, False, detail, remedy))

    def _leave(self, *names: str) -> None:
        for name in names:
            self._report(Step(name, None, "not tried"))

    def _report(self, step: Step) -> bool:
        self.steps.append(step)
        self._on_step(step)
        return bool(step.passed)


async def _round_trip(layer: Any) -> None:
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "test.message"})
    await layer.receive(channel)


def _get(url: str, path: str, timeout_s: float) -> tuple[int, bytes]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("GET", parts.path.rstrip("/") + path)
        response = connection.getresponse()
        return response.status, response.read(64 * 1024)
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP answer: {type(error).__name__}") from error
    finally:
        connection.close()


def _token(user_id: str) -> str:
    """By simplejwt where the project has it, else as it would."""
    try:
        from rest_framework_simplejwt.settings import api_settings
        from rest_framework_simplejwt.tokens import AccessToken
    except ImportError:
        return access_token(settings.SECRET_KEY, user_id)
    token = AccessToken()
    token[api_settings.USER_ID_CLAIM] = user_id
    return str(token)


def _remedy_for(status: int) -> str:
    return {
        400: 'does the server\'s ALLOWED_HOSTS have the host of CARILLON["URL"]?',
        401: "have the server and Django the same SECRET_KEY (or SIMPLE_JWT's SIGNING_KEY), and "
        "is the API key one of the server's CARILLON_API_KEYS?",
        403: "is the server's auth.directory right about its users?",
        404: "the server has no such path: is a proxy in between that strips /ws/ or /api/?",
        429: "the server's limits are reached: try again later",
        503: "the server is overloaded or its layer is down: /readyz and its log say why",
    }.get(status, "the server's log says more")


def _short(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    return ", ".join(f"{key}: {value}" for key, value in answer.items())[:200]
