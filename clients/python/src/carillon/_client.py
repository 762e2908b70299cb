"""The helpers for any backend that speaks HTTP; `carillon.django` has the ones for Django."""

import os
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from . import _events as events
from ._events import Event, UserId
from ._exceptions import ConfigurationError
from ._transports.base import Receipt, Transport
from ._transports.http import HTTPTransport


def _transport(
    url: str | None, api_key: str | None, transport: Transport | None, timeout_s: float
) -> Transport:
    if transport is not None:
        if url is not None or api_key is not None:
            raise ConfigurationError("give a transport, or a URL and an API key, not both")
        return transport
    url = url or os.environ.get("CARILLON_URL")
    if not url:
        raise ConfigurationError("where is the server? Give its URL, or set CARILLON_URL")
    api_key = api_key or os.environ.get("CARILLON_API_KEY", "")
    return HTTPTransport(url, api_key, timeout_s=timeout_s)


class Client:
    """Publishes events; one object may serve all threads of a process.

        with Client("http://127.0.0.1:8000", api_key) as carillon:
            carillon.notify_student(7, "grade_received", {"grade": {"score": 92}})

    Each call returns when the event is accepted, and raises TransportError if it is not. Without
    arguments, the environment says where: CARILLON_URL and CARILLON_API_KEY.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        transport: Transport | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        self._transport = _transport(url, api_key, transport, timeout_s)

    def send(self, event: Event) -> Receipt:
        return self._transport.send(event)

    def notify_dashboard(self, event_type: str, data: Mapping[str, Any] | None = None) -> Receipt:
        return self.send(events.dashboard_event(event_type, data))

    def notify_user(self, user_id: UserId, notification: Mapping[str, Any]) -> Receipt:
        return self.send(events.user_event(user_id, notification))

    def notify_mentor(
        self, mentor_id: UserId, event_type: str, data: Mapping[str, Any] | None = None
    ) -> Receipt:
        return self.send(events.mentor_event(mentor_id, event_type, data))

    def notify_student(
        self, student_id: UserId, event_type: str, data: Mapping[str, Any] | None = None
    ) -> Receipt:
        return self.send(events.student_event(student_id, event_type, data))

    def update_leaderboard(self, leaderboard: Iterable[Any]) -> Receipt:
        return self.send(events.leaderboard_event(leaderboard))

    def group_send(self, group: str, message: Mapping[str, Any]) -> Receipt:
        return self.send(events.group_event(group, message))

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClient:
    """The same to be awaited, on any event loop.

    async with AsyncClient("http://127.0.0.1:8000", api_key) as carillon:
        await carillon.notify_student(7, "grade_received", {"grade": {"score": 92}})
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        transport: Transport | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        self._transport = _transport(url, api_key, transport, timeout_s)

    async def send(self, event: Event) -> Receipt:
        return await self._transport.asend(event)

    async def notify_dashboard(
        self, event_type: str, data: Mapping[str, Any] | None = None
    ) -> Receipt:
        return await self.send(events.dashboard_event(event_type, data))

    async def notify_user(self, user_id: UserId, notification: Mapping[str, Any]) -> Receipt:
        return await self.send(events.user_event(user_id, notification))

    async def notify_mentor(
        self, mentor_id: UserId, event_type: str, data: Mapping[str, Any] | None = None
    ) -> Receipt:
        return await self.send(events.mentor_event(mentor_id, event_type, data))

    async def notify_student(
        self, student_id: UserId, event_type: str, data: Mapping[str, Any] | None = None
    ) -> Receipt:
        return await self.send(events.student_event(student_id, event_type, data))

    async def update_leaderboard(self, leaderboard: Iterable[Any]) -> Receipt:
        return await self.send(events.leaderboard_event(leaderboard))

    async def group_send(self, group: str, message: Mapping[str, Any]) -> Receipt:
        return await self.send(events.group_event(group, message))

    async def aclose(self) -> None:
        self._transport.close()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
