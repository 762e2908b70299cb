"""A Channels channel layer as a transport: Carillon reads the same Redis."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

from .._events import Event
from .._exceptions import Unavailable
from .._loop import BackgroundLoop
from .base import Receipt, Transport

_CREDENTIALS = re.compile(r"//[^/@\s]*@")


class LayerTransport(Transport):
    """`group_send` of the layer that `get_layer` returns, from wherever it is called.

    The layer's connections live on one loop of their own and stay open. Order: what one thread
    sends, one send after the other, leaves in that order. The in-memory layer belongs to the
    loop of its consumers and is driven there.
    """

    def __init__(self, get_layer: Callable[[], Any], *, timeout_s: float = 5.0) -> None:
        self._get_layer = get_layer
        self._timeout_s = timeout_s
        self._loop = BackgroundLoop()
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, event: Event) -> Receipt:
        layer = self._get_layer()
        if is_in_memory(layer):
            self._send_in_memory(layer, event)
        else:
            self.run(lambda: layer.group_send(event.group, dict(event.message)))
        return Receipt()

    async def asend(self, event: Event) -> Receipt:
        layer = self._get_layer()
        try:
            if is_in_memory(layer):
                await layer.group_send(event.group, dict(event.message))
            else:
                await self._loop.arun(
                    lambda: layer.group_send(event.group, dict(event.message)), self._timeout_s
                )
        except Exception as error:
            raise _unavailable(error) from error
        return Receipt()

    def run(self, make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Awaits something of the layer, for those who look at it rather than send."""
        try:
            return self._loop.run(make, self._timeout_s)
        except Exception as error:
            raise _unavailable(error) from error

    def close(self) -> None:
        self._loop.stop()

    def _send_in_memory(self, layer: Any, event: Event) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            from asgiref.sync import async_to_sync

            async_to_sync(layer.group_send)(event.group, dict(event.message))
        else:
            task = loop.create_task(layer.group_send(event.group, dict(event.message)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def is_in_memory(layer: Any) -> bool:
    from channels.layers import InMemoryChannelLayer

    return isinstance(layer, InMemoryChannelLayer)


def _unavailable(error: Exception) -> Unavailable:
    if isinstance(error, TimeoutError):
        return Unavailable("the channel layer did not answer in time")
    return Unavailable(f"the channel layer failed: {described(error)}")


def described(error: Exception) -> str:
    """Kind and text of an error, without the password of a URL in it."""
    return f"{type(error).__name__}: {_CREDENTIALS.sub('//***@', str(error))}"
