"""Carillon's HTTP API as a transport, for backends that do not share its Redis."""

import random
import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._events import Event
from .._exceptions import ConfigurationError, Refused, TransportError, Unavailable
from .._forks import reset_after_fork
from .._values import json_bytes
from .base import Receipt, Transport

if TYPE_CHECKING:
    import httpx

ATTEMPTS_MAX = 4
BACK_OFF_FIRST_S = 0.1
DETAIL_LENGTH_MAX = 500
TEMPORARY = frozenset({429, 502, 503, 504})
# Another node is still answering the request with this Idempotency-Key.
IN_PROGRESS = (409, "key_in_progress")


class HTTPTransport(Transport):
    """Publishes with `Authorization: Api-Key`, over connections that are kept alive.

    A publish that failed for a passing reason (no connection, no answer, 429, 502 to 504, 409
    `key_in_progress`) is sent again under the same Idempotency-Key, so that what was accepted is
    not sent twice: at most four times. No attempt begins once `timeout_s` have passed, and each
    wait of one (for a connection, for bytes) is bound by what was left when it began. A
    `Retry-After` is obeyed where that leaves time for it. Proxies of the environment are not used.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout_s: float = 5.0,
        connections_max: int = 20,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._httpx = _import_httpx()
        self._base = _base_url(url)
        if not api_key:
            raise ConfigurationError(
                "an API key is needed to publish over HTTP: one of the server's CARILLON_API_KEYS"
            )
        if not api_key.isascii() or not api_key.isprintable():
            raise ConfigurationError("the API key holds characters that no header can carry")
        self._headers = {"Authorization": f"Api-Key {api_key}", "Content-Type": "application/json"}
        self._timeout_s = timeout_s
        self._connections_max = connections_max
        self._wait = wait or (lambda pause_s: threading.Event().wait(pause_s))
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._parents_clients: list[httpx.Client | None] = []
        reset_after_fork(self)

    def send(self, event: Event) -> Receipt:
        until = time.monotonic() + self._timeout_s
        content = json_bytes(event.body)
        headers = {**self._headers, "Idempotency-Key": uuid.uuid4().hex}
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                return self._attempt(event, content, headers, until)
            except Unavailable as error:
                pause_s = _pause(error, attempt)
                if attempt == ATTEMPTS_MAX or time.monotonic() + pause_s >= until:
                    raise
                self._wait(pause_s)
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _attempt(
        self, event: Event, content: bytes, headers: dict[str, str], until: float
    ) -> Receipt:
        timeout_s = max(0.001, until - time.monotonic())
        url = f"{self._base}/api/realtime/{event.path}"
        try:
            response = self._opened().request(
                event.method, url, content=content, headers=headers, timeout=timeout_s
            )
        except self._httpx.TimeoutException as error:
            raise Unavailable(f"{self._base} did not answer in time") from error
        except self._httpx.TransportError as error:
            raise Unavailable(f"{self._base} cannot be reached: {error}") from error
        return _receipt(response, self._base)

    def _opened(self) -> "httpx.Client":
        with self._lock:
            if self._client is None:
                limits = self._httpx.Limits(
                    max_connections=self._connections_max,
                    max_keepalive_connections=self._connections_max,
                    keepalive_expiry=60.0,
                )
                # Reading the certificates takes longer than a publish: only where they are used.
                # The environment's proxies, meant for the web, must not see the API key.
                self._client = self._httpx.Client(
                    limits=limits,
                    follow_redirects=False,
                    trust_env=False,
                    verify=self._base.startswith("https:"),
                )
            return self._client

    def reset_in_child(self) -> None:
        # Kept, never used and never closed: its sockets are the parent's, too.
        self._parents_clients.append(self._client)
        self._client, self._lock = None, threading.Lock()


def _receipt(response: "httpx.Response", base: str) -> Receipt:
    body = _body(response)
    if response.status_code == 202 and isinstance(body, dict) and body.get("accepted") is True:
        return Receipt(str(body.get("id", "")) or None, int(body.get("over_capacity", 0)))
    detail, code = _problem(response, body)
    if response.status_code in TEMPORARY or (response.status_code, code) == IN_PROGRESS:
        raise Unavailable(
            f"{base} answered {response.status_code}: {detail}",
            retry_after_s=_retry_after(response.headers.get("Retry-After")),
        )
    if response.is_success:
        raise TransportError(f"{base} answered {response.status_code}, but not as Carillon does")
    raise Refused(response.status_code, detail, code)


def _body(response: "httpx.Response") -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _problem(response: "httpx.Response", body: Any) -> tuple[str, str]:
    """The detail and the code of `{"detail","code"}`, or of `{"field":["…"]}`."""
    if isinstance(body, dict) and isinstance(body.get("detail"), str):
        return body["detail"][:DETAIL_LENGTH_MAX], str(body.get("code", ""))
    if isinstance(body, dict) and body:
        fields = [
            f"{field}: {' '.join(map(str, messages))}"
            for field, messages in body.items()
            if isinstance(messages, list)
        ]
        if fields:
            return "; ".join(fields)[:DETAIL_LENGTH_MAX], "invalid"
    if response.is_redirect:
        return f"redirected to {response.headers.get('Location', 'nowhere')}: mend the URL", ""
    return response.reason_phrase or "no reason given", ""


def _retry_after(value: str | None) -> float | None:
    return float(value) if value is not None and value.isascii() and value.isdigit() else None


def _pause(error: Unavailable, attempt: int) -> float:
    if error.retry_after_s is not None:
        return error.retry_after_s
    return BACK_OFF_FIRST_S * 2.0 ** (attempt - 1) * random.uniform(0.5, 1.0)


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{url!r} is no http:// or https:// URL of a server")
    if parts.query or parts.fragment or parts.username is not None:
        raise ConfigurationError("the server's URL is scheme, host, port and perhaps a path only")
    return url.rstrip("/")


def _import_httpx() -> Any:
    try:
        import httpx
    except ImportError:
        raise ConfigurationError("the HTTP transport needs httpx: pip install httpx") from None
    return httpx
