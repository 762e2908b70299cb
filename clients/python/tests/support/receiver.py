"""A consumer on the channel layer, as Carillon's node is one: it joins groups and reads."""

import asyncio
from types import TracebackType
from typing import Any

from channels_redis.core import RedisChannelLayer

DEADLINE_S = 20.0


class Receiver:
    """Its own layer and loop, apart from those under test."""

    def __init__(self, url: str, *groups: str, layer: Any = None) -> None:
        self._runner = asyncio.new_event_loop()
        self._layer = layer or RedisChannelLayer(hosts=[url])
        self._channel = self._run(self._layer.new_channel())
        for group in groups:
            self._run(self._layer.group_add(group, self._channel))

    def read(self) -> dict[str, Any]:
        message: dict[str, Any] = self._run(self._layer.receive(self._channel))
        return message

    def _run(self, coroutine: Any) -> Any:
        return self._runner.run_until_complete(asyncio.wait_for(coroutine, DEADLINE_S))

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.close()
